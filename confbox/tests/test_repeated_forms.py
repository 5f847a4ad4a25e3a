"""The same form twice: a double click, a retry, Back. The second gets the same response as the first."""

import pickle
import re

import pytest
from django.core.cache import cache
from django.test import Client

from accounts.models import AdminAct, User
from accounts.tests.factories import PASSWORD, log_in_freshly
from confbox.kit.tests.page import parse
from confbox.kit.tests.stores import entries
from confbox.tests.forms import Browser, Forms
from conferences.models import Membership
from voting.campaigns.models import Campaign
from voting.elections.models import Vote
from voting.tests.factories import make_vote

pytestmark = pytest.mark.django_db(transaction=True)

SIGN_UP, CODE, RESET = "/accounts/signup/", "/accounts/signup/code/", "/accounts/password/reset/"
BALLOT, VOTE = "/conferences/open-conf/ballot/", "/conferences/open-conf/vote/"
NIA = {"name": "Nia Okoye", "email": "nia@example.org", "password1": PASSWORD}


@pytest.fixture(autouse=True)
def _fresh_limits(transactional_db):
    cache.clear()


@pytest.fixture
def visitor(live_server):
    return Browser(live_server.url)


@pytest.fixture
def as_alice(visitor, client, alice):
    return visitor.logged_in(log_in_freshly(client, alice.user))


def codes(mailoutbox):
    return [match[0] for message in mailoutbox if (match := re.search(r"\b\d{6}\b", message.body))]


def test_sign_up_pressed_twice_leads_to_the_code_page_both_times(visitor, mailoutbox):
    answers = visitor.send_at_once(visitor.form(SIGN_UP), **NIA)
    assert [(a.status, a.location) for a in answers] == [(302, CODE)] * 2
    assert len(codes(mailoutbox)) == 1
    visitor.take(answers[1])
    assert visitor.form(CODE).names() >= {"csrfmiddlewaretoken", "code"}


def test_confirm_pressed_twice_logs_in_at_the_page_before_both_times(visitor, mailoutbox, conference):
    page = "/conferences/open-conf/"
    visitor.send(visitor.form(f"{SIGN_UP}?next={page}", SIGN_UP), **NIA)
    answers = visitor.send_at_once(visitor.form(CODE), code=codes(mailoutbox)[0])
    assert [(a.status, a.location) for a in answers] == [(302, page)] * 2
    assert User.objects.count() == 1
    for answer in answers:
        again = visitor.copy()
        again.take(answer)
        assert "/accounts/logout/" in again.get("/me/").html


def test_confirm_sent_again_after_its_answer_is_answered_alike(visitor, mailoutbox):
    visitor.send(visitor.form(SIGN_UP), **NIA)
    form, code = visitor.form(CODE), codes(mailoutbox)[0]
    first, again = (visitor.send(form, code=code) for _ in range(2))
    assert again.alike() == first.alike() == (302, "/me/")
    assert visitor.get("/me/").status == 200


def test_another_browser_that_repeats_a_form_gets_nothing(visitor, mailoutbox):
    visitor.send(visitor.form(SIGN_UP), **NIA)
    form, code = visitor.form(CODE), codes(mailoutbox)[0]
    visitor.send(form, code=code)
    thief = Browser(f"http://{visitor.host}")
    assert thief.send(form, code=code).status == 403
    thief.form(SIGN_UP)
    assert thief.send(form, code=code).status == 403
    assert thief.get("/me/").is_redirect


def test_send_code_pressed_twice_leads_to_the_code_page_both_times(visitor, mailoutbox, alice):
    answers = visitor.send_at_once(visitor.form(RESET), email=alice.user.email)
    assert {a.alike() for a in answers} == {(302, "/accounts/password/reset/confirm/")}
    assert len(codes(mailoutbox)) == 1


def test_ask_the_organisers_pressed_twice_leads_to_the_request_both_times(as_alice, alice):
    path = "/conferences/open-conf/campaigns/new/"
    answers = as_alice.send_at_once(as_alice.form(path), subject="Queues", message="They are long.")
    asked = Campaign.objects.get()
    assert {a.alike() for a in answers} == {(302, asked.get_absolute_url())}


def test_a_wrong_code_pressed_twice_is_one_try(visitor, mailoutbox):
    visitor.send(visitor.form(SIGN_UP), **NIA)
    wrong = f"{(int(codes(mailoutbox)[0]) + 1) % 10**6:06d}"
    answers = visitor.send_at_once(visitor.form(CODE), code=wrong)
    assert [a.status for a in answers] == [200, 200]
    assert ["You have 2 tries left" in a.html for a in answers] == [True, True]


def test_what_was_done_since_is_not_taken_for_a_repetition(as_alice, alice):
    """Leave, join again, go back to the first page and leave once more: that is a third act."""
    leave, join = (f"/conferences/open-conf/{verb}/" for verb in ("leave", "join"))
    leaving = as_alice.form("/conferences/open-conf/", leave)
    as_alice.send(leaving)
    as_alice.send(as_alice.form("/conferences/open-conf/", join))
    assert Membership.objects.current().filter(user=alice.user).exists()
    as_alice.send(leaving)
    assert not Membership.objects.current().filter(user=alice.user).exists()


def test_a_vote_given_again_is_withdrawn_from_the_first_page(as_alice, alice, bob):
    """Withdraw, vote again elsewhere, go back to the first page and withdraw once more."""
    make_vote(alice, bob)
    withdrawal = as_alice.form(BALLOT, f"{VOTE}withdraw/")
    as_alice.send(withdrawal)
    as_alice.send(as_alice.form(BALLOT, VOTE), candidate=str(bob.pk))
    assert Vote.objects.exists()
    as_alice.send(withdrawal)
    assert not Vote.objects.exists()


def test_withdraw_pressed_twice_is_answered_alike(as_alice, alice, bob):
    make_vote(alice, bob)
    withdrawal = as_alice.form(BALLOT, f"{VOTE}withdraw/")
    answers = [*as_alice.send_at_once(withdrawal), as_alice.copy().send(withdrawal)]
    assert {answer.alike() for answer in answers} == {(302, BALLOT)}
    for answer in answers:
        again = as_alice.copy()
        again.take(answer)
        page = again.get(BALLOT).html
        assert "Your vote has been withdrawn." in page
        assert "no vote to withdraw" not in page


def test_another_text_in_the_same_form_is_another_form(as_alice, alice):
    form = as_alice.form("/conferences/open-conf/pitch/")
    for headline in ("Queues", "Locks"):
        assert as_alice.send(form, headline=headline, statement="Long.").is_redirect
    alice.refresh_from_db()
    assert alice.pitch.headline == "Locks"


def test_answers_are_kept_encrypted(visitor, mailoutbox):
    visitor.send(visitor.form(SIGN_UP), **NIA)
    visitor.send(visitor.form(CODE), code=codes(mailoutbox)[0])
    session = visitor.cookies["sessionid"]
    plain = [key + repr(pickle.loads(value)) for key, value in entries("answers")]
    assert len(plain) >= 2
    assert not [text for text in plain if session in text or "/me/" in text]


def test_control_without_the_guard_the_second_press_is_refused(settings, mailoutbox):
    settings.MIDDLEWARE = [name for name in settings.MIDDLEWARE if "RepeatedForms" not in name]
    client = Client(enforce_csrf_checks=True)

    def typed(path, **text):
        found = [form for form in Forms(path, client.get(path).content.decode()).found if form.action == path]
        return dict(found[0].fields) | text

    client.post(SIGN_UP, typed(SIGN_UP, **NIA))
    sent = typed(CODE, code=codes(mailoutbox)[0])
    assert [client.post(CODE, sent).status_code for _ in range(2)] == [302, 403]


def test_a_refusal_sent_twice_is_said_once(as_alice, bob):
    form = as_alice.form(bob.get_absolute_url(), "/conferences/open-conf/vote/")
    for _ in range(2):
        assert as_alice.send(form, candidate=None).is_redirect
    page = parse(as_alice.get("/conferences/open-conf/ballot/").html)
    assert page.messages == ["Please choose one member to vote for."]


def export_of(desk):
    forms = [each for form in desk.forms("/admin/accounts/user/") for each in form.variants()]
    return next(form for form in forms if form.chosen.get("action") == "export_selected")


def test_an_export_pressed_twice_is_one_line_of_the_history_and_another_is_another(live_server, organiser):
    desk = Browser(live_server.url).logged_in(log_in_freshly(Client(), organiser))
    first, second = desk.send_at_once(export_of(desk))
    assert (first.status, first.html) == (second.status, second.html)
    assert AdminAct.objects.filter(act="export").count() == 1
    desk.send(export_of(desk))
    assert AdminAct.objects.filter(act="export").count() == 2
