"""The lists of the API, each with how it grows by one row."""

from itertools import count

from django.core.mail import EmailMessage
from django.utils import timezone

from accounts.actors import Actor
from accounts.audit_log import log_act
from accounts.tests.factories import make_organiser, make_user
from confbox.kit.api.scopes import Scope
from confbox.kit.email_failures import RefusedError
from confbox.kit.email_sending import send_email
from confbox.tests.api.calls import Program
from conferences.tests.admission import ask, code_for, only
from conferences.tests.api_tokens import make_api_token
from conferences.tests.factories import make_conference, make_membership, update_elections
from conferences.tests.rosters.entries import make_entry
from conferences.tests.teams import make_series
from conferences.tests.test_failed_emails import fail
from conferences.tests.webhooks import make_endpoint, make_event
from voting.campaigns.subscriptions.models import UndeliverableAddress
from voting.elections import actions
from voting.elections.election.models import Election
from voting.elections.moderation.models import Report
from voting.elections.receipts.models import PublishedBallots
from voting.elections.roll.actions import freeze_roll
from voting.tests.campaigns import make_campaign
from voting.tests.consent import make_request
from voting.tests.factories import make_pitch, make_vote

# By the name of the operation: its query, and the conference in its path.
ASKED = {"voters_to_join": "show=listed", "campaigns_to_review": "show=all"}
PATHS = {
    "join_requests": "waits-conf",
    "who_voted": "voted-conf",
    "voters": "later-conf",
    "voters_to_join": "roster-conf",
}


class World:
    """A person who may read every list, as an organiser of the site and as a member."""

    def __init__(self):
        self.person = make_organiser("site@example.org", name="Site Organiser")
        self.conference, self.later = (
            make_conference(slug=slug, voting=voting)
            for slug, voting in (("open-conf", "open"), ("later-conf", "scheduled"))
        )
        self.mine = make_membership(self.conference, user=self.person)
        self.waits = only(make_conference(slug="waits-conf", voting="open"), approval=True)
        self.endpoint = make_endpoint(self.conference)
        self.series = make_series()
        self.endpoint_of_series = make_endpoint(self.series)
        self.program = Program(self.person, *Scope)
        self.numbers = count(1)
        self.roster = make_conference(slug="roster-conf", voting="open")
        update_elections(self.roster, who_votes="roster")
        self.roster.refresh_from_db()
        freeze_roll(conference=self.roster)
        self._publish()

    def _publish(self):
        voted = make_conference(slug="voted-conf", voting="open")
        Election.objects.filter(conference=voted).update(
            publishes_participants=True, results_visibility="after_close"
        )
        make_membership(voted, user=self.person)
        choices = [make_membership(voted, name=name) for name in ("Ada", "Bob")]
        for number in range(6):
            make_vote(make_membership(voted, name="A person"), choices[number % 2])
        actions.close_voting(conference=voted)

    def grow(self, name):
        number = next(self.numbers)
        # Names that are in no order, of which some are equal.
        GROWTH[name](self, f"Person {number * 7 % 5}", number)


def _member(world, name, number):
    return make_membership(world.conference, name=name)


def _report(world, name, number, **columns):
    member = make_membership(world.conference, name=name)
    Report.objects.create(
        membership=member,
        reported_by=make_user(f"reports{number}@example.org"),
        subject="profile",
        shown_text=name,
        reason="advert",
        reported_at=timezone.now(),
        **columns,
    )


def _moderated(world, name, number):
    member = _member(world, name, number)
    make_pitch(member)
    member.showing_asked_at = timezone.now() if number % 3 == 1 else None
    member.pitch_hidden_at = timezone.now() if number % 3 else None
    member.save()


def _voter(world, name, number):
    published = PublishedBallots.objects.get()
    pk = 1_000_000 + number
    published.result["voters"] = [*published.result["voters"], pk]
    published.names[str(pk)] = [name, "salt"]
    published.save()


def _failed_email(world, name, number):
    send_email(EmailMessage(name, "A text", to=["dora@example.org"]))
    fail(RefusedError)


def _unreachable(world, name, number):
    member = _member(world, name, number)
    UndeliverableAddress.objects.create(address=member.user.email, answer="550")


GROWTH = {
    "api_tokens": lambda world, name, number: make_api_token(world.person),
    "conferences": lambda world, name, number: make_conference(),
    "members": _member,
    "managed_members": _member,
    "ballot": lambda *new: make_pitch(_member(*new)),
    "managed_candidates": lambda *new: make_pitch(_member(*new)),
    "who_voted": _voter,
    "own_campaigns": lambda world, name, number: make_campaign(world.mine, status="withdrawn"),
    "campaigns_to_review": lambda world, name, number: make_campaign(_member(world, name, number)),
    "managed_conferences": lambda world, name, number: make_conference(series=make_series()),
    "managed_votes": lambda world, name, number: make_conference(voting="open"),
    "join_codes": lambda world, name, number: code_for(world.conference),
    "join_requests": lambda world, name, number: ask(
        world.waits, make_user(f"asks{number}@example.org", name=name)
    ),
    "roster": lambda world, name, number: make_entry(world.conference, f"r{number}@example.org", name=name),
    "series_list": lambda world, name, number: make_series(),
    "all_waiting": lambda world, name, number: make_request(
        _member(world, name, number), make_user(f"second{number}@example.org")
    ),
    "moderation": _moderated,
    "reports": _report,
    "passed_on": lambda *new: _report(*new, passed_on_at=timezone.now()),
    "failed_emails": _failed_email,
    "people": lambda world, name, number: make_user(f"p{number}@example.org", name=name),
    "webhooks": lambda world, name, number: make_endpoint(world.conference),
    "webhook_messages": lambda world, name, number: make_event(world.endpoint),
    "webhooks_of_series": lambda world, name, number: make_endpoint(world.series),
    "webhook_messages_of_series": lambda world, name, number: make_event(
        world.endpoint_of_series, conference=world.conference
    ),
    "audit_log": lambda world, name, number: log_act(
        by=Actor(make_user(f"by{number}@example.org")), act="edit", target=_member(world, name, number)
    ),
    "voters": lambda world, name, number: make_membership(world.later, name=name),
    "voters_to_join": lambda world, name, number: make_entry(world.roster, f"r{number}@example.org"),
    "unreachable_people": _unreachable,
    "undeliverable_addresses": lambda world, name, number: UndeliverableAddress.objects.create(
        address=f"u{number}@example.org", answer="550"
    ),
}
