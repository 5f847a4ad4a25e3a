from datetime import datetime
from typing import Any

from django.contrib.auth.models import AnonymousUser
from django.contrib.sitemaps import Sitemap
from django.urls import reverse

from conferences.models import Conference, ConferenceQuerySet


class ConferenceSitemap(Sitemap[Conference]):
    """Every conference that visitors find in the list."""

    def items(self) -> ConferenceQuerySet:
        return Conference.objects.listed_for(AnonymousUser()).select_related("election").order_by("pk")

    def lastmod(self, item: Conference) -> datetime:
        return item.changed_at


class PageSitemap(Sitemap[str]):
    """Pages that do not belong to a conference."""

    def items(self) -> list[str]:
        return ["conferences", "how-the-vote-works", "help"]

    def location(self, item: str) -> str:
        return reverse(item)


SITEMAPS: dict[str, type[Sitemap[Any]] | Sitemap[Any]] = {
    "conferences": ConferenceSitemap,
    "pages": PageSitemap,
}
