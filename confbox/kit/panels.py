from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any


@dataclass(frozen=True)
class Panel:
    """One part of a page: its state, and the facts that it shows in that state.

    Every state has a template in the panel's folder, which is included with the facts.
    """

    folder: str
    state: str
    facts: Mapping[str, Any] = field(default_factory=dict)

    @property
    def template(self) -> str:
        return f"{self.folder}/{self.state}.html"
