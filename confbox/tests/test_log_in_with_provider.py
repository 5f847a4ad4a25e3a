"""Log-in with an OpenID Connect provider that really answers over HTTP: no account is taken over."""

import json
from datetime import timedelta

import pytest
import time_machine
from allauth.mfa.totp.internal.auth import TOTP, generate_totp_secret
from allauth.socialaccount.models import SocialAccount, SocialToken
from django.core.cache import cache
from django.test import Client
from django.urls import get_resolver
from django.utils import timezone

from accounts.actors import Actor
from accounts.models import User
from accounts.providers import provider_session
from accounts.providers.actions import connect_log_in
from accounts.providers.github import GitHubAdapter
from accounts.providers.identities import Identity
from accounts.tests.factories import log_in_freshly, make_organiser, make_user
from accounts.tests.second_factors import totp_code
from confbox.kit.tests.page import parse
from confbox.tests.open_id_provider import open_id_provider, rsa_key
from confbox.tests.provider_log_ins import (
    BACK,
    CODE,
    CONNECTED,
    NEW,
    RESEND,
    WITH,
    at_provider,
    code_of,
    go,
    is_logged_in,
    offered,
    said,
    to_provider,
)

pytestmark = pytest.mark.django_db
LOG_IN = "/accounts/login/"


@pytest.fixture(autouse=True)
def _fresh_limits():
    cache.clear()


@pytest.fixture
def provider(settings):
    # The first import of the URLs decides for all tests.
    get_resolver().url_patterns  # noqa: B018
    with open_id_provider() as provider:
        settings.ROOT_URLCONF = "confbox.tests.provider_urls"
        settings.LOGIN_PROVIDERS, settings.TRUSTED_LOGIN_PROVIDERS = offered(provider), ["oidc"]
        settings.SITE_URL = "http://testserver"
        provider.callbacks = [f"http://testserver{BACK}"]
        yield provider


@pytest.fixture
def dora():
    return make_user("dora@example.org")


def connected():
    return list(SocialAccount.objects.values_list("user__email", flat=True))


def connect(client, person):
    """As the person has done in their settings."""
    go(log_in_freshly(client, person))
    assert connected() == [person.email]


def later(**span):
    return time_machine.travel(timezone.now() + timedelta(**span), tick=False)


# A new person


def test_a_new_person_with_a_confirmed_address_only_confirms_their_name(client, provider, mailoutbox):
    assert go(client).url == NEW
    page = parse(client.get(NEW))
    assert page.field("name")["value"] == "Dora Q"
    assert "dora@example.org" in page.text
    client.post(NEW, {"name": "Dora Quist", "time_zone": "Europe/Berlin"})
    person = User.objects.get()
    assert (person.name, person.email) == ("Dora Quist", "dora@example.org")
    assert person.time_zone == "Europe/Berlin"
    assert not person.has_usable_password()
    assert is_logged_in(client)
    assert connected() == ["dora@example.org"]
    assert mailoutbox == []


def test_the_address_of_a_confirmed_person_cannot_be_replaced_in_the_form(client, provider):
    go(client)
    client.post(NEW, {"name": "Dora", "email": "victim@example.org"})
    assert User.objects.get().email == "dora@example.org"


@pytest.mark.parametrize("verified", [False, None, "true", "false", 1])
def test_an_address_that_is_not_said_to_be_confirmed_needs_a_code(client, provider, mailoutbox, verified):
    provider.person["email_verified"] = verified
    go(client)
    assert client.post(NEW, {"name": "Dora"}).url == CODE
    assert not User.objects.exists()
    client.post(CODE, {"code": code_of(mailoutbox[0])})
    assert is_logged_in(client)
    assert connected() == ["dora@example.org"]


def test_the_word_of_a_provider_that_is_not_trusted_does_not_count(client, provider, mailoutbox, settings):
    settings.TRUSTED_LOGIN_PROVIDERS = []
    go(client)
    assert client.post(NEW, {"name": "Dora"}).url == CODE
    assert not User.objects.exists()
    assert mailoutbox[0].to == ["dora@example.org"]


@pytest.mark.parametrize("email", [None, "nonsense", "a@b\r\nBcc: c@example.org"])
def test_a_person_without_an_address_types_one_and_confirms_it(client, provider, mailoutbox, email):
    provider.person["email"] = email
    go(client)
    client.post(NEW, {"name": "Dora", "email": "other@example.org"})
    assert not User.objects.exists()
    client.post(CODE, {"code": code_of(mailoutbox[0])})
    assert User.objects.get().email == "other@example.org"


def test_a_new_person_gets_to_where_they_were_going(client, provider):
    go(client, next="/accounts/email/")
    assert client.post(NEW, {"name": "Dora"}).url == "/accounts/email/"


def test_the_way_back_leads_to_no_other_site(client, provider):
    go(client, next="https://evil.example/")
    assert client.post(NEW, {"name": "Dora"}).url == "/me/"


def test_no_token_and_no_more_than_the_address_is_stored(client, provider):
    go(client)
    assert "an-access-token" not in str(dict(client.session))
    client.post(NEW, {"name": "Dora"})
    assert not SocialToken.objects.exists()
    assert SocialAccount.objects.get().extra_data == {"email": "dora@example.org"}


def test_what_came_back_is_forgotten_after_half_an_hour(client, provider):
    go(client)
    with later(minutes=31):
        client.post(NEW, {"name": "Dora"})
    assert not User.objects.exists()


# A person who has an account


def test_a_connected_person_is_logged_in_and_gets_to_where_they_were_going(client, provider, dora):
    connect(Client(), dora)
    assert go(client, next="/accounts/email/").url == "/accounts/email/"
    assert is_logged_in(client)


@pytest.mark.parametrize("verified", [True, False])
def test_an_account_with_a_password_is_opened_only_after_a_code(client, provider, dora, mailoutbox, verified):
    provider.person["email_verified"] = verified
    go(client)
    assert client.post(NEW, {"name": "Dora"}).url == CODE
    assert not is_logged_in(client)
    assert connected() == []
    client.post(CODE, {"code": code_of(mailoutbox[0])})
    assert is_logged_in(client)
    assert connected() == ["dora@example.org"]
    assert dora.check_password("correct-horse-battery")


def test_a_wrong_code_opens_and_connects_nothing(client, provider, dora, mailoutbox):
    go(client)
    client.post(NEW, {})
    wrong = f"{(int(code_of(mailoutbox[0])) + 1) % 10**6:06d}"
    for _ in range(4):
        client.post(CODE, {"code": wrong})
    client.post(CODE, {"code": code_of(mailoutbox[0])})
    assert not is_logged_in(client)
    assert connected() == []


def test_another_subject_with_the_same_address_does_not_get_in(client, provider, dora):
    connect(Client(), dora)
    provider.person["sub"] = "Mallory-2"
    go(client)
    assert not is_logged_in(client)
    assert connected() == ["dora@example.org"]


def test_a_subject_that_differs_only_in_case_is_another(client, provider, dora):
    connect(Client(), dora)
    provider.person["sub"] = "dORA-1"
    go(client)
    assert not is_logged_in(client)


def test_the_same_subject_of_another_server_is_another(client, provider, dora, settings):
    connect(Client(), dora)
    with open_id_provider() as other:
        other.callbacks = provider.callbacks
        settings.LOGIN_PROVIDERS = offered(other)
        go(client)
    assert not is_logged_in(client)


def test_a_connected_person_with_another_address_at_the_provider_keeps_their_account(client, provider, dora):
    make_user("victim@example.org")
    connect(Client(), dora)
    provider.person["email"] = "victim@example.org"
    go(client)
    assert client.session["_auth_user_id"] == str(dora.pk)


def test_an_unknown_address_and_a_known_one_that_is_not_confirmed_look_the_same(provider, dora, mailoutbox):
    provider.person["email_verified"] = False
    shown = []
    for email in ("dora@example.org", "new@example.org"):
        client = Client()
        provider.person["email"] = email
        go(client)
        cache.clear()
        pages = parse(client.get(NEW)), parse(client.post(NEW, {"name": "X"}, follow=True))
        shown.append([page.part("main").text.replace(email, "") for page in pages])
    assert shown[0] == shown[1]
    assert mailoutbox[0].body.replace(code_of(mailoutbox[0]), "").replace("dora", "new") == mailoutbox[
        1
    ].body.replace(code_of(mailoutbox[1]), "")


def test_a_disabled_person_who_is_connected_is_refused(client, provider, dora):
    connect(Client(), dora)
    User.objects.update(is_active=False)
    go(client)
    assert not is_logged_in(client)


def test_a_disabled_account_is_not_opened_by_its_address(client, provider, mailoutbox):
    make_user("dora@example.org", is_active=False)
    go(client)
    client.post(NEW, {})
    assert mailoutbox == []
    client.post(CODE, {"code": "123456"})
    assert not is_logged_in(client)
    assert connected() == []


def test_a_person_disabled_after_the_code_was_sent_is_refused(client, provider, dora, mailoutbox):
    go(client)
    client.post(NEW, {})
    User.objects.update(is_active=False)
    client.post(CODE, {"code": code_of(mailoutbox[0])})
    assert not is_logged_in(client)
    assert connected() == []


def test_second_factor_is_asked_for_after_the_provider(client, provider, roles):
    organiser = make_organiser("dora@example.org")
    connect(Client(), organiser)
    TOTP.activate(organiser, secret := generate_totp_secret())
    assert go(client).url == "/accounts/2fa/authenticate/"
    assert not is_logged_in(client)
    client.post("/accounts/2fa/authenticate/", {"code": totp_code(secret)})
    assert is_logged_in(client)


def test_staff_without_a_second_factor_are_kept_out_of_the_admin(client, provider, roles, settings):
    settings.STAFF_MFA_REQUIRED = True
    connect(Client(), make_organiser("dora@example.org"))
    go(client)
    assert client.get("/admin/").url.startswith("/accounts/2fa/")


def test_an_account_with_a_second_factor_is_not_connected_by_a_code(client, provider, dora, mailoutbox):
    TOTP.activate(dora, generate_totp_secret())
    go(client)
    client.post(NEW, {})
    page = parse(client.post(CODE, {"code": code_of(mailoutbox[0])}))
    assert "protected by two-factor authentication" in page.text
    assert connected() == []


def test_a_code_for_another_address_is_not_taken_for_this_one(client, provider, dora, mailoutbox):
    """The browser first asks for a code to an address of its own, and then comes back as another."""
    provider.person |= {"email": "mallory@example.org", "email_verified": False}
    go(client)
    client.post(NEW, {"name": "M"})
    provider.person |= {"email": "dora@example.org"}
    go(client)
    client.post(CODE, {"code": code_of(mailoutbox[0])})
    assert connected() == []
    assert not is_logged_in(client)


def test_another_code_has_to_be_waited_for(client, provider, dora, mailoutbox):
    go(client)
    client.post(NEW, {})
    client.post(RESEND)
    assert len(mailoutbox) == 1
    with later(seconds=31):
        client.post(RESEND)
        client.post(CODE, {"code": code_of(mailoutbox[1])})
    assert connected() == ["dora@example.org"]


def test_log_in_gives_the_session_another_key_and_is_logged(client, provider, dora, caplog):
    caplog.set_level("INFO", "security")
    connect(Client(), dora)
    there = to_provider(client)
    before = client.session.session_key
    client.get(at_provider(there))
    assert client.session.session_key != before
    assert caplog.records[-1].message.endswith("methods=socialaccount")


# States


def test_an_answer_is_taken_once(client, provider, dora):
    connect(Client(), dora)
    there = at_provider(to_provider(client))
    client.get(there)
    client.post("/accounts/logout/")
    client.get(there)
    assert not is_logged_in(client)
    assert "begun elsewhere" in said(client)


def test_the_answer_for_another_browser_is_refused(client, provider, dora):
    connect(Client(), dora)
    to_provider(client)
    client.get(at_provider(to_provider(Client())))
    assert not is_logged_in(client)
    assert "begun elsewhere" in said(client)


def test_a_code_of_another_browser_with_ones_own_state_is_refused(client, provider, dora):
    """The code is bound by the nonce and by PKCE to the browser that asked for it."""
    connect(Client(), dora)
    theirs = at_provider(to_provider(Client())).partition("code=")[2]
    ours = at_provider(to_provider(client)).partition("code=")[0]
    client.get(f"{ours}code={theirs}")
    assert not is_logged_in(client)


@pytest.mark.parametrize(
    "query", ["", "?code=x", "?state=x&code=x", "?state=%00&code=x", "?error=access_denied"]
)
def test_an_answer_to_no_question_is_refused_with_a_sentence(client, provider, query):
    assert client.get(BACK + query).url == LOG_IN
    assert "begun elsewhere" in said(client)


def test_an_answer_after_ten_minutes_is_refused(client, provider, dora):
    connect(Client(), dora)
    there = at_provider(to_provider(client))
    with later(minutes=11):
        client.get(there)
    assert not is_logged_in(client)


def test_an_answer_of_another_provider_is_refused(client, provider, dora, settings):
    connect(Client(), dora)
    settings.LOGIN_PROVIDERS |= {"google": settings.LOGIN_PROVIDERS["oidc"] | {"name": "Google"}}
    there = at_provider(to_provider(client))
    client.get(there.replace("/oidc/", "/google/"))
    assert not is_logged_in(client)


def test_an_answer_to_a_person_who_has_logged_in_meanwhile_is_refused(client, provider, dora):
    there = at_provider(to_provider(client))
    session = client.session
    kept = session["socialaccount_states"]
    log_in_freshly(client, dora)
    session = client.session
    session["socialaccount_states"] = kept
    session.save()
    client.get(there)
    assert connected() == []


def test_going_there_needs_a_post_and_a_token(provider):
    client = Client(enforce_csrf_checks=True)
    assert client.get(WITH).status_code == 405
    assert client.post(WITH).status_code == 403


@pytest.mark.parametrize("name", ["github", "google", "nothing"])
def test_a_provider_that_is_not_set_up_does_not_exist(client, provider, name):
    assert client.post(f"/accounts/with/{name}/").status_code == 404
    assert client.get(f"/accounts/with/{name}/back/").status_code == 404


# Tokens


@pytest.mark.parametrize(
    "claims",
    [
        {"nonce": "another"},
        {"nonce": None},
        {"aud": "another-client"},
        {"aud": ["confbox", "another"], "azp": "another"},
        {"iss": "https://evil.example"},
        {"exp": 1_000_000_000},
        {"exp": None},
        {"iat": 4_000_000_000},
        {"sub": None},
        {"sub": 7},
    ],
    ids=str,
)
def test_an_id_token_that_is_not_for_this_log_in_is_refused(client, provider, dora, claims):
    connect(Client(), dora)
    provider.claims = claims
    go(client)
    assert not is_logged_in(client)
    assert "does not work right now" in said(client)


@pytest.mark.parametrize(
    ("key", "algorithm"),
    [
        (rsa_key(1), "RS256"),
        (b"a-client-secret-of-32-characters", "HS256"),
        (None, "none"),
    ],
    ids=["another key", "the secret of the client", "none"],
)
def test_an_id_token_that_the_provider_has_not_signed_is_refused(client, provider, dora, key, algorithm):
    connect(Client(), dora)
    provider.key, provider.algorithm = key, algorithm
    go(client)
    assert not is_logged_in(client)


def test_userinfo_about_another_person_is_refused(client, provider):
    provider.person["email"] = None
    provider.userinfo = {"sub": "another", "email": "victim@example.org", "email_verified": True}
    assert go(client).url == LOG_IN


def test_an_address_that_only_userinfo_has_is_taken(client, provider):
    provider.person |= {"email": None, "email_verified": None}
    provider.userinfo = {"email": "dora@example.org", "email_verified": True}
    go(client)
    client.post(NEW, {"name": "Dora"})
    assert connected() == ["dora@example.org"]


def test_userinfo_does_not_replace_what_is_signed(client, provider):
    provider.userinfo = {"email": "victim@example.org", "email_verified": True}
    go(client)
    assert "victim" not in parse(client.get(NEW)).text


def test_a_microsoft_server_for_every_tenant_names_the_tenant_in_the_token(client, provider, settings):
    tenant = "5f1bd6d5-7cf1-4f3c-9d5c-1f0c5c2f3f00"
    server = f"{provider.url}/common/v2.0"
    settings.LOGIN_PROVIDERS["oidc"]["server_url"] = server
    provider.broken = {}
    answers = provider.answer
    provider.answer = lambda path, *rest: answers(path.removeprefix("/common/v2.0"), *rest)
    provider.config = {"issuer": f"{provider.url}/{{tenantid}}/v2.0"}
    provider.claims = {"iss": f"{provider.url}/{tenant}/v2.0", "tid": tenant}
    assert go(client).url == NEW
    provider.claims |= {"tid": "another"}
    assert go(Client()).url == LOG_IN


# Failures


@pytest.mark.parametrize(
    "broken",
    [
        {"/.well-known/openid-configuration": (500, b"{}")},
        {"/.well-known/openid-configuration": (200, b"not JSON")},
        {"/.well-known/openid-configuration": (200, b"[]")},
        {"/.well-known/openid-configuration": (200, b"{}")},
        {"/.well-known/openid-configuration": (302, b"")},
    ],
    ids=str,
)
def test_a_provider_that_does_not_answer_is_named_in_a_sentence(client, provider, broken):
    provider.broken = broken
    assert client.post(WITH).url == LOG_IN
    assert "Logging in with Acme ID does not work right now" in said(client)


@pytest.mark.parametrize("path", ["/token", "/jwks"])
@pytest.mark.parametrize("answer", [(500, b"{}"), (200, b"not JSON"), (200, b"[]"), (200, b"{}")])
def test_a_provider_that_fails_on_the_way_back_is_named_in_a_sentence(client, provider, path, answer):
    there = at_provider(to_provider(client))
    provider.broken = {path: answer}
    assert client.get(there).url == LOG_IN
    assert "Logging in with Acme ID does not work right now" in said(client)


def test_an_answer_of_any_size_is_not_read(client, provider):
    padded = provider.configuration() | {"padding": "x" * provider_session.MOST_BYTES}
    provider.broken = {"/.well-known/openid-configuration": (200, json.dumps(padded).encode())}
    assert client.post(WITH).url == LOG_IN


def test_a_provider_that_is_away_is_named_in_a_sentence(client, provider, settings):
    settings.LOGIN_PROVIDERS["oidc"]["server_url"] = "http://127.0.0.1:9"
    assert client.post(WITH).url == LOG_IN
    assert "does not work right now" in said(client)


def test_a_provider_that_is_slow_is_given_up(client, provider, settings):
    settings.SOCIALACCOUNT_REQUESTS_TIMEOUT = 0.2
    provider.seconds = 0.6
    assert client.post(WITH).url == LOG_IN
    assert "does not work right now" in said(client)


def test_a_slow_provider_does_not_take_every_thread(client, provider, monkeypatch):
    for _ in range(3):
        assert provider_session.waiting.acquire(blocking=False)
    try:
        assert client.post(WITH).status_code == 503
    finally:
        for _ in range(3):
            provider_session.waiting.release()
    assert client.post(WITH).status_code == 200


@pytest.mark.parametrize(
    "config",
    [
        {"issuer": "https://evil.example"},
        {"authorization_endpoint": "javascript:alert(1)"},
        {"token_endpoint": "file:///etc/passwd"},
        {"jwks_uri": "ftp://example.org/keys"},
    ],
    ids=str,
)
def test_a_configuration_that_leads_elsewhere_is_refused(client, provider, config):
    provider.config = config
    assert client.post(WITH).url == LOG_IN


def test_plain_http_is_refused_where_the_provider_has_https(provider, settings):
    settings.LOGIN_PROVIDERS["oidc"]["server_url"] = "https://id.example.org"
    with pytest.raises(provider_session.OAuth2Error):
        provider_session.check_url(provider.url)


def test_a_person_who_cancels_is_back_at_the_log_in(client, provider):
    provider.cancels = True
    assert go(client).url == LOG_IN
    assert "You have not logged in with Acme ID" in said(client)


def test_a_failure_is_logged_without_what_the_provider_answered(client, provider, caplog):
    provider.broken = {"/.well-known/openid-configuration": (200, b"secret words")}
    client.post(WITH)
    assert caplog.records[-1].message.startswith("event=provider outcome=failed")
    assert "secret" not in caplog.text


# Connecting and disconnecting


def test_a_person_who_is_logged_in_connects_after_a_fresh_log_in(client, provider, dora, mailoutbox):
    provider.person |= {"email": "elsewhere@example.org", "email_verified": False}
    assert go(log_in_freshly(client, dora)).url == CONNECTED
    assert connected() == ["dora@example.org"]
    assert [message.to for message in mailoutbox] == [["dora@example.org"]]
    assert "You can now log in" in mailoutbox[0].subject
    # A new password alone would not keep out who has connected it.
    assert "Also disconnect it" in mailoutbox[0].body
    assert f"http://testserver{CONNECTED}" in mailoutbox[0].body
    page = parse(client.get(CONNECTED))
    assert "elsewhere@example.org" in page.text
    assert "Connected log-ins" in page.text


def test_connecting_asks_again_who_is_there(as_stranger, provider):
    assert "/reauthenticate/" in as_stranger.post(WITH).url


def test_an_answer_long_after_the_log_in_connects_nothing(client, provider, dora):
    there = at_provider(to_provider(log_in_freshly(client, dora)))
    with later(minutes=6):
        client.get(there)
    assert connected() == []


def test_the_log_in_of_another_person_cannot_be_connected(client, provider, dora):
    connect(Client(), dora)
    go(log_in_freshly(client, make_user("erik@example.org")))
    assert connected() == ["dora@example.org"]
    assert "is connected to another account" in said(client, CONNECTED)


def test_connecting_twice_is_connecting_once(client, provider, dora, mailoutbox):
    for _ in range(2):
        go(log_in_freshly(client, dora))
    assert connected() == ["dora@example.org"]
    assert len(mailoutbox) == 1


def test_an_account_has_at_most_ten(client, dora):
    for number in range(10):
        connect_log_in(identity=Identity("oidc", str(number), "", False, "", {}), by=Actor(dora))
    with pytest.raises(Exception, match="as many log-ins as possible"):
        connect_log_in(identity=Identity("oidc", "11", "", False, "", {}), by=Actor(dora))
    assert len(connected()) == 10


def disconnect(client):
    return client.post(f"{CONNECTED}{SocialAccount.objects.get().pk}/remove/")


def test_a_person_disconnects_it_and_is_notified(client, provider, dora, mailoutbox):
    connect(client, dora)
    assert disconnect(client).url == CONNECTED
    assert connected() == []
    assert "You can no longer log in" in mailoutbox[-1].subject
    assert go(Client()).url == NEW


def test_disconnecting_asks_again_who_is_there(client, provider, dora):
    connect(client, dora)
    with later(minutes=6):
        assert "/reauthenticate/" in disconnect(client).url
    assert connected() == ["dora@example.org"]


def test_no_one_disconnects_the_log_in_of_another(client, provider, dora):
    connect(Client(), dora)
    log_in_freshly(client, make_user("erik@example.org"))
    assert disconnect(client).status_code == 404
    assert connected() == ["dora@example.org"]


def test_a_person_without_a_password_still_logs_in_after_disconnecting(client, provider, mailoutbox):
    go(client)
    client.post(NEW, {"name": "Dora"})
    disconnect(client)
    cache.clear()
    other = Client()
    other.post("/accounts/login/code/", {"email": "dora@example.org"})
    other.post("/accounts/login/code/confirm/", {"code": code_of(mailoutbox[-1])})
    assert is_logged_in(other)


# GitHub


@pytest.fixture
def github(provider, settings, monkeypatch):
    settings.LOGIN_PROVIDERS |= {
        "github": {"name": "GitHub", "server_url": ""}
        | {key: settings.LOGIN_PROVIDERS["oidc"][key] for key in ("client_id", "secret")}
    }
    settings.TRUSTED_LOGIN_PROVIDERS = ["github"]
    provider.callbacks = ["http://testserver/accounts/with/github/back/"]
    for name, path in {
        "authorize_url": "login/oauth/authorize",
        "access_token_url": "login/oauth/access_token",
        "profile_url": "user",
        "emails_url": "user/emails",
    }.items():
        monkeypatch.setattr(GitHubAdapter, name, f"{provider.url}/{path}")
    return provider


def test_github_counts_as_confirmed_what_its_list_says(client, github):
    go(client, "/accounts/with/github/")
    client.post(NEW, {"name": "Dora"})
    assert connected() == ["dora@example.org"]
    assert SocialAccount.objects.get().extra_data == {"login": "dora"}


def test_an_address_that_github_has_not_confirmed_needs_a_code(client, github):
    github.emails[0]["verified"] = False
    go(client, "/accounts/with/github/")
    assert client.post(NEW, {"name": "Dora"}).url == CODE


# Where none is set up


def test_without_a_provider_there_is_no_button_and_no_page(client, db):
    for path in (WITH, BACK, NEW, CODE, CONNECTED):
        assert client.post(path).status_code == 404
    for path in (LOG_IN, "/accounts/signup/"):
        assert not parse(client.get(path)).has("form[action*='/accounts/with/']")


@pytest.mark.parametrize("path", [NEW, CODE, RESEND])
def test_the_pages_of_the_sign_up_lead_to_the_log_in_where_no_one_has_come_back(client, provider, path):
    answer = client.post(path, {"name": "X", "code": "123456"}, follow=True)
    assert answer.redirect_chain[-1][0] == LOG_IN
    assert not User.objects.exists()


@pytest.mark.parametrize("path", [CONNECTED, f"{CONNECTED}1/remove/"])
def test_connected_log_ins_are_only_for_people_who_are_logged_in(client, provider, path):
    assert client.post(path).url.startswith(LOG_IN)
    assert client.get(path).url.startswith(LOG_IN)


def test_looking_at_the_connected_log_ins_changes_nothing(client, provider, dora):
    connect(client, dora)
    assert client.get(f"{CONNECTED}{SocialAccount.objects.get().pk}/remove/").status_code == 405
    client.get(CONNECTED)
    assert connected() == ["dora@example.org"]


def test_log_in_and_sign_up_have_a_button_that_keeps_the_way(client, provider):
    for path in (LOG_IN, "/accounts/signup/"):
        form = parse(client.get(f"{path}?next=/accounts/email/")).part(f"form[action='{WITH}']")
        assert form.text == "Continue with Acme ID"
        assert form.field("next")["value"] == "/accounts/email/"


def test_the_policy_of_the_site_is_the_same_with_and_without(client, provider):
    policy = client.post(WITH).headers["Content-Security-Policy"]
    assert "form-action 'self';" in f"{policy};"


def test_the_library_has_no_pages_of_its_own(client, provider):
    for path in ("3rdparty/", "3rdparty/signup/", "social/signup/", "google/login/", "oidc/oidc/login/"):
        assert client.get(f"/accounts/{path}").status_code == 404
