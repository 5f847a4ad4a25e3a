"""Organisers learn who may vote and cannot be reached: how many, who, why, since when, and what to do."""

import pytest
from django.utils import timezone

from confbox.kit.tests.page import parse
from confbox.kit.tests.panels import states_of
from conferences.models import RosterEntry
from conferences.tests.factories import make_conference, make_membership, update_elections
from voting.campaigns.sending.batches import mark_undeliverable
from voting.campaigns.unreachable import count_unreachable, unreachable_voters
from voting.desk import unreachable
from voting.desk.unreachable import UNREACHABLE_PANEL, why_unreachable
from voting.elections.roll.actions import freeze_roll
from voting.tests.factories import close_by_clock, make_vote
from voting.tests.rolls import freeze_roster

pytestmark = pytest.mark.django_db


def url_of(conference, page="roll/?show=unreachable"):
    return f"/admin/voting/votes/{conference.pk}/{page}"


def names(conference, *, with_roster=True):
    return [person.name or person.email for person in unreachable_voters(conference, with_roster=with_roster)]


def mark(*people):
    for person in people:
        mark_undeliverable(person.user.email, "550 5.1.1 no such user")


@pytest.fixture
def listed(conference):
    """Cleo is on the roster and on the roll, and has not joined."""
    freeze_roster(conference)
    mark_undeliverable("cleo@example.org", "550 5.1.1 no such user")
    return conference


def test_members_who_may_vote_are_listed_by_name(conference, alice, bob):
    mark(bob, alice)
    assert names(conference) == sorted([str(alice), str(bob)])


def test_members_of_the_frozen_roll_are_listed(conference, alice):
    freeze_roll(conference=conference)
    mark(alice)
    assert names(conference) == [str(alice)]


def test_who_may_not_vote_is_not_listed(conference, alice, bob, carol):
    mark(alice, bob, carol)
    alice.user.is_active = False
    alice.user.save()
    bob.left_at = timezone.now()
    bob.save()
    conference.memberships.filter(pk=carol.pk).update(excluded_at=timezone.now())
    assert names(conference) == []


def test_members_of_another_conference_are_not_listed(conference):
    mark(make_membership(make_conference(title="Other")))
    assert names(conference) == []


def test_who_has_not_joined_is_listed_where_the_roster_votes(listed):
    assert names(listed) == ["cleo@example.org"]
    assert names(listed, with_roster=False) == []
    assert count_unreachable(listed, with_roster=True) == 1


def test_who_has_not_joined_is_listed_before_voting_opens(conference):
    update_elections(conference, who_votes="roster", opens_at=None, closes_at=None)
    RosterEntry.objects.create(conference=conference, email="cleo@example.org", mailbox="cleo@example.org")
    conference.refresh_from_db()
    mark_undeliverable("cleo@example.org", "550 5.1.1 no such user")
    assert names(conference) == ["cleo@example.org"]


def test_roster_that_only_admits_does_not_count(conference):
    RosterEntry.objects.create(conference=conference, email="cleo@example.org", mailbox="cleo@example.org")
    mark_undeliverable("cleo@example.org", "550 5.1.1 no such user")
    assert count_unreachable(conference, with_roster=True) == 0


def test_a_vote_changes_nothing_of_it(as_organiser, conference, alice, bob):
    mark(alice)
    before = parse(as_organiser.get(url_of(conference))).part("#content").text
    make_vote(alice, bob)
    assert parse(as_organiser.get(url_of(conference))).part("#content").text == before


def test_turnout_says_how_many_and_leads_to_them(as_organiser, conference, alice, bob, carol):
    mark(alice)
    page = parse(as_organiser.get(url_of(conference, "turnout/")))
    assert page.part("#unreachable").text.startswith("1 of 3 who may vote cannot be reached by email.")
    assert page.attributes("#show-unreachable", "href") == [url_of(conference)]


def test_turnout_says_nothing_if_all_can_be_reached(as_organiser, conference, alice):
    assert not parse(as_organiser.get(url_of(conference, "turnout/"))).number_of("#unreachable")


def test_list_has_name_address_reason_and_time(as_organiser, conference, alice):
    mark(alice)
    row = parse(as_organiser.get(url_of(conference))).part("table tbody tr").text
    for words in (str(alice), alice.user.email, "There is no such mailbox.", "550 5.1.1 no such user"):
        assert words in row
    assert str(timezone.now().year) in row


def test_member_is_asked_to_confirm_their_own_address(as_organiser, conference, alice):
    mark(alice)
    page = parse(as_organiser.get(url_of(conference)))
    assert page.mentions("A member chooses their own email address")
    assert not page.number_of("table tbody a")


def test_address_of_the_roster_can_be_corrected_until_voting_opens(as_organiser, conference):
    update_elections(conference, who_votes="roster", opens_at=None, closes_at=None)
    entry = RosterEntry.objects.create(
        conference=conference, email="cleo@example.org", mailbox="cleo@example.org"
    )
    mark_undeliverable("cleo@example.org", "550 5.1.1 no such user")
    page = parse(as_organiser.get(url_of(conference)))
    change = f"/admin/conferences/conference/{conference.pk}/roster/{entry.pk}/change/"
    assert page.attributes("table tbody a", "href") == [change]
    assert page.part("#unreachable").text.startswith("1 person who may vote cannot be reached by email.")


def test_entry_of_the_fixed_list_can_only_be_replaced(as_organiser, listed):
    entry = RosterEntry.objects.get(mailbox="cleo@example.org")
    page = parse(as_organiser.get(url_of(listed)))
    remove = f"/admin/conferences/conference/{listed.pk}/roster/{entry.pk}/remove/"
    assert page.attributes("table tbody a", "href") == [remove]


def all_reached(conference, alice):
    return ""


def alice_marked(conference, alice):
    mark(alice)
    return ""


def search_for_another(conference, alice):
    mark(alice)
    return "&q=nobody"


STATES = [
    ("nobody", all_reached),
    ("people", alice_marked),
    ("nobody_found", search_for_another),
]


@pytest.mark.parametrize(("state", "arrange"), STATES)
def test_states_of_the_list(as_organiser, conference, alice, state, arrange):
    answer = as_organiser.get(url_of(conference) + arrange(conference, alice))
    assert answer.context["members"].state == state


def test_every_state_of_the_list_is_tested():
    assert {state for state, _ in STATES} == set(states_of(UNREACHABLE_PANEL))


def test_many_have_pages(as_organiser, conference, alice, bob, monkeypatch):
    monkeypatch.setattr(unreachable, "PER_PAGE", 1)
    mark(alice, bob)
    first, second = (parse(as_organiser.get(url_of(conference) + page)) for page in ("", "&page=2"))
    assert [page.number_of("table tbody tr") for page in (first, second)] == [1, 1]
    assert first.part("table tbody").text != second.part("table tbody").text
    assert first.mentions("Page 1 of 2")


def test_search_finds_by_name_and_by_address(as_organiser, conference, alice, bob):
    mark(alice, bob)
    page = parse(as_organiser.get(url_of(conference) + f"&q={alice.user.email}"))
    assert page.number_of("table tbody tr") == 1


def test_vote_that_is_over_lists_no_one(as_organiser, conference, alice):
    mark(alice)
    close_by_clock(conference)
    answer = as_organiser.get(url_of(conference))
    assert "unreachable" not in [show for show, _name, _number in answer.context["lists"]]
    assert answer.context["show"] == "on"


REASONS = [
    ("550 5.1.1 no such user", "There is no such mailbox."),
    ("550 no such user", "There is no such mailbox."),
    ("5.4.4", "This domain does not exist or takes no emails."),
    ("550 5.2.1 disabled", "The mailbox has been closed."),
    ("452 4.2.2 full", "The mailbox is full."),
    ("550 4.4.7 QUEUE.Expired", "Emails to it have come back several times."),
    ("550 5.2.3 too large", "Emails to it have come back several times."),
    ("451 try again", "Emails to it have come back several times."),
    ("", "Emails to it have come back several times."),
]


@pytest.mark.parametrize(("reply", "words"), REASONS)
def test_reply_is_explained(reply, words):
    assert str(why_unreachable(reply)) == words


def test_page_to_change_the_address_says_that_emails_came_back(as_alice, alice):
    assert not parse(as_alice.get("/accounts/email/")).number_of("#came-back")
    mark(alice)
    page = parse(as_alice.get("/accounts/email/"))
    assert f"Emails to {alice.user.email} came back" in page.part("#came-back").text
    assert page.attributes("#came-back form", "action") == ["/me/address/"]
