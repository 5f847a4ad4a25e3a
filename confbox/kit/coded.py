"""A refusal, in a sentence for people and with a code for programs."""

from collections.abc import Iterable

from django.core.exceptions import ValidationError


class Coded(str):
    """Why something is refused, with the code of its kind."""

    __slots__ = ("code",)
    code: str


def coded(code: str, sentence: str) -> str:
    """For a function that has reasons of several kinds; it returns an empty text if nothing is refused."""
    found = Coded(sentence)
    found.code = code
    return found


def coded_error(sentence: str, *, code: str) -> ValidationError:
    """The error to raise; a sentence that has a code of its own keeps it."""
    return ValidationError(sentence, code=getattr(sentence, "code", code))


def coded_errors(sentences: Iterable[str], *, code: str) -> ValidationError:
    """As `coded_error`, for several sentences at once."""
    return ValidationError([coded_error(sentence, code=code) for sentence in sentences])
