"""A mailbox is not flooded, however its address is spelled, and a stranger cannot keep its owner out."""

from datetime import timedelta

import pytest
import time_machine
from django.core.cache import cache
from django.test import Client
from django.utils import timezone

from accounts.tests.factories import PASSWORD, log_in_freshly, make_user
from confbox.kit.tests.page import parse

RESET = "/accounts/password/reset/"


@pytest.fixture(autouse=True)
def _fresh_limits(db):
    cache.clear()


@pytest.fixture
def dora():
    return make_user("dora@example.org")


def sign_up(email, source="127.0.6.1"):
    data = {"name": "Nia", "email": email, "password1": "a-long-enough-passphrase"}
    return Client(REMOTE_ADDR=source).post("/accounts/signup/", data)


def ask_to_reset(source, client=None, email="dora@example.org"):
    return (client or Client()).post(RESET, {"email": email}, REMOTE_ADDR=source)


@pytest.mark.parametrize(
    "spellings",
    [
        [f"victim+{number}@example.org" for number in range(15)],
        [f"VICTIM+x{number}@Example.ORG" for number in range(15)],
        ["victim@gmail.com", "v.ictim@gmail.com", "vi.ct.im+a@gmail.com", "victim@googlemail.com"],
    ],
)
def test_spellings_of_one_mailbox_get_one_sign_up_code(mailoutbox, spellings):
    for email in spellings:
        sign_up(email)
    assert len(mailoutbox) == 1


def test_address_changes_to_one_mailbox_send_one_code(dora, mailoutbox):
    client = log_in_freshly(Client(), dora)
    for tag in range(8):
        answer = client.post("/accounts/email/", {"email": f"victim+{tag}@example.org", "action_add": ""})
    assert (answer.status_code, len(mailoutbox)) == (429, 1)


def test_link_to_confirm_ones_address_again_is_sent_once_in_a_while(dora, mailoutbox):
    client = log_in_freshly(Client(), dora)
    answers = [client.post("/me/address/").status_code for _ in range(25)]
    assert (set(answers), len(mailoutbox)) == ({302}, 1)
    assert "We have just sent an email" in parse(client.get("/me/")).text


def test_one_person_sends_codes_to_at_most_twenty_mailboxes_an_hour(dora, mailoutbox):
    noon = timezone.now().replace(hour=12, minute=0, second=0)
    for minute in range(25):
        with time_machine.travel(noon + timedelta(minutes=minute), tick=False):
            client = log_in_freshly(Client(), dora)
            client.post("/accounts/email/", {"email": f"victim{minute}@example.org", "action_add": ""})
    assert len(mailoutbox) == 20


def test_stranger_does_not_use_up_all_resets_of_an_account(dora, mailoutbox):
    start = timezone.now()
    for minute in range(8):
        with time_machine.travel(start + timedelta(minutes=minute), tick=False):
            ask_to_reset("127.0.6.66")
    assert len(mailoutbox) == 3
    with time_machine.travel(start + timedelta(minutes=9), tick=False):
        assert ask_to_reset("127.0.6.2").status_code == 302


def test_strangers_of_many_networks_do_not_keep_a_known_device_from_a_reset(dora, mailoutbox):
    client = Client()
    client.post("/accounts/login/", {"login": dora.email, "password": PASSWORD})
    client.post("/accounts/logout/")
    start = timezone.now()
    for minute in range(12):
        with time_machine.travel(start + timedelta(minutes=minute), tick=False):
            ask_to_reset(f"127.0.6.{minute + 10}")
    assert len(mailoutbox) == 6
    with time_machine.travel(start + timedelta(minutes=13), tick=False):
        assert ask_to_reset("127.0.6.2").status_code == 200
        assert ask_to_reset("127.0.6.2", client).status_code == 302
    assert len(mailoutbox) == 7


def test_email_that_could_not_be_asked_for_while_others_log_in_is_not_counted(monkeypatch, mailoutbox):
    from django.core.exceptions import ValidationError

    def busy(password):
        raise ValidationError("busy", code="busy")

    with monkeypatch.context() as patched:
        patched.setattr("accounts.views.signup.make_password", busy)
        sign_up("nia@example.org")
    assert sign_up("nia@example.org").status_code == 302
    assert len(mailoutbox) == 1
