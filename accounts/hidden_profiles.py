"""What is left of a profile in a place where it has been hidden: the name."""

from dataclasses import dataclass
from typing import ClassVar


@dataclass(frozen=True)
class HiddenProfile:
    """In pages, in place of the person."""

    name: str
    picture: ClassVar[str] = ""
    small_picture_url: ClassVar[str] = ""
    shown_profession: ClassVar[str] = ""
    shown_bio: ClassVar[str] = ""

    def __str__(self) -> str:
        return self.name
