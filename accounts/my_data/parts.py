"""What the apps above this one store about a person. Each registers its part when the site starts."""

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

    # Plain values for the download, under the part's own names.
    export: Callable[[User], dict[str, Any]]
    # What would happen, as context for the two templates below.
    consequences: Callable[[User], dict[str, Any]]
    # Runs in the transaction before any part deletes: the consequences of leaving.
    leave: Callable[[Actor], None] = _nothing
    # Runs in the transaction before the account itself is erased.
    delete: Callable[[User], None] = _nothing
    # Templates with the list items of what is deleted and of what stays.
    goes: str = ""
    stays: str = ""


# Filled by `ready` in conferences/apps.py and voting/apps.py.
PARTS: list[Part] = []


def register(part: Part) -> None:
    """Parts are called in the order in which they are registered."""
    PARTS.append(part)
