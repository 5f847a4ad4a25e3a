"""Pages offer each person what they can do now, and say why not otherwise."""

import re
from datetime import timedelta

import pytest
from django.utils import timezone

from conferences.models import Conference
from conferences.tests.factories import make_conference, make_membership
from voting.actions import answer_decision
from voting.models import Decision
from voting.tests.factories import close_and_decide, make_pitch, make_vote

CONFERENCE = "/conferences/open-conf/"


def panel(page, name):
    """One section of the page of a conference."""
    found = re.search(rf'<section [^>]*id="{name}".*?</section>', page, re.DOTALL)
    assert found
    return found.group()


@pytest.fixture
def as_latecomer(client, conference):
    Conference.objects.update(late_joiners="may_not_vote")
    client.force_login(make_membership(conference, name="Late").user)
    return client


def end(**columns):
    Conference.objects.update(voting_closes_at=timezone.now(), **columns)


def test_no_vote_waits_for_somebody_who_joined_too_late(as_latecomer):
    page = as_latecomer.get("/me/").content.decode()
    assert "No vote is waiting for you." in page
    assert "Joined too late to vote" in page
    assert "Read the pitches" in page
    assert "Vote now" not in page
    assert "is-open" not in page


def test_no_vote_waits_for_somebody_excluded(as_alice, alice):
    type(alice).objects.filter(pk=alice.pk).update(excluded_at=timezone.now())
    page = as_alice.get("/me/").content.decode()
    assert "Excluded from this vote" in page
    assert "Vote now" not in page


def test_the_vote_of_everybody_else_waits(as_alice):
    page = as_alice.get("/me/").content.decode()
    assert "1 vote is waiting for you" in page
    assert "Vote now" in page


def test_a_latecomer_is_not_sent_to_vote(as_latecomer):
    voting = panel(as_latecomer.get(CONFERENCE).content.decode(), "voting")
    assert "Joined too late to vote" in voting
    assert "Read the pitches" in voting
    assert "Go to the ballot" not in voting
    assert "panel-open" not in voting


def test_the_ballot_asks_a_latecomer_to_vote_for_nobody(as_latecomer, bob):
    assert "to vote for them" not in as_latecomer.get(f"{CONFERENCE}ballot/").content.decode()
    make_pitch(bob)
    page = as_latecomer.get(f"{CONFERENCE}ballot/").content.decode()
    assert "Shuffled for you alone" in page
    assert "You can vote for any member" not in page


def test_the_ballot_tells_a_voter_to_search_for_any_member(as_alice, bob):
    assert (
        "Search for any member above to vote for them"
        in as_alice.get(f"{CONFERENCE}ballot/").content.decode()
    )
    make_pitch(bob)
    assert "You can vote for any member: search" in as_alice.get(f"{CONFERENCE}ballot/").content.decode()


@pytest.mark.parametrize("logs_in", [True, False])
def test_who_would_join_too_late_is_told_before(client, conference, stranger, logs_in):
    Conference.objects.update(late_joiners="may_not_vote")
    if logs_in:
        client.force_login(stranger)
    page = client.get(CONFERENCE).content.decode()
    assert "whoever joins now cannot vote" in panel(page, "voting")
    assert "Join to give your vote" not in page
    assert "Members vote for the speaker" not in page


def test_a_shared_page_does_not_promise_a_vote_to_who_would_join_too_late(client, conference, bob):
    Conference.objects.update(late_joiners="may_not_vote")
    make_pitch(bob).__class__.objects.update(shared_at=timezone.now())
    page = client.get(f"{CONFERENCE}candidates/{bob.pk}/").content.decode()
    assert "whoever joins now cannot vote" in page
    assert "Sign up to vote" not in page


def test_after_the_close_nobody_is_asked_to_stand(as_alice):
    end()
    membership = panel(as_alice.get(CONFERENCE).content.decode(), "membership")
    assert "nobody can stand or campaign any more" in membership
    assert "/pitch/" not in membership
    assert "/campaigns/" not in membership


def test_after_the_close_joining_promises_no_vote(as_stranger, conference):
    end()
    page = as_stranger.get(CONFERENCE).content.decode()
    assert "Voting is over. Members see the result." in panel(page, "membership")
    assert "Members vote for the speaker" not in page


def test_after_the_close_my_page_in_the_conference_asks_for_no_votes(as_alice, alice):
    make_pitch(alice)
    end()
    page = as_alice.get(f"{CONFERENCE}members/{alice.pk}/").content.decode()
    assert "This is how other members see you." in page
    assert "They can vote for you" not in page
    assert "Ask for votes elsewhere" not in page


def test_after_the_close_a_pitch_asks_for_no_votes_and_can_be_mended(as_alice, alice):
    end()
    page = as_alice.get(f"{CONFERENCE}pitch/").content.decode()
    assert "Voting is over." in page
    assert "Members can vote for me" not in page
    fields = {"headline": "A better line", "statement": "", "accepts_votes": "on"}
    assert as_alice.post(f"{CONFERENCE}pitch/", fields).status_code == 302


def test_after_the_close_a_campaign_is_refused_without_a_form(as_alice):
    end()
    page = as_alice.get(f"{CONFERENCE}campaigns/new/").content.decode()
    assert "a campaign would come too late" in page
    assert "It would go to" not in page
    assert 'name="subject"' not in page


@pytest.mark.parametrize("path", [CONFERENCE, f"{CONFERENCE}ballot/"])
def test_the_result_is_linked_once_it_can_be_seen(as_alice, path):
    end()
    assert f"{CONFERENCE}results/" not in as_alice.get(path).content.decode()
    Conference.objects.update(results_visibility="after_close")
    assert f"{CONFERENCE}results/" in as_alice.get(path).content.decode()


def test_a_result_not_yet_to_be_seen_leads_back_to_the_conference(as_alice):
    end()
    page = as_alice.get(f"{CONFERENCE}results/").content.decode()
    assert "Back to the conference" in page
    assert f"{CONFERENCE}ballot/" not in page


def test_the_page_of_the_conference_says_that_the_vote_is_in(as_alice, alice, bob):
    make_vote(alice, bob)
    voting = panel(as_alice.get(CONFERENCE).content.decode(), "voting")
    assert "Your vote is in" in voting
    assert "You voted for Bob" in voting
    assert "See or change your vote" in voting
    assert "panel-done" in voting
    assert "Go to the ballot" not in voting


def test_the_list_says_that_the_vote_is_in(as_alice, alice, bob):
    before = as_alice.get("/").content.decode()
    assert "Your vote is waiting" in before
    assert "conference-card is-open" in before
    make_vote(alice, bob)
    after = as_alice.get("/").content.decode()
    assert "Your vote is in" in after
    assert "conference-card is-open" not in after


def test_the_list_waits_for_no_vote_that_the_rules_forbid(as_alice, alice, conference):
    type(alice).objects.update(excluded_at=timezone.now())
    page = as_alice.get("/").content.decode()
    assert "You are a member" in page
    assert "Your vote is waiting" not in page


def test_my_page_calls_the_speaker_the_speaker(as_alice, alice, bob, organiser, conference):
    make_vote(bob, alice)
    decision = close_and_decide(conference=conference, candidate=alice, by=organiser)
    assert "You are the speaker" not in as_alice.get("/me/").content.decode()
    answer_decision(decision=decision, accept=True)
    page = as_alice.get("/me/").content.decode()
    assert "You are the speaker" in page
    assert "Speaker chosen" not in page


VOTE = f"{CONFERENCE}vote/"


def test_a_moved_vote_is_called_changed(as_alice, alice, bob, carol):
    vote, move = ({"candidate": bob.pk}, {"candidate": carol.pk, "moves": "yes"})
    assert "Your vote is changed" not in as_alice.post(VOTE, vote, follow=True).content.decode()
    make_pitch(carol)
    assert 'name="moves" value="yes"' in as_alice.get(f"{CONFERENCE}ballot/").content.decode()
    page = as_alice.post(VOTE, move, follow=True).content.decode()
    assert "Your vote is changed" in page
    assert "Your vote is in" not in page


def test_before_the_vote_opens_a_stranger_learns_when(as_stranger):
    make_conference(slug="soon-conf", voting="scheduled")
    page = as_stranger.get("/conferences/soon-conf/").content.decode()
    head = page.partition("Why can’t I vote?")[2].partition("<details")[0]
    assert "Join this conference to vote." in head
    assert "Voting has not opened yet. It opens on" in head


EARLY = "Only those who join before it opens can vote."


@pytest.mark.parametrize("logs_in", [True, False])
def test_before_the_vote_opens_a_visitor_learns_that_only_early_members_vote(client, stranger, logs_in):
    make_conference(slug="soon-conf", voting="scheduled", late_joiners="may_not_vote")
    if logs_in:
        client.force_login(stranger)
    assert EARLY in panel(client.get("/conferences/soon-conf/").content.decode(), "voting")


def test_members_and_visitors_with_time_are_not_hurried(client, stranger):
    strict = make_conference(slug="strict-conf", voting="scheduled", late_joiners="may_not_vote")
    make_conference(slug="lax-conf", voting="scheduled")
    make_membership(strict, user=stranger)
    client.force_login(stranger)
    for slug in ("strict-conf", "lax-conf"):
        assert EARLY not in client.get(f"/conferences/{slug}/").content.decode()


def conditions_of(page):
    return page.partition('id="conditions-title"')[2].partition("<details")[0]


@pytest.fixture(params=[{}, {"voting": "scheduled", "rules_set_at": None}])
def without_a_vote(request, db):
    return make_conference(slug="any-conf", **request.param)


def test_without_a_vote_a_stranger_is_asked_to_join_and_wait(as_stranger, without_a_vote):
    page = as_stranger.get("/conferences/any-conf/").content.decode()
    assert "There is no vote here yet. Join, and your page tells you" in conditions_of(page)
    assert "to vote." not in conditions_of(page)
    assert "Your page shows it" not in page


def test_without_a_vote_a_member_need_do_nothing(client, without_a_vote):
    client.force_login(make_membership(without_a_vote).user)
    page = client.get("/conferences/any-conf/").content.decode()
    assert "The organisers have not said when voting opens. You need do nothing." in conditions_of(page)
    assert "<dt>Voting opens" not in page


def test_without_a_vote_a_past_conference_asks_nobody_to_join(as_stranger):
    make_conference(slug="any-conf", starts_in_days=-9)
    page = as_stranger.get("/conferences/any-conf/").content.decode()
    assert "no longer open to join" in conditions_of(page)


def test_a_vote_where_there_is_none_is_refused_with_the_reason(client, without_a_vote):
    voter, candidate = make_membership(without_a_vote), make_membership(without_a_vote)
    client.force_login(voter.user)
    answer = client.post("/conferences/any-conf/vote/", {"candidate": candidate.pk}, follow=True)
    page = answer.content.decode()
    assert "You need do nothing." not in page
    assert "The organisers have not" in page.partition('id="messages"')[2].partition("<h1")[0]


def test_whoever_is_asked_to_speak_reads_it_first_on_the_page(as_alice, alice, bob, organiser):
    make_vote(bob, alice)
    decision = close_and_decide(conference=alice.conference, candidate=alice, by=organiser)
    assert "You were chosen! Will you speak?" in panel(as_alice.get(CONFERENCE).content.decode(), "voting")
    Decision.objects.filter(pk=decision.pk).update(answer=Decision.Answer.DECLINED)
    assert "You were chosen!" not in as_alice.get(CONFERENCE).content.decode()


def test_nobody_else_reads_who_is_asked(as_alice, alice, bob, organiser):
    make_vote(alice, bob)
    close_and_decide(conference=alice.conference, candidate=bob, by=organiser)
    assert "You were chosen!" not in as_alice.get(CONFERENCE).content.decode()


@pytest.mark.parametrize("opens", [None, timezone.now() + timedelta(days=2)])
def test_a_conference_off_the_list_offers_nothing_to_do(as_alice, alice, opens):
    closes = opens and opens + timedelta(days=1)
    Conference.objects.update(status="inactive", voting_opens_at=opens, voting_closes_at=closes)
    page = as_alice.get(CONFERENCE).content.decode()
    assert "There is no voting now" in panel(page, "voting")
    assert f"{CONFERENCE}pitch/" not in page
    assert f"{CONFERENCE}campaigns/new/" not in page


def test_the_page_of_a_candidate_names_the_conference_and_the_time_left(as_alice, bob, conference):
    page = as_alice.get(f"{CONFERENCE}members/{bob.pk}/").content.decode()
    assert f'<a href="{CONFERENCE}"><bdi>Open Conf</bdi></a>' in page.partition("<h1>")[0]
    dock = page.partition("vote-dock")[2].partition("</aside>")[0]
    assert re.search(r"Voting open, .* left.*It closes on .*Vote<span", dock, re.DOTALL)
    type(conference).objects.update(voting_closes_at=timezone.now())
    assert "It closes on" not in as_alice.get(f"{CONFERENCE}members/{bob.pk}/").content.decode()
