"""Which conference the duplicate could be the duplicate of: those most like it come first."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db.models import Case, F, IntegerField, Q, QuerySet, Value, When
from django.utils.html import format_html
from django.utils.translation import gettext as _

from accounts.models import User
from accounts.permissions import Viewer
from conferences.merging.rules import MERGE
from conferences.models import Conference

MOST = 20
# Two organisers may enter one day in two time zones.
A_DAY = timedelta(days=1)


@dataclass(frozen=True)
class Candidate:
    conference: Conference
    # What they have in common, in words.
    likeness: list[str]


def candidates(duplicate: Conference, *, person: Viewer, words: str = "") -> list[Candidate]:
    """Conferences that could stay, among those that this person may merge. Never drafts or rehearsals."""
    managed = Conference.objects.managed_by(person, MERGE).real().exclude(pk=duplicate.pk)
    found = managed.filter(status__in=Conference.PUBLISHED).search(words, in_series=True)
    points = sum(
        (
            Case(When(is_alike, then=Value(weight)), default=0, output_field=IntegerField())
            for is_alike, weight in _points(duplicate)
        ),
        start=Value(0),
    )
    ranked: QuerySet[Conference] = found.annotate(points=points).select_related("election")
    rows = ranked.order_by(F("points").desc(), "-starts_at", "-pk")[:MOST]
    return [Candidate(row, _in_common(duplicate, row)) for row in rows]


def warnings_of_publishing(conference: Conference, person: User) -> list[str]:
    """For who creates a conference a second time: others that they run or find, with its title and dates."""
    if not conference.has_dates:
        return []
    managed = Conference.objects.managed_by(person).values("pk")
    known = Q(pk__in=managed) | Q(pk__in=Conference.objects.listed_for(person).values("pk"))
    alike = (
        Conference.objects.real()
        .exclude(pk=conference.pk)
        .filter(
            known,
            status=Conference.Status.ACTIVE,
            title__iexact=conference.title,
            starts_at__range=_near(conference),
        )
    )
    return [_linked(other) for other in alike.order_by("pk")[:MOST]]


def _linked(conference: Conference) -> str:
    said = _("Another conference has this title and these dates, and is published already:")
    url = conference.get_absolute_url()
    return format_html('{} <a href="{}">{}</a>', said, url, url)


def _near(conference: Conference) -> tuple[datetime, datetime]:
    return conference.starts_at - A_DAY, conference.starts_at + A_DAY


def _points(duplicate: Conference) -> list[tuple[Q, int]]:
    found = [(Q(title__iexact=duplicate.title), 4)]
    if duplicate.has_dates:
        found.append((Q(starts_at__range=_near(duplicate)), 2))
    if duplicate.website:
        found.append((Q(website__iexact=duplicate.website), 3))
    if duplicate.place:
        found.append((Q(place__iexact=duplicate.place), 1))
    return found


def _in_common(duplicate: Conference, other: Conference) -> list[str]:
    is_near = duplicate.has_dates and abs(other.starts_at - duplicate.starts_at) <= A_DAY
    found = [
        (_same(duplicate.title, other.title), _("same title")),
        (_same(duplicate.website, other.website), _("same website")),
        (is_near, _("same time")),
        (_same(duplicate.place, other.place), _("same place")),
    ]
    return [words for is_alike, words in found if is_alike]


def _same(one: str, other: str) -> bool:
    return bool(one) and one.casefold() == other.casefold()
