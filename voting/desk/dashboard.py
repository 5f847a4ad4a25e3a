"""The first page of the admin: what each person runs, what is due next, and the next step of each."""

from collections.abc import Callable, Collection
from dataclasses import dataclass
from typing import Any

from django.db.models import Case, Exists, F, IntegerField, OuterRef, Q, Value, When
from django.http import HttpRequest, HttpResponse

from accounts.permissions import Viewer
from confbox.kit.clock import DatabaseNow
from confbox.kit.pagination import page_of, search_words
from confbox.kit.panels import Panel
from conferences.models import Conference, ConferenceQuerySet, RosterEntry, Series
from conferences.namesakes import full_title, with_namesakes
from conferences.overview.undelivered import failed_tasks, may_read
from conferences.teams.dashboard import Wait, total_of, waits_of
from conferences.teams.series_field import CREATE
from voting.desk.dashboard_panels import IMPORT, empty_panel, lacks_roster, next_step, vote_line

Index = Callable[..., HttpResponse]


@dataclass(frozen=True)
class ManagedConference:
    """A conference on the dashboard, for one person who runs it."""

    conference: Conference
    waits: list[Wait]
    step: Panel
    lacks_roster: bool

    @property
    def other_waits(self) -> list[Wait]:
        """Without the one that is the next step."""
        return self.waits[1:]

    @property
    def title(self) -> str:
        return full_title(self.conference)

    @property
    def is_active(self) -> bool:
        return self.conference.status == Conference.Status.ACTIVE

    @property
    def vote(self) -> Panel:
        return vote_line(self.conference)


def dashboard_of(request: HttpRequest) -> dict[str, Any]:
    user, words, waits = request.user, search_words(request), waits_of(request.user)
    page = page_of(request, managed_conferences(user, waits).search(words, in_series=True))
    found = [_managed(conference, user, waits.get(conference.pk, [])) for conference in page.object_list]
    may_create = user.has_perm(CREATE)
    return {
        "conferences": found,
        "page": page,
        "q": words,
        "number_waiting": total_of(waits),
        "number_failed": failed_tasks().count() if may_read(user) else 0,
        # Where the list is empty, its text offers it.
        "offers_creation": may_create and bool(found or words),
        "empty": None if found else empty_panel(words=words, may_create=may_create, series=_series_of(user)),
    }


def managed_conferences(user: Viewer, waiting: Collection[int]) -> ConferenceQuerySet:
    """What this person runs: where something waits for them, then by what is due next, then the past."""
    entries = RosterEntry.objects.present().filter(conference=OuterRef("pk"))
    now = DatabaseNow()
    rank = Case(
        When(pk__in=list(waiting), then=Value(0)),
        When(ends_at__lte=now, then=Value(2)),
        default=Value(1),
        output_field=IntegerField(),
    )
    managed = Conference.objects.managed_by(user).real().as_of_now()
    found = managed.select_related("election", "admission", "series")
    ordered: Any = with_namesakes(found).annotate(has_roster=Exists(entries), rank=rank, due_at=_due_at(now))
    return ordered.order_by("rank", "due_at", "-starts_at", "pk")  # type: ignore[no-any-return]


def _due_at(now: DatabaseNow) -> Case:
    """The next date of a conference: that voting opens or closes, or that it starts. None after its end."""
    is_stopped = Q(status__in=(Conference.Status.INACTIVE, Conference.Status.CANCELLED))
    is_undecided = Q(election__decided_at=None, election__speaker=None)
    is_open_or_closed = is_undecided & Q(
        status=Conference.Status.ACTIVE,
        election__rules_set_at__isnull=False,
        election__closes_at__isnull=False,
    )
    return Case(
        When(ends_at__lte=now, then=None),
        When(~is_stopped & Q(election__opens_at__gt=now), then=F("election__opens_at")),
        When(is_open_or_closed, then=F("election__closes_at")),
        default=F("starts_at"),
    )


def _managed(conference: Conference, user: Viewer, waits: list[Wait]) -> ManagedConference:
    permissions = user.get_all_permissions(conference)
    step = next_step(conference, permissions=permissions, waits=waits)
    is_told = IMPORT in permissions and not conference.is_over() and lacks_roster(conference)
    return ManagedConference(conference, waits, step, is_told)


def _series_of(user: Viewer) -> list[Series]:
    """In which the person can create the first conference."""
    return list(Series.objects.managed_by(user, CREATE)[:10])


def with_dashboard(index: Index) -> Index:
    """The first page of the admin, which shows it."""

    def show(request: HttpRequest, extra_context: dict[str, Any] | None = None) -> HttpResponse:
        return index(request, {**(extra_context or {}), "dashboard": dashboard_of(request)})

    return show
