"""The journeys of an account in a real browser; axe checks every page on the way."""

import io
import re

import pytest
from allauth.mfa.models import Authenticator
from allauth.mfa.totp.internal.auth import hotp_value, yield_hotp_counters_from_time
from django.core.cache import cache
from PIL import Image
from playwright.sync_api import expect

from accounts.models import User
from accounts.tests.factories import PASSWORD, make_organiser, make_user
from confbox.tests.browser.axe import violations
from voting.elections.models import Vote

pytestmark = pytest.mark.browser
NEW = "another-battery-staple"
REFUSE = "() => { navigator.credentials.%s = async () => { throw new DOMException('', 'NotAllowedError') } }"


@pytest.fixture(autouse=True)
def _own_place(transactional_db, settings, tmp_path):
    settings.MEDIA_ROOT = tmp_path
    cache.clear()


@pytest.fixture
def dora():
    return make_user("dora@example.org", name="Dora Quist")


def look(page):
    """Axe finds nothing on the current page."""
    assert violations(page) == []


def press(page, name):
    page.get_by_role("main").get_by_role("button", name=name, exact=True).click()


def code_of(message):
    return re.search(r"\b\d{6}\b", message.body)[0]


def show_owner(page, mailoutbox):
    """The page before a first second factor: the code from the mailbox opens the next."""
    look(page)
    page.get_by_role("button", name=re.compile("Send a code to")).click()
    expect(page.get_by_text("We have sent a six-digit code")).to_be_visible()
    look(page)
    page.get_by_label("Code").fill(code_of(mailoutbox[-1]))
    press(page, "Confirm")


def totp_code(secret):
    """The code of the next half minute, which is also accepted."""
    return f"{hotp_value(secret, max(yield_hotp_counters_from_time())):06d}"


def test_sign_up_with_a_wrong_address_corrected_and_a_pasted_code(page, visit, mailoutbox):
    visit("/accounts/signup/")
    look(page)
    page.get_by_label("Name").fill("Nina Newcomer")
    page.get_by_label("Email address").fill("typo@example.org")
    page.get_by_label("Password").fill(PASSWORD)
    press(page, "Sign up")
    expect(page.get_by_text("typo@example.org")).to_be_visible()
    look(page)
    page.get_by_label("Email address").fill("nina@example.org")
    press(page, "Use this email address")
    expect(page.get_by_text("nina@example.org")).to_be_visible()
    page.get_by_label("Code").fill("000000" if code_of(mailoutbox[1]) != "000000" else "111111")
    press(page, "Confirm")
    expect(page.get_by_text("You have 2 tries left")).to_be_visible()
    look(page)
    page.get_by_label("Code").fill(f" {code_of(mailoutbox[1])} ")
    press(page, "Confirm")
    expect(page.get_by_text("Welcome, Nina Newcomer")).to_be_visible()
    assert User.objects.get().email == "nina@example.org"


def test_forgotten_password(page, visit, mailoutbox, dora, type_log_in):
    visit("/accounts/login/")
    page.get_by_role("link", name=re.compile("forgot", re.IGNORECASE)).click()
    look(page)
    page.get_by_label("Email address").fill("dora@example.org")
    page.get_by_role("main").get_by_role("button").first.click()
    look(page)
    page.get_by_label("Code").fill(code_of(mailoutbox[0]))
    press(page, "Confirm")
    look(page)
    page.locator("[name=password1]").fill(NEW)
    page.locator("[name=password2]").fill(NEW)
    page.get_by_role("main").get_by_role("button").first.click()
    page.wait_for_url("**/accounts/login/")
    look(page)
    assert User.objects.get().check_password(NEW)


def test_two_factor_log_in_with_an_app(page, visit, dora, type_log_in, mailoutbox):
    type_log_in("dora@example.org")
    page.wait_for_url("**/me/")
    visit("/accounts/2fa/")
    look(page)
    visit("/accounts/2fa/totp/activate/")
    show_owner(page, mailoutbox)
    page.wait_for_url("**/totp/activate/")
    look(page)
    secret = page.locator("#authenticator_secret").inner_text()
    page.get_by_label(re.compile("code", re.IGNORECASE)).last.fill(totp_code(secret))
    page.get_by_role("main").get_by_role("button", name="Activate").click()
    page.wait_for_url("**/recovery-codes/")
    look(page)
    page.context.clear_cookies()
    cache.clear()
    type_log_in("dora@example.org")
    page.wait_for_url("**/accounts/2fa/authenticate/")
    look(page)
    page.get_by_label(re.compile("code", re.IGNORECASE)).fill(totp_code(secret))
    page.get_by_role("main").get_by_role("button").first.click()
    page.wait_for_url("**/me/")


@pytest.fixture
def passkey(page):
    """A virtual security key of Chromium: it stores keys, and its owner always touches it."""
    devtools = page.context.new_cdp_session(page)
    devtools.send("WebAuthn.enable")
    options = {"protocol": "ctap2", "transport": "internal", "hasResidentKey": True}
    options |= {"hasUserVerification": True, "isUserVerified": True, "automaticPresenceSimulation": True}
    return devtools.send("WebAuthn.addVirtualAuthenticator", {"options": options})


def test_passkey_opens_the_admin_to_an_organiser(
    page, visit, roles, passkey, type_log_in, settings, mailoutbox
):
    settings.STAFF_MFA_REQUIRED = True
    make_organiser("dora@example.org")
    type_log_in("dora@example.org")
    page.wait_for_url("**/me/")
    visit("/admin/")
    page.wait_for_url("**/accounts/2fa/**")
    visit("/accounts/2fa/webauthn/add/")
    show_owner(page, mailoutbox)
    page.wait_for_url("**/webauthn/add/")
    look(page)
    page.get_by_label("Name").fill("My key")
    if page.get_by_role("checkbox").count():
        page.get_by_role("checkbox").check()
    page.locator("#mfa_webauthn_add").click()
    page.wait_for_url("**/recovery-codes/")
    look(page)
    assert Authenticator.objects.filter(type="webauthn").count() == 1
    page.context.clear_cookies()
    visit("/accounts/login/?next=/admin/")
    look(page)
    page.locator("#passkey_login").click()
    page.wait_for_url("**/admin/")
    expect(page.get_by_role("link", name="Conferences").first).to_be_visible()


def test_picture(page, visit, dora, type_log_in, tmp_path):
    file = tmp_path / "me.png"
    written = io.BytesIO()
    Image.new("RGB", (900, 600), "teal").save(written, "PNG")
    file.write_bytes(written.getvalue())
    type_log_in("dora@example.org")
    page.wait_for_url("**/me/")
    visit("/people/profile/")
    look(page)
    expect(page.get_by_role("main").get_by_text("DQ")).to_be_visible()
    page.locator("#id_picture").set_input_files(file)
    press(page, "Save picture")
    expect(page.get_by_text("Your picture is saved")).to_be_visible()
    look(page)
    drawn = "() => document.querySelector('main img.avatar').naturalWidth"
    assert page.evaluate(drawn) == 512
    press(page, "Remove picture")
    expect(page.get_by_role("main").get_by_text("DQ")).to_be_visible()


def test_settings_and_sessions(page, visit, dora, type_log_in):
    type_log_in("dora@example.org")
    page.wait_for_url("**/me/")
    visit("/people/settings/")
    look(page)
    page.get_by_label("Time zone").select_option("Asia/Kolkata")
    press(page, "Save settings")
    expect(page.get_by_text("Your settings are saved")).to_be_visible()
    visit("/accounts/sessions/")
    look(page)
    expect(page.get_by_text("Asia/Kolkata")).to_be_visible()


def test_download_and_deletion(page, visit, open_conference, alice_member, vote, type_log_in):
    from conferences.models import Membership

    vote(alice_member, Membership.objects.get(conference=open_conference, user__name="Bob"))
    type_log_in(alice_member.user.email)
    page.wait_for_url("**/me/")
    visit("/people/my-data/")
    look(page)
    with page.expect_download() as download:
        page.get_by_role("link", name="Download my data").click()
    assert alice_member.user.email in download.value.path().read_text()
    page.get_by_role("link", name="Delete my account…").click()
    look(page)
    expect(page.get_by_text("1 vote of yours in an open election will no longer count")).to_be_visible()
    page.get_by_label("I understand that this cannot be undone").check()
    press(page, "Delete my account permanently")
    expect(page.get_by_text("Your account has been deleted")).to_be_visible()
    assert not Vote.objects.filter(voided_at=None).exists()


def test_disabling_a_person_in_the_admin(page, visit, dora, organiser, type_log_in):
    type_log_in("organiser@example.org")
    page.wait_for_url("**/me/")
    visit(f"/admin/accounts/user/{dora.pk}/change/")
    page.get_by_role("link", name="Disable…").click()
    page.get_by_label("Reason").fill("Spam")
    page.get_by_role("button", name="Disable people").click()
    expect(page.get_by_text("1 account changed")).to_be_visible()
    assert not User.objects.get(pk=dora.pk).is_active


def test_passkey_at_an_address_where_none_works_says_so_on_the_page(page, live_server, dora, mailoutbox):
    site = live_server.url.replace("localhost", "127.0.0.1")
    page.goto(f"{site}/accounts/login/?next=/accounts/2fa/webauthn/add/")
    page.locator("#id_login").fill("dora@example.org")
    page.get_by_label("Password").fill(PASSWORD)
    press(page, "Log in")
    page.wait_for_url("**/2fa/confirm/**")
    show_owner(page, mailoutbox)
    page.wait_for_url("**/webauthn/add/")
    page.locator("#mfa_webauthn_add").click()
    expect(page.get_by_role("alert").last).to_contain_text("Passkeys do not work at this URL")
    look(page)
    assert not Authenticator.objects.exists()


def test_log_in_offers_no_passkey_at_an_address_where_none_works(page, live_server, db):
    page.goto(f"{live_server.url.replace('localhost', '127.0.0.1')}/accounts/login/")
    expect(page.locator("#passkey_login")).to_be_hidden()


def test_passkey_that_is_refused_says_so_on_the_page(page, visit, dora, type_log_in, mailoutbox):
    type_log_in("dora@example.org")
    page.wait_for_url("**/me/")
    visit("/accounts/2fa/webauthn/add/")
    show_owner(page, mailoutbox)
    page.wait_for_url("**/webauthn/add/")
    page.evaluate(REFUSE % "create")
    page.locator("#mfa_webauthn_add").click()
    expect(page.get_by_role("alert").last).to_contain_text("The passkey was not used. Please try again")
    look(page)


def test_refused_passkey_log_in_says_so_beside_the_button(page, visit, db):
    visit("/accounts/login/")
    page.evaluate(REFUSE % "get")
    page.locator("#passkey_login").click()
    expect(page.get_by_role("alert").last).to_contain_text("The passkey was not used")
    look(page)


def test_pages_about_people_in_the_admin_have_no_barrier(page, visit, dora, organiser, log_in, complaints):
    log_in(organiser)
    people, faults = "/admin/accounts/user/", []
    for path in ("", f"{dora.pk}/change/", f"disable/?people={dora.pk}", f"enable/?people={dora.pk}"):
        visit(f"{people}{path}")
        assert complaints == []
        faults += [(path, fault) for fault in violations(page)]
        complaints.clear()  # axe itself sets styles on these pages, which the policy blocks.
    assert faults == []


def test_sign_up_knows_the_time_zone_of_the_browser(browser, live_server, db):
    context = browser.new_context(timezone_id="Asia/Kolkata")
    page = context.new_page()
    page.goto(live_server.url + "/accounts/signup/")
    assert page.locator("input[name=time_zone]").input_value() in ("Asia/Kolkata", "Asia/Calcutta")
    context.close()


def test_the_wait_for_another_code_counts_down_and_goes(page, visit, db):
    page.clock.install()
    visit("/accounts/signup/")
    page.get_by_label("Name").fill("Nia")
    page.get_by_label("Email address").fill("nia@example.org")
    page.get_by_label("Password", exact=False).fill(NEW)
    press(page, "Sign up")
    wait = page.locator("[data-wait]")
    expect(wait).to_have_text(re.compile("in (30|29) seconds"))
    page.wait_for_load_state()  # The script counts from here; the text was there before it.
    page.clock.run_for(10_000)
    expect(wait).to_have_text(re.compile("in (20|19) seconds"))
    page.clock.run_for(21_000)
    expect(wait).to_have_count(0)
