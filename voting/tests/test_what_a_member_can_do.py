"""Pages show each person what they can do now, and why not otherwise."""

import re
from datetime import timedelta

import pytest
from django.utils import timezone

from accounts.actors import Actor
from confbox.kit.tests.page import parse
from conferences.models import Conference
from conferences.tests.factories import make_conference, make_membership
from voting.elections.answers import answer_decision
from voting.elections.election.models import Election
from voting.elections.models import Decision
from voting.tests.factories import close_and_decide, make_pitch, make_vote

CONFERENCE = "/conferences/open-conf/"


def panel(page, name):
    """One section of the page of a conference."""
    return page.part(f"section#{name}")


@pytest.fixture
def as_latecomer(client, conference):
    Election.objects.update(late_joiners="may_not_vote")
    client.force_login(make_membership(conference, name="Late").user)
    return client


def end(**columns):
    Election.objects.update(closes_at=timezone.now(), **columns)


def test_no_vote_waits_for_a_person_who_joined_too_late(as_latecomer):
    page = parse(as_latecomer.get("/me/"))
    assert "You have no votes to cast at the moment." in page.text
    assert "Joined too late to vote" in page.text
    assert "Open the ballot" in page.text
    assert not page.mentions("Vote now")
    assert not page.mentions("is-open")


def test_no_vote_waits_for_an_excluded_member(as_alice, alice):
    type(alice).objects.filter(pk=alice.pk).update(excluded_at=timezone.now())
    page = parse(as_alice.get("/me/"))
    assert "Excluded from this vote" in page.text
    assert not page.mentions("Vote now")


def test_the_vote_of_everyone_else_waits(as_alice):
    page = parse(as_alice.get("/me/"))
    assert "1 vote is waiting for you" in page.text
    assert "Vote now" in page.text


def test_a_latecomer_is_not_sent_to_vote(as_latecomer):
    voting = panel(parse(as_latecomer.get(CONFERENCE)), "voting")
    assert "Joined too late to vote" in voting.text
    assert "Open the ballot" in voting.text
    assert not voting.mentions("Go to the ballot")
    assert not voting.mentions("panel-open")


def test_the_ballot_asks_a_latecomer_to_vote_for_no_one(as_latecomer, bob):
    assert not parse(as_latecomer.get(f"{CONFERENCE}ballot/")).mentions("to vote for them")
    make_pitch(bob)
    page = parse(as_latecomer.get(f"{CONFERENCE}ballot/"))
    assert "In a random order that is yours alone" in page.text
    assert not page.mentions("You can vote for any member")


def test_the_ballot_tells_a_voter_to_search_for_any_member(as_alice, bob):
    assert "Search for any member above to vote for them" in parse(as_alice.get(f"{CONFERENCE}ballot/")).text
    make_pitch(bob)
    assert "You can vote for any member: search" in parse(as_alice.get(f"{CONFERENCE}ballot/")).text


@pytest.mark.parametrize("logs_in", [True, False])
def test_a_person_who_would_join_too_late_is_warned_before(client, conference, stranger, logs_in):
    Election.objects.update(late_joiners="may_not_vote")
    if logs_in:
        client.force_login(stranger)
    page = parse(client.get(CONFERENCE))
    assert "members who join now cannot vote" in panel(page, "voting").text
    assert not page.mentions("Join to cast your vote")
    assert not page.mentions("Members vote for the speaker")


def test_a_shared_page_does_not_promise_a_vote_to_a_member_who_would_join_too_late(client, conference, bob):
    Election.objects.update(late_joiners="may_not_vote")
    make_pitch(bob).__class__.objects.update(shared_at=timezone.now())
    page = parse(client.get(f"{CONFERENCE}candidates/{bob.pk}/"))
    assert "members who join now cannot vote" in page.text
    assert not page.mentions("Sign up to vote")


def test_after_the_close_no_one_is_asked_to_stand(as_alice):
    end()
    membership = panel(parse(as_alice.get(CONFERENCE)), "membership")
    assert "no one can stand or campaign any more" in membership.text
    assert not membership.mentions("/pitch/")
    assert not membership.mentions("/campaigns/")


def test_after_the_close_joining_promises_no_vote(as_stranger, conference):
    end()
    page = parse(as_stranger.get(CONFERENCE))
    assert "Voting is over. Members see the result." in panel(page, "membership").text
    assert not page.mentions("Members vote for the speaker")


def test_after_the_close_my_page_in_the_conference_asks_for_no_votes(as_alice, alice):
    make_pitch(alice)
    end()
    page = parse(as_alice.get(f"{CONFERENCE}members/{alice.pk}/"))
    assert "This is how other members see you." in page.text
    assert not page.mentions("They can vote for you")
    assert not page.mentions("Share your pitch")


def test_after_the_close_a_pitch_asks_for_no_votes_and_can_be_mended(as_alice, alice):
    end()
    page = parse(as_alice.get(f"{CONFERENCE}pitch/"))
    assert "Voting is over." in page.text
    assert not page.mentions("Members can vote for me")
    fields = {"headline": "A better line", "statement": "", "accepts_votes": "on"}
    assert as_alice.post(f"{CONFERENCE}pitch/", fields).status_code == 302


def test_after_the_close_a_campaign_is_refused_without_a_form(as_alice):
    end()
    page = parse(as_alice.get(f"{CONFERENCE}campaigns/new/"))
    assert "a campaign would come too late" in page.text
    assert not page.mentions("It would go to")
    assert not page.has_field("subject")


@pytest.mark.parametrize("path", [CONFERENCE, f"{CONFERENCE}ballot/"])
def test_the_result_is_linked_once_it_can_be_seen(as_alice, path):
    end()
    assert not parse(as_alice.get(path)).mentions(f"{CONFERENCE}results/")
    Election.objects.update(results_visibility="after_close")
    assert f"{CONFERENCE}results/" in parse(as_alice.get(path)).links


def test_a_result_not_yet_to_be_seen_leads_back_to_the_conference(as_alice):
    end()
    page = parse(as_alice.get(f"{CONFERENCE}results/"))
    assert "Back to the conference" in page.text
    assert not page.mentions(f"{CONFERENCE}ballot/")


def test_the_page_of_the_conference_says_that_the_vote_is_in(as_alice, alice, bob):
    make_vote(alice, bob)
    voting = panel(parse(as_alice.get(CONFERENCE)), "voting")
    assert "Your vote is in" in voting.text
    assert "You voted for Bob" in voting.text
    assert "See or change your vote" in voting.text
    assert voting.has(".panel-done")
    assert not voting.mentions("Go to the ballot")


def test_the_list_says_that_the_vote_is_in(as_alice, alice, bob):
    before = parse(as_alice.get("/"))
    assert "Your vote is waiting" in before.text
    assert before.has(".conference-card.is-open")
    make_vote(alice, bob)
    after = parse(as_alice.get("/"))
    assert "Your vote is in" in after.text
    assert not after.has(".is-open")


def test_the_list_waits_for_no_vote_that_the_rules_forbid(as_alice, alice, conference):
    type(alice).objects.update(excluded_at=timezone.now())
    page = parse(as_alice.get("/"))
    assert "You are a member" in page.text
    assert not page.mentions("Your vote is waiting")


def test_my_page_calls_the_speaker_the_speaker(as_alice, alice, bob, organiser, conference):
    make_vote(bob, alice)
    decision = close_and_decide(conference=conference, candidate=alice, by=organiser)
    assert not parse(as_alice.get("/me/")).mentions("You are the speaker")
    answer_decision(decision=decision, accept=True, by=Actor(decision.speaker.user))
    page = parse(as_alice.get("/me/"))
    assert "You are the speaker" in page.text
    assert not page.mentions("Speaker chosen")


VOTE = f"{CONFERENCE}vote/"


def test_a_moved_vote_is_called_changed(as_alice, alice, bob, carol):
    vote, move = ({"candidate": bob.pk}, {"candidate": carol.pk, "moves": "yes"})
    assert not parse(as_alice.post(VOTE, vote, follow=True)).mentions("Your vote has been changed")
    make_pitch(carol)
    assert parse(as_alice.get(f"{CONFERENCE}ballot/")).field("moves")["value"] == "yes"
    page = parse(as_alice.post(VOTE, move, follow=True))
    assert "Your vote has been changed" in page.text
    assert not page.mentions("Your vote is in")


def test_before_the_vote_opens_a_stranger_learns_when(as_stranger):
    make_conference(slug="soon-conf", voting="scheduled")
    page = parse(as_stranger.get("/conferences/soon-conf/"))
    assert page.texts("#conditions-title") == ["Why can’t I vote?"]
    assert "Join this conference to vote." in conditions_of(page)
    assert "Voting has not opened yet. It opens on" in conditions_of(page)


EARLY = "Only members who join before it opens can vote."


@pytest.mark.parametrize("logs_in", [True, False])
def test_before_the_vote_opens_a_visitor_learns_that_only_early_members_vote(client, stranger, logs_in):
    make_conference(slug="soon-conf", voting="scheduled", late_joiners="may_not_vote")
    if logs_in:
        client.force_login(stranger)
    assert EARLY in panel(parse(client.get("/conferences/soon-conf/")), "voting").text


def test_members_and_visitors_with_time_are_not_hurried(client, stranger):
    strict = make_conference(slug="strict-conf", voting="scheduled", late_joiners="may_not_vote")
    make_conference(slug="lax-conf", voting="scheduled")
    make_membership(strict, user=stranger)
    client.force_login(stranger)
    for slug in ("strict-conf", "lax-conf"):
        assert not parse(client.get(f"/conferences/{slug}/")).mentions(EARLY)


def conditions_of(page):
    return page.part("#conditions-title + p").text


@pytest.fixture(params=[{}, {"voting": "scheduled", "rules_set_at": None}])
def without_a_vote(request, db):
    return make_conference(slug="any-conf", **request.param)


def test_without_a_vote_a_stranger_is_asked_to_join_and_wait(as_stranger, without_a_vote):
    page = parse(as_stranger.get("/conferences/any-conf/"))
    assert "There is no vote here yet. Join, and your page will show" in conditions_of(page)
    assert "to vote." not in conditions_of(page)
    assert not page.mentions("Your page will show it")


def test_without_a_vote_a_member_need_do_nothing(client, without_a_vote):
    client.force_login(make_membership(without_a_vote).user)
    page = parse(client.get("/conferences/any-conf/"))
    assert (
        "The organisers have not announced when voting opens. You do not need to do anything."
        in conditions_of(page)
    )
    assert "Voting opens" not in page.texts("dt")


def test_without_a_vote_a_past_conference_asks_no_one_to_join(as_stranger):
    make_conference(slug="any-conf", starts_in_days=-9)
    page = parse(as_stranger.get("/conferences/any-conf/"))
    assert "no longer accepts new members" in conditions_of(page)


def test_a_vote_where_there_is_none_is_refused_with_the_reason(client, without_a_vote):
    voter, candidate = make_membership(without_a_vote), make_membership(without_a_vote)
    client.force_login(voter.user)
    answer = client.post("/conferences/any-conf/vote/", {"candidate": candidate.pk}, follow=True)
    page = parse(answer)
    assert not page.mentions("You do not need to do anything.")
    assert any(said.startswith("The organisers have not") for said in page.messages)


def test_the_chosen_member_reads_it_first_on_the_page(as_alice, alice, bob, organiser):
    make_vote(bob, alice)
    decision = close_and_decide(conference=alice.conference, candidate=alice, by=organiser)
    assert "You have been chosen! Will you speak?" in panel(parse(as_alice.get(CONFERENCE)), "voting").text
    Decision.objects.filter(pk=decision.pk).update(answer=Decision.Answer.DECLINED)
    assert not parse(as_alice.get(CONFERENCE)).mentions("You have been chosen!")


def test_no_one_else_reads_who_is_asked(as_alice, alice, bob, organiser):
    make_vote(alice, bob)
    close_and_decide(conference=alice.conference, candidate=bob, by=organiser)
    assert not parse(as_alice.get(CONFERENCE)).mentions("You have been chosen!")


@pytest.mark.parametrize("opens", [None, timezone.now() + timedelta(days=2)])
def test_a_conference_off_the_list_offers_nothing_to_do(as_alice, alice, opens):
    closes = opens and opens + timedelta(days=1)
    Conference.objects.update(status="inactive")
    Election.objects.update(opens_at=opens, closes_at=closes)
    page = parse(as_alice.get(CONFERENCE))
    assert "There is no vote at the moment" in panel(page, "voting").text
    assert not page.mentions(f"{CONFERENCE}pitch/")
    assert not page.mentions(f"{CONFERENCE}campaigns/new/")


def test_the_page_of_a_candidate_names_the_conference_and_the_time_left(as_alice, bob, conference):
    page = parse(as_alice.get(f"{CONFERENCE}members/{bob.pk}/"))
    assert page.texts(f'.person-head a[href="{CONFERENCE}"]') == ["Open Conf"]
    dock = page.part(".vote-dock")
    assert re.search("Voting open, .* left.*It closes on ", dock.text)
    assert dock.buttons == ["Vote for Bob"]
    Election.objects.update(closes_at=timezone.now())
    assert not parse(as_alice.get(f"{CONFERENCE}members/{bob.pk}/")).mentions("It closes on")
