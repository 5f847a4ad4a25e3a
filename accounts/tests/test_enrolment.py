"""A person who knows only the password cannot set up the first second factor."""

import re
from io import StringIO

import pytest
from allauth.mfa.models import Authenticator
from allauth.mfa.totp.internal.auth import TOTP, generate_totp_secret
from django.core.cache import cache, caches
from django.core.management import CommandError, call_command

from accounts.models import User
from accounts.tests.factories import PASSWORD, log_in_freshly, make_organiser, make_user

ACTIVATE, PASSKEY = "/accounts/2fa/totp/activate/", "/accounts/2fa/webauthn/add/"
CONFIRM, SEND = "/accounts/2fa/confirm/", "/accounts/2fa/confirm/send/"

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _fresh_limits():
    cache.clear()
    caches["kept"].clear()


@pytest.fixture
def as_organiser(client, roles):
    return log_in_freshly(client, make_organiser("organiser@example.org"))


def code_in(mailoutbox):
    return re.search(r"\b\d{6}\b", mailoutbox[-1].body)[0]


@pytest.mark.parametrize("url", [ACTIVATE, PASSKEY])
@pytest.mark.parametrize("method", ["get", "post"])
def test_first_second_factor_needs_a_code_from_the_address(as_organiser, url, method):
    answer = getattr(as_organiser, method)(url, {"code": "123456", "credential": "{}"})
    assert answer.url.startswith(CONFIRM)
    assert not Authenticator.objects.exists()


def test_person_who_may_become_an_organiser_needs_it_too(client, stranger):
    assert log_in_freshly(client, stranger).get(ACTIVATE).url.startswith(CONFIRM)


def test_emailed_code_opens_the_page(as_organiser, mailoutbox):
    as_organiser.get(as_organiser.get(ACTIVATE).url)
    as_organiser.post(SEND)
    assert [message.to for message in mailoutbox] == [["organiser@example.org"]]
    assert as_organiser.post(CONFIRM, {"code": code_in(mailoutbox)}).url == ACTIVATE
    assert as_organiser.get(ACTIVATE).status_code == 200


def test_asking_twice_emails_once(as_organiser, mailoutbox):
    as_organiser.post(SEND)
    as_organiser.post(SEND)
    assert len(mailoutbox) == 1


def test_three_wrong_tries_are_all(as_organiser, mailoutbox):
    as_organiser.post(SEND)
    code = code_in(mailoutbox)
    for _ in range(3):
        as_organiser.post(CONFIRM, {"code": f"{(int(code) + 1) % 10**6:06d}"})
    as_organiser.post(CONFIRM, {"code": code})
    assert as_organiser.get(ACTIVATE).url.startswith(CONFIRM)


def test_code_of_one_person_does_not_serve_another(as_organiser, client, mailoutbox, stranger):
    as_organiser.post(SEND)
    code = code_in(mailoutbox)
    log_in_freshly(client, stranger)
    client.post(CONFIRM, {"code": code})
    assert client.get(ACTIVATE).url.startswith(CONFIRM)


def test_confirmation_ends_with_the_session(as_organiser, mailoutbox):
    as_organiser.post(SEND)
    as_organiser.post(CONFIRM, {"code": code_in(mailoutbox)})
    as_organiser.logout()
    log_in_freshly(as_organiser, User.objects.get(email="organiser@example.org"))
    assert as_organiser.get(ACTIVATE).url.startswith(CONFIRM)


def test_second_second_factor_needs_none(as_organiser):
    TOTP.activate(User.objects.get(email="organiser@example.org"), generate_totp_secret())
    assert as_organiser.get(PASSKEY).status_code == 200


def test_organiser_cannot_first_move_to_another_address(as_organiser, mailoutbox):
    data = {"email": "mallory@example.org", "action_add": ""}
    assert as_organiser.post("/accounts/email/", data).url.startswith(CONFIRM)
    assert mailoutbox == []


def test_member_changes_the_address_as_before(client, stranger):
    log_in_freshly(client, stranger)
    data = {"email": "new@example.org", "action_add": ""}
    assert client.post("/accounts/email/", data).url == "/accounts/confirm-email/"


def test_without_email_the_server_shows_a_code(as_organiser):
    shown = StringIO()
    call_command("enrolment_code", "organiser@example.org", stdout=shown)
    as_organiser.post(CONFIRM, {"code": shown.getvalue().strip()})
    assert as_organiser.get(ACTIVATE).status_code == 200


def shown_code():
    shown = StringIO()
    call_command("enrolment_code", "organiser@example.org", stdout=shown)
    return shown.getvalue().strip()


@pytest.mark.parametrize("emailed_first", [True, False])
@pytest.mark.parametrize("types_the_emailed", [True, False])
def test_emailed_code_and_that_of_the_server_both_open_the_page(
    as_organiser, mailoutbox, emailed_first, types_the_emailed
):
    shown = "" if emailed_first else shown_code()
    as_organiser.post(SEND)
    shown = shown or shown_code()
    code = code_in(mailoutbox) if types_the_emailed else shown
    as_organiser.post(CONFIRM, {"code": code})
    assert as_organiser.get(ACTIVATE).status_code == 200


def test_two_codes_give_three_tries_and_not_six(as_organiser, mailoutbox):
    as_organiser.post(SEND)
    right = {code_in(mailoutbox), shown_code()}
    wrong = next(f"{n:06d}" for n in range(9) if f"{n:06d}" not in right)
    for _ in range(3):
        as_organiser.post(CONFIRM, {"code": wrong})
    for code in right:
        as_organiser.post(CONFIRM, {"code": code})
    assert as_organiser.get(ACTIVATE).url.startswith(CONFIRM)


@pytest.mark.parametrize("email", ["nobody@example.org", "disabled@example.org"])
def test_server_shows_no_code_for_whom_cannot_log_in(email):
    make_user("disabled@example.org", is_active=False)
    with pytest.raises(CommandError):
        call_command("enrolment_code", email)


def test_page_leads_nowhere_else(as_organiser, mailoutbox):
    as_organiser.get(f"{CONFIRM}?next=https://evil.example/")
    as_organiser.post(SEND)
    assert as_organiser.post(CONFIRM, {"code": code_in(mailoutbox)}).url == "/accounts/2fa/"


@pytest.mark.usefixtures("as_organiser")
def test_log_in_itself_needs_no_such_code(client):
    client.logout()
    client.post("/accounts/login/", {"login": "organiser@example.org", "password": PASSWORD})
    assert "_auth_user_id" in client.session
