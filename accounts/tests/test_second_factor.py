"""Second factors: staff need one, secrets are encrypted, sensitive acts ask again."""

import time
from unittest.mock import Mock

import pytest
from allauth.mfa.adapter import get_adapter
from allauth.mfa.models import Authenticator
from allauth.mfa.totp.internal.auth import (
    TOTP,
    generate_totp_secret,
    hotp_value,
    yield_hotp_counters_from_time,
)
from django.core.cache import cache
from django.core.exceptions import ValidationError
from django.test.utils import override_script_prefix

from accounts.passkey_forms import _checked
from accounts.tests.factories import PASSWORD, confirm_owner, log_in_freshly, make_credential, make_user
from confbox.kit.tests.page import parse

ADMIN = ["/admin/", "/admin/login/", "/admin/accounts/user/", "/admin/conferences/conference/"]


@pytest.fixture(autouse=True)
def _fresh_limits(db):
    cache.clear()


@pytest.fixture
def _required(settings):
    settings.STAFF_MFA_REQUIRED = True


def secret_of(user):
    return get_adapter().decrypt(Authenticator.objects.get(user=user, type="totp").data["secret"])


def totp_code(user):
    return f"{hotp_value(secret_of(user), next(iter(yield_hotp_counters_from_time()))):06d}"


def enrol(user):
    TOTP.activate(user, generate_totp_secret())


def log_in(client, user):
    return client.post("/accounts/login/", {"login": user.email, "password": PASSWORD})


@pytest.mark.usefixtures("_required")
@pytest.mark.parametrize("url", ADMIN)
def test_staff_without_a_second_factor_are_sent_to_set_one_up(client, organiser, url):
    log_in(client, organiser)
    assert client.get(url).url.startswith("/accounts/2fa/")


@pytest.mark.usefixtures("_required")
@pytest.mark.parametrize("url", ADMIN)
def test_session_older_than_the_second_factor_has_to_show_it(client, organiser, url):
    log_in(client, organiser)
    enrol(organiser)
    assert client.get(url).url.startswith("/accounts/2fa/reauthenticate/")


@pytest.mark.usefixtures("_required")
def test_log_in_with_a_code_opens_the_admin(client, organiser):
    enrol(organiser)
    assert log_in(client, organiser).url == "/accounts/2fa/authenticate/"
    assert client.get("/admin/").status_code == 302
    client.post("/accounts/2fa/authenticate/", {"code": totp_code(organiser)})
    assert client.get("/admin/").status_code == 200


@pytest.mark.usefixtures("_required")
def test_recovery_code_opens_the_admin_once(client, organiser):
    from allauth.mfa.recovery_codes.internal.auth import RecoveryCodes

    enrol(organiser)
    code = RecoveryCodes.activate(organiser).get_unused_codes()[0]
    log_in(client, organiser)
    client.post("/accounts/2fa/authenticate/", {"code": code})
    assert client.get("/admin/").status_code == 200
    client.logout()
    log_in(client, organiser)
    client.post("/accounts/2fa/authenticate/", {"code": code})
    assert client.get("/admin/").status_code == 302


@pytest.mark.usefixtures("_required")
def test_recovery_codes_alone_are_no_second_factor(client, organiser):
    from allauth.mfa.recovery_codes.internal.auth import RecoveryCodes

    RecoveryCodes.activate(organiser)
    log_in_freshly(client, organiser)
    assert client.get("/admin/").url == "/accounts/2fa/?next=%2Fadmin%2F"


def test_code_cannot_be_used_twice(client, organiser):
    enrol(organiser)
    code = totp_code(organiser)
    for _ in range(2):
        client.logout()
        log_in(client, organiser)
        client.post("/accounts/2fa/authenticate/", {"code": code})
    assert "_auth_user_id" not in client.session


@pytest.mark.usefixtures("_required")
def test_people_who_are_no_staff_need_none(as_stranger):
    assert as_stranger.get("/accounts/email/").status_code == 200


@pytest.mark.usefixtures("_required")
def test_pages_outside_the_admin_need_none(client, organiser):
    log_in(client, organiser)
    assert client.get("/accounts/email/").status_code == 200


@pytest.mark.parametrize(("debug", "required"), [("true", "False"), ("false", "True")])
def test_it_is_required_by_default_when_debug_is_off(debug, required):
    import os
    import subprocess
    import sys

    code = "from confbox import settings; print(settings.STAFF_MFA_REQUIRED)"
    known = {"DEBUG": debug, "SECRET_KEY": "x", "ALLOWED_HOSTS": "x", "ENV_FILE": os.devnull}
    known |= {"DATABASE_URL": "sqlite:////dev/null", "PATH": os.environ["PATH"]}
    done = subprocess.run(
        [sys.executable, "-c", code], check=False, env=known, capture_output=True, text=True
    )
    assert done.stdout.strip() == required


def test_secret_of_an_authenticator_is_encrypted_in_the_database(organiser):
    secret = generate_totp_secret()
    TOTP.activate(organiser, secret)
    assert secret not in str(Authenticator.objects.get(user=organiser).data)
    assert secret_of(organiser) == secret


def test_recovery_codes_are_encrypted_in_the_database(organiser):
    from allauth.mfa.recovery_codes.internal.auth import RecoveryCodes

    seed = RecoveryCodes.activate(organiser).instance.data["seed"]
    assert get_adapter().decrypt(seed) != seed


def test_older_secret_key_still_opens_what_it_encrypted(settings):
    from confbox.kit.encryption import decrypt, encrypt

    encrypted = encrypt("word")
    settings.SECRET_KEY_FALLBACKS = [settings.SECRET_KEY]
    settings.SECRET_KEY = "another"
    assert decrypt(encrypted) == "word"


def test_setting_up_asks_again_who_is_there(client, organiser):
    client.force_login(organiser)
    confirm_owner(client)
    assert client.get("/accounts/2fa/totp/activate/").url.startswith("/accounts/reauthenticate/")


def test_recent_log_in_counts(client, organiser):
    confirm_owner(log_in_freshly(client, organiser))
    assert client.get("/accounts/2fa/totp/activate/").status_code == 200


def test_log_in_of_ten_minutes_ago_does_not(client, organiser):
    log_in_freshly(client, organiser)
    session = client.session
    session["account_authentication_methods"] = [{"method": "password", "at": time.time() - 601}]
    session.save()
    confirm_owner(client)
    assert client.get("/accounts/2fa/totp/activate/").status_code == 302


def test_another_persons_log_in_does_not_count(client, organiser):
    log_in_freshly(client, make_user("other@example.org"))
    session = client.session
    records = dict(session)
    client.force_login(organiser)
    session = client.session
    for key in ("account_authentication_methods", "account_authentication_methods_user"):
        session[key] = records[key]
    session.save()
    assert client.get("/accounts/2fa/totp/activate/").status_code == 302


FACTOR_PAGES = [
    "/accounts/2fa/totp/activate/",
    "/accounts/2fa/totp/deactivate/",
    "/accounts/2fa/recovery-codes/",
    "/accounts/2fa/recovery-codes/generate/",
    "/accounts/2fa/recovery-codes/download/",
    "/accounts/2fa/webauthn/add/",
]


@pytest.mark.parametrize("url", FACTOR_PAGES)
def test_pages_of_the_second_factor_ask_again_who_is_there(client, organiser, url):
    from allauth.mfa.recovery_codes.internal.auth import RecoveryCodes

    if "activate/" not in url or "deactivate" in url:
        enrol(organiser)
        RecoveryCodes.activate(organiser)
    client.force_login(organiser)
    confirm_owner(client)
    for ask in (client.get, client.post):
        answer = ask(url)
        assert answer.status_code == 405 or "reauthenticate" in answer.url


def earlier_code(user, steps):
    counter = int(time.time()) // 30 - steps
    return f"{hotp_value(secret_of(user), counter):06d}"


@pytest.mark.parametrize(("steps", "works"), [(1, True), (4, False)])
def test_code_of_half_a_minute_ago_is_taken_and_an_older_one_is_not(client, organiser, steps, works):
    enrol(organiser)
    log_in(client, organiser)
    client.post("/accounts/2fa/authenticate/", {"code": earlier_code(organiser, steps)})
    assert ("_auth_user_id" in client.session) is works


def test_log_in_of_the_admin_is_the_one_of_the_site(client, db):
    assert client.get("/admin/login/").url.startswith("/accounts/login/")
    answer = client.post("/admin/login/", {"username": "a@example.org", "password": PASSWORD})
    assert answer.url.startswith("/accounts/login/")


def test_log_in_page_offers_passkeys(client, db):
    assert "Log in with a passkey" in parse(client.get("/accounts/login/")).text
    assert (
        "request_options"
        in client.get("/accounts/2fa/webauthn/login/", headers={"accept": "application/json"}).json()
    )


@pytest.mark.usefixtures("_required")
def test_second_factor_is_asked_for_below_a_prefix_as_well(client, organiser):
    log_in(client, organiser)
    with override_script_prefix("/below/"):
        asked = client.get("/admin/accounts/user/", SCRIPT_NAME="/below")
    assert asked.url.startswith("/below/accounts/2fa/")


def test_person_without_a_passkey_is_not_asked_for_one(client, organiser):
    enrol(organiser)
    log_in(client, organiser)
    assert not parse(client.get("/accounts/2fa/authenticate/")).mentions("security key")


def test_person_with_a_passkey_can_use_it(client, organiser):
    from allauth.mfa.webauthn.internal.auth import WebAuthn

    WebAuthn.add(organiser, "My key", make_credential())
    log_in(client, organiser)
    assert "Use a passkey or security key" in parse(client.get("/accounts/2fa/authenticate/")).text


@pytest.mark.parametrize("page", ["authenticate", "reauthenticate"])
def test_asking_for_the_second_factor_names_the_recovery_code(client, organiser, page):
    enrol(organiser)
    log_in(client, organiser)
    if page == "reauthenticate":
        client.force_login(organiser)
    assert "enter a recovery code." in parse(client.get(f"/accounts/2fa/{page}/")).text


def test_recovery_codes_say_what_they_are_for(client, organiser):
    from allauth.mfa.recovery_codes.internal.auth import RecoveryCodes

    enrol(organiser)
    codes = RecoveryCodes.activate(organiser).get_unused_codes()
    log_in_freshly(client, organiser)
    page = parse(client.get("/accounts/2fa/recovery-codes/"))
    assert "Each lets you in once when your second factor is out of reach." in page.text
    assert page.lines("#recovery_codes") == codes


def full_width(code):
    return "\u200b".join(chr(0xFF10 + int(digit)) for digit in code)


def test_code_of_the_app_is_taken_in_full_width_digits(client, organiser):
    enrol(organiser)
    log_in(client, organiser)
    client.post("/accounts/2fa/authenticate/", {"code": full_width(totp_code(organiser))})
    assert "_auth_user_id" in client.session


def test_a_wrong_code_says_which_one_to_enter(client, organiser):
    enrol(organiser)
    log_in(client, organiser)
    page = parse(client.post("/accounts/2fa/authenticate/", {"code": "000000"}))
    assert "Enter the one that your app shows now." in page.text


@pytest.mark.parametrize("error", [ValidationError("Incorrect code.", code="incorrect_code"), KeyError("id")])
def test_a_passkey_that_is_not_accepted_is_not_called_a_code(error):
    with pytest.raises(ValidationError, match="This passkey was not accepted"):
        _checked(Mock(side_effect=error))


def test_another_refusal_of_a_passkey_stays_as_it_is():
    with pytest.raises(ValidationError, match="You have already added this passkey"):
        _checked(Mock(side_effect=ValidationError("You have already added this passkey.")))


def test_recovery_code_is_taken_in_full_width_digits(client, organiser):
    from allauth.mfa.recovery_codes.internal.auth import RecoveryCodes

    enrol(organiser)
    code = RecoveryCodes.activate(organiser).get_unused_codes()[0]
    log_in(client, organiser)
    client.post("/accounts/2fa/authenticate/", {"code": full_width(code)})
    assert "_auth_user_id" in client.session


def test_app_is_set_up_and_shown_again_with_codes_as_they_are_pasted(client, organiser):
    confirm_owner(log_in_freshly(client, organiser))
    client.get("/accounts/2fa/totp/activate/")
    secret = client.session["mfa.totp.secret"]
    code = f"{hotp_value(secret, next(iter(yield_hotp_counters_from_time()))):06d}"
    assert client.post("/accounts/2fa/totp/activate/", {"code": full_width(code)}).status_code == 302
    cache.clear()
    asked = client.post("/accounts/2fa/reauthenticate/", {"code": full_width(code)})
    assert asked.status_code == 302


def test_what_is_no_code_of_a_second_factor_is_no_guess(client, organiser):
    enrol(organiser)
    log_in(client, organiser)
    for _ in range(30):
        answer = client.post("/accounts/2fa/authenticate/", {"code": "12345"})
        assert "six digits" in parse(answer).text
    client.post("/accounts/2fa/authenticate/", {"code": totp_code(organiser)})
    assert "_auth_user_id" in client.session


NONSENSE = [
    "{}",
    "[]",
    "5",
    '"x"',
    '{"id": "x"}',
    '{"id": 1, "rawId": 2, "response": 3, "type": "x"}',
    "{",
    "\x00",
]


@pytest.mark.parametrize("credential", NONSENSE)
def test_log_in_with_what_is_no_passkey_is_refused(client, db, credential):
    answer = client.post("/accounts/2fa/webauthn/login/", {"credential": credential})
    assert answer.url == "/accounts/login/"
    assert "_auth_user_id" not in client.session


@pytest.mark.parametrize("credential", NONSENSE)
def test_what_is_no_passkey_is_not_added(client, organiser, credential):
    confirm_owner(log_in_freshly(client, organiser))
    answer = client.post("/accounts/2fa/webauthn/add/", {"name": "x", "credential": credential})
    assert answer.status_code == 200
    assert not Authenticator.objects.exists()
