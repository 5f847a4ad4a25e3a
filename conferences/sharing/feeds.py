from datetime import datetime
from typing import Any

from django.conf import settings
from django.contrib.auth.models import AnonymousUser
from django.contrib.syndication.views import Feed
from django.urls import reverse_lazy
from django.utils.feedgenerator import Atom1Feed
from django.utils.translation import gettext as _

from confbox.kit.markdown import markdown_to_html
from conferences.models import Conference, ConferenceQuerySet
from conferences.sharing.calendars import marked_title, without_controls

NEWEST = 50


class ConferenceFeed(Feed[Conference, Any]):
    """The newest conferences on the list, as Atom."""

    feed_type = Atom1Feed
    link = reverse_lazy("conferences")
    feed_url = reverse_lazy("conference-feed")

    def title(self) -> str:
        return _("Conferences on %(site)s") % {"site": settings.SITE_NAME}

    def subtitle(self) -> str:
        return _("Members choose their speaker.")

    def items(self) -> ConferenceQuerySet:
        """The same for everyone, because feeds are stored and shared."""
        listed = Conference.objects.listed_for(AnonymousUser()).select_related("election")
        return listed.order_by("-created_at", "-pk")[:NEWEST]

    def item_title(self, item: Conference) -> str:
        return without_controls(marked_title(item))

    def item_description(self, item: Conference) -> str:
        return without_controls(markdown_to_html(item.agenda))

    def item_pubdate(self, item: Conference) -> datetime:
        return item.created_at

    def item_updateddate(self, item: Conference) -> datetime:
        return item.changed_at

    def item_categories(self, item: Conference) -> list[str]:
        return [without_controls(item.topic)] if item.topic else []
