"""A series whose team has a second person confirm, and everything that can be asked of them."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta
from functools import partial
from typing import Any

import pytest
from django.utils import timezone

from accounts.actors import Actor
from conferences.changes.actions import cancel_conference, reinstate_conference
from conferences.consent.actions import do_or_ask
from conferences.consent.acts import ACTS
from conferences.models import Conference, ConsentRequest, Membership, Role, RosterEntry, TeamMember
from conferences.roster.actions import remove_entry
from conferences.tests.factories import make_conference, make_membership, update_elections
from conferences.tests.rosters.entries import make_entry
from conferences.tests.teams import make_series, make_team_member
from voting.elections import actions
from voting.elections.answers import revoke_decision
from voting.elections.exclusions import exclude_member, readmit_member
from voting.elections.models import Decision
from voting.elections.roll.actions import add_to_roll, remove_from_roll
from voting.elections.roll.models import RollEntry
from voting.elections.roll.roster import add_listed_to_roll
from voting.elections.window import close_early, move_deadline
from voting.tests.factories import close_by_clock
from voting.tests.rolls import freeze_roster, freeze_with_ada

REASON = "Because of the hall."


def hours(number):
    return (timezone.now() + timedelta(hours=number)).replace(second=0, microsecond=0)


def make_team(conference, *acts, first=Role.OWNER, second=Role.ORGANISER):
    """Two people who run a series with this conference; a second person confirms these acts."""
    series = make_series(needs_consent=list(acts))
    Conference.objects.filter(pk=conference.pk).update(series=series)
    people = [
        make_team_member(series, role, name=f"{name} Person").person
        for role, name in ((first, "First"), (second, "Second"))
    ]
    conference.refresh_from_db()
    return people


@dataclass
class Case:
    act: str
    verb: Callable[..., Any]
    is_done: Callable[[], bool]

    def ask(self, person, reason=REASON):
        by = Actor(person, "192.0.2.7")
        return do_or_ask(partial(self.verb, by=by, reason=reason), reason=reason, by=by)


def _now(conference):
    return Conference.objects.as_of_now().get(pk=conference.pk).election


def close(conference):
    return Case("window", partial(close_early, conference=conference), lambda: not _now(conference).is_open())


def move(conference):
    at = hours(5)
    verb = partial(move_deadline, conference=conference, closes_at=at)
    return Case("window", verb, lambda: _now(conference).closes_at == at)


def cancel(conference):
    verb = partial(cancel_conference, conference=conference)
    is_done = lambda: Conference.objects.get(pk=conference.pk).is_cancelled  # noqa: E731
    return Case("cancelling", verb, is_done)


def reinstate(conference):
    people = [each.person for each in TeamMember.objects.of_team(conference.series).order_by("pk")]
    both = Actor(people[0], asked_by=people[1])
    cancel_conference(conference=conference, reason="A storm.", by=both)
    verb = partial(reinstate_conference, conference=conference)
    is_done = lambda: not Conference.objects.get(pk=conference.pk).is_cancelled  # noqa: E731
    return Case("reinstating", verb, is_done)


def decide(conference):
    member = make_membership(conference, name="Chosen Member")
    close_by_clock(conference)
    verb = partial(actions.decide_speaker, conference=conference, candidate=member)
    return Case("decision", verb, lambda: Decision.objects.filter(speaker=member).exists())


def revoke(conference):
    """Of a speaker whom both have chosen and who has accepted."""
    member = make_membership(conference, name="Chosen Speaker")
    close_by_clock(conference)
    by = conference.series.team.get(role=Role.OWNER).person
    chosen = {"speaker": member, "speaker_name": "Chosen Speaker", "decided_by": by, "tally": {}}
    decision = Decision.objects.create(election=conference.election, answer="accepted", **chosen)
    update_elections(conference, speaker=member, decided_at=decision.decided_at)
    verb = partial(revoke_decision, decision=decision)
    return Case("revoking", verb, lambda: Decision.objects.get(pk=decision.pk).answer == "revoked")


def _excluded(member):
    return Membership.objects.get(pk=member.pk).excluded_at is not None


def exclude(conference):
    member = make_membership(conference, name="Excluded Member")
    return Case("exclusion", partial(exclude_member, membership=member), lambda: _excluded(member))


def readmit(conference):
    member = make_membership(conference, name="Excluded Member", excluded_at=timezone.now())
    return Case("exclusion", partial(readmit_member, membership=member), lambda: not _excluded(member))


def _is_on_roll(**columns):
    return RollEntry.objects.current().filter(**columns).exists()


def add(conference):
    freeze_with_ada(conference)
    late = make_membership(conference, name="Late Member")
    verb = partial(add_to_roll, membership=late)
    return Case("roll", verb, lambda: _is_on_roll(membership=late))


def remove(conference):
    ada = freeze_with_ada(conference)
    return Case("roll", partial(remove_from_roll, membership=ada), lambda: not _is_on_roll(membership=ada))


def add_listed(conference):
    freeze_roster(conference)
    listed = make_entry(conference, "dora@example.org")
    verb = partial(add_listed_to_roll, listed=listed)
    return Case("roll", verb, lambda: _is_on_roll(roster_entry=listed))


def unlist(conference):
    freeze_roster(conference)
    listed = RosterEntry.objects.get(email="cleo@example.org")
    verb = partial(remove_entry, entry=listed)
    return Case("roll", verb, lambda: not _is_on_roll(roster_entry=listed))


CASES = {
    found.__name__: found
    for found in (
        *(close, move, cancel, reinstate, decide, revoke),
        *(exclude, readmit, add, remove, add_listed, unlist),
    )
}


every_case = pytest.mark.parametrize("name", CASES)


def make_case(name):
    """The case in a conference of its own, with the two people of its team."""
    conference = make_conference(title="Hall Conf", voting="open")
    people = make_team(conference, *ACTS)
    case = CASES[name](conference)
    conference.refresh_from_db()
    return conference, case, people


def no_consent(conference):
    """As if the series had never required it."""
    conference.series.needs_consent = []
    conference.series.save()
    update_elections(conference, consent_at_opening=[])


def make_request(member, by):
    """One that waits, whatever the rules say now: to exclude this member."""
    now, payload = timezone.now(), {"member": member.pk, "readmits": False}
    return ConsentRequest.objects.create(
        conference=member.conference,
        act="exclusion",
        payload=payload,
        subject=ACTS["exclusion"].subject(payload),
        reason=f"Reason for {member}",
        asked_by=by,
        asked_at=now,
        expires_at=now + timedelta(hours=24),
    )


def states():
    return [each.state(timezone.now()).value for each in ConsentRequest.objects.order_by("pk")]


def let_expire(asked):
    ConsentRequest.objects.filter(pk=asked.pk).update(expires_at=timezone.now() - timedelta(seconds=1))
