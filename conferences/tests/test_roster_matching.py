"""A person is on a roster through any email address that they have confirmed; one entry admits one person."""

import pytest
from allauth.account.models import EmailAddress

from accounts.actors import Actor
from accounts.linked_addresses import confirmed_addresses
from accounts.tests.factories import make_user
from conferences.actions import join_conference
from conferences.matching import claim_entry, entry_for
from conferences.models import RosterEntry
from conferences.roster.actions import add_entry, remove_entry, restore_entry
from conferences.tests.factories import make_conference, make_membership
from conferences.tests.rosters.entries import BY_COMMAND, imported, make_entry

pytestmark = pytest.mark.django_db


@pytest.fixture
def conference(db):
    return make_conference()


@pytest.fixture
def ada(db):
    return make_user("ada@example.org")


def confirm(user, email, *, verified=True):
    EmailAddress.objects.create(user=user, email=email, verified=verified, primary=False)


def join(conference, user, **options):
    return join_conference(conference=conference, by=Actor(user), **options)


def owner_of(entry):
    return RosterEntry.objects.get(pk=entry.pk).membership


def test_who_joins_with_a_listed_address_gets_its_entry(conference, ada):
    entry = make_entry(conference, "Ada@Example.org")
    assert owner_of(entry) is None
    membership = join(conference, ada)
    assert owner_of(entry) == membership


def test_another_confirmed_address_matches_too(conference, ada):
    confirm(ada, "ada@work.example")
    entry = make_entry(conference, "ada@work.example")
    assert entry_for(user=ada, conference=conference) == entry
    membership = join(conference, ada)
    assert owner_of(entry) == membership


def test_an_unconfirmed_address_matches_nothing(conference, ada):
    confirm(ada, "bob@example.org", verified=False)
    entry = make_entry(conference, "bob@example.org")
    join(conference, ada)
    assert owner_of(entry) is None
    assert confirmed_addresses(ada) == ["ada@example.org"]


def test_a_removed_entry_matches_no_one(conference, ada):
    entry = make_entry(conference, "ada@example.org")
    remove_entry(entry=entry, reason="Ticket returned", by=BY_COMMAND)
    join(conference, ada)
    assert owner_of(entry) is None
    assert entry_for(user=ada, conference=conference) is None


def test_the_entry_of_another_member_cannot_be_claimed(conference, ada):
    entry = make_entry(conference, "ticket@example.org")
    first, second = make_membership(conference), make_membership(conference)
    assert claim_entry(membership=first, entry=entry)
    assert claim_entry(membership=second, entry=entry) is None
    assert owner_of(entry) == first


def test_an_entry_of_another_conference_cannot_be_claimed(conference):
    entry = make_entry(make_conference(), "ticket@example.org")
    assert claim_entry(membership=make_membership(conference), entry=entry) is None
    assert owner_of(entry) is None


def test_a_member_has_one_entry(conference, ada):
    confirm(ada, "ada@work.example")
    first = make_entry(conference, "ada@example.org")
    second = make_entry(conference, "ada@work.example")
    membership = join(conference, ada)
    assert claim_entry(membership=membership, entry=second) == first
    assert owner_of(second) is None


@pytest.mark.parametrize("how", ["import", "add", "restore"])
def test_an_entry_that_comes_later_goes_to_the_member_with_its_address(conference, ada, how):
    if how == "restore":
        removed = make_entry(conference, "ada@example.org")
        remove_entry(entry=removed, reason="Ticket returned", by=BY_COMMAND)
    membership = join(conference, ada)
    if how == "import":
        imported(conference, "ada@example.org")
    elif how == "add":
        add_entry(conference=conference, email="ada@example.org", name="", reference="", by=BY_COMMAND)
    else:
        restore_entry(entry=removed, by=BY_COMMAND)
    assert RosterEntry.objects.get(mailbox="ada@example.org").membership == membership


def test_two_entries_of_one_member_do_not_both_become_theirs(conference, ada):
    confirm(ada, "ada@work.example")
    membership = join(conference, ada)
    imported(conference, "ada@example.org\nada@work.example")
    assert RosterEntry.objects.filter(membership=membership).count() == 1
