"""Links in emails of a duplicate that has been merged: of those invited, and of its members."""

from datetime import timedelta

import pytest
from django.core import mail
from django.core.exceptions import ValidationError
from django.utils import timezone

from accounts.actors import Actor
from accounts.tests.factories import log_in_freshly, make_user
from confbox.kit.tests.page import parse
from conferences.merging.actions import merge_conferences
from conferences.models import Conference, Membership, OldEntry, OldMembership, Role, RosterEntry
from conferences.tests.admission import only
from conferences.tests.factories import make_conference, make_membership, update_elections
from conferences.tests.rosters.entries import make_entry
from conferences.tests.teams import make_team_member
from voting.campaigns.subscriptions.models import Unsubscription
from voting.campaigns.tokens import notices_token, unsubscribe_token
from voting.tests.invitations import FORM, invitations_to, invite, link_in, make_invited, path_of

pytestmark = pytest.mark.django_db
PAGE = "/admin/conferences/conference/{}/merge/{}/"


@pytest.fixture
def stays(conference):
    now = timezone.now()
    update_elections(conference, opens_at=now + timedelta(days=1), closes_at=now + timedelta(days=9))
    conference.refresh_from_db()
    return conference


@pytest.fixture
def duplicate(stays):
    return make_conference(title="Open Conf 2", slug="open-conf-2", voting="scheduled")


@pytest.fixture
def merge(duplicate, stays, organiser):
    def merge(gone=duplicate, into=stays):
        return merge_conferences(duplicate=gone, stays=into, address=gone.slug, by=Actor(organiser))

    return merge


# Those who were invited.


def test_who_was_invited_to_the_duplicate_joins_the_one_that_stays_with_that_link(
    client, merge, duplicate, stays, organiser
):
    make_entry(duplicate, "ada@example.org")
    invite(duplicate, organiser)
    link = link_in(invitations_to("ada@example.org")[0])
    merge()
    assert "Open Conf" in parse(client.get(link)).text
    client.post(link, FORM)
    assert Membership.objects.get(user__email="ada@example.org").conference == stays


def test_the_link_admits_where_joining_needs_something_else(client, merge, duplicate, stays):
    link = path_of(make_invited(duplicate))
    only(stays, approval=True)
    merge()
    client.post(link, FORM)
    assert Membership.objects.get(user__email="ada@example.org").conference == stays


def test_who_is_on_both_rosters_keeps_both_links(client, merge, duplicate, stays):
    links = [path_of(make_invited(conference)) for conference in (duplicate, stays)]
    merge()
    assert [client.get(link).status_code for link in links] == [200, 200]
    client.post(links[0], FORM)
    entry = RosterEntry.objects.get()
    assert (entry.conference, entry.membership.user.email) == (stays, "ada@example.org")


def test_the_link_leads_on_after_a_chain_of_merges(client, merge, duplicate, stays):
    last = make_conference(title="Last", slug="last", voting="scheduled")
    links = [path_of(make_invited(each)) for each in (duplicate, stays, last)]
    merge()
    merge(stays, last)
    assert [client.get(link).status_code for link in links] == [200, 200, 200]
    assert OldEntry.objects.count() == 2


def test_a_ticket_that_was_claimed_by_its_link_stays_the_members(merge, duplicate, stays):
    """Their account has another address."""
    entry = make_invited(duplicate, "tickets@company.example")
    dora = make_membership(duplicate)
    RosterEntry.objects.filter(pk=entry.pk).update(membership=dora)
    merge()
    entry.refresh_from_db()
    assert (entry.conference, entry.membership) == (stays, dora)


def test_a_member_of_both_has_one_ticket(merge, duplicate, stays, alice):
    first, second = make_entry(duplicate, "one@ticket.example"), make_entry(duplicate, "two@ticket.example")
    bob = make_user("bob@both.example")
    twice = [make_membership(duplicate, user=user) for user in (alice.user, bob)]
    left = make_membership(stays, user=bob, left_at=timezone.now())
    for entry, member in zip((first, second), twice, strict=True):
        RosterEntry.objects.filter(pk=entry.pk).update(membership=member)
    merge()
    assert [RosterEntry.objects.get(pk=entry.pk).membership for entry in (first, second)] == [alice, left]


def test_a_roster_that_decides_who_votes_does_not_grow_by_a_merge(merge, duplicate, stays):
    update_elections(stays, who_votes="roster")
    stays.refresh_from_db()
    make_invited(duplicate)
    with pytest.raises(ValidationError, match="1 person on the roster of Open Conf 2"):
        merge()
    assert Conference.objects.filter(pk=duplicate.pk).exists()


def test_the_page_says_where_the_links_lead(as_organiser, duplicate, stays):
    make_invited(duplicate)
    make_entry(duplicate, "listed@example.org")
    text = parse(as_organiser.get(PAGE.format(duplicate.pk, stays.pk))).text
    assert "2 roster entries of Open Conf 2 move to the roster of Open Conf." in text
    assert "1 person was invited to Open Conf 2 and has not joined. The link in their email leads" in text


def test_no_one_is_invited_twice_by_a_merge(merge, duplicate, stays, organiser):
    make_invited(duplicate)
    merge()
    invite(stays, organiser, "joinreminder")
    assert [message.to for message in mail.outbox] == [["ada@example.org"]]


# Members.


def unsubscribe(client, token):
    return client.post(f"/unsubscribe/{token}/", {"List-Unsubscribe": "One-Click"})


@pytest.mark.parametrize("is_in_both", [True, False])
def test_a_link_to_unsubscribe_from_the_duplicate_unsubscribes_from_the_one_that_stays(
    client, merge, duplicate, stays, alice, is_in_both
):
    person = alice.user if is_in_both else make_user("dora@example.org")
    token = unsubscribe_token(make_membership(duplicate, user=person).pk)
    merge()
    assert unsubscribe(client, token).status_code == 200
    assert Unsubscription.objects.get().user == person
    assert Unsubscription.objects.get().conference == stays


def test_so_does_one_that_is_two_merges_old(client, merge, duplicate, stays, alice):
    token = unsubscribe_token(make_membership(duplicate, user=alice.user).pk)
    last = make_conference(title="Last", slug="last", voting="scheduled")
    make_membership(last, user=alice.user)
    merge()
    merge(stays, last)
    assert unsubscribe(client, token).status_code == 200
    assert Unsubscription.objects.get().conference == last
    assert OldMembership.objects.count() == 2


def test_a_link_to_switch_off_notices_works_after_a_merge(client, merge, duplicate, alice):
    token = notices_token(make_membership(duplicate, user=alice.user).pk)
    merge()
    unsubscribe(client, token)
    alice.user.refresh_from_db()
    assert alice.user.receives_notices is False


# Organisers' bookmarks.


@pytest.mark.parametrize("end", ["conference/{}/", "conference/{}/roster/"])
def test_a_bookmark_of_an_organiser_leads_to_the_one_that_stays(as_organiser, merge, duplicate, stays, end):
    path = "/admin/conferences/" + end.format(duplicate.pk)
    merge()
    answer = as_organiser.get(path, follow=True)
    assert answer.redirect_chain == [(f"/admin/conferences/conference/{stays.pk}/", 302)]
    assert f"{duplicate.title} has been merged into {stays.title}." in parse(answer).text


def test_it_leads_to_the_vote_too(as_organiser, merge, duplicate, stays):
    path = f"/admin/voting/votes/{duplicate.pk}/decision/"
    merge()
    assert as_organiser.get(path)["Location"] == f"/admin/conferences/conference/{stays.pk}/"


def test_it_leads_no_other_team_anywhere(client, merge, duplicate, stays):
    other = make_team_member(make_conference(title="Other"), Role.OWNER).person
    path = f"/admin/conferences/conference/{duplicate.pk}/"
    merge()
    log_in_freshly(client, other)
    assert client.get(path).status_code == 404


def test_a_form_that_is_sent_from_there_changes_nothing(as_organiser, merge, duplicate, stays):
    path = f"/admin/conferences/conference/{duplicate.pk}/publish/"
    merge()
    assert as_organiser.post(path).status_code == 404
