"""How often something may happen in any period of a given length, whenever it begins."""

from dataclasses import dataclass
from hashlib import sha256

from django.core.cache import cache


@dataclass(frozen=True)
class Allowance:
    """So many uses in so many seconds.

    Each use has a slot of its own, so none is lost in simultaneous requests, and each slot becomes free
    when its own time is over.
    """

    name: str
    uses: int
    seconds: int

    def _slots(self, who: str) -> list[str]:
        digest = sha256(f"{self.name}:{who}".encode()).hexdigest()[:40]
        return [f"allowance:{digest}:{number}" for number in range(self.uses)]

    def is_used_up(self, who: str) -> bool:
        return len(cache.get_many(self._slots(who))) >= self.uses

    def take(self, who: str) -> str:
        """Takes a slot and returns it; "" if none is free."""
        slots = self._slots(who)
        used = cache.get_many(slots)
        return next((s for s in slots if s not in used and cache.add(s, 1, self.seconds)), "")

    def clear(self, who: str) -> None:
        cache.delete_many(self._slots(who))


def give_back(slot: str) -> None:
    if slot:
        cache.delete(slot)
