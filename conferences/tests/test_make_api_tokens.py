"""Making, ending and deleting tokens."""

import json
from datetime import timedelta
from threading import Barrier

import pytest
from allauth.mfa.models import Authenticator
from django.core import mail
from django.core.exceptions import ValidationError
from django.core.management import call_command
from django.db import connection
from django.utils import timezone

from accounts.actions import disable_user, enable_user, end_other_sessions
from accounts.actors import Actor
from accounts.models import AdminAct
from accounts.my_data.actions import delete_account
from accounts.my_data.export import everything_about
from accounts.tests.factories import make_user
from confbox.kit.outcomes import Change
from confbox.kit.tests.threads import InThread
from conferences.api_access.models import MOST_CONFERENCES
from conferences.api_tokens import actions
from conferences.api_tokens.actions import end_token, make_token
from conferences.api_tokens.authentication import token_of
from conferences.api_tokens.ending import remind_owners
from conferences.models import ApiToken
from conferences.tests.api_tokens import make_api_token, stored
from conferences.tests.factories import make_conference
from conferences.tests.teams import make_series, make_team_member

IP_ADDRESS = "203.0.113.9"
ORGANISING = ["organise:read", "organise:write"]


def make(person, *scopes, **options):
    known = {"name": "Laptop", "scopes": list(scopes or ["read"]), "conferences": None}
    return make_token(by=Actor(person, IP_ADDRESS), **known | options)


def refusal(person, *scopes, **options):
    """Of which field, and that nothing was stored, logged or sent."""
    before = AdminAct.objects.count(), len(mail.outbox), ApiToken.objects.count()
    with pytest.raises(ValidationError) as refused:
        make(person, *scopes, **options)
    assert (AdminAct.objects.count(), len(mail.outbox), ApiToken.objects.count()) == before
    return next(iter(getattr(refused.value, "error_dict", {None: None})))


def test_token_acts_for_the_one_who_made_it(alice, conference):
    made = make(alice.user, "vote", "read", conferences=[conference])
    token = token_of(made.text, None)
    assert token == made.token
    assert (token.owner, token.name, token.scope_names) == (alice.user, "Laptop", ["read", "vote"])
    assert token.covers(conference)
    assert not token.covers(make_conference())


def test_token_for_all_conferences_covers_those_of_the_future(alice):
    assert token_of(make(alice.user).text, None).covers(make_conference())


def test_token_expires_after_90_days_unless_chosen(alice):
    assert make(alice.user).token.expires_at - timezone.now() > timedelta(days=89, hours=23)
    assert make(alice.user).token.expires_at - timezone.now() < timedelta(days=90)
    assert make(alice.user, expires_in_days=7).token.expires_at - timezone.now() < timedelta(days=7)


@pytest.mark.parametrize("days", [0, -1, 366, 10**9])
def test_token_lasts_at_most_a_year(alice, days):
    assert refusal(alice.user, expires_in_days=days) == "expires_in_days"
    assert make(alice.user, expires_in_days=365).token.is_active()


@pytest.mark.parametrize("name", ["", "   ", "a\nb", "x" * 81, "a\u202eb", "\ud800", "a\0b"])
def test_name_is_one_short_line(alice, name):
    assert refusal(alice.user, name=name) == "name"
    assert make(alice.user, name=f"  {'x' * 80} ").token.name == "x" * 80


@pytest.mark.parametrize("scopes", [[], ["admin"], ["read", "write"], [""]])
def test_scopes_are_known_ones(alice, scopes):
    assert refusal(alice.user, scopes=scopes) == "scopes"


def test_conferences_are_chosen_from_those_of_the_person(alice, conference):
    other = make_conference()
    assert refusal(alice.user, conferences=[conference, other]) == "conferences"
    assert refusal(alice.user, conferences=[]) == "conferences"
    make_team_member(other, user=alice.user)
    assert make(alice.user, conferences=[conference, other]).token.conferences.count() == 2


def test_conference_of_a_series_that_the_person_runs_can_be_chosen(alice, stranger):
    series = make_series()
    theirs = make_conference(series=series, status="draft")
    assert refusal(stranger, conferences=[theirs]) == "conferences"
    make_team_member(series, user=stranger)
    assert make(stranger, conferences=[theirs]).token.covers(theirs)


def test_site_organiser_chooses_any_conference(organiser, conference):
    draft = make_conference(status="draft")
    assert make(organiser, conferences=[conference, draft]).token.covers(draft)


def test_conference_that_the_person_left_cannot_be_chosen(alice, conference):
    type(alice).objects.filter(pk=alice.pk).update(left_at=timezone.now())
    assert refusal(alice.user, conferences=[conference]) == "conferences"


def test_number_of_chosen_conferences_has_a_limit(organiser):
    many = [make_conference() for _number in range(MOST_CONFERENCES + 1)]
    assert refusal(organiser, conferences=many) == "conferences"
    text = make(organiser, conferences=many[1:]).text
    token = token_of(text, None)
    assert [one for one in many if not token.covers(one)] == [many[0]]


@pytest.mark.parametrize("scope", ORGANISING)
def test_who_runs_nothing_makes_no_token_for_organisers(alice, conference, scope):
    assert refusal(alice.user, "read", scope) == "scopes"
    make_team_member(conference, user=alice.user)
    assert make(alice.user, "read", scope).token.has_scope(scope)


@pytest.mark.parametrize("scope", ORGANISING)
def test_token_for_organisers_needs_a_second_factor_where_required(organiser, settings, scope):
    settings.STAFF_MFA_REQUIRED = True
    assert refusal(organiser, scope) == "scopes"
    Authenticator.objects.create(user=organiser, type=Authenticator.Type.TOTP, data={"secret": ""})
    assert make(organiser, scope).token.has_scope(scope)


def test_members_token_needs_no_second_factor(alice, settings):
    settings.STAFF_MFA_REQUIRED = True
    assert make(alice.user, "read", "vote", "campaign").token.is_active()


def test_disabled_person_makes_no_token(alice):
    type(alice.user).objects.update(is_active=False)
    assert refusal(alice.user) is None


def test_person_has_20_active_tokens_at_most(alice, bob):
    for _number in range(18):
        make_api_token(alice.user)
    make_api_token(bob.user)
    last = make(alice.user).token
    make(alice.user)
    assert refusal(alice.user) is None
    end_token(token=last, by=Actor(alice.user))
    expired = make(alice.user).token
    ApiToken.objects.filter(pk=expired.pk).update(
        created_at=timezone.now() - timedelta(days=2), expires_at=timezone.now()
    )
    assert make(alice.user).token.is_active()
    assert refusal(alice.user) is None


def test_owner_gets_an_email_without_the_token(alice, conference):
    text = make(alice.user, "read", "vote", name="My <script>", conferences=[conference]).text
    [email] = mail.outbox
    assert email.to == [alice.user.email]
    for part in (
        "“My <script>”",
        "Join and leave conferences, vote, and change your settings",
        "Open Conf",
        IP_ADDRESS,
    ):
        assert part in email.body
    assert "/accounts/tokens/" in email.body
    assert text not in str(email.message())
    assert "organiser" not in email.body.partition("\n-- \n")[0]


def test_making_and_ending_are_own_acts_without_text(alice):
    made = make(alice.user, name="Secret project")
    end_token(token=made.token, by=Actor(alice.user, IP_ADDRESS))
    acts = AdminAct.objects.filter(by=alice.user).order_by("pk")
    assert [act.act for act in acts] == ["make API token", "end API token"]
    assert {act.is_own for act in acts} == {True}
    assert "Secret project" not in json.dumps(list(acts.values()), default=str)
    assert made.text not in json.dumps(list(acts.values()), default=str)


def test_text_is_in_no_representation_of_what_was_made(alice):
    made = make(alice.user)
    assert made.text not in repr(made)


def test_ended_token_stays_ended(alice):
    made = make(alice.user)
    assert end_token(token=made.token, by=Actor(alice.user)) is Change.MADE
    assert token_of(made.text, None) is None
    ended_at = stored(made.text).ended_at
    assert end_token(token=made.token, by=Actor(alice.user)) is Change.NONE
    assert stored(made.text).ended_at == ended_at
    assert AdminAct.objects.filter(act="end API token").count() == 1


def test_no_one_ends_the_token_of_someone_else(alice, bob, organiser):
    made = make(alice.user)
    for other in (bob.user, organiser):
        assert end_token(token=made.token, by=Actor(other)) is Change.NONE
    assert token_of(made.text, None) is not None
    assert not AdminAct.objects.filter(act="end API token").exists()


def test_tokens_end_with_all_other_sessions(alice, bob):
    text, of_bob = make_api_token(alice.user), make_api_token(bob.user)
    end_other_sessions(session_key="", by=Actor(alice.user))
    assert token_of(text, None) is None
    assert token_of(of_bob, None) is not None


def test_tokens_end_when_their_owner_is_disabled(alice, organiser):
    text = make_api_token(alice.user)
    disable_user(user=alice.user, by=Actor(organiser), reason="Spam")
    enable_user(user=alice.user, by=Actor(organiser), reason="A mistake")
    assert token_of(text, None) is None


def test_tokens_are_deleted_with_the_account(alice, bob):
    make_api_token(alice.user)
    text = make_api_token(bob.user)
    delete_account(by=Actor(alice.user))
    assert list(ApiToken.objects.all()) == [stored(text)]


def test_export_has_tokens_without_their_digest(alice, conference):
    text = make_api_token(alice.user, "read", "vote", conferences=[conference])
    [found] = everything_about(alice.user)["api_tokens"]
    assert (found["name"], found["scope_names"], found["conferences"]) == (
        "Laptop",
        ["read", "vote"],
        ["Open Conf"],
    )
    assert stored(text).digest not in str(found)


@pytest.mark.parametrize(
    ("days", "kept"), [({"ended_at": 89}, True), ({"ended_at": 91}, False), ({"expires_at": 91}, False)]
)
def test_old_tokens_are_deleted_after_90_days(alice, days, kept):
    past = {name: timezone.now() - timedelta(days=number) for name, number in days.items()}
    make_api_token(alice.user, created_at=timezone.now() - timedelta(days=200), **past)
    current = make_api_token(alice.user)
    call_command("tidy")
    assert ApiToken.objects.count() == 1 + kept
    assert stored(current)


def test_owner_is_reminded_once_a_week_before_expiry(alice, time_machine):
    time_machine.move_to(timezone.now())
    made = make(alice.user, expires_in_days=30)
    mail.outbox.clear()
    time_machine.shift(timedelta(days=22, hours=23))
    remind_owners()
    assert mail.outbox == []
    time_machine.shift(timedelta(hours=2))
    remind_owners()
    remind_owners()
    [email] = mail.outbox
    assert email.to == [alice.user.email]
    assert "“Laptop”" in email.body
    assert made.text not in str(email.message())


def test_no_one_is_reminded_of_a_token_that_has_ended_or_lasts_a_week(alice, time_machine):
    time_machine.move_to(timezone.now())
    make(alice.user, expires_in_days=7)
    ended = make(alice.user, expires_in_days=30).token
    end_token(token=ended, by=Actor(alice.user))
    mail.outbox.clear()
    time_machine.shift(timedelta(days=6))
    remind_owners()
    time_machine.shift(timedelta(days=20))
    remind_owners()
    assert mail.outbox == []


def together(person, number):
    """Each on a connection of its own; how many were made and the kinds of errors."""
    ready = Barrier(number)

    def begun():
        ready.wait(20)
        return make(person)

    finished = [thread.finish() for thread in [InThread(begun) for _number in range(number)]]
    errors = {type(thread.error) for thread in finished} - {type(None)}
    return ApiToken.objects.active().filter(owner=person).count(), errors


@pytest.mark.django_db(transaction=True)
@pytest.mark.skipif(connection.vendor != "mysql", reason="SQLite has one writer at a time")
class TestRaces:
    def person_with(self, number):
        person = make_user("racer@example.org", password=None)
        for _number in range(number):
            make_api_token(person)
        return person

    def test_of_many_made_at_once_twenty_are_made(self):
        assert together(self.person_with(17), 8) == (20, {ValidationError})

    def test_without_the_lock_there_would_be_more(self, monkeypatch):
        looked, refuse = Barrier(2), actions.refuse_another

        def look_then_wait(person):
            refuse(person)
            looked.wait(20)

        monkeypatch.setattr(actions, "lock_person", lambda person: None)
        monkeypatch.setattr(actions, "refuse_another", look_then_wait)
        assert together(self.person_with(19), 2) == (21, set())
