"""What the vote adds to the overview of a conference: lines of the checklist, tabs, state and turnout."""

from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from confbox.kit.panels import Panel
from conferences.copying.rules import CHANGE
from conferences.local_times import in_zone
from conferences.models import Conference, Membership
from conferences.organising.checklist import Kind, Line, Look, State, page_of
from conferences.organising.tabs import Tab, page, rows_of
from conferences.overview.parts import OverviewPart
from voting.desk.ahead import what_is_ahead
from voting.desk.dashboard_panels import vote_line
from voting.desk.invitation_line import invitations
from voting.desk.panels import timeline_panel
from voting.desk.timeline import timeline_of
from voting.elections.figures.shown import shown_turnout
from voting.elections.receipts.actions import ensure_published

READ, READ_CAMPAIGNS = "voting.view_election", "voting.view_campaign"
READ_MEMBERS = "conferences.view_membership"
VOTES_PANEL = "admin/voting/overview/votes_panel"


def window(look: Look) -> Line:
    state, words, refusal = _state_of_window(look.conference)
    url, label = _page_of_window(look)
    return Line(
        "window",
        _("When voting opens and closes"),
        state,
        words,
        url,
        label,
        refusal=refusal,
        is_theirs=look.may(CHANGE),
    )


def _page_of_window(look: Look) -> tuple[str, str]:
    """Where its times are changed, named after what one does there; once they are over, what came of them."""
    election = look.conference.election
    if election.is_open() and look.may(READ, CHANGE):
        return page_of(look, "voting_election_move", READ, CHANGE), _("Move the deadline")
    if election.has_opened():
        return page_of(look, "voting_election_turnout", READ), _("Open the turnout")
    if look.conference.status == Conference.Status.DRAFT:
        return page_of(look, "conferences_when", CHANGE), _("Set when voting opens")
    form = page_of(look, "conferences_conference_change", CHANGE)
    return f"{form}#id_voting_opens_at" if form else "", _("Set when voting opens")


def _state_of_window(conference: Conference) -> tuple[State, str, str]:
    election = conference.election
    opens, closes = election.opens_at, election.closes_at
    if opens is None or closes is None:
        return State.REFUSES, _("No time is set for the vote."), _("no time is set for the vote")
    words = _("From %(opens)s to %(closes)s.") % {
        "opens": in_zone(conference, opens),
        "closes": in_zone(conference, closes),
    }
    if closes <= conference.now and not election.has_opened():
        return State.REFUSES, words, _("its time has passed")
    if election.opens_when_published():
        words = _("It opens as soon as the conference is published, and closes on %(closes)s.")
        words %= {"closes": in_zone(conference, closes)}
    return State.DONE, words, ""


def rules(look: Look) -> Line:
    election = look.conference.election
    is_set = election.rules_set_at is not None
    said = _("Who votes: %(rule)s.") % {"rule": election.get_who_votes_display()}
    may_set = look.may(READ, CHANGE)
    return Line(
        "rules",
        _("Who votes, and the rules of the vote"),
        State.DONE if is_set else State.REFUSES,
        said if is_set else _("Voting cannot open before they are set."),
        page_of(look, "voting_election_rules", READ, CHANGE),
        _("Change the rules") if is_set else _("Set the rules of the vote"),
        refusal="" if is_set else _("the rules are not set"),
        is_theirs=may_set,
    )


def candidates(look: Look) -> Line:
    standing = Membership.objects.candidates().filter(conference=look.conference, pitch__isnull=False)
    number = standing.count()
    words = ngettext("%(n)d member has a pitch.", "%(n)d members have a pitch.", number) % {"n": number}
    if not number:
        words = _("No member has written a pitch yet. Invite people, and ask members to stand.")
    return Line(
        "candidates",
        _("Candidates"),
        State.DONE if number else State.TO_DO,
        words,
        page_of(look, "voting_election_candidates", READ),
        _("Open the candidates"),
        is_theirs=look.may(READ),
        # With no one to vote for, an open vote is of no use.
        is_first=look.conference.election.has_opened(),
    )


def rehearsal(look: Look) -> Line | None:
    """An offer until people outside the team can see the conference."""
    conference = look.conference
    if conference.status != Conference.Status.DRAFT or not look.may(READ, CHANGE):
        return None
    return Line(
        "rehearsal",
        _("A rehearsal, if you like"),
        State.NOT_NEEDED,
        _("Twenty invented voters play the whole vote in five minutes, and only your team gets emails."),
        page_of(look, "conferences_rehearsal", READ),
        _("Try it with my team"),
    )


def _can_be_rehearsed(look: Look) -> bool:
    return look.may(READ) and not look.conference.is_rehearsal


LINES = [
    Kind(15, window),
    Kind(30, rules),
    Kind(65, invitations),
    Kind(90, candidates),
    Kind(95, rehearsal),
]


TABS = [
    Tab(
        order=60,
        name="turnout",
        label=gettext_lazy("Turnout"),
        permission=READ,
        url=page("voting_election_turnout"),
        is_main=True,
    ),
    Tab(
        order=58,
        name="candidates",
        label=gettext_lazy("Candidates"),
        permission=READ,
        url=page("voting_election_candidates"),
        is_main=True,
    ),
    Tab(
        order=74,
        name="decision",
        label=gettext_lazy("Decision"),
        permission=READ,
        url=page("voting_election_decision"),
        is_main=True,
    ),
    Tab(
        order=76,
        name="result",
        label=gettext_lazy("Result"),
        permission=READ,
        url=page("voting_election_result"),
        is_main=True,
    ),
    Tab(
        order=70,
        name="campaigns",
        label=gettext_lazy("Campaigns"),
        permission=READ_CAMPAIGNS,
        url=rows_of("voting_campaign"),
        is_main=True,
    ),
    Tab(
        order=65,
        name="moderation",
        label=gettext_lazy("Moderation"),
        permission="conferences.moderate_membership",
        url=page("conferences_moderation"),
    ),
]


def _reads_both(look: Look) -> bool:
    return look.may(READ)


MORE = [
    Tab(
        order=10,
        name="rehearsal",
        label=gettext_lazy("Try it with my team"),
        permission=READ,
        url=page("conferences_rehearsal"),
        is_shown=_can_be_rehearsed,
    ),
    Tab(
        order=15,
        name="timetable",
        label=gettext_lazy("Emails on the timetable"),
        permission=READ,
        url=page("voting_election_timetable"),
    ),
    Tab(
        order=20,
        name="roll",
        label=gettext_lazy("Who could vote"),
        permission=READ_MEMBERS,
        url=page("voting_election_roll"),
        is_shown=_reads_both,
    ),
    Tab(
        order=30,
        name="signals",
        label=gettext_lazy("Check for fraud"),
        permission=READ_MEMBERS,
        url=page("voting_election_signals"),
        is_shown=_reads_both,
    ),
]


def panels(look: Look) -> list[Panel]:
    """The turnout, once voting has opened, for those who see it on the page of the votes."""
    conference = look.conference
    if not (look.may(READ) and conference.election.has_opened()):
        return []
    turnout = shown_turnout(conference, ensure_published(conference))
    timeline = timeline_of(conference)
    facts: dict[str, Any] = {"conference": conference}
    if turnout is None or timeline is None:
        return [Panel(VOTES_PANEL, "counting", facts | {"renews": True})]
    facts |= {"turnout": turnout, "timeline": timeline_panel(conference, timeline)}
    return [Panel(VOTES_PANEL, "open" if conference.election.is_open() else "over", facts)]


PART = OverviewPart(state=vote_line, ahead=what_is_ahead, panels=panels)
