"""What the team sees of its rehearsal: each step, and whether it is over, going on or to come."""

from dataclasses import dataclass
from datetime import datetime
from functools import partial

from django.db.models import Q
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from confbox.kit.panels import Panel
from conferences.local_times import in_zone
from conferences.models import Conference, Membership
from voting.campaigns.models import Campaign, Delivery
from voting.elections.models import Vote
from voting.rehearsal.script import LASTS, NAMES, emails_of
from voting.timetable.kinds.registry import KINDS
from voting.timetable.models import Notice

STEP = "admin/voting/rehearsal/step_state"
DONE, NOW, NEXT = "done", "now", "next"


@dataclass(frozen=True)
class RehearsalStep:
    title: str
    words: str
    state: str

    @property
    def panel(self) -> Panel:
        return Panel(STEP, self.state, {"step": self})


def steps_of(twin: Conference) -> list[RehearsalStep]:
    return [_joining(twin), _standing(twin), _window(twin), _voting(twin), *_emails(twin), _deciding(twin)]


@dataclass(frozen=True)
class Way:
    """A page of the rehearsal; the one that is of use now stands out."""

    label: str
    url: str
    is_next: bool = False


def ways_on(twin: Conference) -> list[Way]:
    election = twin.election
    has_opened, has_closed = election.has_opened(), election.has_closed()
    ballot, desk = reverse("ballot", args=[twin.slug]), partial(reverse, args=[twin.pk])
    result = Way(_("Read the result"), reverse("results", args=[twin.slug]), bool(election.speaker))
    choose = Way(
        _("Choose the speaker"), desk("admin:voting_election_decision"), is_next=not election.decided_at
    )
    member = Way(_("Vote as a member") if has_opened else _("Read the pitches"), ballot, has_opened)
    turnout = Way(_("Follow the turnout"), desk("admin:voting_election_turnout"))
    overview = Way(_("Open its overview"), desk("admin:conferences_overview"))
    return [*([choose, result] if has_closed else [member]), turnout, overview]


def ends_on(twin: Conference) -> str:
    return in_zone(twin, twin.created_at + LASTS)


def _joining(twin: Conference) -> RehearsalStep:
    members = Membership.objects.current().filter(conference=twin)
    is_invented = Q(user__email__in=emails_of(twin.pk))
    number, team = members.filter(is_invented).count(), members.exclude(is_invented).count()
    words = ngettext("%(n)d invented person has joined", "%(n)d invented people have joined", number)
    also = ngettext("with %(n)d person of your team.", "with %(n)d people of your team.", team)
    words = f"{words % {'n': number}}, {also % {'n': team}}"
    return RehearsalStep(_("People join"), words, NOW if number < len(NAMES) else DONE)


def _standing(twin: Conference) -> RehearsalStep:
    number = Membership.objects.candidates().filter(conference=twin, pitch__isnull=False).count()
    words = ngettext("%(n)d candidate has a pitch.", "%(n)d candidates have a pitch.", number) % {"n": number}
    return RehearsalStep(_("Candidates write their pitches"), words, DONE if number > 2 else NOW)


def _window(twin: Conference) -> RehearsalStep:
    election = twin.election
    assert election.opens_at
    assert election.closes_at
    if election.has_closed():
        return RehearsalStep(_("Voting opens and closes"), _("Voting has closed."), DONE)
    if not election.has_opened():
        words = _("Voting opens in %(time)s.") % {"time": _minutes(election.opens_at, twin.now)}
        return RehearsalStep(_("Voting opens and closes"), words, NEXT)
    words = _("Voting is open, and closes in %(time)s.") % {"time": _minutes(election.closes_at, twin.now)}
    return RehearsalStep(_("Voting opens and closes"), words, NOW)


def _minutes(then: datetime, now: datetime) -> str:
    minutes, seconds = divmod(max(0, round((then - now).total_seconds())), 60)
    return f"{minutes}:{seconds:02}"


def _voting(twin: Conference) -> RehearsalStep:
    number = Vote.objects.valid().filter(election=twin.election).count()
    words = ngettext("%(n)d vote is in.", "%(n)d votes are in.", number) % {"n": number}
    has_closed = twin.election.has_closed()
    return RehearsalStep(_("People vote"), words, DONE if has_closed else NOW if number else NEXT)


def _emails(twin: Conference) -> list[RehearsalStep]:
    """Those of the timetable that are due within the rehearsal."""
    told = {notice.kind: notice for notice in Notice.objects.filter(conference=twin)}
    found = ((KINDS[code], told.get(code)) for code in ("opened", "closes_soon", "undecided"))
    return [
        RehearsalStep(
            _("Email: %(name)s") % {"name": kind.label},
            _in_words(notice)
            if notice
            else _("To: %(audience)s. Here, to your team alone.") % {"audience": kind.audience},
            DONE if notice else NEXT,
        )
        for kind, notice in found
    ]


def _in_words(notice: Notice) -> str:
    if notice.outcome == Notice.Outcome.SKIPPED:
        return f"{notice.get_outcome_display()}. {notice.get_reason_display()}"
    if notice.campaign_id is None:
        return _("Sent to your team.")
    sent = Delivery.objects.filter(campaign=notice.campaign_id, status=Delivery.Status.SENT).count()
    if not sent and notice.campaign and notice.campaign.status == Campaign.Status.SENT:
        return _("Everyone in your team had voted, so no one got it.")
    words = ngettext("Sent to %(n)d person of your team.", "Sent to %(n)d people of your team.", sent)
    return words % {"n": sent}


def _deciding(twin: Conference) -> RehearsalStep:
    election, title = twin.election, _("You choose the speaker")
    if election.speaker:
        return RehearsalStep(title, _("%(name)s speaks.") % {"name": election.speaker}, DONE)
    if election.decided_at:
        return RehearsalStep(title, _("You have chosen, and wait for the answer."), NOW)
    if election.has_closed():
        return RehearsalStep(title, _("It is your turn: read the result, and choose."), NOW)
    return RehearsalStep(title, _("After voting has closed."), NEXT)
