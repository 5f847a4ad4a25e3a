"""What apps above this one hold about a person. Each registers its part when the site starts."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from accounts.actors import Actor
from accounts.models import User


def _nothing(_of: object) -> None:
    return None


@dataclass(frozen=True)
class Part:
    """One app's part in the download and the deletion of a person's data."""

    # Plain values for the download, by names of the part's own.
    export: Callable[[User], dict[str, Any]]
    # What would happen, for the two templates below.
    consequences: Callable[[User], dict[str, Any]]
    # Within the transaction, before any part deletes: what the person does by going.
    leave: Callable[[Actor], None] = _nothing
    # Within the transaction, before the account itself is erased.
    delete: Callable[[User], None] = _nothing
    # Templates with items of the list of what goes and of what stays.
    goes: str = ""
    stays: str = ""


# Filled by `ready` in conferences/apps.py and voting/apps.py.
PARTS: list[Part] = []


def register(part: Part) -> None:
    """Parts are asked in the order in which they are registered."""
    PARTS.append(part)
