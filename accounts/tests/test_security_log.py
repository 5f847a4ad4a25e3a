"""What the log contains about log-ins and refusals, and what it never contains."""

import logging
import re

import pytest
from allauth.account.models import EmailAddress
from allauth.mfa.totp.internal.auth import TOTP, generate_totp_secret
from django.core.cache import cache
from django.test import Client

from accounts.tests.factories import PASSWORD, log_in_freshly, make_credential, make_user
from accounts.tests.test_second_factor import totp_code

LOG_IN = "/accounts/login/"

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _fresh_limits():
    cache.clear()


@pytest.fixture
def lines(caplog):
    caplog.set_level(logging.INFO, "security")
    return lambda: [record.message for record in caplog.records if record.name == "security"]


@pytest.fixture
def dora():
    return make_user("dora@example.org")


def log_in(client, email="dora@example.org", password=PASSWORD):
    return client.post(LOG_IN, {"login": email, "password": password}, REMOTE_ADDR="192.0.2.77")


def test_good_log_in_names_account_network_and_method(client, dora, lines):
    log_in(client)
    assert lines() == [f"event=log-in outcome=ok account={dora.pk} network=192.0.2.0/24 methods=password"]


def test_wrong_password_names_the_account(client, dora, lines):
    log_in(client, password="wrong horse")
    assert lines() == [f"event=log-in outcome=failed account={dora.pk} network=192.0.2.0/24"]


def test_unknown_account_is_not_named(client, dora, lines):
    log_in(client, email="my-password@example.org", password="wrong horse")
    assert lines() == ["event=log-in outcome=failed account=- network=192.0.2.0/24"]


def test_too_many_tries_are_distinguished(client, dora, lines):
    for _ in range(11):
        log_in(client, password="wrong horse")
    assert lines()[-1] == f"event=log-in outcome=throttled account={dora.pk} network=192.0.2.0/24"


def test_second_factor_is_part_of_the_log_in(client, dora, lines):
    TOTP.activate(dora, generate_totp_secret())
    log_in(client)
    client.post("/accounts/2fa/authenticate/", {"code": "000000"})
    client.post("/accounts/2fa/authenticate/", {"code": totp_code(dora)})
    failed, done = lines()
    assert failed.startswith(f"event=second-factor outcome=failed account={dora.pk}")
    assert done.startswith(f"event=log-in outcome=ok account={dora.pk}")
    assert done.endswith("methods=password+totp")


def test_bad_passkey_is_logged(client, dora, lines):
    from allauth.mfa.webauthn.internal.auth import WebAuthn

    WebAuthn.add(dora, "My key", make_credential())
    log_in(client)
    client.post("/accounts/2fa/authenticate/", {"credential": '{"id": "x"}'})
    assert lines()[-1].startswith(f"event=second-factor outcome=failed account={dora.pk}")


def test_showing_again_who_one_is_is_logged(client, dora, lines):
    client.force_login(dora)
    client.post("/accounts/reauthenticate/", {"password": "wrong horse"})
    client.post("/accounts/reauthenticate/", {"password": PASSWORD})
    known = f"account={dora.pk} network=127.0.0.0/24"
    assert lines()[1:] == [
        f"event=re-authentication outcome=failed {known}",
        f"event=re-authentication outcome=ok {known} method=password",
    ]


def wrong_code(mailoutbox):
    right = re.search(r"\b\d{6}\b", mailoutbox[-1].body)[0]
    return f"{(int(right) + 1) % 10**6:06d}"


def ask_for_sign_up(client, user):
    data = {"name": "Nia", "email": "nia@example.org", "password1": PASSWORD}
    client.post("/accounts/signup/", data)
    return "/accounts/signup/code/"


def ask_for_reset(client, user):
    client.post("/accounts/password/reset/", {"email": user.email})
    return "/accounts/password/reset/confirm/"


def ask_for_enrolment(client, user):
    log_in_freshly(client, user)
    client.post("/accounts/2fa/confirm/send/")
    return "/accounts/2fa/confirm/"


def ask_for_address(client, user):
    log_in_freshly(client, user)
    client.post("/accounts/email/", {"email": "new@example.org", "action_add": ""})
    return "/accounts/confirm-email/"


def ask_for_log_in(client, user):
    EmailAddress.objects.filter(user=user).update(verified=False)
    log_in(client)
    return "/accounts/confirm-email/"


@pytest.mark.parametrize(
    ("ask", "purpose", "is_known"),
    [
        (ask_for_sign_up, "signup", False),
        (ask_for_reset, "reset", True),
        (ask_for_enrolment, "enrolment", True),
        (ask_for_address, "address", True),
        (ask_for_log_in, "log-in", True),
    ],
)
def test_wrong_code_names_account_and_purpose(client, dora, lines, mailoutbox, ask, purpose, is_known):
    page = ask(client, dora)
    typed = wrong_code(mailoutbox)
    before = len(lines())
    client.post(page, {"code": typed})
    account = dora.pk if is_known else "-"
    assert lines()[before:] == [
        f"event=code outcome=failed account={account} network=127.0.0.0/24 purpose={purpose}"
    ]


def test_what_cannot_be_a_code_is_no_try(client, dora, lines, mailoutbox):
    page = ask_for_reset(client, dora)
    client.post(page, {"code": "my-password"})
    assert lines() == []


def test_log_out_and_change_of_password_are_logged(client, dora, lines):
    log_in_freshly(client, dora)
    new = "another-battery-staple"
    client.post("/accounts/password/change/", {"oldpassword": PASSWORD, "password1": new, "password2": new})
    client.post("/accounts/logout/")
    assert [line.split()[0] for line in lines()[1:]] == ["event=password-change", "event=log-out"]


def test_missing_right_is_logged_with_route_and_account(client, dora, lines):
    type(dora).objects.filter(pk=dora.pk).update(is_staff=True)
    client.force_login(dora)
    client.get("/admin/accounts/user/")
    assert lines()[-1] == (
        f"event=access outcome=refused account={dora.pk} network=127.0.0.0/24 "
        "status=403 method=GET route=admin/accounts/user/"
    )


def test_form_without_a_token_is_logged(lines):
    Client(enforce_csrf_checks=True).post(LOG_IN, {"login": "dora@example.org"})
    assert lines() == [
        (
            "event=access outcome=refused account=- network=127.0.0.0/24 "
            "status=403 method=POST route=accounts/login/"
        )
    ]


def test_no_line_holds_what_a_person_typed(client, dora, lines):
    log_in(client, password="wrong horse")
    log_in(client, email="stranger@example.net", password="wrong horse")
    Client(enforce_csrf_checks=True).post("/unsubscribe/secret-token/?q=typed", {"x": "typed"})
    Client(enforce_csrf_checks=True).post("/accounts/password/reset/?q=typed", {"email": "typed@example.org"})
    assert lines()
    for typed in ("horse", "@", "typed", "secret-token", "192.0.2.77"):
        assert typed not in " ".join(lines())
