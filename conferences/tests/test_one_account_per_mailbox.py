"""A mailbox can join a conference only once, whichever of its email addresses is used."""

import threading

import pytest
from django.core.exceptions import ValidationError
from django.db import connection  # noqa: F401 (the mark below asks for it)

from accounts.actors import Actor
from accounts.tests.factories import make_user
from confbox.kit.tests.page import parse
from confbox.kit.tests.threads import InThread
from conferences.actions import end_membership, join_conference
from conferences.mailboxes import remember_mailboxes
from conferences.models import Conference, Membership
from conferences.tests.factories import make_conference
from conferences.tests.test_conference_admin import page_of, typed

SAME = [
    ("ada@example.org", "ada+two@example.org"),
    ("ada+one@example.org", "ADA+two@Example.org"),
    ("ada.b@gmail.com", "adab+x@googlemail.com"),
    ("a.d.a@googlemail.com", "ada@gmail.com"),
]
OTHERS = [
    ("ada@example.org", "bob@example.org"),
    ("ada@example.org", "ada@example.com"),
    ("ada.b@example.org", "adab@example.org"),
]
REFUSAL = "Another account with the same mailbox is already a member of"


@pytest.fixture
def conference(db):
    return make_conference(title="Open Conf", slug="open-conf", voting="scheduled")


@pytest.mark.parametrize(("first", "second"), SAME)
def test_a_second_account_of_the_mailbox_does_not_join(conference, first, second):
    join_conference(conference=conference, by=Actor(make_user(first)))
    with pytest.raises(ValidationError, match=REFUSAL):
        join_conference(conference=conference, by=Actor(make_user(second)))
    assert Membership.objects.count() == 1


def test_a_second_account_does_not_join_after_a_change_of_the_secret_key(conference, settings):
    join_conference(conference=conference, by=Actor(make_user("ada@example.org")))
    settings.SECRET_KEY_FALLBACKS, settings.SECRET_KEY = [settings.SECRET_KEY], "another" * 10
    with pytest.raises(ValidationError, match=REFUSAL):
        join_conference(conference=conference, by=Actor(make_user("ada+two@example.org")))


@pytest.mark.parametrize(("first", "second"), OTHERS)
def test_other_mailboxes_join(conference, first, second):
    for address in (first, second):
        join_conference(conference=conference, by=Actor(make_user(address)))
    assert Membership.objects.count() == 2


def test_the_refusal_says_what_to_do_and_not_whose_account_it_is(client, conference):
    join_conference(conference=conference, by=Actor(make_user("ada@example.org", name="Ada Lovelace")))
    client.force_login(make_user("ada+two@example.org"))
    page = parse(client.post("/conferences/open-conf/join/", follow=True))
    assert "Log in with that account, or use it to leave the conference first." in page.messages[0]
    assert not page.mentions("Ada Lovelace")
    assert not page.mentions("ada@example.org")


def test_joining_twice_and_coming_back_are_no_second_account(conference):
    user = make_user("ada@example.org")
    first = join_conference(conference=conference, by=Actor(user))
    assert join_conference(conference=conference, by=Actor(user)) == first
    end_membership(membership=first, now=conference.now)
    assert join_conference(conference=conference, by=Actor(user)).left_at is None


def test_a_member_who_left_makes_room_and_comes_back_only_if_there_still_is(conference):
    one, two = (make_user(f"ada+{n}@example.org") for n in (1, 2))
    end_membership(membership=join_conference(conference=conference, by=Actor(one)), now=conference.now)
    join_conference(conference=conference, by=Actor(two))
    with pytest.raises(ValidationError, match=REFUSAL):
        join_conference(conference=conference, by=Actor(one))


def test_the_same_mailbox_joins_two_conferences(conference):
    for where in (conference, make_conference()):
        join_conference(conference=where, by=Actor(make_user(f"ada+{where.pk}@example.org")))
    assert Membership.objects.count() == 2


def test_a_conference_without_the_rule_takes_both(conference):
    Conference.objects.update(one_account_per_mailbox=False)
    conference.refresh_from_db()
    for number in (1, 2):
        join_conference(conference=conference, by=Actor(make_user(f"ada+{number}@example.org")))
    assert Membership.objects.count() == 2


def test_a_rule_that_comes_later_knows_those_who_joined_before(conference):
    Conference.objects.update(one_account_per_mailbox=False)
    conference.refresh_from_db()
    for number in (1, 2):
        join_conference(conference=conference, by=Actor(make_user(f"ada+{number}@example.org")))
    Conference.objects.update(one_account_per_mailbox=True)
    conference.refresh_from_db()
    remember_mailboxes(conference)
    with pytest.raises(ValidationError, match=REFUSAL):
        join_conference(conference=conference, by=Actor(make_user("ada@example.org")))
    assert Membership.objects.filter(left_at=None).count() == 2


def test_no_address_is_kept_with_the_membership(conference):
    member = join_conference(conference=conference, by=Actor(make_user("ada@example.org")))
    assert len(member.mailbox) == 64
    assert "ada" not in member.mailbox


def test_the_rule_is_switched_off_before_voting_opens(as_organiser, conference):
    sent = typed(as_organiser, conference)
    del sent["one_account_per_mailbox"]
    as_organiser.post(page_of(conference), sent)
    assert not Conference.objects.get().one_account_per_mailbox


def test_the_rule_is_fixed_once_voting_has_opened(as_organiser, conference):
    opened = make_conference(voting="open", one_account_per_mailbox=False)
    form = as_organiser.get(page_of(opened)).context["adminform"].form
    assert form.fields["one_account_per_mailbox"].widget.attrs["disabled"]
    sent = typed(as_organiser, opened, one_account_per_mailbox="on")
    as_organiser.post(page_of(opened), sent)
    assert not Conference.objects.get(pk=opened.pk).one_account_per_mailbox


def at_once(calls):
    start = threading.Barrier(len(calls))

    def begun(call):
        start.wait()
        return call()

    return [thread.finish().error for thread in [InThread(lambda c=c: begun(c)) for c in calls]]


MYSQL_ONLY = pytest.mark.skipif("connection.vendor != 'mysql'", reason="SQLite has one writer at a time")


@MYSQL_ONLY
@pytest.mark.django_db(transaction=True)
def test_of_accounts_that_join_at_once_one_is_a_member():
    conference = make_conference()
    people = [make_user(f"ada+{n}@example.org") for n in range(8)]
    errors = at_once([lambda p=p: join_conference(conference=conference, by=Actor(p)) for p in people])
    assert Membership.objects.count() == 1
    assert [type(error) for error in errors if error] == [ValidationError] * 7


@MYSQL_ONLY
@pytest.mark.django_db(transaction=True)
def test_control_without_the_unique_column_several_are_members():
    conference = make_conference()
    people = [make_user(f"ada+{n}@example.org") for n in range(8)]
    looked = threading.Barrier(8)

    def naive(person):
        is_free = not Membership.objects.filter(conference=conference).exists()
        looked.wait()
        if is_free:
            Membership.objects.create(conference=conference, user=person)

    at_once([lambda p=p: naive(p) for p in people])
    assert Membership.objects.count() > 1
