"""A person setting up a second factor: what each page sends."""

import json

from allauth.mfa.totp.internal.auth import hotp_value, yield_hotp_counters_from_time
from django.test import Client

from accounts.tests.factories import confirm_owner, log_in_freshly, make_credential

APP, KEY, CODES = (
    f"/accounts/2fa/{end}/" for end in ("totp/activate", "webauthn/add", "recovery-codes/generate")
)


def totp_code(secret):
    _before, now, _after = yield_hotp_counters_from_time()
    return f"{hotp_value(secret, now):06d}"


def browser_of(person):
    return confirm_owner(log_in_freshly(Client(raise_request_exception=False), person))


def another_tab(client):
    other = Client(raise_request_exception=False)
    other.cookies["sessionid"] = client.session.session_key
    return other


def form_of_app(client):
    client.get(APP)
    return APP, {"code": totp_code(client.session["mfa.totp.secret"])}


def form_of_key(client):
    client.get(KEY)
    credential = make_credential(challenge=client.session["mfa.webauthn.state"]["challenge"])
    return KEY, {"name": "My key", "credential": json.dumps(credential)}
