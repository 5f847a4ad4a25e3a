"""Conferences of one title: their web addresses tell organisers which is which."""

from collections.abc import Iterable
from typing import Any

from django.contrib.admin import display
from django.db.models import Exists, OuterRef, Q
from django.utils.translation import gettext_lazy as _

from conferences.models import Conference, ConferenceQuerySet

# Of those of another team, only what is public.
IS_PUBLIC = Q(status__in=Conference.PUBLISHED, visibility=Conference.Visibility.PUBLIC)


def with_namesakes(conferences: ConferenceQuerySet) -> ConferenceQuerySet:
    """Annotates each with whether there is another one of its title, so that `full_title` costs no query."""
    others = Conference.objects.real().filter(title=OuterRef("title")).exclude(pk=OuterRef("pk"))
    is_of_team = Q(series=OuterRef("series")) | Q(created_by=OuterRef("created_by"))
    found: Any = conferences.annotate(has_namesake=Exists(others.filter(IS_PUBLIC | is_of_team)))
    return found  # type: ignore[no-any-return]


def load_namesakes(conferences: Iterable[Conference]) -> None:
    """For conferences that were loaded with other rows: one query for all of them."""
    listed = list(conferences)
    asked = Conference.objects.filter(pk__in={conference.pk for conference in listed})
    found: Any = with_namesakes(asked)
    ids = set(found.filter(has_namesake=True).values_list("pk", flat=True))
    for conference in listed:
        vars(conference)["has_namesake"] = conference.pk in ids


def has_namesake(conference: Conference) -> bool:
    if not hasattr(conference, "has_namesake"):
        load_namesakes([conference])
    return bool(vars(conference)["has_namesake"])


@display(description=_("title"), ordering="title")
def full_title(conference: Conference) -> str:
    """Its title, with its web address if another one has the same title."""
    return f"{conference.title} ({conference.slug})" if has_namesake(conference) else conference.title
