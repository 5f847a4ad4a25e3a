"""The envelope sender of an email shows to which mailbox it went, and only to the site that sent it."""

from datetime import timedelta
from email import message_from_bytes

import pytest
import time_machine
from django.core.mail import EmailMessage, get_connection
from django.utils import timezone

from confbox.kit.bounce_addresses import returned_to, set_bounce_address
from confbox.kit.email_sending import send_email
from confbox.kit.tests.mail_servers import serving

SENDER = "Open Conf <site@example.org>"


@pytest.fixture(autouse=True)
def bounce_address(settings):
    settings.BOUNCE_ADDRESS = "bounces@bounce.example.org"


def letter(to="alice@example.org", body="Hello"):
    return EmailMessage("News", body, SENDER, [to])


def sender_of(message):
    return set_bounce_address(message).from_email


def test_token_shows_to_which_mailbox_the_email_went():
    assert returned_to(sender_of(letter())).went_to("alice@example.org")


def test_token_of_one_mailbox_is_not_of_another():
    assert not returned_to(sender_of(letter())).went_to("bob@example.org")


def test_sender_that_recipients_see_stays():
    assert set_bounce_address(letter()).message()["From"] == SENDER


def test_without_the_setting_nothing_changes(settings):
    settings.BOUNCE_ADDRESS = ""
    message = set_bounce_address(letter())
    assert (message.from_email, message.extra_headers) == (SENDER, {})


def test_second_attempt_has_the_same_sender():
    with time_machine.travel("2026-03-01T10:00Z", tick=False):
        assert sender_of(letter()) == sender_of(letter())


def test_each_letter_has_a_sender_of_its_own():
    assert sender_of(letter(body="123456")) != sender_of(letter(body="654321"))


def test_local_part_is_no_longer_than_smtp_allows():
    assert len(sender_of(letter()).rpartition("@")[0]) <= 64


def test_email_with_several_recipients_keeps_its_sender():
    assert sender_of(EmailMessage("News", "Hello", SENDER, ["a@example.org", "b@example.org"])) == SENDER


def test_address_is_read_in_any_case():
    assert returned_to(sender_of(letter()).upper()).went_to("alice@example.org")


@pytest.mark.parametrize(("days", "is_valid"), [(14, True), (16, False), (-2, False)])
def test_token_is_valid_for_fourteen_days(days, is_valid):
    address = sender_of(letter())
    with time_machine.travel(timezone.now() + timedelta(days=days), tick=False):
        assert bool(returned_to(address)) == is_valid


@pytest.mark.parametrize("place", range(8, 48))
def test_token_with_one_other_letter_is_refused(place):
    address = sender_of(letter())
    other = "b" if address[place] != "b" else "c"
    assert returned_to(address[:place] + other + address[place + 1 :]) is None


@pytest.mark.parametrize(
    "address",
    [
        "",
        "@",
        "bounces@bounce.example.org",
        "bounces+@bounce.example.org",
        "bounces+é@bounce.example.org",
        "bounces+aaaaaaaa@bounce.example.org",
        f"bounces+{'a' * 40}@bounce.example.org",
        f"bounces+{'a' * 100_000}@bounce.example.org",
    ],
)
def test_address_without_a_token_of_ours_is_refused(address):
    assert returned_to(address) is None


def test_token_at_another_domain_is_refused():
    local = sender_of(letter()).rpartition("@")[0]
    assert returned_to(f"{local}@example.org") is None


def test_token_of_another_key_is_refused(settings):
    address = sender_of(letter())
    settings.SECRET_KEY, settings.SECRET_KEY_FALLBACKS = "another key", []
    assert returned_to(address) is None


def test_token_of_a_previous_key_is_valid(settings):
    address = sender_of(letter())
    settings.SECRET_KEY, settings.SECRET_KEY_FALLBACKS = "another key", [settings.SECRET_KEY]
    assert returned_to(address).went_to("alice@example.org")


class Received:
    """A mail server that keeps each email with its envelope sender."""

    def __init__(self):
        self.emails = []

    async def handle_DATA(self, _server, _session, envelope):
        self.emails.append((envelope.mail_from, message_from_bytes(envelope.content)))
        return "250 OK"


@pytest.mark.django_db(transaction=True)
def test_email_leaves_with_its_envelope_sender(settings):
    with serving(Received(), settings) as server:
        send_email(letter())
    ((sender, message),) = server.emails
    assert returned_to(sender).went_to("alice@example.org")
    assert message["From"] == SENDER


def test_mail_server_gets_the_sender_of_an_email_as_it_is(settings):
    settings.BOUNCE_ADDRESS = ""
    with serving(Received(), settings) as server:
        get_connection().send_messages([set_bounce_address(letter())])
    assert server.emails[0][0] == "site@example.org"
