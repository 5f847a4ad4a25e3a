"""What the desk shows of one conference. One query counts the votes, however many there are."""

from typing import Any

from django.db.models import Count, prefetch_related_objects
from django.http import HttpRequest
from django.utils import timezone

from confbox.kit.charts import BarChart, bar_chart
from confbox.kit.pagination import page_of, search_words
from confbox.kit.search import has_words
from confbox.kit.sorting import Alphabetical
from conferences.consent.panels import Shown, waiting_in
from conferences.models import Conference, Membership
from voting.campaigns.kinds.registry import kinds_to_write
from voting.campaigns.models import Campaign
from voting.desk.access import page_context
from voting.desk.panels import count_panel
from voting.desk.timeline import timeline_of
from voting.elections.election.models import VotingState
from voting.elections.models import Decision, WindowChange
from voting.elections.results import may_see_tally, tally_refusal
from voting.elections.roll.publication import roll_figures
from voting.elections.tally import Standing, TallyResult, tally_of, turnout_of
from voting.elections.window import changes_of_window

PER_PAGE = 100
OTHERS_SHOWN = 20
BARS = 12


def desk_context(request: HttpRequest, conference: Conference) -> dict[str, Any]:
    sees_tally = may_see_tally(request.user, conference)
    shown = _tally_context(request, conference) if sees_tally else _turnout_context(request, conference)
    words, timeline = search_words(request), timeline_of(conference)
    decisions = Decision.objects.filter(election=conference.pk).select_related("speaker__user", "decided_by")
    return (
        page_context(request, conference)
        | shown
        | _rights(request, conference)
        | {
            "sees_tally": sees_tally,
            "q": words,
            "count": count_panel(
                conference,
                sees_tally=sees_tally,
                tally=shown["tally"],
                timeline=timeline,
                rows=shown["rows"],
                words=words,
            ),
            "decisions": list(decisions),
            "counted_at": timezone.now(),
            "roll": roll_figures(conference.election) if conference.election.roll_frozen_at else None,
            "window_changes": _with_notices(changes_of_window(conference)),
            "second_person": _second_person(request, conference),
        }
    )


def _rights(request: HttpRequest, conference: Conference) -> dict[str, Any]:
    """What the person who looks may do on the desk."""
    election = conference.election

    def may(permission: str) -> bool:
        return request.user.has_perm(permission, conference)

    return {
        "kinds_to_write": kinds_to_write(conference) if may("voting.review_campaign") else [],
        "can_decide": may("voting.add_decision")
        and election.decided_at is None
        and election.state() != VotingState.OPEN,
        "can_close": may("conferences.change_conference"),
        "can_take_back": may("voting.add_decision"),
    }


def _second_person(request: HttpRequest, conference: Conference) -> list[Shown]:
    """What waits for one; the query that found the conference says whether anything does."""
    return waiting_in(conference, person=request.user) if getattr(conference, "consent_waits", True) else []


def _with_notices(changes: list[WindowChange]) -> list[WindowChange]:
    prefetch_related_objects(changes, "notice")
    return changes


def _tally_context(request: HttpRequest, conference: Conference) -> dict[str, Any]:
    tally, words = tally_of(conference), search_words(request)
    page = page_of(request, found_in(tally, words), PER_PAGE)
    candidates = [standing.candidate for standing in page.object_list]
    return {
        "tally": tally,
        "page": page,
        "bars": chart_of(tally),
        "rows": list(zip(page.object_list, _campaigns_of(conference, candidates), strict=True)),
        "others": _members_without_votes(conference, tally, words),
    }


def _turnout_context(request: HttpRequest, conference: Conference) -> dict[str, Any]:
    """What is shown while votes per candidate are secret: nothing that depends on whom members chose."""
    found, words = Membership.objects.candidates().filter(conference=conference), search_words(request)
    found = found.search(words) if words else found.filter(pitch__isnull=False)
    found = found.select_related("user", "pitch").order_by(Alphabetical("user__name"), "pk")
    page = page_of(request, found, PER_PAGE)
    candidates = list(page.object_list)
    return {
        "tally": turnout_of(conference),
        "page": page,
        "rows": list(zip(candidates, _campaigns_of(conference, candidates), strict=True)),
        "refusal": tally_refusal(conference),
    }


def found_in(tally: TallyResult, words: str) -> list[Standing]:
    """The candidates whose name contains every word."""
    return [s for s in tally.standings if has_words(s.name, words)]


def chart_of(tally: TallyResult) -> BarChart:
    """The leading candidates as bars; those who are tied for the lead are marked."""
    return bar_chart([(s.name, s.votes, s.rank == 1) for s in tally.standings[:BARS]])


def _campaigns_of(conference: Conference, candidates: list[Membership]) -> list[int]:
    """How many campaign emails of each candidate were sent or are being sent."""
    sent = Campaign.objects.filter(
        conference=conference,
        candidate__in=[candidate.pk for candidate in candidates],
        status__in=(Campaign.Status.SENDING, Campaign.Status.PAUSED, Campaign.Status.SENT),
    )
    counts = dict(sent.order_by().values_list("candidate").annotate(Count("pk")))
    return [counts.get(candidate.pk, 0) for candidate in candidates]


def _members_without_votes(conference: Conference, tally: TallyResult, words: str) -> list[Membership]:
    if not words:
        return []
    members = Membership.objects.of_active_people().filter(conference=conference).search(words)
    voted_for = [s.candidate.pk for s in tally.standings]
    return list(members.exclude(pk__in=voted_for).select_related("user", "pitch")[:OTHERS_SHOWN])
