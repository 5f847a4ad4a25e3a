"""What the page of an act says before it is confirmed, as an answer."""

from confbox.kit.panel_sentences import sentences_of
from confbox.kit.panels import Panel
from conferences.api.acts import Consequences
from conferences.models import Conference

# The states of panels that say why the act cannot be done.
REFUSING = ("not_open", "decided_already", "yourself", "answered", "nothing", "longest")


def consequences_of(
    conference: Conference, panel: Panel, *, seen: str = "", notice: Panel | None = None
) -> Consequences:
    """The notice says who would have to confirm it."""
    said, is_refused = sentences_of(panel, conference=conference), panel.state in REFUSING
    return Consequences(
        refusal=" ".join(said) if is_refused else "",
        consequences=[] if is_refused else without_addresses(said),
        warnings=sentences_of(notice),
        needs_second_person=notice is not None,
        seen=seen,
    )


def refused(refusal: str, *, seen: str = "") -> Consequences:
    return Consequences(refusal=refusal, consequences=[], warnings=[], needs_second_person=False, seen=seen)


def without_addresses(said: list[str]) -> list[str]:
    """Pages show the email address of a member above what follows."""
    return [sentence for sentence in said if " " in sentence]
