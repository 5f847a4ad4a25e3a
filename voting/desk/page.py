"""What the tabs of one vote show. Of a large vote, a worker counts (`voting.elections.figures`)."""

from collections.abc import Collection
from typing import Any

from django.db.models import Count, prefetch_related_objects
from django.http import HttpRequest
from django.utils import timezone

from confbox.kit.charts import BarChart, bar_chart
from confbox.kit.pagination import page_of, search_words
from confbox.kit.search import has_words
from confbox.kit.sorting import Alphabetical
from conferences.consent.acts import is_required
from conferences.consent.panels import Shown, waiting_in
from conferences.members_in_order import page_in_order
from conferences.models import Conference, Membership
from voting.campaigns.models import Campaign
from voting.desk.panels import (
    COUNTING,
    choice_panel,
    departures_note,
    list_panel,
    result_panel,
    timeline_panel,
)
from voting.desk.timeline import timeline_of
from voting.desk.unreachable import number_unreachable
from voting.elections.election.models import VotingState
from voting.elections.election.two_people import DECISION, WINDOW
from voting.elections.figures.shown import shown_tally, shown_turnout
from voting.elections.models import Decision, WindowChange
from voting.elections.panels.link import link_note
from voting.elections.receipts.actions import ensure_published
from voting.elections.receipts.holds import why_not_to_keep
from voting.elections.receipts.models import PublishedBallots
from voting.elections.results import may_see_tally, tally_refusal
from voting.elections.roll.publication import roll_figures
from voting.elections.tally import Standing, TallyResult, tally_of
from voting.elections.ties import tied_to_choose_from
from voting.elections.window import changes_of_window

PER_PAGE = 100
OTHERS_SHOWN = 20
BARS = 12


def turnout_context(request: HttpRequest, conference: Conference) -> dict[str, Any]:
    """How many have voted and when: nothing that depends on whom members chose."""
    turnout = shown_turnout(conference, ensure_published(conference))
    # Under a live count, the page of the result says what a departure tells.
    is_counted = may_see_tally(request.user, conference)
    timeline = timeline_of(conference)
    return {
        "tally": turnout,
        "timeline": timeline_panel(conference, timeline) if turnout else None,
        "note": None if is_counted else departures_note(conference),
        "counted_at": turnout and (turnout.counted_at or timezone.now()),
        "every": every(turnout and timeline),
        "unreachable": number_unreachable(request, conference),
        "roll": roll_figures(conference.election) if conference.election.roll_frozen_at else None,
        "window_changes": _with_notices(changes_of_window(conference)),
        "second_person": second_person(request, conference),
    } | _closing(request, conference)


def candidates_context(request: HttpRequest, conference: Conference) -> dict[str, Any]:
    """Those with a pitch, or of all who can be voted for those whom the search finds; never their votes."""
    found, words = Membership.objects.candidates().filter(conference=conference), search_words(request)
    found = found.select_related("user", "pitch")
    if words:
        page = page_in_order(
            request, conference, found, words, PER_PAGE, are_most=conference.members_are_listed
        )
    else:
        standing = found.filter(pitch__isnull=False).order_by(Alphabetical("user__name"), "pk")
        page = page_of(request, standing, PER_PAGE)
    candidates = list(page.object_list)
    rows = list(zip(candidates, _campaigns_of(conference, candidates), strict=True))
    return {"page": page, "q": words, "rows": rows, "list": list_panel("candidates", rows=rows, words=words)}


def result_context(request: HttpRequest, conference: Conference) -> dict[str, Any]:
    """Votes per candidate, or when they will be shown."""
    words = search_words(request)
    sees_tally = may_see_tally(request.user, conference)
    shown: dict[str, Any] = {"sees_tally": sees_tally, "q": words}
    if not sees_tally:
        return shown | {"result": result_panel(conference), "refusal": tally_refusal(conference)}
    published = ensure_published(conference)
    tally = shown_tally(conference, published)
    shown |= {"speaker": _speaker_of(conference), "every": every(tally)}
    shown |= _link(request, conference, published)
    if tally is None:
        return shown | {"result": COUNTING}
    shown |= _standings(request, conference, tally, words)
    panel = result_panel(conference, tally=tally, rows=shown["rows"], words=words)
    return shown | {"result": panel, "bars": chart_of(tally)}


def _link(request: HttpRequest, conference: Conference, published: PublishedBallots | None) -> dict[str, Any]:
    """Until when voters are linked to their choices, and whether the reader may keep them so for longer."""
    if published is None:
        return {}
    may_keep = _may(request, "voting.add_decision", conference)
    is_kept = not why_not_to_keep(conference, published)
    return {"link": link_note(published, conference), "can_keep_linked": may_keep and is_kept}


def every(counted: object) -> int:
    """After how many seconds an open vote's page asks for its figures again: soon, if they are counted."""
    return 10 if counted else 2


def _speaker_of(conference: Conference) -> Decision | None:
    """As members read who it is; asked for only if there is one."""
    if not conference.election.speaker_id:
        return None
    return Decision.objects.accepted().filter(election=conference.pk).first()


def _standings(
    request: HttpRequest,
    conference: Conference,
    tally: TallyResult,
    words: str,
    refused: Collection[int] = (),
) -> dict[str, Any]:
    """Of those who are tied, the ones who said no come last."""
    found = sorted(found_in(tally, words), key=lambda each: (each.rank, each.candidate.pk in refused))
    page = page_of(request, found, PER_PAGE)
    candidates = [standing.candidate for standing in page.object_list]
    rows = list(zip(page.object_list, _campaigns_of(conference, candidates), strict=True))
    return {"tally": tally, "page": page, "rows": rows}


def decision_context(request: HttpRequest, conference: Conference) -> dict[str, Any]:
    """Whom to choose from, once someone may be chosen, and what was decided."""
    rights, words = _rights(request, conference), search_words(request)
    decisions = Decision.objects.filter(election=conference.pk).select_related("speaker__user", "decided_by")
    shown: dict[str, Any] = {"q": words, "decisions": list(decisions)}
    shown |= {"second_person": second_person(request, conference)}
    if rights["can_decide"]:
        shown |= _refused(shown["decisions"])
        shown |= _choice(request, conference, words, [each.speaker_id for each in shown["refused"]])
        if _is_asked_for(shown["second_person"]):
            shown |= {"pickable": set(), "is_asked_for": True}
    panel = choice_panel(conference, may_choose=rights["can_decide"], shown=shown)
    return rights | shown | {"choice": panel}


def _refused(decisions: list[Decision]) -> dict[str, Any]:
    """Who said no, newest first: those who choose again have to know it."""
    refused = [decision for decision in decisions if decision.answer in Decision.NOT_SPEAKING]
    last = {each.speaker_id: each.answer for each in reversed(refused)}
    by_answer = {answer: {pk for pk in last if last[pk] == answer} for answer in Decision.NOT_SPEAKING}
    return {
        "refused": refused,
        "declined": by_answer[Decision.Answer.DECLINED],
        "stepped_down": by_answer[Decision.Answer.WITHDRAWN],
        "revoked": by_answer[Decision.Answer.REVOKED],
    }


def _is_asked_for(waiting: list[Shown]) -> bool:
    """Whether a choice waits for the second person, so that no other can be made."""
    return any(shown.request.act == DECISION for shown in waiting)


def _choice(
    request: HttpRequest, conference: Conference, words: str, refused: Collection[int]
) -> dict[str, Any]:
    if not may_see_tally(request.user, conference):
        shown = candidates_context(request, conference)
        is_unscheduled = conference.election.state() == VotingState.UNSCHEDULED
        return shown | {"pickable": {each.pk for each, _ in shown["rows"]} if is_unscheduled else set()}
    shown = _standings(request, conference, tally_of(conference), words, refused)
    others = _members_without_votes(conference, shown["tally"], words)
    candidates = [*(standing.candidate for standing, _ in shown["rows"]), *others]
    return shown | {"others": others, "pickable": _pickable(conference, shown["tally"], candidates)}


def _pickable(conference: Conference, tally: TallyResult, candidates: list[Membership]) -> set[int]:
    """Those of them who can be chosen under the rules."""
    tied = tied_to_choose_from(conference, tally)
    return {each.pk for each in candidates if each.left_at is None and (not tied or each.pk in tied)}


def _rights(request: HttpRequest, conference: Conference) -> dict[str, Any]:
    """What the person who looks may do about the decision."""
    election, may_choose = conference.election, _may(request, "voting.add_decision", conference)
    return {
        "can_decide": may_choose
        and election.decided_at is None
        and election.state() not in (VotingState.SCHEDULED, VotingState.OPEN, VotingState.CANCELLED),
        "can_take_back": may_choose,
    } | _closing(request, conference)


def _closing(request: HttpRequest, conference: Conference) -> dict[str, bool]:
    """One who asks a second person to close voting cannot go on to the decision."""
    may_close = _may(request, "conferences.change_conference", conference)
    return {"can_close": may_close, "closes_alone": may_close and not is_required(WINDOW, conference)}


def _may(request: HttpRequest, permission: str, conference: Conference) -> bool:
    return request.user.has_perm(permission, conference)


def second_person(request: HttpRequest, conference: Conference) -> list[Shown]:
    """What waits for one; the query that found the conference says whether anything does."""
    return waiting_in(conference, person=request.user) if getattr(conference, "consent_waits", True) else []


def _with_notices(changes: list[WindowChange]) -> list[WindowChange]:
    prefetch_related_objects(changes, "notice")
    return changes


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
