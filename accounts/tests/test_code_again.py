"""To show again who one is with a code by email."""

import re
import time
from datetime import timedelta

import pytest
import time_machine
from allauth.mfa.totp.internal.auth import TOTP, generate_totp_secret
from django.core.cache import cache
from django.test import Client
from django.utils import timezone

from accounts.models import User
from accounts.tests.factories import log_in_freshly, make_user
from confbox.kit.tests.page import parse

AGAIN = "/accounts/reauthenticate/code/"
SEND = "/accounts/reauthenticate/code/send/"
EXPORT = "/people/export/"
NEW = "another-battery-staple"

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _fresh_limits():
    cache.clear()


@pytest.fixture
def dora():
    """She has signed up without a password."""
    return make_user("dora@example.org", password=None)


@pytest.fixture
def as_dora(client, dora):
    return log_in_long_ago(client, dora)


def log_in_long_ago(client, person):
    session = log_in_freshly(client, person).session
    session["account_authentication_methods"] = [{"method": "code", "at": time.time() - 3600}]
    session.save()
    return client


def code_of(message):
    return re.search(r"\b\d{6}\b", message.body)[0]


def show_again(client, mailoutbox, back=EXPORT):
    client.post(SEND, {"next": back})
    return client.post(AGAIN, {"code": code_of(mailoutbox[-1]), "next": back})


def test_a_person_without_a_password_is_asked_for_a_code(as_dora):
    assert as_dora.get(EXPORT).url.startswith(AGAIN)


def test_the_code_leads_on_to_what_asked_for_it(as_dora, mailoutbox):
    assert show_again(as_dora, mailoutbox).url == EXPORT
    assert as_dora.get(EXPORT).status_code == 200


def test_a_form_that_waited_is_processed_after_the_code(as_dora, mailoutbox, dora):
    assert as_dora.post("/people/delete/", {"understood": "on"}).url.startswith(AGAIN)
    show_again(as_dora, mailoutbox, "/people/delete/")
    assert not User.objects.filter(email=dora.email).exists()


def test_nothing_is_sent_before_the_person_asks(as_dora, mailoutbox):
    as_dora.get(AGAIN)
    assert mailoutbox == []


@pytest.mark.parametrize("path", ["/accounts/2fa/totp/activate/", "/accounts/password/set/"])
def test_pages_of_the_library_ask_a_person_without_a_password(as_dora, path):
    session = as_dora.session
    session["enrolment_confirmed"] = time.time()
    session.save()
    assert as_dora.get(path).url.startswith(AGAIN)


def test_a_password_is_set_only_after_the_code(as_dora, mailoutbox, dora):
    as_dora.post("/accounts/password/set/", {"password1": NEW, "password2": NEW})
    assert not User.objects.get(pk=dora.pk).has_usable_password()
    show_again(as_dora, mailoutbox, "/accounts/password/set/")
    assert User.objects.get(pk=dora.pk).check_password(NEW)


def test_a_wrong_code_leads_nowhere_and_is_logged(as_dora, mailoutbox, dora, caplog):
    as_dora.post(SEND)
    wrong = f"{(int(code_of(mailoutbox[0])) + 1) % 10**6:06d}"
    assert "That is not the code" in parse(as_dora.post(AGAIN, {"code": wrong})).text
    assert as_dora.get(EXPORT).status_code == 302
    assert caplog.records[-1].message.endswith("purpose=again")


def test_a_code_for_another_purpose_is_not_taken(as_dora, mailoutbox):
    as_dora.post("/accounts/2fa/confirm/send/")
    as_dora.post(AGAIN, {"code": code_of(mailoutbox[0])})
    assert as_dora.get(EXPORT).status_code == 302


def test_a_code_to_an_address_that_has_been_replaced_is_not_taken(as_dora, mailoutbox, dora):
    as_dora.post(SEND)
    User.objects.filter(pk=dora.pk).update(email="new@example.org")
    as_dora.post(AGAIN, {"code": code_of(mailoutbox[0])})
    assert as_dora.get(EXPORT).status_code == 302


def test_the_code_of_another_person_in_the_same_browser_is_not_taken(as_dora, mailoutbox):
    as_dora.post(SEND)
    session = as_dora.session
    erik = Client()
    log_in_long_ago(erik, make_user("erik@example.org", password=None))
    theirs = erik.session
    theirs["code:again"] = session["code:again"]
    theirs.save()
    erik.post(AGAIN, {"code": code_of(mailoutbox[0])})
    assert erik.get(EXPORT).status_code == 302


def test_the_session_gets_another_key(as_dora, mailoutbox):
    before = as_dora.session.session_key
    show_again(as_dora, mailoutbox)
    assert as_dora.session.session_key != before


def test_a_second_code_has_to_be_waited_for(as_dora, mailoutbox):
    for _ in range(2):
        as_dora.post(SEND)
    assert len(mailoutbox) == 1
    with time_machine.travel(timezone.now() + timedelta(seconds=31), tick=False):
        as_dora.post(SEND)
    assert len(mailoutbox) == 2


def test_a_person_who_has_forgotten_their_password_is_offered_a_code(client):
    log_in_long_ago(client, make_user("erik@example.org"))
    page = client.get(EXPORT, follow=True)
    assert page.redirect_chain[0][0].startswith("/accounts/reauthenticate/?")
    assert [link for link in parse(page).links if link.startswith(f"{AGAIN}?next=")]


def test_a_person_with_a_second_factor_is_not_offered_less(client, dora):
    TOTP.activate(dora, generate_totp_secret())
    log_in_long_ago(client, dora)
    assert client.get(EXPORT).url.startswith("/accounts/2fa/reauthenticate/")
    assert client.get(AGAIN).url == "/accounts/2fa/reauthenticate/"


def test_a_code_never_leads_off_the_site(as_dora, mailoutbox):
    assert "evil" not in show_again(as_dora, mailoutbox, "https://evil.example/").url
