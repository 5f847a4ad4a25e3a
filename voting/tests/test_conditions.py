import pytest
from django.utils import timezone

from accounts.tests.factories import make_user
from confbox.kit.tests.page import parse
from conferences.models import Conference, Membership
from conferences.tests.factories import make_conference, make_membership
from voting.elections.eligibility import conditions, first_refusal
from voting.tests.factories import make_pitch, make_vote

pytestmark = pytest.mark.django_db


def failing(user, conference, membership=None):
    found = conditions(user=user, conference=conference, membership=membership)
    return [c.name for c in found if not c.holds]


def test_everything_holds_for_a_member_while_voting_is_open(conference, alice):
    assert failing(alice.user, conference, alice) == []
    assert first_refusal(user=alice.user, conference=conference, membership=alice) == ""


def test_a_stranger_is_asked_to_join(conference, stranger):
    assert failing(stranger, conference) == ["member"]
    assert (
        first_refusal(user=stranger, conference=conference, membership=None)
        == "Join this conference to vote."
    )


def test_a_person_who_left_is_asked_to_join_again(conference, alice):
    alice.left_at = timezone.now()
    assert "Join it again" in first_refusal(user=alice.user, conference=conference, membership=alice)


def test_an_unconfirmed_address_is_shown(conference):
    user = make_user("new@example.org", confirmed=False)
    member = make_membership(conference, user=user)
    assert failing(user, conference, member) == ["address"]


@pytest.mark.parametrize(
    ("voting", "sentence"),
    [("scheduled", "It opens on"), ("closed", "Voting closed on"), (None, "have not scheduled voting yet")],
)
def test_the_voting_times_are_shown(voting, sentence):
    conference = make_conference(voting=voting)
    member = make_membership(conference)
    assert failing(member.user, conference, member) == ["open"]
    assert sentence in first_refusal(user=member.user, conference=conference, membership=member)


def test_each_line_of_the_list_is_a_fact_that_no_answer_turns_into_a_double_no(conference, alice):
    alice.excluded_at = timezone.now()
    conference.election.late_joiners = "may_not_vote"
    found = conditions(user=alice.user, conference=conference, membership=alice)
    assert [c.label for c in found if {"not", "no", "nobody"} & set(c.label.lower().split())] == []
    assert len(found) == 9


def test_an_inactive_conference_is_shown(conference, alice):
    Conference.objects.update(status="inactive")
    assert failing(alice.user, Conference.objects.get(), alice) == ["active"]


def test_the_conference_page_says_why_not(as_stranger, conference):
    page = parse(as_stranger.get("/conferences/open-conf/"))
    assert "Why can’t I vote?" in page.text
    assert "Join this conference to vote." in page.text


def test_the_conference_page_says_when_the_last_vote_was_taken(as_alice, alice, bob):
    make_vote(alice, bob)
    page = parse(as_alice.get("/conferences/open-conf/"))
    assert "You can change your vote" in page.text
    assert "Your last vote was stored" in page.text


def test_the_conference_page_tells_all_times_in_the_conference_s_zone(as_alice, alice, bob, conference):
    make_vote(alice, bob)
    Conference.objects.update(time_zone="Asia/Kolkata")
    type(alice.user).objects.filter(pk=alice.user_id).update(time_zone="America/New_York")
    page = parse(as_alice.get("/conferences/open-conf/"))
    assert page.part("dl").text.count("(Asia/Kolkata)") == 3
    assert not page.mentions("New York")


def test_every_refusal_of_the_statement_has_a_failing_condition(conference, alice):
    Membership.objects.filter(pk=alice.pk).update(left_at=timezone.now())
    alice.refresh_from_db()
    assert failing(alice.user, conference, alice) == ["member"]


def test_after_the_close_a_stranger_is_not_sent_to_join(stranger):
    conference = make_conference(voting="closed")
    refusal = first_refusal(user=stranger, conference=conference, membership=None)
    assert "The count is final." in refusal


def test_a_stranger_learns_the_rule_on_late_joiners_before_joining(stranger):
    conference = make_conference(voting="open", late_joiners="may_not_vote")
    refusal = first_refusal(user=stranger, conference=conference, membership=None)
    assert "members who join now cannot vote" in refusal


@pytest.mark.parametrize("voting", ["open", "closed", "scheduled", None])
@pytest.mark.parametrize("columns", [{}, {"rules_set_at": None}, {"starts_in_days": -9}])
def test_the_panel_is_on_the_page_in_every_state(client, voting, columns):
    conference = make_conference(slug="any-conf", voting=voting, **columns)
    client.force_login(make_membership(conference).user)
    page = parse(client.get("/conferences/any-conf/"))
    assert "Conditions for voting" in page.text


def test_the_panel_says_what_to_do_about_each_failing_condition(client):
    make_conference(slug="any-conf", voting="scheduled")
    client.force_login(make_user("new@example.org", confirmed=False))
    page = parse(client.get("/conferences/any-conf/"))
    conditions = page.part("[aria-labelledby=conditions-title] details").text
    assert conditions.count("No:") == 3
    for sentence in ("Join this conference", "Please confirm your email", "It opens on"):
        assert sentence in conditions


def test_my_page_leads_to_the_receipt_of_each_vote(as_alice, alice, bob):
    assert not parse(as_alice.get("/me/")).mentions("My receipt")
    as_alice.post("/conferences/open-conf/vote/", {"candidate": bob.pk})
    assert "/conferences/open-conf/vote/receipt/" in parse(as_alice.get("/me/")).links


def test_a_member_s_page_says_that_they_are_excluded(as_alice, bob):
    Membership.objects.filter(pk=bob.pk).update(excluded_at=timezone.now(), exclusion_reason="Twice here.")
    page = parse(as_alice.get(f"/conferences/open-conf/members/{bob.pk}/"))
    assert "excluded this member from the vote" in page.text
    assert not page.mentions(f'name="candidate" value="{bob.pk}"')


def test_the_ballot_says_why_not_and_offers_no_button(client, conference, bob):
    member = make_membership(conference, user=make_user("new@example.org", confirmed=False))
    make_pitch(bob)
    client.force_login(member.user)
    page = parse(client.get("/conferences/open-conf/ballot/"))
    assert "Please confirm your email address first" in page.text
    assert not page.mentions("vote-button")
