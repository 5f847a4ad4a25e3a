"""What an organiser changed in a request, for the requester to read."""

from dataclasses import dataclass
from difflib import SequenceMatcher

from voting.campaigns.models import Campaign


@dataclass(frozen=True)
class Piece:
    """A piece of text that was kept, removed or added."""

    text: str
    is_new: bool = False
    is_gone: bool = False


@dataclass(frozen=True)
class Changes:
    subject: list[Piece]
    message: list[Piece]


def changes_of(campaign: Campaign) -> Changes | None:
    if not campaign.edited_at:
        return None
    return Changes(
        subject=_difference(campaign.subject_before_edit, campaign.subject),
        message=_difference(campaign.message_before_edit, campaign.message),
    )


def _difference(before: str, after: str) -> list[Piece]:
    """Compares word by word and keeps spaces."""
    old, new = _words(before), _words(after)
    pieces: list[Piece] = []
    for act, a, b, c, d in SequenceMatcher(None, old, new, autojunk=False).get_opcodes():
        if act == "equal":
            pieces.append(Piece("".join(old[a:b])))
            continue
        pieces += [Piece("".join(old[a:b]), is_gone=True)] if b > a else []
        pieces += [Piece("".join(new[c:d]), is_new=True)] if d > c else []
    return pieces


def _words(text: str) -> list[str]:
    words: list[str] = []
    for line in text.splitlines(keepends=True):
        words += [word + " " for word in line.split(" ")[:-1]] + [line.split(" ")[-1]]
    return words
