import pytest

from accounts.actors import Actor
from confbox.kit.outcomes import Change
from confbox.kit.tests.page import parse
from conferences import actions as conference_actions
from conferences.models import Membership
from voting.elections import actions
from voting.elections.models import Decision, Vote
from voting.tests.factories import close_and_decide, close_by_clock, make_vote


def test_own_vote_no_longer_counts(alice, bob):
    make_vote(alice, bob)
    actions.leave_conference(membership=alice, by=Actor(alice.user))
    assert Vote.objects.get().voided_because == "voter_left"


def test_votes_for_the_leaver_become_void(alice, bob, carol):
    make_vote(alice, bob)
    make_vote(carol, bob)
    actions.leave_conference(membership=bob, by=Actor(bob.user))
    assert set(Vote.objects.values_list("voided_because", flat=True)) == {"candidate_left"}


def test_after_the_close_votes_stay(conference, alice, bob, carol):
    make_vote(alice, bob)
    make_vote(bob, carol)
    close_by_clock(conference)
    assert actions.leave_conference(membership=bob, by=Actor(bob.user)) is Change.MADE
    assert Vote.objects.valid().count() == 2
    assert not Membership.objects.current().filter(pk=bob.pk).exists()


def test_leaving_twice_changes_nothing(alice):
    actions.leave_conference(membership=alice, by=Actor(alice.user))
    first = Membership.objects.get(pk=alice.pk).left_at
    assert actions.leave_conference(membership=alice, by=Actor(alice.user)) is Change.NONE
    assert Membership.objects.get(pk=alice.pk).left_at == first


def test_coming_back_is_the_same_membership(conference, alice):
    actions.leave_conference(membership=alice, by=Actor(alice.user))
    again = conference_actions.join_conference(conference=conference, by=Actor(alice.user))
    assert (again.pk, again.left_at) == (alice.pk, None)


def test_a_stranger_gets_404(as_stranger, conference):
    assert as_stranger.post("/conferences/open-conf/leave/").status_code == 404


def test_get_is_refused_and_changes_nothing(as_alice, alice):
    assert as_alice.get("/conferences/open-conf/leave/").status_code == 405
    assert Membership.objects.current().filter(pk=alice.pk).exists()


def test_voters_of_void_votes_are_notified_by_email(client, alice, bob, mailoutbox):
    make_vote(alice, bob)
    client.force_login(bob.user)
    client.post("/conferences/open-conf/leave/")
    assert [m.to for m in mailoutbox] == [[alice.user.email]]
    assert "You can vote for another member" in mailoutbox[0].body.replace("\n", " ")
    assert "Bob" not in mailoutbox[0].body


def test_voters_of_void_votes_find_the_ballot_in_the_email(client, alice, bob, mailoutbox, settings):
    settings.SITE_URL = "https://votes.example"
    make_vote(alice, bob)
    client.force_login(bob.user)
    client.post("/conferences/open-conf/leave/")
    assert "https://votes.example/conferences/open-conf/ballot/\n" in mailoutbox[0].body


def test_a_member_who_left_can_join_again_at_once(as_alice):
    page = parse(as_alice.post("/conferences/open-conf/leave/", follow=True))
    assert page.attributes("form.offer", "action") == ["/conferences/open-conf/join/"]


def test_a_member_who_left_a_conference_that_is_over_is_offered_nothing(as_alice, conference):
    type(conference).objects.update(status="inactive")
    page = parse(as_alice.post("/conferences/open-conf/leave/", follow=True))
    assert "You left Open Conf." in page.text
    assert not page.has(".offer")


SPEAKER = "You are the speaker of Open Conf. If you leave, you step down"
CHOSEN = "You have been chosen as the speaker of Open Conf. If you leave, you decline"


@pytest.fixture
def decision(conference, alice, bob, organiser):
    make_vote(bob, alice)
    return close_and_decide(conference=conference, candidate=alice, by=organiser)


@pytest.mark.parametrize(("accepts", "warning"), [(False, CHOSEN), (True, SPEAKER)])
def test_the_speaker_is_warned_that_leaving_gives_up_the_talk(as_alice, decision, accepts, warning):
    if accepts:
        actions.answer_decision(decision=decision, accept=True, by=Actor(decision.speaker.user))
    page = parse(as_alice.get("/conferences/open-conf/"))
    assert [page.mentions(sentence) for sentence in (CHOSEN, SPEAKER)] == [
        s == warning for s in (CHOSEN, SPEAKER)
    ]


def test_members_without_a_talk_are_not_warned(client, bob, decision):
    actions.answer_decision(decision=decision, accept=True, by=Actor(decision.speaker.user))
    client.force_login(bob.user)
    assert not parse(client.get("/conferences/open-conf/")).mentions("This cannot be undone")


@pytest.mark.parametrize(("accepts", "answer"), [(False, "declined to speak"), (True, "can no longer speak")])
def test_an_organiser_who_decided_is_notified_that_the_speaker_left(
    as_alice, decision, organiser, mailoutbox, accepts, answer
):
    if accepts:
        actions.answer_decision(decision=decision, accept=True, by=Actor(decision.speaker.user))
    as_alice.post("/conferences/open-conf/leave/")
    assert not Decision.objects.current().exists()
    shown = [m.subject for m in mailoutbox if m.to == [organiser.email]]
    assert shown[-1] == f"Alice {answer} at Open Conf"
