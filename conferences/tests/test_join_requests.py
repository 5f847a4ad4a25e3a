"""A person asks to be let in, and an organiser answers."""

import pytest
from django.core import mail
from django.core.exceptions import ValidationError

from accounts.actors import Actor
from accounts.models import AdminAct
from accounts.my_data.actions import delete_account
from accounts.my_data.export import everything_about
from accounts.tests.factories import log_in_freshly, make_user
from confbox.kit.outcomes import Change
from confbox.kit.tests.page import parse
from conferences.joining.actions import answer_request
from conferences.models import Conference, JoinRequest, Membership
from conferences.tests.admission import BY_COMMAND, ask, code_for, is_member, join, long_ago, only
from conferences.tests.factories import make_conference, make_membership

pytestmark = pytest.mark.django_db


@pytest.fixture
def conference(db):
    return only(make_conference(title="Conf 26", slug="conf-26"), approval=True)


@pytest.fixture
def ada(db):
    return make_user("ada@example.org", name="Ada")


def answer(asked, answer, reason="", by=BY_COMMAND):
    return answer_request(asked=asked, answer=answer, reason=reason, by=by)


def decline(asked, reason="We do not know you."):
    return answer(asked, "declined", reason)


def refusal(conference, user, **options):
    with pytest.raises(ValidationError) as refused:
        ask(conference, user, **options)
    return refused.value.messages[0]


def test_person_who_asks_is_not_a_member_yet(conference, ada):
    asked = ask(conference, ada, "I spoke here last year.\r\n")
    assert (asked.sentence, asked.is_waiting) == ("I spoke here last year.", True)
    assert not is_member(conference, ada)
    with pytest.raises(ValidationError, match="organisers’ approval, which you can ask for"):
        join(conference, ada)


def test_person_who_is_accepted_is_a_member_and_gets_an_email(conference, ada, organiser):
    asked = ask(conference, ada)
    mail.outbox.clear()
    assert answer(asked, "accepted", "Welcome!", by=Actor(organiser)) is Change.MADE
    assert is_member(conference, ada)
    assert (asked.answered_by, asked.reason) == (organiser, "Welcome!")
    [sent] = mail.outbox
    assert (sent.to, sent.subject) == (["ada@example.org"], "You are a member of Conf 26")
    assert "Their message: Welcome!" in sent.body
    assert "/conferences/conf-26/" in sent.body


def test_person_who_is_declined_gets_the_reason_by_email(conference, ada):
    asked = ask(conference, ada)
    mail.outbox.clear()
    decline(asked)
    assert not is_member(conference, ada)
    assert "Their message: We do not know you." in mail.outbox[0].body


def test_declining_needs_a_reason(conference, ada):
    asked = ask(conference, ada)
    with pytest.raises(ValidationError) as refused:
        decline(asked, reason=" ")
    assert set(refused.value.message_dict) == {"reason"}
    assert JoinRequest.objects.waiting().get() == asked


def test_same_answer_twice_changes_nothing_and_sends_nothing(conference, ada):
    asked = ask(conference, ada)
    mail.outbox.clear()
    assert [decline(asked), decline(asked)] == [Change.MADE, Change.NONE]
    assert len(mail.outbox) == 1


def test_second_organiser_who_answers_otherwise_is_refused(conference, ada):
    asked = ask(conference, ada)
    decline(asked)
    with pytest.raises(ValidationError, match="has already been answered"):
        answer(asked, "accepted")
    assert not is_member(conference, ada)


def test_unknown_answer_is_refused(conference, ada):
    with pytest.raises(ValidationError, match="let the person in or decline"):
        answer(ask(conference, ada), "perhaps")


def test_person_who_cannot_join_any_more_is_not_accepted(conference, ada):
    asked = ask(conference, ada)
    Conference.objects.update(status="inactive")
    with pytest.raises(ValidationError, match="not open to new members"):
        answer(asked, "accepted")
    assert JoinRequest.objects.waiting().get() == asked


def test_disabled_person_is_not_accepted(conference, ada):
    asked = ask(conference, ada)
    ada.is_active = False
    ada.save()
    with pytest.raises(ValidationError, match="disabled"):
        answer(asked, "accepted")


def test_request_is_accepted_also_after_the_rule_was_switched_off(conference, ada):
    asked = ask(conference, ada)
    only(conference)
    answer(asked, "accepted")
    assert is_member(conference, ada)


def test_accepted_person_may_come_back_after_leaving(conference, ada):
    answer(ask(conference, ada), "accepted")
    Membership.objects.update(left_at=long_ago())
    join(conference, ada)
    assert is_member(conference, ada)


def test_asking_while_a_request_waits_changes_nothing(conference, ada):
    first = ask(conference, ada)
    assert ask(conference, ada, "Please!") == first
    assert JoinRequest.objects.get().sentence == first.sentence


def test_declined_person_may_ask_once_more(conference, ada):
    for sentence in ("First.", "Second."):
        decline(ask(conference, ada, sentence))
    assert refusal(conference, ada) == "The organisers have declined twice, so you cannot ask again."
    assert JoinRequest.objects.count() == 2


def test_other_ways_stay_open_to_who_was_declined(conference, ada):
    decline(ask(conference, ada))
    join(conference, ada, code=code_for(conference).code)
    assert is_member(conference, ada)


@pytest.mark.parametrize(
    ("rules", "words"),
    [
        ({}, "The organisers of Conf 26 do not accept requests to join."),
        ({"everyone": True, "approval": True}, "You can join Conf 26 without asking."),
        ({"email_domains": ["example.org"], "approval": True}, "You can join Conf 26 without asking."),
    ],
)
def test_no_one_asks_in_vain(conference, ada, rules, words):
    assert refusal(only(conference, **rules), ada) == words
    assert not JoinRequest.objects.exists()


def test_member_does_not_ask(conference):
    assert "You are a member" in refusal(conference, make_membership(conference).user)


def test_conference_that_is_not_active_takes_no_requests(conference, ada):
    Conference.objects.update(status="inactive")
    conference.refresh_from_db()
    assert refusal(conference, ada) == "Conf 26 is not open to new members."


@pytest.mark.parametrize("sentence", ["", " \n\t", "x" * 501, "\ud800"])
def test_sentence_that_cannot_be_read_or_stored_is_refused(conference, ada, sentence):
    with pytest.raises(ValidationError) as refused:
        ask(conference, ada, sentence)
    assert set(refused.value.message_dict) == {"sentence"}


def test_log_has_what_was_answered_and_no_name(conference, ada, organiser):
    AdminAct.objects.all().delete()
    asked = ask(conference, ada)
    decline(asked)
    acts = [(act.act, act.by, act.what, act.about_id, act.reason) for act in AdminAct.objects.order_by("pk")]
    assert acts == [
        ("ask to join", ada, "", None, ""),
        ("change", None, "Request to join declined: {name}.", asked.pk, "We do not know you."),
    ]


def test_person_exports_their_requests(conference, ada):
    decline(ask(conference, ada))
    [exported] = everything_about(ada)["requests_to_join"]
    assert (exported["sentence"], exported["reason"]) == ("I spoke here last year.", "We do not know you.")
    assert "answered_by_id" not in exported


def test_requests_go_with_the_account(client, conference, ada):
    ask(conference, ada)
    log_in_freshly(client, ada)
    assert "when you asked to join is deleted" in parse(client.get("/people/delete/")).text
    delete_account(by=Actor(ada))
    assert not JoinRequest.objects.exists()
