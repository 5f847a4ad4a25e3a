"""The roster as a file for spreadsheets; it can be imported again."""

from collections.abc import Iterator
from typing import Any

from django.http import HttpResponse, QueryDict
from django.urls import ResolverMatch
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from accounts.actors import actor_of
from accounts.downloads import download_from
from accounts.reauthentication import require_fresh_log_in
from accounts.requests import PersonRequest, is_second_click
from confbox.kit.limits import Limit, is_heavy
from confbox.kit.spreadsheets import sheet, workbook
from conferences.local_times import in_zone
from conferences.models import Conference, RosterEntry
from conferences.roster.access import READ, conference_or_refuse, roster_page
from conferences.roster.actions import export_roster
from conferences.roster.views import found_of

EXPORTS = Limit("exports of rosters", person="30/h")
FORMATS = {"csv": sheet, "xlsx": workbook}


def _page_with_link(found: ResolverMatch, query: QueryDict) -> str:
    """The page of the roster with the search that is exported."""
    return roster_page(found.kwargs["pk"], query)


from_roster = download_from(_page_with_link)


@require_safe
@is_heavy(EXPORTS)
def export(request: PersonRequest, pk: int, kind: str) -> HttpResponse:
    conference = conference_or_refuse(request, pk, READ)
    require_fresh_log_in(request)
    entries, _words, _state = found_of(request, conference)
    export_roster(
        conference=conference, entries=entries, by=actor_of(request), is_repeated=is_second_click(request)
    )
    return FORMATS[kind](f"roster-{conference.slug}", _head(), _rows(conference, entries))


def csv_of(conference: Conference, entries: Any) -> str:
    """The content of the CSV file."""
    return sheet("roster", _head(), _rows(conference, entries)).content.decode("utf-8-sig")


def _head() -> list[str]:
    head = [_("Email address"), _("Name"), _("Reference"), _("Status"), _("Listed"), _("Invited")]
    return [*head, _("Joined"), _("Removed"), _("Reason for the removal")]


def _rows(conference: Conference, entries: Any) -> Iterator[list[Any]]:
    entry: RosterEntry
    for entry in entries.iterator():
        times = (entry.listed_at, entry.invited_at, entry.joined_at, entry.removed_at)
        yield [
            entry.email,
            entry.name,
            entry.reference,
            str(entry.state.label),
            *(in_zone(conference, time) for time in times),
            entry.removal_reason,
        ]
