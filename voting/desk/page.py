"""What the desk shows of one conference. One query counts the votes, however many there are."""

from collections.abc import Sequence
from typing import Any

from django.db.models import Count
from django.http import HttpRequest
from django.utils import timezone

from accounts.search import has_words
from conferences.models import Conference, Membership
from conferences.pages import page_of, search_words
from voting.charts import BarChart, bar_chart
from voting.desk.access import page_context
from voting.desk.timeline import timeline_of
from voting.models import Campaign, Decision, Tally
from voting.tally import Standing, TallyResult, tally_of

PER_PAGE = 100
OTHERS_SHOWN = 20
BARS = 12


def desk_context(request: HttpRequest, conference: Tally) -> dict[str, Any]:
    tally, words = tally_of(conference), search_words(request)
    page = page_of(request, found_in(tally, words), PER_PAGE)
    decisions = Decision.objects.filter(conference=conference).select_related("speaker__user", "decided_by")
    may = request.user.has_perm
    return page_context(request, conference) | {
        "tally": tally,
        "page": page,
        "q": words,
        "bars": chart_of(tally),
        "timeline": timeline_of(conference),
        "rows": _with_campaigns(conference, list(page.object_list)),
        "others": _members_without_votes(conference, tally, words),
        "decisions": list(decisions),
        "counted_at": timezone.now(),
        "can_decide": may("voting.add_decision") and conference.decided_at is None,
        "can_close": may("conferences.change_conference"),
        "can_take_back": may("voting.add_decision"),
    }


def found_in(tally: TallyResult, words: str) -> list[Standing]:
    """The candidates whose name has every word."""
    return [s for s in tally.standings if has_words(s.name, words)]


def chart_of(tally: TallyResult) -> BarChart:
    """The leading candidates as bars; those who share the lead are marked."""
    return bar_chart([(s.name, s.votes, s.rank == 1) for s in tally.standings[:BARS]])


def _with_campaigns(conference: Conference, standings: Sequence[Any]) -> list[tuple[Standing, int]]:
    """Each standing and how many campaign mails of this candidate went out or are going out."""
    sent = Campaign.objects.filter(
        conference=conference,
        candidate__in=[s.candidate.pk for s in standings],
        status__in=(Campaign.Status.SENDING, Campaign.Status.PAUSED, Campaign.Status.SENT),
    )
    counts = dict(sent.order_by().values_list("candidate").annotate(Count("pk")))
    return [(standing, counts.get(standing.candidate.pk, 0)) for standing in standings]


def _members_without_votes(conference: Conference, tally: TallyResult, words: str) -> list[Membership]:
    if not words:
        return []
    members = Membership.objects.of_active_people().filter(conference=conference).search(words)
    voted_for = [s.candidate.pk for s in tally.standings]
    return list(members.exclude(pk__in=voted_for).select_related("user", "pitch")[:OTHERS_SHOWN])
