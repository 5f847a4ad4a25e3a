"""A refusal, in a sentence for people and with a code for programs."""

from collections.abc import Iterable

from django.core.exceptions import ValidationError


class Coded(str):
    """Why something is refused. A function that returns one returns the empty text for what is not refused."""

    code: str


def coded(code: str, sentence: str) -> str:
    """For a function that has several reasons, which are not all of the same kind."""
    found = Coded(sentence)
    found.code = code
    return found


def refused(sentence: str, *, code: str) -> ValidationError:
    """The error to raise; a sentence that has a code of its own keeps it."""
    return ValidationError(sentence, code=getattr(sentence, "code", code))


def all_refused(sentences: Iterable[str], *, code: str) -> ValidationError:
    """As `refused`, for several sentences at once."""
    return ValidationError([refused(sentence, code=code) for sentence in sentences])
