"""An emailed code on its own, apart from the pages that use it."""

import random
from datetime import timedelta

import pytest
import time_machine
from django.core.cache import cache
from django.core.exceptions import ValidationError
from django.utils import timezone

from accounts.codes import EmailedCode
from accounts.views.codes import count_email
from confbox.kit.tests.stores import by_our_clock
from confbox.kit.tests.threads import InThread

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _fresh_counts():
    cache.clear()


def test_right_code_is_used_up():
    code = EmailedCode({}, "purpose")
    typed = code.issue(email="dora@example.org")
    code.check(typed)
    with pytest.raises(ValidationError, match="no longer be used"):
        code.check(typed)


def test_code_for_one_purpose_is_invalid_for_another():
    session = {}
    typed = EmailedCode(session, "signup").issue(email="dora@example.org")
    session["code:reset"] = session["code:signup"]
    with pytest.raises(ValidationError):
        EmailedCode(session, "reset").check(typed)


def test_session_keeps_a_digest_only():
    session = {}
    typed = EmailedCode(session, "signup").issue(email="dora@example.org")
    assert typed not in str(session["code:signup"]["digest"])
    assert set(session["code:signup"]) == {"email", "digest", "at"}


def test_codes_come_from_the_whole_million():
    codes = {EmailedCode({}, "purpose").issue(email="dora@example.org") for _ in range(100)}
    assert len(codes) > 90
    assert {code[0] for code in codes} > {"1", "9"}
    assert all(len(code) == 6 and code.isdigit() for code in codes)


def test_codes_do_not_come_from_a_generator_that_can_be_seeded():
    codes = []
    for _ in range(3):
        random.seed(1)
        codes.append(EmailedCode({}, "purpose").issue(email="dora@example.org"))
    assert len(set(codes)) > 1


@pytest.mark.parametrize("shape", ["{}-{}", "{} {}", "  {}{}  ", "{}\u00a0{}"])
def test_code_is_taken_however_it_was_pasted(shape):
    code = EmailedCode({}, "purpose")
    typed = code.issue(email="dora@example.org")
    code.check(shape.format(typed[:3], typed[3:]))


def test_code_of_one_address_is_none_of_another():
    session = {}
    typed = EmailedCode(session, "signup").issue(email="dora@example.org")
    session["code:signup"]["email"] = "erik@example.org"
    with pytest.raises(ValidationError):
        EmailedCode(session, "signup").check(typed)


def test_new_code_has_its_own_three_tries():
    code = EmailedCode({}, "purpose")
    code.issue(email="dora@example.org")
    for _ in range(3):
        with pytest.raises(ValidationError):
            code.check("nonsense")
    code.check(code.issue(email="dora@example.org"))


@pytest.fixture
def asked(rf, db):
    cache.clear()
    return lambda n, email: count_email(rf.post("/", REMOTE_ADDR=f"127.0.4.{n % 250}"), email)


@by_our_clock
def test_seventh_code_email_in_an_hour_is_refused(asked):
    start = timezone.now()
    for number in range(6):
        with time_machine.travel(start + timedelta(minutes=number), tick=False):
            asked(number, "dora@example.org")
    with (
        time_machine.travel(start + timedelta(minutes=7), tick=False),
        pytest.raises(ValidationError, match="Please wait"),
    ):
        asked(7, "dora@example.org")


def test_one_client_has_six_hundred_code_emails_an_hour(asked):
    for number in range(600):
        asked(0, f"person{number}@example.org")
    with pytest.raises(ValidationError):
        asked(0, "one-more@example.org")
    asked(1, "another@example.org")


@pytest.mark.django_db(transaction=True)
def test_tries_at_the_same_time_are_three_in_all():
    """Requests that read the session before any of them has written it."""
    session = {}
    typed = EmailedCode(session, "purpose").issue(email="dora@example.org")
    wrong = f"{(int(typed) + 1) % 10**6:06d}"
    for _ in range(3):
        with pytest.raises(ValidationError):
            EmailedCode(dict(session), "purpose").check(wrong)
    with pytest.raises(ValidationError, match="can no longer be used"):
        EmailedCode(dict(session), "purpose").check(typed)


@pytest.mark.django_db(transaction=True)
def test_a_right_code_sent_four_times_at_once_works_once():
    session = {}
    typed = EmailedCode(session, "purpose").issue(email="dora@example.org")
    threads = [InThread(lambda: EmailedCode(dict(session), "purpose").check(typed)) for _ in range(4)]
    assert [thread.finish().error for thread in threads].count(None) == 1


@pytest.mark.parametrize(
    "spelling",
    [
        lambda code: "".join(chr(0xFF10 + int(c)) for c in code),
        lambda code: "".join(chr(0x0966 + int(c)) for c in code),
        lambda code: "".join(chr(0x0660 + int(c)) for c in code),
        lambda code: "".join(chr(0x1D7CE + int(c)) for c in code),
        lambda code: f"\u200b{code[:3]}\u200b\u2013{code[3:]}\ufeff",
        lambda code: f"{code[:3]}.{code[3:]}\u00ad",
    ],
    ids=["full width", "Devanagari", "Arabic", "mathematical", "invisible spaces", "dots"],
)
def test_code_is_taken_in_the_digits_of_every_script(spelling):
    code = EmailedCode({}, "purpose")
    code.check(spelling(code.issue(email="dora@example.org")))


@pytest.mark.parametrize("typed", ["", "12345", "1234567", "nonsense", "½½½½½½", "①②③④⑤"])
def test_what_is_not_six_digits_takes_no_try(typed):
    code = EmailedCode({}, "purpose")
    right = code.issue(email="dora@example.org")
    for _ in range(5):
        with pytest.raises(ValidationError, match="six digits"):
            code.check(typed)
    code.check(right)
