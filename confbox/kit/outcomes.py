"""What a verb did, for whoever called it to say."""

from enum import Enum


class Outcome(Enum):
    """One of several things that can have happened. It is compared by name and is never a condition."""

    def __bool__(self) -> bool:
        raise TypeError(f"{self} is neither true nor false. Compare it with an outcome.")


class Change(Outcome):
    """Whether there was anything to change: what is asked for twice is done once."""

    MADE = "made"
    NONE = "none"

    @classmethod
    def of(cls, rows: int) -> "Change":
        """Of an update or deletion of this many rows."""
        return cls.MADE if rows else cls.NONE
