"""An entry of a roster: its state, its mailbox, and what an organiser does to it."""

import json

import pytest
from django.core import serializers
from django.core.exceptions import ValidationError
from django.db import IntegrityError, transaction
from django.utils import timezone

from accounts.actors import Actor
from accounts.models import AdminAct
from accounts.tests.factories import make_organiser
from confbox.kit.outcomes import Change
from conferences import my_data
from conferences.models import RosterEntry, RosterState
from conferences.roster.actions import change_entry, remove_entry, restore_entry
from conferences.roster.rows import LONGEST
from conferences.tests.factories import make_conference, make_membership
from conferences.tests.rosters.entries import BY_COMMAND, make_entry, roster_of

pytestmark = pytest.mark.django_db


@pytest.fixture
def conference(db):
    return make_conference()


def acts():
    return list(AdminAct.objects.order_by("pk").values_list("act", "what", "about_id"))


ADDRESSES = {state: f"{state}@example.org" for state in RosterState.values}
ADDRESSES |= {"shared": "listed+shared@example.org"}


def in_each_state(conference):
    """One entry for each state, in the order of the states."""
    listed, invited, shared, joined, removed = (
        make_entry(conference, ADDRESSES[state]) for state in RosterState.values
    )
    RosterEntry.objects.exclude(pk=listed.pk).update(invited_at=timezone.now())
    members = [make_membership(conference) for _ in range(2)]
    for entry, member in zip((joined, removed), members, strict=True):
        RosterEntry.objects.filter(pk=entry.pk).update(membership=member)
    remove_entry(entry=removed, reason="Ticket returned", by=BY_COMMAND)
    return listed, invited, shared, joined, removed


def test_an_entry_is_in_the_last_state_it_came_to(conference):
    in_each_state(conference)
    stored = {str(entry.state): entry.email for entry in roster_of(conference)}
    assert stored == ADDRESSES


@pytest.mark.parametrize("state", RosterState.values)
def test_each_state_is_a_question_to_the_roster(conference, state):
    in_each_state(conference)
    assert [entry.email for entry in getattr(RosterEntry.objects, state)()] == [ADDRESSES[state]]
    assert RosterEntry.objects.counts()[state] == 1


def test_present_are_all_but_the_removed(conference):
    in_each_state(conference)
    assert RosterEntry.objects.present().count() == 4


def test_a_person_who_has_left_the_conference_has_not_joined(conference):
    *_others, joined, _removed = in_each_state(conference)
    conference.memberships.filter(roster_entry=joined).update(left_at=timezone.now())
    entry = RosterEntry.objects.get(pk=joined.pk)
    assert (entry.state, entry.joined_at) == (RosterState.INVITED, None)
    assert RosterEntry.objects.joined().count() == 0
    assert RosterEntry.objects.invited().count() == 2


@pytest.fixture
def two_of_one_mailbox(conference):
    return [make_entry(conference, email) for email in ("ada.l@gmail.com", "adal+x@googlemail.com")]


def states(*entries):
    return [str(RosterEntry.objects.get(pk=entry.pk).state) for entry in entries]


def test_of_two_entries_with_one_mailbox_the_first_is_invited(two_of_one_mailbox):
    assert states(*two_of_one_mailbox) == ["listed", "shared"]
    assert list(RosterEntry.objects.not_joined()) == two_of_one_mailbox[:1]
    assert RosterEntry.objects.get(pk=two_of_one_mailbox[1].pk).same_mailbox == "ada.l@gmail.com"


def test_once_either_has_joined_no_one_is_waited_for(conference, two_of_one_mailbox):
    for joined in two_of_one_mailbox:
        RosterEntry.objects.update(membership=None)
        member = make_membership(conference)
        RosterEntry.objects.filter(pk=joined.pk).update(membership=member)
        assert sorted(states(*two_of_one_mailbox)) == ["joined", "shared"]
        assert RosterEntry.objects.not_joined().count() == 0


def test_once_the_first_is_removed_the_second_is_invited(two_of_one_mailbox):
    remove_entry(entry=two_of_one_mailbox[0], reason="x", by=BY_COMMAND)
    assert states(*two_of_one_mailbox) == ["removed", "listed"]


def test_the_same_mailbox_on_the_roster_of_another_conference_counts_there(two_of_one_mailbox):
    assert states(make_entry(make_conference(), "adal@gmail.com")) == ["listed"]


def test_an_entry_with_another_address_is_of_another_mailbox(two_of_one_mailbox):
    entry = two_of_one_mailbox[1]
    change_entry(entry=entry, email="grace@example.org", name="", reference="", by=BY_COMMAND)
    assert states(*two_of_one_mailbox) == ["listed", "listed"]


def test_a_page_of_entries_asks_once_for_their_mailboxes(two_of_one_mailbox, django_assert_num_queries):
    with django_assert_num_queries(1):
        found = RosterEntry.objects.with_same_mailbox().select_related("membership").order_by("pk")
        assert [entry.same_mailbox for entry in found] == ["", "ada.l@gmail.com"]


def test_entries_are_found_by_name_address_and_reference_together(conference):
    make_entry(conference, "jorg@example.org", name="Jörg Müller", reference="T-17")
    found = [RosterEntry.objects.search(words).count() for words in ("jorg muller t-17", "EXAMPLE", "nobody")]
    assert found == [1, 1, 0]


def test_added_entry_keeps_its_spelling_and_has_one_mailbox(conference, roles):
    organiser = make_organiser("organiser@example.org")
    entry = make_entry(conference, " ADA@Bücher.example ", name=" Ada ", by=Actor(organiser))
    entry.refresh_from_db()
    assert (entry.email, entry.mailbox) == ("ADA@Bücher.example", "ada@xn--bcher-kva.example")
    assert (entry.name, entry.created_by) == ("Ada", organiser)
    assert acts() == [("change", "Added to the roster: {name}.", entry.pk)]


def test_an_address_that_is_there_is_refused_in_every_spelling(conference):
    make_entry(conference, "ada@example.org")
    with pytest.raises(ValidationError) as refusal:
        make_entry(conference, "ADA@EXAMPLE.ORG")
    assert refusal.value.message_dict == {"email": ["This email address is already on the roster."]}
    assert len(roster_of(conference)) == 1


@pytest.mark.parametrize("email", ["", "nowhere", "ada@", "x" * 5000 + "@example.org"])
def test_what_is_no_address_is_not_added(conference, email):
    with pytest.raises(ValidationError):
        make_entry(conference, email)
    assert roster_of(conference) == []


def test_one_address_can_be_on_two_rosters(conference):
    other = make_conference()
    assert make_entry(conference).mailbox == make_entry(other).mailbox


def test_the_database_takes_a_mailbox_once(conference):
    entry = make_entry(conference)
    with pytest.raises(IntegrityError), transaction.atomic():
        RosterEntry.objects.create(conference=conference, email="ADA@example.org", mailbox=entry.mailbox)


def test_a_plus_tag_makes_another_mailbox(conference):
    make_entry(conference, "ada@example.org")
    make_entry(conference, "ada+conf@example.org")
    assert len(roster_of(conference)) == 2


def test_adding_a_removed_one_lists_it_again(conference):
    entry = make_entry(conference, name="Ada")
    remove_entry(entry=entry, reason="Ticket returned", by=BY_COMMAND)
    again = make_entry(conference, "Ada@example.org", reference="T-2")
    assert (again.pk, again.name, again.reference, again.removed_at, again.removal_reason) == (
        entry.pk,
        "Ada",
        "T-2",
        None,
        "",
    )
    assert acts()[-1] == ("change", "Listed again on the roster: {name}.", entry.pk)


def test_changed_entry_has_the_new_words(conference):
    entry = make_entry(conference)
    words = {"email": "ada@example.org", "name": "Ada", "reference": "T-1"}
    assert change_entry(entry=entry, **words, by=BY_COMMAND) is Change.MADE
    entry.refresh_from_db()
    assert (entry.name, entry.reference) == ("Ada", "T-1")
    assert acts()[-1] == ("change", "Changed on the roster: {name}.", entry.pk)


def test_the_same_change_again_changes_nothing(conference):
    entry = make_entry(conference, name="Ada")
    before = acts()
    words = {"email": "ada@example.org", "name": "Ada", "reference": ""}
    assert change_entry(entry=entry, **words, by=BY_COMMAND) is Change.NONE
    assert acts() == before


def test_another_mailbox_has_not_been_invited(conference):
    entry = make_entry(conference)
    RosterEntry.objects.update(invited_at=timezone.now())
    change_entry(entry=entry, email="ada@example.net", name="", reference="", by=BY_COMMAND)
    entry.refresh_from_db()
    assert (entry.mailbox, entry.state) == ("ada@example.net", RosterState.LISTED)


def test_an_invited_mailbox_stays_invited_in_another_spelling(conference):
    entry = make_entry(conference)
    RosterEntry.objects.update(invited_at=timezone.now())
    change_entry(entry=entry, email="Ada@example.org", name="", reference="", by=BY_COMMAND)
    entry.refresh_from_db()
    assert (entry.email, entry.state) == ("Ada@example.org", RosterState.INVITED)


def test_an_entry_cannot_become_another_one(conference):
    make_entry(conference, "grace@example.org")
    entry = make_entry(conference)
    with pytest.raises(ValidationError, match="already on the roster"):
        change_entry(entry=entry, email="grace@example.org", name="", reference="", by=BY_COMMAND)


def test_the_address_that_a_member_joined_with_stays(conference):
    entry = make_entry(conference)
    RosterEntry.objects.update(membership=make_membership(conference))
    with pytest.raises(ValidationError, match="A member has joined with this email address"):
        change_entry(entry=entry, email="other@example.org", name="", reference="", by=BY_COMMAND)
    words = {"email": "ada@example.org", "name": "Ada", "reference": ""}
    assert change_entry(entry=entry, **words, by=BY_COMMAND) is Change.MADE


def test_removed_entry_keeps_the_first_reason(conference):
    entry = make_entry(conference)
    assert remove_entry(entry=entry, reason="Ticket returned", by=BY_COMMAND) is Change.MADE
    assert remove_entry(entry=entry, reason="Another reason", by=BY_COMMAND) is Change.NONE
    entry.refresh_from_db()
    assert (entry.state, entry.removal_reason) == (RosterState.REMOVED, "Ticket returned")
    assert acts()[1:] == [("change", "Removed from the roster: {name}.", entry.pk)]
    assert AdminAct.objects.first().reason == "Ticket returned"


def test_restored_entry_is_listed_as_before(conference):
    entry = make_entry(conference)
    remove_entry(entry=entry, reason="By mistake", by=BY_COMMAND)
    assert restore_entry(entry=entry, by=BY_COMMAND) is Change.MADE
    assert restore_entry(entry=entry, by=BY_COMMAND) is Change.NONE
    entry.refresh_from_db()
    assert (entry.state, entry.removal_reason) == (RosterState.LISTED, "")
    assert acts()[2:] == [("change", "Listed again on the roster: {name}.", entry.pk)]


def test_the_log_names_no_one(conference):
    entry = make_entry(conference, name="Ada")
    change_entry(entry=entry, email="ada@example.net", name="Ada L.", reference="T-1", by=BY_COMMAND)
    remove_entry(entry=entry, reason="Ticket returned", by=BY_COMMAND)
    written = " ".join(f"{act.target} {act.what} {act.reason}" for act in AdminAct.objects.all())
    assert ("ada" in written.lower(), AdminAct.objects.count()) == (False, 3)


def test_a_roster_is_exported_and_imported_by_natural_keys(conference):
    member = make_membership(conference)
    make_entry(conference, "Ada@example.org", name="Ada")
    RosterEntry.objects.update(membership=member)
    keys = {"use_natural_foreign_keys": True, "use_natural_primary_keys": True}
    written = serializers.serialize("json", RosterEntry.objects.all(), **keys)
    [row] = json.loads(written)
    assert row["fields"]["conference"] == [conference.slug]
    assert row["fields"]["membership"] == [conference.slug, member.user.email]
    RosterEntry.objects.update(name="Another")
    for loaded in serializers.deserialize("json", written):
        loaded.save()
    entry = RosterEntry.objects.get()
    assert (entry.email, entry.name, entry.membership) == ("Ada@example.org", "Ada", member)


def test_an_entry_is_found_by_its_natural_key_in_every_spelling(conference):
    entry = make_entry(conference)
    assert RosterEntry.objects.get_by_natural_key(conference.slug, "ADA@example.org") == entry
    assert entry.natural_key() == (conference.slug, "ada@example.org")


def test_a_member_finds_their_entry_among_their_data(conference):
    member = make_membership(conference)
    make_entry(conference, name="Ada")
    RosterEntry.objects.update(membership=member)
    [found] = my_data.export(member.user)["conferences"]
    assert found["roster_entry"]["email"] == "ada@example.org"


def test_an_organiser_finds_how_many_they_added_and_not_whom(conference, roles):
    organiser = make_organiser("organiser@example.org")
    for name in ("ada", "grace"):
        make_entry(conference, f"{name}@example.org", by=Actor(organiser))
    found = my_data.export(organiser)["people_added_to_rosters_as_organiser"]
    assert found == [{"conference": conference.title, "people": 2}]


def test_an_entry_does_not_tell_whose_a_deleted_account_was(conference):
    member = make_membership(conference)
    make_entry(conference)
    RosterEntry.objects.update(membership=member)
    my_data.delete(member.user)
    assert RosterEntry.objects.get().membership is None


@pytest.mark.parametrize("column", LONGEST)
def test_nothing_longer_is_read_than_is_stored(column):
    assert RosterEntry._meta.get_field(column).max_length == LONGEST[column]
