"""What a verb did, so that its caller can say so."""

from enum import Enum


class Outcome(Enum):
    """One of several possible outcomes. Compare it by name; it has no truth value."""

    def __bool__(self) -> bool:
        raise TypeError(f"{self} is neither true nor false. Compare it with an outcome.")


class Change(Outcome):
    """Whether anything changed: a request that is repeated changes nothing."""

    MADE = "made"
    NONE = "none"

    @classmethod
    def of(cls, rows: int) -> "Change":
        """The outcome of an update or deletion of this many rows."""
        return cls.MADE if rows else cls.NONE
