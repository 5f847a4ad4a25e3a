"""“Why can't I vote?” offers what mends each condition that does not hold, and it mends it."""

from datetime import timedelta

import pytest
from django.core.cache import cache
from django.utils import timezone

from accounts.actors import Actor
from accounts.linked_addresses import link_address
from accounts.tests.factories import make_user
from confbox.kit.tests.page import parse
from conferences.actions import join_conference
from conferences.admission.actions import make_code, set_admission
from conferences.admission.options import JoinOptions
from conferences.models import Conference, Membership, RosterEntry
from conferences.roster.actions import remove_entry
from conferences.tests.factories import make_conference, make_membership, update_elections
from conferences.tests.rosters.entries import BY_COMMAND, make_entry
from voting.elections.cures import CURES, Reader, cures_of
from voting.elections.eligibility import conditions
from voting.elections.roll.actions import freeze_roll
from voting.tests.factories import close_by_clock

pytestmark = pytest.mark.django_db
PAGE = "/conferences/open-conf/"


@pytest.fixture(autouse=True)
def _fresh_limits():
    cache.clear()


@pytest.fixture
def of_roster(conference):
    """Voting of the roster is scheduled, and a ticket is on it."""
    now = timezone.now()
    times = {"opens_at": now + timedelta(hours=1), "closes_at": now + timedelta(hours=9)}
    update_elections(conference, who_votes="roster", **times)
    conference.refresh_from_db()
    make_entry(conference, "ticket@example.org")
    return conference


def cures_for(person, conference, membership=None):
    """The labels of what mends each condition that does not hold."""
    conference = Conference.objects.select_related("election").get(pk=conference.pk)
    if membership:
        membership.refresh_from_db()
        membership.conference = conference
    reader = Reader(JoinOptions(person, conference), membership)
    found = conditions(user=person, conference=conference, membership=membership)
    return {c.name: [cure.label for cure in cures_of(c, reader)] for c in found if not c.holds}


def test_who_is_not_on_the_roster_is_not_told_to_join_to_vote(as_stranger, stranger, of_roster):
    said = "Only people on the organisers’ list of participants may vote"
    page = parse(as_stranger.get(PAGE))
    assert said in page.text
    assert "Join this conference to vote." not in page.text
    make_entry(of_roster, stranger.email)
    page = parse(as_stranger.get(PAGE))
    assert said not in page.text
    assert "Join this conference to vote." in page.text


def test_a_stranger_joins_and_can_vote(as_stranger, stranger, conference):
    assert cures_for(stranger, conference) == {"member": ["Join now"]}
    as_stranger.post(f"{PAGE}join/")
    assert "You can vote" in parse(as_stranger.get(PAGE)).text


def test_who_is_not_admitted_is_led_to_each_way_in(as_stranger, stranger, conference, organiser):
    by = Actor(organiser)
    set_admission(conference=conference, everyone=False, roster=True, email_domains=[], approval=True, by=by)
    make_code(conference=conference, expires_at=None, most_uses=None, by=by)
    labels = ["I have a join code", "My ticket is under another email address", "Ask to be let in"]
    assert cures_for(stranger, conference) == {"member": labels}
    paths = parse(as_stranger.get(PAGE)).attributes("#conditions .row-line a", "href")
    assert [as_stranger.get(path).status_code for path in paths] == [200, 200, 200]
    assert f"{PAGE}ticket/" in parse(as_stranger.get(PAGE)).attributes("#membership a", "href")


def test_where_the_roster_admits_a_claimed_ticket_lets_its_owner_in(
    as_stranger, stranger, conference, organiser
):
    rules = {"everyone": False, "roster": True, "email_domains": [], "approval": False}
    set_admission(conference=conference, by=Actor(organiser), **rules)
    make_entry(conference, "ticket@example.org")
    as_stranger.post(f"{PAGE}join/")
    assert not Membership.objects.filter(user=stranger).exists()
    link_address(email="ticket@example.org", by=Actor(stranger))
    as_stranger.post(f"{PAGE}ticket/claim/")
    assert Membership.objects.current().filter(user=stranger).exists()


def test_buttons_are_on_the_page_above_and_at_their_condition(as_stranger, conference):
    page = parse(as_stranger.get(PAGE))
    assert page.texts("#conditions form button") == ["Join now", "Join now"]
    assert page.attributes("#conditions form", "action") == [f"{PAGE}join/"] * 2


def test_an_address_that_is_not_confirmed_leads_to_its_confirmation(client, conference):
    person = make_user("new@example.org", confirmed=False)
    member = make_membership(conference, user=person)
    assert cures_for(person, conference, member) == {"address": ["Confirm my email address"]}
    client.force_login(person)
    page = parse(client.get(PAGE))
    assert "/accounts/email/" in page.attributes("#conditions a", "href")


def test_a_member_whose_ticket_is_under_another_address_is_led_to_it(client, of_roster):
    member = make_membership(of_roster)
    found = cures_for(member.user, of_roster, member)
    assert found["on-roster"] == ["My ticket is under another email address"]
    client.force_login(member.user)
    assert f"{PAGE}ticket/" in parse(client.get(PAGE)).attributes("#conditions a", "href")


def test_a_member_uses_the_ticket_under_an_address_confirmed_since(client, of_roster):
    member = make_membership(of_roster)
    member.user.emailaddress_set.create(email="ticket@example.org", verified=True, primary=False)
    found = cures_for(member.user, of_roster, member)
    assert found["on-roster"] == ["Use my ticket", "My ticket is under another email address"]
    client.force_login(member.user)
    client.post(f"{PAGE}ticket/claim/")
    assert RosterEntry.objects.get().membership == member
    assert set(cures_for(member.user, of_roster, member)) == {"open"}


def test_a_ticket_claimed_while_voting_is_open_lets_its_owner_vote(client, of_roster):
    RosterEntry.objects.update(listed_at=timezone.now() - timedelta(hours=2))
    update_elections(of_roster, opens_at=timezone.now() - timedelta(hours=1))
    member = make_membership(of_roster)
    member.user.emailaddress_set.create(email="ticket@example.org", verified=True, primary=False)
    client.force_login(member.user)
    assert "Why can’t I vote?" in parse(client.get(PAGE)).text
    client.post(f"{PAGE}ticket/claim/")
    assert "You can vote" in parse(client.get(PAGE)).text


def test_who_was_removed_from_the_roll_or_listed_too_late_asks_the_organisers(of_roster):
    RosterEntry.objects.update(listed_at=timezone.now() - timedelta(hours=2))
    member = make_membership(of_roster, user=make_user("ticket@example.org"))
    RosterEntry.objects.update(membership=member)
    update_elections(of_roster, opens_at=timezone.now() - timedelta(hours=1))
    freeze_roll(conference=of_roster)
    remove_entry(entry=RosterEntry.objects.get(), reason="Refunded", by=BY_COMMAND)
    assert cures_for(member.user, of_roster, member) == {"on-roll": []}
    make_entry(of_roster, "late@example.org")
    late = join_conference(conference=of_roster, by=Actor(make_user("late@example.org")))
    assert cures_for(late.user, of_roster, late) == {"on-roll": []}


def test_before_the_opening_there_is_the_calendar(as_alice, alice):
    scheduled = make_conference(voting="scheduled")
    member = make_membership(scheduled, user=alice.user)
    assert cures_for(alice.user, scheduled, member) == {"open": ["Add it to my calendar"]}


@pytest.mark.parametrize(("rule", "labels"), [("after_decision", []), ("after_close", ["See the result"])])
def test_after_the_close_there_is_the_result_once_it_is_shown(as_alice, conference, rule, labels):
    update_elections(conference, results_visibility=rule)
    close_by_clock(conference)
    page = parse(as_alice.get(PAGE))
    assert page.texts("#conditions a")[: len(labels)] == labels
    assert page.mentions("See the result") == bool(labels)


def test_no_one_is_asked_to_join_what_is_over(stranger, conference):
    Conference.objects.update(starts_at="2020-01-01T00:00Z", ends_at="2020-01-02T00:00Z")
    assert cures_for(stranger, conference)["member"] == []


def test_ballot_leads_to_what_can_be_done(client, conference):
    member = make_membership(conference, user=make_user("new@example.org", confirmed=False))
    client.force_login(member.user)
    page = parse(client.get(f"{PAGE}ballot/"))
    assert f"{PAGE}#conditions" in page.links


def test_page_of_a_member_who_can_vote_offers_nothing(as_alice):
    page = parse(as_alice.get(PAGE))
    assert not page.has("#conditions form")


def test_every_cure_belongs_to_a_condition(conference, of_roster, alice):
    names = {c.name for c in conditions(user=alice.user, conference=of_roster, membership=alice)}
    freeze_roll(conference=conference)
    assert set(CURES) <= names | {"on-roll"}
