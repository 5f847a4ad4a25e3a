"""Sign-up with an emailed code: who gets in, who does not, and what no one learns."""

import re
from datetime import timedelta

import pytest
import time_machine
from allauth.account.models import EmailAddress
from django.core.cache import cache
from django.db import IntegrityError, connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from accounts.models import User
from accounts.tests.factories import PASSWORD, make_user
from confbox.kit.tests.page import parse

SIGN_UP = "/accounts/signup/"
CODE = "/accounts/signup/code/"
DATA = {"name": "Nia Okoye", "profession": "Nurse", "email": "nia@example.org", "password1": PASSWORD}

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _fresh_limits():
    cache.clear()


def sign_up(client, **data):
    return client.post(SIGN_UP, DATA | data)


def codes(mailoutbox, email="nia@example.org"):
    found = (re.search(r"\b\d{6}\b", message.body) for message in mailoutbox if message.to == [email])
    return [match[0] for match in found if match]


def wrong(code):
    return f"{(int(code) + 1) % 10**6:06d}"


def later(**span):
    return time_machine.travel(timezone.now() + timedelta(**span), tick=False)


def is_logged_in(client):
    return "_auth_user_id" in client.session


def test_code_makes_the_account_and_logs_in(client, mailoutbox):
    assert sign_up(client).url == CODE
    client.post(CODE, {"code": codes(mailoutbox)[0]})
    person = User.objects.get(email="nia@example.org")
    assert (person.name, person.profession) == ("Nia Okoye", "Nurse")
    assert EmailAddress.objects.filter(user=person, verified=True, primary=True).exists()
    assert is_logged_in(client)


def test_without_the_code_there_is_no_account(client):
    sign_up(client)
    assert not User.objects.exists()


def test_person_who_signed_up_can_log_in_again(client, mailoutbox):
    sign_up(client)
    client.post(CODE, {"code": codes(mailoutbox)[0]})
    client.logout()
    client.post("/accounts/login/", {"login": "NIA@example.org", "password": PASSWORD})
    assert is_logged_in(client)


@pytest.mark.parametrize(
    "role", ["is_staff", "is_superuser", "groups", "role", "is_active", "user_permissions"]
)
def test_no_one_can_choose_a_role(client, mailoutbox, roles, role):
    sign_up(client, **{role: "1"})
    client.post(CODE, {"code": codes(mailoutbox)[0], role: "1"})
    person = User.objects.get(email="nia@example.org")
    assert (person.is_staff, person.is_superuser, person.is_active) == (False, False, True)
    assert not person.groups.exists()
    assert not person.user_permissions.exists()


@pytest.mark.parametrize("spelling", ["NIA@example.org", "nia@EXAMPLE.org", " Nia@Example.Org "])
def test_one_person_per_address_whatever_the_case(client, mailoutbox, spelling):
    make_user("nia@example.org")
    assert sign_up(client, email=spelling).url == CODE
    assert codes(mailoutbox) == []
    assert [message.to for message in mailoutbox] == [["nia@example.org"]]
    assert User.objects.count() == 1


def test_database_refuses_a_second_person_with_the_address():
    make_user("nia@example.org")
    with pytest.raises(IntegrityError):
        User.objects.create(email="Nia@Example.org", name="Nia")


def test_code_can_be_pasted_with_spaces(client, mailoutbox):
    sign_up(client)
    code = codes(mailoutbox)[0]
    client.post(CODE, {"code": f" {code[:3]} {code[3:]} "})
    assert is_logged_in(client)


def test_code_is_good_for_ten_minutes(client, mailoutbox):
    sign_up(client)
    with later(minutes=9, seconds=55):
        client.post(CODE, {"code": codes(mailoutbox)[0]})
    assert is_logged_in(client)


@pytest.mark.parametrize("minutes", [11, 61, 65, 121])
def test_code_is_refused_after_ten_minutes_and_in_every_later_hour(client, mailoutbox, minutes):
    sign_up(client)
    with later(minutes=minutes):
        answer = client.post(CODE, {"code": codes(mailoutbox)[0]})
    assert "has expired" in parse(answer).text
    assert not User.objects.exists()


def test_code_works_once(client, mailoutbox):
    sign_up(client)
    code = codes(mailoutbox)[0]
    client.post(CODE, {"code": code})
    client.logout()
    User.objects.all().delete()
    client.post(CODE, {"code": code})
    assert not User.objects.exists()


def test_code_of_another_person_does_not_work(client, mailoutbox):
    sign_up(client)
    other = type(client)()
    sign_up(other, email="mallory@example.org")
    if codes(mailoutbox)[0] != codes(mailoutbox, "mallory@example.org")[0]:
        other.post(CODE, {"code": codes(mailoutbox)[0]})
    assert not User.objects.exists()


def test_three_wrong_tries_and_the_right_code_no_longer_works(client, mailoutbox):
    sign_up(client)
    code = codes(mailoutbox)[0]
    for _ in range(3):
        client.post(CODE, {"code": wrong(code)})
    answer = client.post(CODE, {"code": code})
    assert "ask for a new one" in parse(answer).text
    assert not User.objects.exists()


def test_two_wrong_tries_leave_one(client, mailoutbox):
    sign_up(client)
    code = codes(mailoutbox)[0]
    client.post(CODE, {"code": wrong(code)})
    assert "1 try left" in parse(client.post(CODE, {"code": wrong(code)})).text
    client.post(CODE, {"code": code})
    assert is_logged_in(client)


def test_new_code_replaces_the_old_one_and_has_its_own_ten_minutes(client, mailoutbox):
    sign_up(client)
    with later(minutes=9):
        client.post(f"{CODE}resend/")
    old, new = codes(mailoutbox)
    with later(minutes=12):
        if old != new:
            client.post(CODE, {"code": old})
            assert not is_logged_in(client)
        client.post(CODE, {"code": new})
    assert is_logged_in(client)


def test_new_code_has_to_be_waited_for(client, mailoutbox):
    sign_up(client)
    assert "in 30 seconds" in parse(client.get(CODE)).text
    client.post(f"{CODE}resend/")
    assert len(mailoutbox) == 1
    with later(seconds=31):
        assert not parse(client.get(CODE)).mentions("in 30 seconds")
        client.post(f"{CODE}resend/")
    assert len(mailoutbox) == 2


def test_address_can_be_changed_before_it_is_confirmed(client, mailoutbox):
    sign_up(client, email="typo@example.org")
    client.post("/accounts/signup/address/", {"email": "nia@example.org"})
    client.post(CODE, {"code": codes(mailoutbox)[0]})
    assert User.objects.get().email == "nia@example.org"


def test_code_for_the_old_address_is_void_after_a_change(client, mailoutbox):
    sign_up(client)
    client.post("/accounts/signup/address/", {"email": "other@example.org"})
    if codes(mailoutbox)[0] != codes(mailoutbox, "other@example.org")[0]:
        client.post(CODE, {"code": codes(mailoutbox)[0]})
    assert not User.objects.exists()


def test_page_says_where_the_email_went_and_when_the_code_ends(client):
    with time_machine.travel("2026-11-22 10:00:00+00:00", tick=False):
        sign_up(client)
        shown = parse(client.get(CODE))
    assert "nia@example.org" in shown.text
    assert "10:10 (UTC)" in shown.text
    assert "No email?" in shown.text


def test_code_field_suits_a_phone(client):
    sign_up(client)
    field = parse(client.get(CODE)).field("code")
    assert (field["inputmode"], field["autocomplete"]) == ("numeric", "one-time-code")


@pytest.mark.parametrize("is_active", [True, False])
def test_known_address_gets_the_answer_of_a_new_one(client, mailoutbox, is_active):
    make_user("known@example.org", is_active=is_active)
    pages = {}
    for email in ("known@example.org", "fresh@example.org"):
        browser = type(client)()
        with time_machine.travel("2026-11-22 10:00:00+00:00", tick=False):
            first = sign_up(browser, email=email)
            page = browser.get(CODE).content.decode().replace(email, "ADDRESS")
            second = browser.post(CODE, {"code": "nonsense"}).content.decode().replace(email, "ADDRESS")
        pages[email] = [first.status_code, first.url, tokenless(page), tokenless(second)]
    assert pages["known@example.org"] == pages["fresh@example.org"]
    assert [message.to[0] for message in mailoutbox] == ["known@example.org", "fresh@example.org"]


def tokenless(page):
    return re.sub(r'(csrfmiddlewaretoken" value=|nonce=)"[^"]*"', "", page)


def test_owner_of_a_known_address_is_notified(client, mailoutbox, settings):
    make_user("nia@example.org")
    sign_up(client)
    assert "There is already an account with this email address" in mailoutbox[0].body
    assert f"{settings.SITE_URL}/accounts/login/" in mailoutbox[0].body


def test_sign_up_does_not_ask_the_database_who_is_known(client, settings):
    settings.TASKS = {"default": {"BACKEND": "django_tasks.backends.dummy.DummyBackend", "QUEUES": []}}
    with CaptureQueriesContext(connection) as queries:
        assert sign_up(client).url == CODE
    assert not [q for q in queries if "accounts_user" in q["sql"] or "emailaddress" in q["sql"]]


def test_session_holds_neither_password_nor_code(client, mailoutbox):
    sign_up(client)
    stored = str(dict(client.session))
    assert PASSWORD not in stored
    assert codes(mailoutbox)[0] not in stored


@pytest.mark.parametrize(
    ("column", "value"),
    [
        ("password1", "short"),
        ("password1", "password123"),
        ("password1", "nia@example.org"),
        ("password1", "x" * 10_000),
        ("email", "nia@example.org\r\nBcc: all@example.org"),
        ("email", "nia"),
        ("email", "nia@example.org."),
        ("name", "   "),
        ("name", "Nia\r\nBcc: x"),
        ("name", "N\x00ia"),
        ("name", "x" * 65_536),
        ("name", "\u202eaiN"),
        ("profession", "a\nb"),
    ],
)
def test_bad_input_is_refused_on_the_page_and_no_email_leaves(client, mailoutbox, column, value):
    answer = sign_up(client, **{column: value})
    assert answer.status_code == 200
    assert answer.context["form"].errors
    assert mailoutbox == []


def test_markup_in_a_name_stays_text(client, mailoutbox):
    sign_up(client, name="<script>alert(1)</script> {{ 7|add:7 }}")
    client.post(CODE, {"code": codes(mailoutbox)[0]})
    assert User.objects.get().name == "<script>alert(1)</script> {{ 7|add:7 }}"


def test_twenty_code_emails_a_day_and_address_are_the_most(client, mailoutbox):
    for number in range(30):
        with later(minutes=11 * number):
            browser = type(client)(REMOTE_ADDR=f"127.0.1.{number}")
            sign_up(browser)
    assert len(mailoutbox) <= 20


@pytest.mark.parametrize("url", [f"{CODE}resend/", "/accounts/signup/address/"])
def test_verbs_refuse_get_and_need_a_sign_up(client, url):
    assert client.get(url).status_code == 405
    assert client.post(url, {"email": "a@example.org"}).url == SIGN_UP


@pytest.mark.parametrize(("mailbox", "links"), [(True, 1), (False, 0)])
def test_a_demonstration_says_where_the_code_is(client, db, settings, mailbox, links):
    settings.MAILBOX = mailbox
    person = {"name": "Nina", "email": "nina@example.org", "password1": "a-long-and-odd-phrase"}
    page = parse(client.post("/accounts/signup/", person, follow=True))
    assert page.links.count("/mailbox/") == links


def test_a_new_member_is_welcomed_once(client, db, mailoutbox):
    person = {"name": "Nina", "email": "nina@example.org", "password1": "a-long-and-odd-phrase"}
    client.post("/accounts/signup/", person)
    code = re.search(r"\b\d{6}\b", mailoutbox[-1].body)[0]
    page = parse(client.post("/accounts/signup/code/", {"code": code}, follow=True))
    assert page.number_of(".message-success") == 1


def finish(client, mailoutbox, **data):
    sign_up(client, **data)
    client.post("/accounts/signup/code/", {"code": codes(mailoutbox)[-1]})
    return User.objects.get(email="nia@example.org")


def test_time_zone_of_the_browser_becomes_the_person_s(client, mailoutbox):
    assert finish(client, mailoutbox, time_zone="Asia/Kolkata").time_zone == "Asia/Kolkata"


@pytest.mark.parametrize("zone", ["", "Mars/Olympus", "../etc/passwd", "x" * 5000])
def test_time_zone_no_one_knows_becomes_utc(client, mailoutbox, zone):
    assert finish(client, mailoutbox, time_zone=zone).time_zone == "UTC"


def test_the_code_page_tells_the_time_of_the_browser_s_zone(client):
    sign_up(client, time_zone="Asia/Kolkata")
    assert "(Asia/Kolkata)" in parse(client.get("/accounts/signup/code/")).text


def focused(page):
    return parse(page).attributes("input[autofocus]", "name")


def test_the_first_field_has_the_focus_and_then_the_first_wrong_one(client):
    assert focused(client.get(SIGN_UP)) == ["name"]
    assert focused(sign_up(client, email="nonsense", password1="1")) == ["email"]


@pytest.mark.parametrize(
    ("name", "refusal"),
    [
        ("Nia\u202eOkoye", "This contains an invisible character."),
        ("Nia\x07Okoye", "This contains an invisible character."),
        ("\u3164", "This contains an invisible character."),
        ("Admin\u2060", "This contains an invisible character."),
        ("Nia\u2028Okoye", "Please use one line of ordinary characters."),
    ],
)
def test_a_refused_name_says_what_is_in_it(client, name, refusal):
    assert refusal in parse(sign_up(client, name=name)).text


def test_sign_up_again_at_once_leads_to_the_code_that_is_on_its_way(client, mailoutbox):
    assert [sign_up(client).url, sign_up(client, name="Nia O.").url] == [CODE, CODE]
    assert len(mailoutbox) == 1
    client.post(CODE, {"code": codes(mailoutbox)[0]})
    assert User.objects.get().name == "Nia O."


def test_a_person_who_confirms_again_is_led_where_they_were_led(client, mailoutbox):
    client.post(f"{SIGN_UP}?next=/people/profile/", DATA)
    code = codes(mailoutbox)[0]
    assert [client.post(CODE, {"code": code}).url for _ in range(2)] == ["/people/profile/"] * 2
    assert client.get(CODE).url == "/people/profile/"
