"""What a token is, and whose requests come with it."""

from datetime import UTC, datetime, timedelta

import pytest
from allauth.mfa.models import Authenticator
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from accounts.linked_addresses import has_confirmed_address
from accounts.tests.factories import make_user
from conferences.api_tokens.authentication import token_of
from conferences.api_tokens.texts import SECRET_LENGTH, draw_token, has_form_of_token
from conferences.models import ApiToken
from conferences.tests.api_tokens import make_api_token, stored
from conferences.tests.factories import make_conference
from conferences.tests.teams import make_team_member

IP_ADDRESS = "203.0.113.9"


def test_token_has_32_random_bytes_and_a_prefix():
    assert 62**SECRET_LENGTH > 256**32
    drawn = {draw_token() for _number in range(100)}
    assert len(drawn) == 100
    assert all(text.startswith("cbx_") and len(text) == 53 and has_form_of_token(text) for text in drawn)


@pytest.mark.parametrize("place", [4, 20, 46, 47, 52])
def test_one_wrong_character_is_noticed(place):
    text = draw_token()
    wrong = text[:place] + ("0" if text[place] != "0" else "1") + text[place + 1 :]
    assert not has_form_of_token(wrong)


@pytest.mark.parametrize("change", [
    lambda text: "", lambda text: text[:-1], lambda text: f"{text}\n", lambda text: f" {text}",
    lambda text: text.upper(), lambda text: text.removeprefix("cbx_"), lambda text: text.replace("_", "-"),
    lambda text: f"{text[:-1]}\u0660", lambda text: text * 1000, lambda text: "\ud800", lambda text: "\0",
])  # fmt: skip
def test_other_texts_are_no_token_and_cost_no_query(alice, change, django_assert_num_queries):
    text = change(make_api_token(alice.user))
    with django_assert_num_queries(0):
        assert token_of(text, IP_ADDRESS) is None


def test_token_is_of_its_owner_with_one_query(alice, conference, bob, django_assert_num_queries):
    make_api_token(bob.user)
    text = make_api_token(alice.user, "read", "vote", conferences=[conference])
    token_of(text, IP_ADDRESS)
    with django_assert_num_queries(1):
        token = token_of(text, IP_ADDRESS)
        assert token.owner == alice.user
        assert token.scopes == {"read", "vote"}
        assert token.covers(conference)
        assert token.owner.is_in_team is False
        assert has_confirmed_address(token.owner)


def test_well_formed_text_that_was_never_given_out_is_refused(db, django_assert_num_queries):
    with django_assert_num_queries(1):
        assert token_of(draw_token(), IP_ADDRESS) is None


@pytest.mark.parametrize("is_member", [True, False])
def test_owner_knows_whether_they_are_in_a_team(alice, bob, conference, is_member):
    make_team_member(conference, user=alice.user if is_member else bob.user)
    assert token_of(make_api_token(alice.user), None).owner.is_in_team is is_member


@pytest.mark.parametrize("confirmed", [True, False])
def test_owner_knows_whether_an_address_is_confirmed(db, confirmed):
    owner = make_user("new@example.org", confirmed=confirmed)
    assert token_of(make_api_token(owner), None).owner.has_confirmed_address is confirmed


def test_expired_token_is_refused(alice):
    made = timezone.now() - timedelta(days=2)
    assert token_of(make_api_token(alice.user, created_at=made, expires_at=timezone.now()), None) is None
    soon = timezone.now() + timedelta(minutes=1)
    assert token_of(make_api_token(alice.user, created_at=made, expires_at=soon), None) is not None


def test_ended_token_is_refused(alice):
    assert token_of(make_api_token(alice.user, ended_at=timezone.now()), None) is None


def test_token_of_a_disabled_person_is_refused(alice):
    text = make_api_token(alice.user)
    type(alice.user).objects.update(is_active=False)
    assert token_of(text, None) is None


def test_token_of_an_invented_person_is_refused(db):
    invented = make_user("rehearsal-1-1@rehearsal.invalid")
    assert token_of(make_api_token(invented), None) is None


def test_refused_use_is_not_noted(alice):
    text = make_api_token(alice.user, ended_at=timezone.now())
    token_of(text, IP_ADDRESS)
    assert stored(text).last_used_at is None


def test_database_has_the_digest_only(alice):
    text = make_api_token(alice.user)
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT * FROM {ApiToken._meta.db_table}")
        row = " ".join(map(str, cursor.fetchone()))
    assert text not in row
    assert text[4:40] not in row
    assert "Laptop" in row


def test_scope_is_exact(alice):
    token = token_of(make_api_token(alice.user, "read"), None)
    assert token.has_scope("read")
    assert [
        s for s in ("vote", "campaign", "organise:read", "organise:write", "", "rea") if token.has_scope(s)
    ] == []


def test_token_for_all_conferences_covers_each(alice, conference):
    assert token_of(make_api_token(alice.user), None).covers(conference)


def test_token_for_some_conferences_covers_no_other(alice, conference):
    chosen = [conference, make_conference()]
    token = token_of(make_api_token(alice.user, conferences=chosen), None)
    assert [token.covers(one) for one in [*chosen, make_conference()]] == [True, True, False]
    assert [stored_one.covers(conference) for stored_one in ApiToken.objects.all()] == [True]


def test_token_covers_nothing_once_its_conference_is_deleted(alice, conference):
    draft = make_conference(status="draft")
    text = make_api_token(alice.user, conferences=[draft])
    draft.delete()
    token = token_of(text, None)
    assert not token.covers(conference)
    assert not stored(text).covers(conference)


def test_use_is_noted_to_the_minute_with_its_ip_address(alice, time_machine):
    text = make_api_token(alice.user)
    time_machine.move_to(datetime(2027, 1, 10, 12, 30, 45, tzinfo=UTC))
    token_of(text, IP_ADDRESS)
    assert (stored(text).last_used_at, stored(text).last_used_ip) == (
        datetime(2027, 1, 10, 12, 30, tzinfo=UTC),
        IP_ADDRESS,
    )


@pytest.fixture
def queries_at(time_machine):
    """How many queries the use of a token takes at this minute and second."""

    def queries(text, ip_address, *at):
        time_machine.move_to(datetime(2027, 1, 10, 12, *at, tzinfo=UTC), tick=False)
        with CaptureQueriesContext(connection) as captured:
            token_of(text, ip_address)
        return len(captured)

    return queries


def test_use_from_one_ip_address_is_written_once_in_ten_minutes(alice, queries_at):
    text = make_api_token(alice.user)
    times = [(30, 1), (39, 59), (40, 0), (49, 0)]
    assert [queries_at(text, IP_ADDRESS, *at) for at in times] == [2, 1, 2, 1]


def test_use_from_another_ip_address_is_written_within_a_minute(alice, queries_at):
    text = make_api_token(alice.user)
    uses = [(IP_ADDRESS, 30, 1), ("2001:db8::1", 30, 59), ("2001:db8::1", 31, 0)]
    assert [queries_at(text, *use) for use in uses] == [2, 1, 2]
    assert stored(text).last_used_ip == "2001:db8::1"


@pytest.fixture
def with_factor_required(settings):
    settings.STAFF_MFA_REQUIRED = True


def add_factor(user):
    return Authenticator.objects.create(user=user, type=Authenticator.Type.TOTP, data={"secret": ""})


@pytest.mark.parametrize("scope", ["organise:read", "organise:write"])
def test_token_of_organiser_works_while_they_run_something(alice, conference, scope):
    member = make_team_member(conference, user=alice.user)
    text = make_api_token(alice.user, "read", scope)
    assert token_of(text, None).owner.is_in_team
    member.delete()
    assert token_of(text, None) is None


def test_token_of_site_organiser_works_while_they_are_staff(organiser):
    text = make_api_token(organiser, "organise:read")
    assert token_of(text, None) is not None
    type(organiser).objects.update(is_staff=False)
    assert token_of(text, None) is None


def test_token_of_organiser_needs_a_second_factor_where_required(organiser, with_factor_required):
    text = make_api_token(organiser, "organise:read")
    assert token_of(text, None) is None
    factor = add_factor(organiser)
    assert token_of(text, None) is not None
    factor.delete()
    assert token_of(text, None) is None


def test_recovery_codes_alone_are_no_second_factor(organiser, with_factor_required):
    Authenticator.objects.create(user=organiser, type=Authenticator.Type.RECOVERY_CODES, data={})
    assert token_of(make_api_token(organiser, "organise:read"), None) is None


def test_another_persons_second_factor_does_not_count(organiser, alice, with_factor_required):
    add_factor(alice.user)
    assert token_of(make_api_token(organiser, "organise:read"), None) is None


def test_tokens_of_members_need_no_second_factor(alice, with_factor_required):
    assert token_of(make_api_token(alice.user, "read", "vote", "campaign"), None) is not None
