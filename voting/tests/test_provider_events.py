"""Events of an email provider count like returned emails, and only with its secret and our token."""

import base64
import hashlib
import hmac
import json

import pytest
from django.core import mail
from django.core.mail import EmailMessage
from django.test import Client

from accounts.models import User
from confbox.kit.bounce_addresses import set_bounce_address
from voting.campaigns.subscriptions.models import ReturnedEmail, UndeliverableAddress

pytest.importorskip("anymail")
pytestmark = pytest.mark.django_db
SECRET, KEY = "provider:a-long-password-of-theirs", "signing-key"


@pytest.fixture(autouse=True)
def provider(settings):
    settings.BOUNCE_ADDRESS = "bounces@example.org"
    settings.BOUNCE_WEBHOOK = "postmark"
    settings.ANYMAIL = {"WEBHOOK_SECRET": SECRET, "MAILGUN_WEBHOOK_SIGNING_KEY": KEY}


def token_to(address, *, may_mark=True, body="Hello"):
    message = EmailMessage("News", body, "site@example.org", [address])
    return set_bounce_address(message, may_mark=may_mark).from_email


def posted(event, secret=SECRET, **headers):
    if secret:
        headers["authorization"] = f"Basic {base64.b64encode(secret.encode()).decode()}"
    client = Client(raise_request_exception=False, enforce_csrf_checks=True)
    return client.post("/bounces/", json.dumps(event), content_type="application/json", headers=headers)


def postmark(address, token, *, kind="HardBounce", reply="smtp;550 5.1.1 no such user", record="Bounce"):
    return {
        "RecordType": record,
        "Type": kind,
        "ID": 42,
        "Email": address,
        "Details": reply,
        "BouncedAt": "2026-11-28T08:00:00Z",
        "Metadata": {"bounce": token} if token else {},
    }


def marked():
    return list(UndeliverableAddress.objects.values_list("address", flat=True))


def test_hard_bounce_marks_the_address(alice):
    answer = posted(postmark(alice.user.email, token_to(alice.user.email)))
    assert answer.status_code == 200
    assert marked() == [alice.user.email]


def test_same_event_again_changes_nothing(alice):
    event = postmark(alice.user.email, token_to(alice.user.email))
    assert [posted(event).status_code for _ in range(2)] == [200, 200]
    assert ReturnedEmail.objects.count() == len(marked()) == 1


REPLIES = [
    ("HardBounce", "smtp;550 5.1.1 no such user", True),
    ("HardBounce", "550 no such user", True),
    ("SoftBounce", "smtp;452 4.2.2 mailbox full", False),
    ("HardBounce", "550 5.7.1 rejected as spam", False),
    ("HardBounce", "no reason given", False),
    ("Transient", "550 5.1.1 will be tried again", False),
]


@pytest.mark.parametrize(("kind", "reply", "is_marked"), REPLIES)
def test_reply_decides_as_in_a_returned_email(alice, kind, reply, is_marked):
    posted(postmark(alice.user.email, token_to(alice.user.email), kind=kind, reply=reply))
    assert bool(marked()) == is_marked


def test_complaint_unsubscribes_from_campaigns(alice):
    event = postmark(
        alice.user.email, token_to(alice.user.email), kind="SpamComplaint", record="SpamComplaint"
    )
    assert posted(event).status_code == 200
    assert not User.objects.get(pk=alice.user.pk).receives_campaigns
    assert not marked()


def test_refusal_of_the_text_as_spam_unsubscribes_no_one(alice):
    event = postmark(alice.user.email, token_to(alice.user.email), kind="SpamNotification", reply="550 5.7.1")
    assert posted(event).status_code == 200
    assert User.objects.get(pk=alice.user.pk).receives_campaigns
    assert not marked()


def test_fault_of_ours_is_no_fault_of_the_provider(alice, monkeypatch):
    monkeypatch.setattr("voting.campaigns.bounces.providers.take_report", lambda report, sent_to: int("none"))
    assert posted(postmark(alice.user.email, token_to(alice.user.email))).status_code == 500


@pytest.mark.parametrize("secret", ["", "provider:wrong", ":", "provider:"])
def test_without_the_secret_nothing_is_read(alice, secret):
    answer = posted(postmark(alice.user.email, token_to(alice.user.email)), secret)
    assert answer.status_code == 400
    assert not marked()


@pytest.mark.parametrize("token", ["", "bounces@example.org", "bounces+aaaa@example.org", None, ["x"], {}])
def test_event_without_our_token_does_nothing(alice, token):
    assert posted(postmark(alice.user.email, token)).status_code == 200
    assert not marked()


def test_token_of_one_mailbox_marks_no_other(alice, bob):
    posted(postmark(bob.user.email, token_to(alice.user.email)))
    assert bob.user.email not in marked()


def test_email_to_those_who_have_not_voted_marks_no_address(alice):
    posted(postmark(alice.user.email, token_to(alice.user.email, may_mark=False)))
    assert not marked()
    assert not ReturnedEmail.objects.exists()


@pytest.mark.parametrize("body", [b"", b"x", b"[]", b"{}", b'"a"', b"\xff", b"null", b'{"RecordType": 1}'])
def test_what_is_no_event_does_nothing(alice, body):
    secret = base64.b64encode(SECRET.encode()).decode()
    client = Client(raise_request_exception=False)
    headers = {"authorization": f"Basic {secret}"}
    answer = client.post("/bounces/", body, content_type="application/json", headers=headers)
    assert answer.status_code in (200, 400)
    assert not marked()


def test_without_a_provider_there_is_no_such_page(settings, alice):
    settings.BOUNCE_WEBHOOK = ""
    assert posted(postmark(alice.user.email, token_to(alice.user.email))).status_code == 404


def test_page_can_only_be_posted_to(client):
    assert client.get("/bounces/").status_code == 405


def mailgun(address, token, key=KEY):
    signed = hmac.new(key.encode(), b"1764316800once", hashlib.sha256).hexdigest()
    return {
        "signature": {"timestamp": "1764316800", "token": "once", "signature": signed},
        "event-data": {
            "event": "failed",
            "severity": "permanent",
            "recipient": address,
            "delivery-status": {"message": "5.1.1 no such user", "description": ""},
            "user-variables": {"bounce": token},
        },
    }


@pytest.mark.parametrize(("key", "status", "is_marked"), [(KEY, 200, True), ("another", 400, False)])
def test_signature_of_the_provider_is_checked(settings, alice, key, status, is_marked):
    settings.BOUNCE_WEBHOOK = "mailgun"
    answer = posted(mailgun(alice.user.email, token_to(alice.user.email), key))
    assert answer.status_code == status
    assert bool(marked()) == is_marked


def test_brevo(settings, alice):
    settings.BOUNCE_WEBHOOK = "brevo"
    custom = json.dumps({"bounce": token_to(alice.user.email)})
    event = {
        "event": "hard_bounce",
        "email": alice.user.email,
        "reason": "550 5.1.1 gone",
        "X-Mailin-custom": custom,
    }
    assert posted(event).status_code == 200
    assert marked() == [alice.user.email]


HEADERS = [
    ("postmark", "X-PM-Metadata-bounce", lambda value: value),
    ("mailgun", "X-Mailgun-Variables", lambda value: json.loads(value)["bounce"]),
    ("brevo", "X-Mailin-custom", lambda value: json.loads(value)["bounce"]),
]


@pytest.mark.parametrize(("site_uses", "name", "read"), HEADERS)
def test_email_carries_its_token_as_the_provider_repeats_it(settings, site_uses, name, read):
    settings.BOUNCE_WEBHOOK = site_uses
    message = EmailMessage("News", "Hello", "site@example.org", ["alice@example.org"])
    set_bounce_address(message, may_mark=True).send()
    assert read(mail.outbox[0].message()[name].replace("\n", "")) == message.from_email
