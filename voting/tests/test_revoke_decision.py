"""Organisers withdraw a speaker who has accepted and cannot come, and choose again."""

from datetime import timedelta

import pytest
from django.core import mail
from django.core.exceptions import ValidationError
from django.test import Client
from django.utils import timezone

from accounts.actors import Actor
from accounts.models import AdminAct
from accounts.tests.factories import log_in_freshly
from confbox.kit.outcomes import Change
from confbox.kit.tests.page import parse
from conferences.changes.actions import cancel_conference
from conferences.consent.actions import confirm_request
from conferences.models import Conference, ConsentRequest, Role
from conferences.tests.factories import make_membership
from conferences.tests.teams import make_team_member
from voting.elections.answers import revoke_decision, step_down
from voting.elections.models import Decision
from voting.tests.campaigns import send_approved
from voting.tests.consent import make_team
from voting.tests.factories import close_and_decide, decide_and_accept, make_vote

pytestmark = pytest.mark.django_db
ILL = "Bob called: he is ill."
SAID = "Bob was to speak and can no longer do so. The organisers will now choose another member."


@pytest.fixture
def announced(conference, alice, bob, carol, organiser):
    """Bob has accepted, and the members who were there have been told."""
    make_vote(alice, bob)
    found = decide_and_accept(conference=conference, candidate=bob, by=organiser)
    send_approved()
    mail.outbox.clear()
    return found


def page_of(decision):
    return f"/admin/voting/votes/{decision.election_id}/take-back/{decision.pk}/"


def desk_of(decision):
    return f"/admin/voting/votes/{decision.election_id}/decision/"


def revoke(decision, by, reason=ILL):
    done = revoke_decision(decision=decision, reason=reason, by=Actor(by))
    send_approved()
    return done


def emails_to(person):
    return [message for message in mail.outbox if message.to == [person.email]]


def test_organisers_can_choose_again(as_organiser, conference, announced, carol, organiser):
    assert page_of(announced) in parse(as_organiser.get(desk_of(announced))).links
    as_organiser.post(page_of(announced), {"reason": ILL})
    election = Conference.objects.get().election
    assert (election.speaker, election.decided_at) == (None, None)
    again = close_and_decide(conference=conference, candidate=carol, by=organiser, reason="Second.")
    assert again.answer == "pending"


def test_speaker_and_those_who_were_told_are_notified_once_and_only_the_speaker_reads_why(
    as_organiser, conference, announced, alice, bob, carol
):
    late = make_membership(conference, name="Late Member")
    for _ in range(2):
        answer = as_organiser.post(page_of(announced), {"reason": ILL}, follow=True)
        assert answer.redirect_chain
        send_approved()
    [message] = emails_to(bob.user)
    assert message.subject == "You are no longer the speaker of Open Conf"
    assert f"Their reason: {ILL}" in message.body
    for member in (alice, carol):
        [message] = emails_to(member.user)
        assert message.subject == "Bob can no longer speak at Open Conf"
        assert "Bob, who was to speak at Open Conf, can no longer do so." in message.body
        assert ILL not in message.body
    assert emails_to(late.user) == []


def test_team_is_notified_with_the_reason(announced, conference, organiser):
    other = make_team_member(conference, Role.ORGANISER).person
    revoke(announced, organiser)
    [message] = emails_to(other)
    assert "Organisers have withdrawn the choice." in message.body
    assert ILL in message.body
    assert "Please choose again." in message.body


@pytest.mark.parametrize("path", ["", "results/", "ballot/"])
def test_members_read_who_was_to_speak_and_not_why(as_alice, announced, organiser, path):
    revoke(announced, organiser)
    page = parse(as_alice.get(f"/conferences/open-conf/{path}"))
    assert (SAID in page.text) == (path != "ballot/")
    assert not page.mentions(ILL)


def test_audit_log_has_it_once_with_the_reason(announced, organiser):
    assert [revoke(announced, organiser) for _ in range(2)] == [Change.MADE, Change.NONE]
    [act] = AdminAct.objects.filter(what__startswith="Speaker who had accepted withdrawn")
    assert (act.by, act.reason, act.is_personal) == (organiser, ILL, True)


def test_page_asks_for_a_reason_and_changes_nothing_without_one(as_organiser, announced):
    shown = parse(as_organiser.get(page_of(announced))).part("#take-back")
    assert "Bob has accepted." in shown.text
    for typed in ({"reason": " "}, {"reason": "x" * 1001}):
        page = parse(as_organiser.post(page_of(announced), typed))
        assert page.errors
    assert Decision.objects.get().answer == "accepted"
    assert mail.outbox == []


def test_old_page_on_which_the_member_had_not_answered_withdraws_nothing(as_organiser, announced):
    answer = as_organiser.post(page_of(announced), follow=True)
    assert "already answered" in parse(answer).text
    assert Decision.objects.get().answer == "accepted"


def test_speaker_who_stepped_down_meanwhile_is_not_withdrawn_as_well(announced, organiser, bob):
    step_down(decision=announced, by=Actor(bob.user))
    with pytest.raises(ValidationError, match="Bob is no longer the speaker"):
        revoke(announced, organiser)
    assert Decision.objects.get().answer == "withdrawn"


def test_speaker_on_an_old_page_reads_that_they_were_withdrawn(client, announced, organiser, bob):
    revoke(announced, organiser)
    client.force_login(bob.user)
    page = parse(client.post("/conferences/open-conf/results/step-down/", follow=True))
    assert "The organisers have withdrawn their choice" in page.text
    assert Decision.objects.get().answer == "revoked"


def test_speaker_of_a_conference_that_is_over_stays(announced, conference, organiser):
    Conference.objects.update(
        starts_at=timezone.now() - timedelta(days=2),
        ends_at=timezone.now() - timedelta(days=1),
    )
    with pytest.raises(ValidationError, match="is over"):
        revoke(announced, organiser)


def test_conference_that_is_cancelled_has_no_speaker_to_withdraw(announced, conference, organiser):
    cancel_conference(conference=conference, reason="Storm.", by=Actor(organiser))
    with pytest.raises(ValidationError, match="cancelled"):
        revoke(announced, organiser)


def test_who_chooses_again_sees_who_was_withdrawn_and_why(as_organiser, announced, organiser):
    revoke(announced, organiser)
    page = parse(as_organiser.get(desk_of(announced)))
    assert "withdrawn" in page.texts("#list .desk-mark")
    assert ILL in page.part(".desk-warning").text


@pytest.mark.parametrize("role", [Role.REVIEWER, Role.HELP_DESK, Role.OBSERVER])
def test_only_those_who_choose_the_speaker_withdraw_them(client, conference, announced, role):
    log_in_freshly(client, make_team_member(conference, role).person)
    assert client.post(page_of(announced), {"reason": ILL}).status_code == 403
    assert Decision.objects.get().answer == "accepted"


def test_second_person_confirms_it_where_one_confirms_the_choice(conference, announced):
    first, second = make_team(conference, "decision")
    browser = log_in_freshly(Client(), first)
    assert "Second Person" in parse(browser.get(page_of(announced))).part("#second-person").text
    for _ in range(2):
        browser.post(page_of(announced), {"reason": ILL})
    assert Decision.objects.get().answer == "accepted"
    asked = ConsentRequest.objects.get()
    confirm_request(asked=asked, by=Actor(second))
    assert Decision.objects.get().answer == "revoked"
