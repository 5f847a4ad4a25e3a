"""The tally as a file for spreadsheets."""

from collections.abc import Iterator
from typing import Any

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.http import HttpResponse, QueryDict
from django.shortcuts import redirect
from django.urls import ResolverMatch, reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from accounts.actors import actor_of
from accounts.downloads import download_from
from accounts.reauthentication import require_fresh_log_in
from accounts.requests import PersonRequest
from confbox.kit.limits import Limit, is_heavy
from confbox.kit.pagination import place_of, search_words
from confbox.kit.spreadsheets import sheet, workbook
from voting.desk.access import conference_or_refuse
from voting.desk.page import found_in
from voting.elections.moderation.covering import shown_pitch
from voting.elections.tally import Standing
from voting.elections.tally_export import export_tally

EXPORTS = Limit("exports and signals", person="30/h")
FORMATS = {"csv": sheet, "xlsx": workbook}


def _page_with_link(found: ResolverMatch, query: QueryDict) -> str:
    """The page of the tally with the search that is exported."""
    return reverse("admin:voting_election_result", args=[found.kwargs["conference_id"]]) + place_of(query)


from_tally = download_from(_page_with_link)


@require_safe
@is_heavy(EXPORTS)
def export(request: PersonRequest, conference_id: int, kind: str) -> HttpResponse:
    conference = conference_or_refuse(request, conference_id)
    require_fresh_log_in(request)
    try:
        tally = export_tally(conference=conference, by=actor_of(request), kind=kind)
    except ValidationError as refusal:
        messages.error(request, refusal.message)
        return redirect("admin:voting_election_result", conference.pk)
    standings = found_in(tally, search_words(request))
    head = [_("Rank"), _("Candidate"), _("Votes"), _("Tie"), _("Pitch")]
    return FORMATS[kind](f"votes-{conference.slug}", head, _rows(standings))


def _rows(standings: list[Standing]) -> Iterator[list[Any]]:
    for standing in standings:
        pitch = shown_pitch(standing.candidate)
        tie = _("yes") if standing.is_tied else _("no")
        yield [
            standing.rank,
            standing.name,
            standing.votes,
            tie,
            pitch.headline if pitch else "",
        ]
