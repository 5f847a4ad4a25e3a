"""Log-in without a password, in a real browser: with an emailed code, or with a provider."""

import re

import pytest
from allauth.socialaccount.models import SocialAccount
from django.core.cache import cache
from django.urls import get_resolver
from playwright.sync_api import expect

from accounts.models import User
from accounts.tests.factories import make_user
from confbox.tests.browser.axe import violations
from confbox.tests.open_id_provider import open_id_provider
from confbox.tests.provider_log_ins import BACK, offered

pytestmark = pytest.mark.browser


@pytest.fixture(autouse=True)
def _fresh_limits(transactional_db):
    cache.clear()


@pytest.fixture
def provider(settings, live_server):
    # The first import of the URLs decides for all tests.
    get_resolver().url_patterns  # noqa: B018
    with open_id_provider() as provider:
        settings.ROOT_URLCONF = "confbox.tests.provider_urls"
        settings.LOGIN_PROVIDERS, settings.TRUSTED_LOGIN_PROVIDERS = offered(provider), ["oidc"]
        settings.SITE_URL = live_server.url
        provider.callbacks = [f"{live_server.url}{BACK}"]
        yield provider


@pytest.fixture
def dora():
    return make_user("dora@example.org", name="Dora Quist")


def code_of(message):
    return re.search(r"\b\d{6}\b", message.body)[0]


@pytest.fixture
def person(page_of, has_scripts):
    """A browser, with scripts or without; axe needs them."""
    page = page_of()
    page.look = lambda: has_scripts and check(page)
    return page


def check(page):
    assert violations(page) == []


def press(page, name):
    page.get_by_role("main").get_by_role("button", name=name, exact=True).click()


def test_log_in_with_an_emailed_code(person, dora, mailoutbox):
    person.goto("/accounts/email/")
    person.get_by_role("link", name="Email me a code").click()
    person.look()
    person.get_by_label("Email address").fill("dora@example.org")
    press(person, "Email me a code")
    person.look()
    person.get_by_label("Code").fill("12345")
    press(person, "Confirm")
    expect(person.get_by_text("The code has six digits")).to_be_visible()
    person.look()
    person.get_by_label("Code").fill(code_of(mailoutbox[0]))
    person.locator("[name=remember]").check()
    press(person, "Confirm")
    person.wait_for_url("**/accounts/email/")


def test_a_person_without_a_password_confirms_with_a_code_that_it_is_them(person, mailoutbox, settings):
    settings.ACCOUNT_REAUTHENTICATION_TIMEOUT = 0
    make_user("dora@example.org", password=None)
    person.goto("/accounts/login/code/")
    person.get_by_label("Email address").fill("dora@example.org")
    press(person, "Email me a code")
    person.get_by_label("Code").fill(code_of(mailoutbox[0]))
    press(person, "Confirm")
    person.wait_for_url("**/me/")
    cache.clear()
    person.goto("/accounts/password/set/")
    person.look()
    person.get_by_role("button", name="Send a code to dora@example.org").click()
    expect(person.get_by_text("We have sent a six-digit code")).to_be_visible()
    person.look()
    settings.ACCOUNT_REAUTHENTICATION_TIMEOUT = 300
    person.get_by_label("Code").fill(code_of(mailoutbox[1]))
    press(person, "Confirm")
    person.wait_for_url("**/accounts/password/set/")
    person.look()


def test_a_new_person_signs_up_with_a_provider(person, provider):
    person.goto("/accounts/signup/?next=/accounts/email/")
    person.look()
    press(person, "Continue with Acme ID")
    person.wait_for_url("**/accounts/log-ins/new/")
    person.look()
    expect(person.get_by_label("Name")).to_have_value("Dora Q")
    person.get_by_label("Name").fill("Dora Quist")
    press(person, "Continue")
    person.wait_for_url("**/accounts/email/")
    assert User.objects.get().name == "Dora Quist"


def test_a_person_with_an_account_connects_a_provider_and_disconnects_it(person, provider, dora, mailoutbox):
    person.goto("/accounts/login/")
    person.look()
    press(person, "Continue with Acme ID")
    expect(person.get_by_text("There is already an account with dora@example.org")).to_be_visible()
    person.look()
    press(person, "Email me a code")
    person.look()
    person.get_by_label("Code").fill(code_of(mailoutbox[0]))
    press(person, "Confirm")
    expect(person.get_by_text("You can now log in with Acme ID.")).to_be_visible()
    person.goto("/accounts/log-ins/")
    person.look()
    press(person, "Disconnect Acme ID dora@example.org")
    expect(person.get_by_text("You can no longer log in with Acme ID.")).to_be_visible()
    person.look()
    press(person, "Connect Acme ID")
    expect(person.get_by_text("You can now log in with Acme ID.")).to_be_visible()
    assert SocialAccount.objects.get().user == dora


def test_a_person_who_cancels_or_whose_provider_is_down_can_log_in_another_way(person, provider):
    provider.cancels = True
    person.goto("/accounts/login/")
    press(person, "Continue with Acme ID")
    expect(person.get_by_text("You have not logged in with Acme ID.")).to_be_visible()
    person.look()
    provider.broken = {"/.well-known/openid-configuration": (500, b"")}
    press(person, "Continue with Acme ID")
    expect(person.get_by_text("does not work right now")).to_be_visible()
    expect(person.get_by_role("link", name="Email me a code")).to_be_visible()
