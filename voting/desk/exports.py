"""The tally as a file: what the desk shows, for spreadsheets."""

from collections.abc import Iterator
from typing import Any

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from accounts.actions import record_act
from accounts.reauthentication import require_fresh_log_in
from accounts.requests import PersonRequest
from confbox.kit.ip_addresses import client_ip_address
from confbox.kit.limits import Limit, is_heavy
from confbox.kit.pagination import search_words
from confbox.kit.spreadsheets import sheet, workbook
from voting.desk.access import conference_or_refuse
from voting.desk.page import found_in
from voting.elections.results import may_see_tally
from voting.elections.rules import tally_refusal
from voting.elections.tally import Standing, tally_of

EXPORTS = Limit("exports and signals", person="30/h")
FORMATS = {"csv": sheet, "xlsx": workbook}


@require_safe
@is_heavy(EXPORTS)
def export(request: PersonRequest, conference_id: int, kind: str) -> HttpResponse:
    conference = conference_or_refuse(request, conference_id)
    require_fresh_log_in(request)
    if not may_see_tally(request.user, conference):
        messages.error(request, tally_refusal(conference))
        return redirect("admin:voting_election_change", conference.pk)
    record_act(
        by=request.user,
        act="export",
        target=conference.election,
        address=client_ip_address(request),
        reason=kind,
    )
    standings = found_in(tally_of(conference), search_words(request))
    head = [_("Rank"), _("Candidate"), _("Votes"), _("Tie"), _("Pitch")]
    return FORMATS[kind](f"tally-{conference.slug}", head, _rows(standings))


def _rows(standings: list[Standing]) -> Iterator[list[Any]]:
    for standing in standings:
        pitch = getattr(standing.candidate, "pitch", None)
        tie = _("yes") if standing.is_tied else _("no")
        yield [
            standing.rank,
            standing.name,
            standing.votes,
            tie,
            pitch.headline if pitch else "",
        ]
