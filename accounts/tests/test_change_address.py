"""Changing the log-in address, and the list of open sessions."""

import re
from datetime import timedelta

import pytest
import time_machine
from allauth.account.models import EmailAddress
from allauth.usersessions.models import UserSession
from django.core.cache import cache
from django.test import Client
from django.utils import timezone

from accounts.models import User
from accounts.tests.factories import PASSWORD, log_in_freshly, make_user
from confbox.kit.tests.page import parse

CHANGE = "/accounts/email/"
CODE = "/accounts/confirm-email/"
SESSIONS = "/accounts/sessions/"


@pytest.fixture(autouse=True)
def _fresh_limits(db):
    cache.clear()


@pytest.fixture
def dora():
    return make_user("dora@example.org")


@pytest.fixture
def as_dora(client, dora):
    return log_in_freshly(client, dora)


def ask(client, email="new@example.org"):
    return client.post(CHANGE, {"email": email, "action_add": ""})


def code_of(message):
    return re.search(r"\b\d{6}\b", message.body)[0]


def email_of(user):
    return User.objects.get(pk=user.pk).email


def test_code_at_the_new_address_makes_the_change(as_dora, dora, mailoutbox):
    assert ask(as_dora).url == CODE
    assert mailoutbox[0].to == ["new@example.org"]
    as_dora.post(CODE, {"code": code_of(mailoutbox[0])})
    assert email_of(dora) == "new@example.org"
    assert list(EmailAddress.objects.filter(user=dora).values_list("email", flat=True)) == ["new@example.org"]


def test_old_address_is_notified(as_dora, mailoutbox):
    ask(as_dora)
    as_dora.post(CODE, {"code": code_of(mailoutbox[0])})
    assert mailoutbox[-1].to == ["dora@example.org"]


def test_without_the_code_nothing_changes(as_dora, dora):
    ask(as_dora)
    assert email_of(dora) == "dora@example.org"


def test_new_address_logs_in_and_the_old_one_does_not(as_dora, mailoutbox):
    ask(as_dora)
    as_dora.post(CODE, {"code": code_of(mailoutbox[0])})
    for email, works in (("new@example.org", True), ("dora@example.org", False)):
        client = Client()
        client.post("/accounts/login/", {"login": email, "password": PASSWORD})
        assert ("_auth_user_id" in client.session) is works


def test_change_asks_again_who_is_there(client, dora, mailoutbox):
    client.force_login(dora)
    assert ask(client).url.startswith("/accounts/reauthenticate/")
    assert mailoutbox == []


def test_password_typed_on_the_way_resumes_the_change(client, dora, mailoutbox):
    client.force_login(dora)
    there = ask(client).url
    client.post(there, {"password": PASSWORD})
    assert mailoutbox[0].to == ["new@example.org"]


@pytest.mark.parametrize("spelling", ["taken@example.org", "TAKEN@Example.org"])
def test_address_of_another_person_cannot_be_taken(as_dora, dora, mailoutbox, spelling):
    make_user("taken@example.org")
    ask(as_dora, spelling)
    for message in mailoutbox:
        match = re.search(r"\b\d{6}\b", message.body)
        if match:
            as_dora.post(CODE, {"code": match[0]})
    assert email_of(dora) == "dora@example.org"
    assert User.objects.filter(email="taken@example.org").count() == 1


def test_domain_of_another_script_is_kept_in_its_one_spelling(as_dora, dora, mailoutbox):
    ask(as_dora, "dora@B\u00dcCHER.example")
    as_dora.post(CODE, {"code": code_of(mailoutbox[0])})
    kept = EmailAddress.objects.get(user=dora).email
    assert (email_of(dora), kept) == ("dora@xn--bcher-kva.example",) * 2


def test_address_taken_in_the_meantime_is_refused(as_dora, dora, mailoutbox):
    ask(as_dora)
    make_user("new@example.org")
    assert as_dora.post(CODE, {"code": code_of(mailoutbox[0])}).status_code < 500
    assert email_of(dora) == "dora@example.org"


def test_code_is_good_for_ten_minutes(as_dora, dora, mailoutbox):
    ask(as_dora)
    with time_machine.travel(timezone.now() + timedelta(minutes=11), tick=False):
        as_dora.post(CODE, {"code": code_of(mailoutbox[0])})
    assert email_of(dora) == "dora@example.org"


def test_a_wrong_code_says_where_the_right_one_is(as_dora, dora, mailoutbox):
    ask(as_dora)
    wrong = f"{(int(code_of(mailoutbox[0])) + 1) % 10**6:06d}"
    page = parse(as_dora.post(CODE, {"code": wrong}))
    assert "Enter the six digits of our latest email." in page.text


def test_three_wrong_tries_end_the_code(as_dora, dora, mailoutbox):
    ask(as_dora)
    code = code_of(mailoutbox[0])
    for _ in range(3):
        as_dora.post(CODE, {"code": f"{(int(code) + 1) % 10**6:06d}"})
    as_dora.post(CODE, {"code": code})
    assert email_of(dora) == "dora@example.org"


def test_page_says_where_the_code_went_and_when_it_ends(as_dora):
    with time_machine.travel("2026-11-22 10:00:00+00:00", tick=False):
        log_in_freshly(as_dora, User.objects.get())
        ask(as_dora)
        shown = parse(as_dora.get(CODE))
    assert "new@example.org" in shown.text
    assert "10:10" in shown.text
    field = shown.field("code")
    assert (field["inputmode"], field["autocomplete"]) == ("numeric", "one-time-code")


def test_change_works_with_two_factor_log_in_on(as_dora, dora, mailoutbox):
    from allauth.mfa.totp.internal.auth import TOTP, generate_totp_secret

    TOTP.activate(dora, generate_totp_secret())
    ask(as_dora)
    as_dora.post(CODE, {"code": code_of(mailoutbox[0])})
    assert email_of(dora) == "new@example.org"


def log_in(user, agent):
    client = Client(HTTP_USER_AGENT=agent)
    client.post("/accounts/login/", {"login": user.email, "password": PASSWORD})
    return client


def test_open_sessions_are_listed(dora):
    client = log_in(dora, "Phone")
    log_in(dora, "Laptop")
    shown = parse(client.get(SESSIONS))
    assert "Phone" in shown.text
    assert "Laptop" in shown.text


def test_one_session_can_be_ended(dora):
    client, other, third = log_in(dora, "Phone"), log_in(dora, "Laptop"), log_in(dora, "Tablet")
    session = UserSession.objects.get(user_agent="Laptop")
    client.post(f"{SESSIONS}{session.pk}/end/")
    assert other.get(CHANGE).status_code == 302
    assert third.get(CHANGE).status_code == 200
    assert client.get(CHANGE).status_code == 200


def test_no_one_can_end_another_persons_session(dora):
    other = log_in(make_user("erik@example.org"), "Laptop")
    session = UserSession.objects.get(user_agent="Laptop")
    assert log_in(dora, "Phone").post(f"{SESSIONS}{session.pk}/end/").status_code == 404
    assert other.get(CHANGE).status_code == 200


def test_all_other_sessions_can_be_ended(dora):
    client, other, third = log_in(dora, "Phone"), log_in(dora, "Laptop"), log_in(dora, "Tablet")
    client.post(f"{SESSIONS}end-others/")
    assert [c.get(CHANGE).status_code for c in (client, other, third)] == [200, 302, 302]


def test_second_wrong_try_leaves_one(as_dora, dora, mailoutbox):
    ask(as_dora)
    code = code_of(mailoutbox[0])
    for _ in range(2):
        as_dora.post(CODE, {"code": f"{(int(code) + 1) % 10**6:06d}"})
    as_dora.post(CODE, {"code": code})
    assert email_of(dora) == "new@example.org"


def test_code_works_up_to_the_end_of_the_ten_minutes(as_dora, dora, mailoutbox):
    ask(as_dora)
    with time_machine.travel(timezone.now() + timedelta(minutes=9, seconds=50), tick=False):
        as_dora.post(CODE, {"code": code_of(mailoutbox[0])})
    assert email_of(dora) == "new@example.org"


def test_page_says_what_to_do_if_nothing_comes(as_dora):
    ask(as_dora)
    shown = parse(as_dora.get(CODE))
    assert "No email?" in shown.text
    assert "Send a new code" in shown.text
    assert "At most one every 30 seconds" in shown.text


def test_new_code_has_to_be_waited_for_and_replaces_the_old(as_dora, dora, mailoutbox):
    ask(as_dora)
    as_dora.post(CODE, {"action": "resend"})
    assert len(mailoutbox) == 1
    with time_machine.travel(timezone.now() + timedelta(seconds=31), tick=False):
        as_dora.post(CODE, {"action": "resend"})
        first, second = map(code_of, mailoutbox)
        if first != second:
            as_dora.post(CODE, {"code": first})
            assert email_of(dora) == "dora@example.org"
        as_dora.post(CODE, {"code": second})
    assert email_of(dora) == "new@example.org"


def test_code_asked_for_too_early_leaves_the_one_before_good(as_dora, dora, mailoutbox):
    ask(as_dora)
    as_dora.post(CODE, {"action": "resend"})
    as_dora.post(CODE, {"code": code_of(mailoutbox[0])})
    assert email_of(dora) == "new@example.org"


def test_seventh_email_to_an_address_in_an_hour_does_not_leave(as_dora, dora, mailoutbox):
    start = timezone.now()
    for number in range(8):
        with time_machine.travel(start + timedelta(minutes=number), tick=False):
            ask(log_in_freshly(Client(), dora))
    assert len(mailoutbox) == 6


def test_code_of_a_change_is_for_that_address_alone(as_dora, dora, mailoutbox):
    ask(as_dora, "first@example.org")
    ask(as_dora, "second@example.org")
    first, second = map(code_of, mailoutbox)
    if first != second:
        as_dora.post(CODE, {"code": first})
    assert email_of(dora) == "dora@example.org"


def test_code_of_another_person_does_not_change_the_address(as_dora, dora, mailoutbox):
    other = log_in_freshly(Client(), make_user("erik@example.org"))
    ask(as_dora)
    ask(other, "other@example.org")
    if code_of(mailoutbox[0]) != code_of(mailoutbox[1]):
        as_dora.post(CODE, {"code": code_of(mailoutbox[1])})
    assert email_of(dora) == "dora@example.org"


def test_present_session_is_not_ended_with_the_others(dora):
    client = log_in(dora, "Phone")
    log_in(dora, "Laptop")
    client.post(f"{SESSIONS}end-others/")
    assert list(UserSession.objects.values_list("user_agent", flat=True)) == ["Phone"]


def test_session_holds_the_code_encrypted(as_dora, mailoutbox):
    ask(as_dora)
    assert code_of(mailoutbox[0]) not in str(dict(as_dora.session))


def test_third_wrong_code_leads_back_to_the_address_and_says_why(as_dora, mailoutbox):
    ask(as_dora)
    wrong = f"{(int(code_of(mailoutbox[0])) + 1) % 10**6:06d}"
    answers = [as_dora.post(CODE, {"code": wrong}) for _ in range(3)]
    assert answers[2].url == CHANGE
    assert "for the third time" in parse(as_dora.get(CHANGE)).text


def test_tries_from_copies_of_the_session_are_three_in_all(as_dora, dora, mailoutbox):
    ask(as_dora)
    code = code_of(mailoutbox[0])
    kept = dict(as_dora.session["account_email_verification_code"])
    for typed in [f"{(int(code) + 1) % 10**6:06d}"] * 3 + [code]:
        session = as_dora.session
        session["account_email_verification_code"] = dict(kept)
        session.save()
        as_dora.post(CODE, {"code": typed})
    assert email_of(dora) == "dora@example.org"


def test_labels_read_as_on_every_other_page(as_dora):
    page = parse(as_dora.get(CHANGE))
    assert page.texts("label") == ["Current email address", "New email address"]


def test_code_for_another_address_is_taken_in_the_digits_of_every_script(as_dora, dora, mailoutbox):
    ask(as_dora)
    for _ in range(5):
        assert "six digits" in parse(as_dora.post(CODE, {"code": "12345"})).text
    as_dora.post(CODE, {"code": "".join(chr(0x0966 + int(c)) for c in code_of(mailoutbox[0]))})
    assert email_of(dora) == "new@example.org"
