"""An announced speaker steps down: those who were told of them are notified, and pages say so."""

import pytest
from django.core import mail
from django.utils.html import escape

from accounts.actors import Actor
from accounts.tests.factories import log_in_freshly
from confbox.kit.tests.page import parse
from conferences.models import Role
from conferences.tests.factories import make_membership
from conferences.tests.teams import make_team_member
from voting.campaigns.models import Delivery
from voting.elections.answers import answer_decision, step_down
from voting.elections.models import Decision
from voting.tests.campaigns import send_approved
from voting.tests.factories import close_and_decide, decide_and_accept, make_vote

pytestmark = pytest.mark.django_db
URL = "/conferences/open-conf/results/step-down/"
SAID = "Bob was to speak and has stepped down. The organisers will now choose another member."


@pytest.fixture
def decision(conference, alice, bob, carol, organiser):
    """Bob has accepted."""
    make_vote(alice, bob)
    return decide_and_accept(conference=conference, candidate=bob, by=organiser)


@pytest.fixture
def announced(decision):
    send_approved()
    mail.outbox.clear()
    return decision


def leave(decision, reason=""):
    done = step_down(decision=decision, by=Actor(decision.speaker.user), reason=reason)
    send_approved()
    return done


def emails_to(person):
    return [message for message in mail.outbox if message.to == [person.email]]


def test_those_who_were_told_who_would_speak_read_once_that_it_is_not_so(announced, alice, carol, bob):
    for _ in range(2):
        leave(announced)
    for member in (alice, carol):
        [message] = emails_to(member.user)
        assert message.subject == "Bob can no longer speak at Open Conf"
        assert "Bob, who was to speak at Open Conf, has stepped down." in message.body
        assert "The organisers will now choose another member." in message.body
    assert emails_to(bob.user) == []


def test_who_was_told_nothing_gets_no_email(announced, conference, alice):
    late = make_membership(conference, name="Late Member")
    leave(announced)
    assert emails_to(late.user) == []
    assert emails_to(alice.user)


def test_before_the_result_was_sent_no_one_is_notified(decision, alice):
    mail.outbox.clear()
    leave(decision)
    assert emails_to(alice.user) == []
    assert not Delivery.objects.exists()


def test_an_organiser_who_is_a_member_gets_one_email(announced, conference, alice):
    make_team_member(conference, Role.ORGANISER, user=alice.user)
    leave(announced, "I am ill.")
    [message] = emails_to(alice.user)
    assert "Please choose again." in message.body
    assert "Their reason: I am ill." in message.body


def test_only_the_team_reads_the_reason(client, announced, organiser, alice, bob):
    client.force_login(bob.user)
    assert parse(client.get("/conferences/open-conf/results/")).has_field("decline_reason")
    client.post(URL, {"decline_reason": "I am <ill>."})
    send_approved()
    assert "I am <ill>." in emails_to(organiser)[0].body
    assert "<ill>" not in emails_to(alice.user)[0].body
    log_in_freshly(client, organiser)
    page = parse(client.get(f"/admin/voting/votes/{announced.election_id}/decision/"))
    assert "I am <ill>." in page.text
    client.force_login(alice.user)
    for path in ("", "results/", "ballot/"):
        shown = parse(client.get(f"/conferences/open-conf/{path}"))
        assert not shown.mentions("I am <ill>.")
        assert not shown.mentions(escape("I am <ill>."))


def test_reason_that_is_too_long_is_refused_and_kept(client, announced, bob):
    client.force_login(bob.user)
    page = parse(client.post(URL, {"decline_reason": "x" * 1001}))
    assert page.field("decline_reason")["value"] == "x" * 1001
    assert page.has("#answer[open]")
    assert Decision.objects.get().answer == "accepted"


@pytest.mark.parametrize("path", ["", "results/"])
def test_members_read_on_the_page_who_was_to_speak(as_alice, announced, path):
    leave(announced)
    assert SAID in parse(as_alice.get(f"/conferences/open-conf/{path}")).text


@pytest.mark.parametrize("path", ["", "results/"])
def test_pages_do_not_say_it_of_one_who_declined_or_once_another_speaks(
    as_alice, announced, conference, carol, organiser, path
):
    leave(announced)
    another = close_and_decide(conference=conference, candidate=carol, by=organiser, reason="Second.")
    answer_decision(decision=another, accept=True, by=Actor(carol.user))
    assert SAID not in parse(as_alice.get(f"/conferences/open-conf/{path}")).text
    Decision.objects.filter(pk=announced.pk).update(answer="declined")
    Decision.objects.filter(pk=another.pk).update(answer="declined")
    conference.election.__class__.objects.update(speaker=None, decided_at=None)
    assert "stepped down" not in parse(as_alice.get(f"/conferences/open-conf/{path}")).text


def test_who_chooses_again_sees_who_stepped_down(as_organiser, announced):
    leave(announced)
    page = parse(as_organiser.get(f"/admin/voting/votes/{announced.election_id}/decision/"))
    assert "stepped down" in page.texts("#list .desk-mark")
