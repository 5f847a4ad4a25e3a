"""How lists of conferences are narrowed down: without rehearsals, by date and by words."""

from datetime import datetime
from typing import Self, TypeVar

from django.db import models
from django.db.models import Q

from confbox.kit.clock import DatabaseNow
from confbox.kit.search import words_of

Row = TypeVar("Row", bound=models.Model)


class ListedQuerySet(models.QuerySet[Row]):
    def real(self) -> Self:
        """Without rehearsals, which are in no list, feed and count."""
        return self.filter(rehearses=None)

    def rehearsals(self) -> Self:
        return self.filter(rehearses__isnull=False)

    def upcoming(self, now: datetime | DatabaseNow) -> Self:
        return self.filter(ends_at__gt=now).order_by("starts_at", "pk")

    def past(self, now: datetime | DatabaseNow) -> Self:
        return self.filter(ends_at__lte=now).order_by("-starts_at", "-pk")

    def search(self, words: str, *, in_series: bool = False) -> Self:
        """Conferences whose title, place or agenda together contain every word.

        `in_series` also searches the name of the series, which organisers see.
        """
        found = self
        for word in words_of(words):
            has_word = Q(title__folded=word) | Q(place__folded=word) | Q(agenda__folded=word)
            found = found.filter(has_word | Q(series__name__folded=word) if in_series else has_word)
        return found
