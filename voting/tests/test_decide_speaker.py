import pytest
from django.core import mail
from django.core.exceptions import ValidationError
from django.db import IntegrityError

from accounts.actors import Actor
from confbox.kit.outcomes import Change
from confbox.kit.tests.page import parse
from conferences.models import Conference, Role
from conferences.tests.factories import make_conference, make_membership
from conferences.tests.teams import make_team_member
from voting.elections import actions
from voting.elections.answers import take_back_decision
from voting.elections.election.models import VotingState
from voting.elections.models import Decision
from voting.elections.receipts.models import PublishedBallots
from voting.tests.campaigns import dispatch_due
from voting.tests.factories import close_and_decide, close_by_clock, make_vote


@pytest.fixture
def bob_leads(conference, alice, bob, carol):
    make_vote(alice, bob)
    make_vote(carol, bob)
    make_vote(bob, carol)
    close_by_clock(conference)
    return conference


def decide(conference, candidate, by, reason=""):
    return close_and_decide(conference=conference, candidate=candidate, by=by, reason=reason)


def test_the_pick_is_the_speaker_once_they_accept(bob_leads, bob, organiser):
    decision = decide(bob_leads, bob, organiser)
    assert Conference.objects.get().election.speaker is None
    actions.answer_decision(decision=decision, accept=True, by=Actor(decision.speaker.user))
    assert Conference.objects.get().election.speaker == bob
    assert Conference.objects.get().election.state() == VotingState.DECIDED


def test_no_one_else_sees_the_pick_before_it_is_accepted(client, bob_leads, bob, organiser):
    decide(bob_leads, bob, organiser, "Bob speaks well.")
    client.force_login(make_membership(bob_leads, name="Dora").user)
    for path in ("", "results/"):
        shown = parse(client.get(f"/conferences/open-conf/{path}"))
        assert not shown.mentions("Bob")


def test_the_chosen_member_is_asked_on_their_page(client, bob_leads, bob, organiser):
    decide(bob_leads, bob, organiser)
    client.force_login(bob.user)
    shown = parse(client.get("/conferences/open-conf/results/"))
    assert "/conferences/open-conf/results/answer/" in shown.actions
    client.post("/conferences/open-conf/results/answer/", {"answer": "accept"})
    assert Conference.objects.get().election.speaker == bob


def test_members_see_the_result_once_it_is_accepted(as_alice, bob_leads, bob, organiser):
    actions.answer_decision(
        decision=decide(bob_leads, bob, organiser),
        accept=True,
        by=Actor(bob.user),
    )
    shown = parse(as_alice.get("/conferences/open-conf/results/"))
    assert shown.texts("#speaker-name") == ["Bob"]
    assert shown.has("#result table.count")


def test_the_organiser_is_notified_of_the_answer(client, bob_leads, bob, organiser, mailoutbox):
    decide(bob_leads, bob, organiser)
    client.force_login(bob.user)
    client.post("/conferences/open-conf/results/answer/", {"answer": "decline"})
    shown = [m.subject for m in mailoutbox if m.to == ["organiser@example.org"]]
    assert shown == ["Bob declined to speak at Open Conf"]


ANSWERS = {
    "declined": {
        "subject": "Bob declined to speak at Open Conf",
        "words": "Their reason: I will be in Peru.",
    },
    "accepted": {"subject": "Bob will speak at Open Conf", "words": "All members are notified"},
    "withdrawn": {"subject": "Bob can no longer speak at Open Conf", "words": "has now stepped down"},
}


def answered(decision, answer, by):
    """The emails about this answer alone."""
    if answer == "withdrawn":
        actions.answer_decision(decision=decision, accept=True, by=by)
    mail.outbox.clear()
    for _ in range(2):
        if answer == "withdrawn":
            actions.step_down(decision=decision, by=by)
        else:
            accepts = answer == "accepted"
            actions.answer_decision(decision=decision, accept=accepts, by=by, reason="I will be in Peru.")
    return [message for message in mail.outbox if message.subject == ANSWERS[answer]["subject"]]


@pytest.mark.parametrize("answer", ANSWERS)
def test_everyone_of_the_team_who_can_choose_is_notified_of_an_answer_once(bob_leads, bob, organiser, answer):
    team = [make_team_member(bob_leads, role).person for role in (Role.OWNER, Role.ORGANISER)]
    for role in (Role.REVIEWER, Role.HELP_DESK, Role.OBSERVER):
        make_team_member(bob_leads, role)
    shown = answered(decide(bob_leads, bob, team[1]), answer, Actor(bob.user))
    assert sorted(message.to[0] for message in shown) == sorted(person.email for person in team)
    assert all(ANSWERS[answer]["words"] in message.body for message in shown)


def test_who_decided_without_being_of_the_team_is_notified_as_well(bob_leads, bob, organiser):
    owner = make_team_member(bob_leads, Role.OWNER).person
    shown = answered(decide(bob_leads, bob, organiser), "declined", Actor(bob.user))
    assert {message.to[0] for message in shown} == {owner.email, organiser.email}


def test_who_decided_and_may_no_longer_do_so_is_not_notified(bob_leads, bob):
    left, stays = (make_team_member(bob_leads, Role.ORGANISER) for _ in range(2))
    decision = decide(bob_leads, bob, left.person)
    left.delete()
    assert [m.to for m in answered(decision, "declined", Actor(bob.user))] == [[stays.person.email]]


def test_a_chosen_member_of_the_team_gets_no_email_about_their_own_answer(bob_leads, bob, organiser):
    make_team_member(bob_leads, Role.ORGANISER, user=bob.user)
    owner = make_team_member(bob_leads, Role.OWNER).person
    decision = decide(bob_leads, bob, owner)
    assert [m.to for m in answered(decision, "declined", Actor(bob.user))] == [[owner.email]]


def test_the_only_organiser_who_chose_themselves_and_declines_bothers_no_one_else(bob_leads, bob, organiser):
    make_team_member(bob_leads, Role.OWNER, user=bob.user)
    assert answered(decide(bob_leads, bob, bob.user), "declined", Actor(bob.user)) == []


def test_a_member_of_the_team_who_gets_the_result_gets_no_second_email(bob_leads, alice, bob):
    make_team_member(bob_leads, Role.OWNER, user=alice.user)
    organiser = make_team_member(bob_leads, Role.ORGANISER).person
    shown = answered(decide(bob_leads, bob, organiser), "accepted", Actor(bob.user))
    assert [message.to for message in shown] == [[organiser.email]]
    dispatch_due()
    assert [m.subject for m in mail.outbox if m.to == [alice.user.email]] == ["Bob will speak at Open Conf"]


def test_a_member_whose_choice_is_withdrawn_is_notified_once(bob_leads, bob, organiser):
    decision = decide(bob_leads, bob, organiser)
    mail.outbox.clear()
    for _ in range(2):
        take_back_decision(decision=decision, by=Actor(organiser))
    (message,) = mail.outbox
    assert (message.to, message.subject) == (
        [bob.user.email],
        "You are no longer asked to speak at Open Conf",
    )


def accepted(conference, candidate, by):
    decision = decide(conference, candidate, by)
    actions.answer_decision(decision=decision, accept=True, by=Actor(decision.speaker.user))
    return decision


def test_the_speaker_can_step_down_and_the_organiser_decides_again(client, bob_leads, bob, carol, organiser):
    accepted(bob_leads, bob, organiser)
    client.force_login(bob.user)
    client.post("/conferences/open-conf/results/step-down/")
    conference = Conference.objects.get()
    assert (conference.election.speaker, conference.election.state()) == (None, VotingState.CLOSED)
    decide(conference, carol, organiser, "Bob stepped down.")
    assert [d.answer for d in Decision.objects.order_by("pk")] == ["withdrawn", "pending"]


def test_stepping_down_twice_does_nothing_more(bob_leads, bob, organiser):
    decision = accepted(bob_leads, bob, organiser)
    assert actions.step_down(decision=decision, by=Actor(decision.speaker.user)) is Change.MADE
    assert actions.step_down(decision=decision, by=Actor(decision.speaker.user)) is Change.NONE


def test_what_members_have_seen_stays_visible(as_alice, bob_leads, bob, organiser):
    actions.step_down(
        decision=accepted(bob_leads, bob, organiser),
        by=Actor(bob.user),
    )
    shown = parse(as_alice.get("/conferences/open-conf/results/"))
    assert shown.has("#result table.count")


def test_only_the_speaker_can_step_down(as_alice, bob_leads, bob, organiser):
    accepted(bob_leads, bob, organiser)
    assert as_alice.post("/conferences/open-conf/results/step-down/").status_code == 404
    assert as_alice.get("/conferences/open-conf/results/step-down/").status_code == 405
    assert Conference.objects.get().election.speaker == bob


def test_a_chosen_member_who_leaves_has_declined(bob_leads, bob, organiser):
    decide(bob_leads, bob, organiser)
    actions.leave_conference(membership=bob, by=Actor(bob.user))
    assert Decision.objects.get().answer == "declined"


def test_a_speaker_who_leaves_has_stepped_down(bob_leads, bob, organiser):
    accepted(bob_leads, bob, organiser)
    actions.leave_conference(membership=bob, by=Actor(bob.user))
    assert (Decision.objects.get().answer, Conference.objects.get().election.speaker) == ("withdrawn", None)


def test_the_tally_is_kept_as_it_stood(bob_leads, alice, bob, carol, organiser):
    record = decide(bob_leads, bob, organiser).tally
    assert (record["votes"], record["members"]) == (3, 3)
    assert record["standings"] == [
        {"rank": 1, "member": bob.pk, "name": "Bob", "votes": 2},
        {"rank": 2, "member": carol.pk, "name": "Carol", "votes": 1},
    ]


def test_another_than_the_leader_needs_a_reason(bob_leads, carol, organiser):
    with pytest.raises(ValidationError, match="Please give a reason"):
        decide(bob_leads, carol, organiser)
    assert Decision.objects.count() == 0


def test_another_than_the_leader_with_a_reason_is_recorded(bob_leads, carol, organiser):
    assert decide(bob_leads, carol, organiser, "Bob cannot travel.").reason == "Bob cannot travel."


def test_one_of_two_tied_leaders_needs_a_reason(conference, alice, bob, carol, organiser):
    make_vote(alice, bob)
    make_vote(bob, carol)
    with pytest.raises(ValidationError, match="Please give a reason"):
        decide(conference, bob, organiser)


def test_no_one_is_chosen_while_voting_is_open(conference, alice, bob, organiser):
    make_vote(alice, bob)
    with pytest.raises(
        ValidationError, match=r"Voting is open\. You can choose the speaker once it has closed"
    ):
        actions.decide_speaker(conference=conference, candidate=bob, by=Actor(organiser))
    assert not Decision.objects.exists()
    assert Conference.objects.get().election.is_open()


def test_a_second_decision_is_refused(bob_leads, bob, carol, organiser):
    decide(bob_leads, bob, organiser)
    with pytest.raises(ValidationError, match="already been chosen"):
        decide(bob_leads, carol, organiser, "Changed my mind.")


def test_the_database_refuses_two_current_decisions(conference, alice, bob, organiser):
    columns = {"election": conference.election, "decided_by": organiser, "tally": {}}
    Decision.objects.create(speaker=alice, **columns)
    with pytest.raises(IntegrityError):
        Decision.objects.create(speaker=bob, **columns)


def test_deciding_closes_voting_for_good(conference, alice, bob, carol, organiser):
    make_vote(alice, bob)
    decide(conference, bob, organiser)
    with pytest.raises(ValidationError, match="The count is final"):
        actions.cast_vote(by=Actor(carol.user), slug="open-conf", candidate_id=bob.pk)


def test_a_member_of_another_conference_cannot_be_chosen(conference, organiser):
    other = make_membership(make_conference())
    with pytest.raises(ValidationError, match="Only a current member"):
        decide(conference, other, organiser, "Best of all.")


def test_declining_frees_the_conference_but_not_the_count(bob_leads, bob, carol, organiser):
    decision = decide(bob_leads, bob, organiser)
    assert (
        actions.answer_decision(decision=decision, accept=False, by=Actor(decision.speaker.user))
        is Change.MADE
    )
    conference = Conference.objects.get()
    assert (conference.election.speaker, conference.election.state()) == (None, VotingState.CLOSED)


def test_after_a_decline_the_organiser_decides_again(bob_leads, bob, carol, organiser):
    actions.answer_decision(
        decision=decide(bob_leads, bob, organiser),
        accept=False,
        by=Actor(bob.user),
    )
    again = decide(bob_leads, carol, organiser, "Bob declined.")
    assert Decision.objects.current().get() == again
    assert Decision.objects.count() == 2


def test_an_answer_is_given_once(bob_leads, bob, organiser):
    decision = decide(bob_leads, bob, organiser)
    actions.answer_decision(decision=decision, accept=True, by=Actor(decision.speaker.user))
    assert (
        actions.answer_decision(decision=decision, accept=False, by=Actor(decision.speaker.user))
        is Change.NONE
    )
    assert Conference.objects.get().election.speaker == bob


def test_an_old_page_reads_what_became_of_the_choice(client, bob_leads, bob, organiser):
    decision = decide(bob_leads, bob, organiser)
    client.force_login(bob.user)
    path = "/conferences/open-conf/results/answer/"
    client.post(path, {"answer": "decline"})
    page = parse(client.post(path, {"answer": "accept"}, follow=True))
    assert "You declined on " in page.text
    decision.refresh_from_db()
    assert decision.answer == "declined"


def test_an_old_page_reads_that_the_organisers_have_withdrawn_their_choice(client, bob_leads, bob, organiser):
    decide(bob_leads, bob, organiser)
    Decision.objects.update(answer="taken_back")
    client.force_login(bob.user)
    answer = client.post("/conferences/open-conf/results/answer/", {"answer": "accept"}, follow=True)
    assert "The organisers have withdrawn their choice" in parse(answer).text


def test_an_old_page_reads_that_one_has_stepped_down(client, bob_leads, bob, organiser):
    decide(bob_leads, bob, organiser)
    client.force_login(bob.user)
    client.post("/conferences/open-conf/results/answer/", {"answer": "accept"})
    client.post("/conferences/open-conf/results/step-down/")
    answer = client.post("/conferences/open-conf/results/answer/", {"answer": "accept"}, follow=True)
    assert "You stepped down on " in parse(answer).text


def test_only_the_chosen_member_may_answer(as_alice, bob_leads, bob, organiser):
    decide(bob_leads, bob, organiser)
    answer = as_alice.post("/conferences/open-conf/results/answer/", {"answer": "decline"})
    assert answer.status_code == 404
    assert Decision.objects.get().answer == "pending"


def test_the_chosen_member_reads_it_on_my_page(client, bob_leads, bob, organiser):
    decide(bob_leads, bob, organiser)
    client.force_login(bob.user)
    assert "You have been chosen to speak at Open Conf." in parse(client.get("/me/")).text


def test_members_do_not_learn_that_a_decision_waits_for_an_answer(as_alice, bob_leads, bob, organiser):
    before = (
        parse(as_alice.get("/conferences/open-conf/")).part("[aria-labelledby=conditions-title] details").text
    )
    decide(bob_leads, bob, organiser)
    after = (
        parse(as_alice.get("/conferences/open-conf/")).part("[aria-labelledby=conditions-title] details").text
    )
    assert before.count("No:") == after.count("No:") == 1


def test_a_vote_without_rules_that_is_still_to_come_cannot_be_decided(alice, organiser):
    conference = make_conference(voting="scheduled", rules_set_at=None)
    with pytest.raises(ValidationError, match="Voting has not opened yet"):
        decide(conference, make_membership(conference), organiser, "Eager.")


def test_deciding_without_a_vote_publishes_no_ballots(client, organiser):
    conference = make_conference(slug="unvoted")
    member = make_membership(conference)
    decide(conference, member, organiser, "No one votes here.")
    client.force_login(member.user)
    assert not PublishedBallots.objects.exists()
    for page in ("", "ballot/", "results/", f"members/{member.pk}/"):
        assert client.get(f"/conferences/unvoted/{page}").status_code == 200


def test_the_chosen_member_is_asked_and_reads_what_can_be_changed(client, bob_leads, bob, organiser):
    close_and_decide(conference=bob_leads, candidate=bob, by=organiser)
    client.force_login(bob.user)
    page = parse(client.get("/conferences/open-conf/results/"))
    assert "You can step down later, but that cannot be undone." in page.text
    assert "Waiting for your answer" in page.text
    assert not page.mentions("There is nothing to see yet")
