"""Guessing is limited, a stranger locks no one out, and hashing leaves capacity for others."""

import os
import re
import signal
import threading
import time
from datetime import timedelta

import pytest
import time_machine
from allauth.mfa.totp.internal.auth import (
    TOTP,
    generate_totp_secret,
    hotp_value,
    yield_hotp_counters_from_time,
)
from django.conf import settings as configured
from django.contrib.auth.hashers import PBKDF2PasswordHasher
from django.core.cache import cache
from django.core.exceptions import ValidationError
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from accounts import hashers
from accounts.models import User
from accounts.password_attempts import take_slow_turn
from accounts.tests.factories import PASSWORD, make_user
from confbox.kit.tests.page import parse
from confbox.kit.tests.stores import by_our_clock

LOG_IN = "/accounts/login/"
NEW = {"password1": "another-battery-staple", "password2": "another-battery-staple"}
ARGON = ["accounts.hashers.Argon2Hasher", "django.contrib.auth.hashers.PBKDF2PasswordHasher"]


@pytest.fixture(autouse=True)
def _fresh_limits(db):
    cache.clear()


@pytest.fixture
def dora():
    return make_user("dora@example.org")


def guess(number, *, email="dora@example.org", password="wrong", address=None, host="testserver"):
    client = Client(REMOTE_ADDR=address or f"127.0.2.{number}")
    client.post(LOG_IN, {"login": email, "password": password}, headers={"host": host})
    return client


def is_logged_in(client):
    return client.get("/accounts/email/").status_code == 200


def test_eleventh_guess_at_an_account_is_not_looked_at(dora):
    for number in range(10):
        guess(number)
    assert not is_logged_in(guess(11, password=PASSWORD))


def test_ninth_guess_still_counts(dora):
    for number in range(9):
        guess(number)
    assert is_logged_in(guess(11, password=PASSWORD))


@by_our_clock
def test_owner_can_log_in_after_five_minutes(dora):
    for number in range(12):
        guess(number)
    with time_machine.travel(timezone.now() + timedelta(minutes=6), tick=False):
        assert is_logged_in(guess(13, password=PASSWORD))


@pytest.mark.parametrize("email", ["DORA@example.org", "dora@EXAMPLE.org ", " dora@example.org"])
def test_another_spelling_gives_no_more_guesses(dora, email):
    for number in range(10):
        guess(number, email=email)
    assert not is_logged_in(guess(11, password=PASSWORD))


def test_domain_in_its_other_form_gives_no_more_guesses():
    make_user("dora@xn--bcher-kva.example")
    for number in range(10):
        guess(number, email="dora@b\u00fccher.example")
    assert not is_logged_in(guess(11, password=PASSWORD, email="dora@xn--bcher-kva.example"))


def test_another_host_name_gives_no_more_guesses(dora):
    for number in range(10):
        guess(number, host="localhost")
    assert not is_logged_in(guess(11, password=PASSWORD))


def test_one_address_cannot_try_many_accounts(dora):
    with time_machine.travel(timezone.now(), tick=False):
        for number in range(20):
            guess(number, email=f"person{number}@example.org", address="127.0.3.1")
        assert not is_logged_in(guess(0, password=PASSWORD, address="127.0.3.1"))
        assert is_logged_in(guess(0, password=PASSWORD, address="127.0.3.2"))


@by_our_clock
def test_network_that_sends_wrong_passwords_may_still_try_slowly(dora):
    start = timezone.now()
    with time_machine.travel(start, tick=False):
        for number in range(20):
            guess(number, email=f"person{number}@example.org", address="127.0.3.1")
    with time_machine.travel(start + timedelta(seconds=3), tick=False):
        assert is_logged_in(guess(0, password=PASSWORD, address="127.0.3.1"))


def test_addresses_of_one_ipv6_network_are_counted_together(dora):
    with time_machine.travel(timezone.now(), tick=False):
        for number in range(20):
            guess(number, email=f"person{number}@example.org", address=f"2001:db8:1:2::{number:x}")
        assert not is_logged_in(guess(0, password=PASSWORD, address="2001:db8:1:2:ffff::1"))
        assert is_logged_in(guess(0, password=PASSWORD, address="2001:db8:1:3::1"))


@pytest.mark.slow
@pytest.mark.any_database
def test_hall_of_people_behind_one_address_logs_in_within_a_minute(dora):
    """Some mistype; no one is kept out by the others."""
    with time_machine.travel(timezone.now(), tick=False):
        for number in range(350):
            person = make_user(f"hall{number}@example.org")
            if number % 5 == 0:
                guess(0, email=person.email, address="127.0.3.1")
            client = guess(0, email=person.email, password=PASSWORD, address="127.0.3.1")
            assert "_auth_user_id" in client.session, number


def test_one_account_that_logs_in_again_and_again_earns_its_network_nothing(dora):
    with time_machine.travel(timezone.now(), tick=False):
        for _ in range(20):
            guess(0, password=PASSWORD, address="127.0.3.1")
        for number in range(23):
            guess(0, email=f"person{number}@example.org", address="127.0.3.1")
        assert not is_logged_in(guess(0, password=PASSWORD, address="127.0.3.1"))


def log_in(client, password=PASSWORD):
    client.post("/accounts/logout/")
    client.post(LOG_IN, {"login": "dora@example.org", "password": password})
    return client


def test_strangers_guesses_do_not_lock_out_a_device_that_has_logged_in_before(dora):
    client = guess(0, password=PASSWORD)
    for number in range(1, 15):
        guess(number)
    assert not is_logged_in(guess(16, password=PASSWORD))
    assert is_logged_in(log_in(client))


def test_device_that_has_logged_in_before_has_ten_guesses_of_its_own(dora):
    client = guess(0, password=PASSWORD)
    for _ in range(10):
        log_in(client, password="wrong")
    assert not is_logged_in(log_in(client))


def test_device_is_known_for_the_accounts_that_were_used_on_it_alone(dora):
    make_user("erik@example.org")
    client = guess(0, email="erik@example.org", password=PASSWORD)
    for number in range(1, 15):
        guess(number)
    assert not is_logged_in(log_in(client))


def test_new_password_makes_devices_of_before_unknown(dora):
    client = guess(0, password=PASSWORD)
    dora.set_password("another-battery-staple")
    dora.save()
    for number in range(1, 15):
        guess(number)
    assert not is_logged_in(log_in(client, password="another-battery-staple"))


@pytest.mark.parametrize("forge", [lambda cookie: cookie[:-2] + "xx", lambda cookie: "x" * 40])
def test_device_cookie_cannot_be_forged(dora, forge):
    client = guess(0, password=PASSWORD)
    client.cookies["device"] = forge(client.cookies["device"].value)
    for number in range(1, 15):
        guess(number)
    assert not is_logged_in(log_in(client))


def test_change_of_password_keeps_this_device_known(dora):
    client = guess(0, password=PASSWORD)
    client.post("/accounts/password/change/", {"oldpassword": PASSWORD} | NEW)
    for number in range(1, 15):
        guess(number)
    assert is_logged_in(log_in(client, password=NEW["password1"]))


@by_our_clock
def test_a_stranger_does_not_lock_out_an_open_session(dora):
    client = guess(0, password=PASSWORD)
    for number in range(1, 15):
        guess(number)
    assert is_logged_in(client)
    with time_machine.travel(timezone.now() + timedelta(minutes=5, seconds=30), tick=False):
        for number in range(15, 30):
            guess(number)
        asked = client.post("/accounts/reauthenticate/", {"password": PASSWORD})
    assert asked.status_code == 302


def test_guessing_at_re_authentication_is_throttled_too(dora):
    client = guess(0, password=PASSWORD)
    answers = [client.post("/accounts/reauthenticate/", {"password": "wrong"}) for _ in range(11)]
    assert answers[-1].status_code == 429


def confirm_reset(client, mailoutbox):
    client.post("/accounts/password/reset/", {"email": "dora@example.org"})
    code = re.search(r"\b\d{6}\b", mailoutbox[0].body)[0]
    client.post("/accounts/password/reset/confirm/", {"code": code})


def test_reset_clears_the_lock(dora, mailoutbox):
    for number in range(12):
        guess(number)
    client = Client()
    confirm_reset(client, mailoutbox)
    client.post("/accounts/password/reset/complete/", NEW)
    assert is_logged_in(guess(13, password=NEW["password1"]))


def test_counts_are_kept_in_a_cache_that_all_processes_share():
    assert "locmem" not in configured.CACHES["default"]["BACKEND"]
    assert "dummy" not in configured.CACHES["default"]["BACKEND"]


def test_counts_are_not_pushed_out_by_other_entries(settings):
    for number in range(400):
        cache.set(f"entry{number}", 1)
    assert len([1 for number in range(400) if cache.get(f"entry{number}")]) == 400


def test_requests_are_not_one_transaction():
    """A count added inside an open transaction would block everyone else's."""
    assert not configured.DATABASES["default"].get("ATOMIC_REQUESTS")


def test_hash_is_argon2id_of_the_chosen_cost(settings):
    settings.PASSWORD_HASHERS = ARGON
    encoded = make_user("erik@example.org").password
    assert encoded.startswith("argon2$argon2id$v=19$m=19456,t=2,p=1$")


@pytest.mark.parametrize(
    "old",
    [
        PBKDF2PasswordHasher().encode(PASSWORD, "0123456789abcdefghijkl", 1000),
        "argon2$argon2id$v=19$m=8,t=1,p=1$MDEyMzQ1Njc4OWFiY2RlZg$",
    ],
)
def test_old_hash_is_upgraded_at_log_in(settings, dora, old):
    settings.PASSWORD_HASHERS = ARGON
    if old.startswith("argon2"):
        from argon2.low_level import Type, hash_secret

        weak = hash_secret(PASSWORD.encode(), b"0123456789abcdef", 1, 8, 1, 16, Type.ID).decode()
        old = f"argon2{weak}"
    User.objects.filter(pk=dora.pk).update(password=old)
    assert is_logged_in(guess(0, password=PASSWORD))
    dora.refresh_from_db()
    assert dora.password.startswith("argon2$argon2id$v=19$m=19456,t=2,p=1$")


@pytest.fixture
def busy_with():
    """Other threads that hash: each takes a place in the queue until the test ends."""
    leave, people = threading.Event(), []

    def come(count):
        for _ in range(count):
            person = threading.Thread(target=stay)
            person.start()
            people.append(person)

    def stay():
        with hashers.hashing_turn():
            leave.wait(10)

    yield come
    leave.set()
    for person in people:
        person.join()


def test_no_more_passwords_are_hashed_at_once_than_allowed(monkeypatch, busy_with):
    monkeypatch.setattr(hashers, "MAX_WAIT_SECONDS", 0.05)
    busy_with(configured.HASHES_AT_ONCE)
    with pytest.raises(ValidationError, match="try again in a few seconds"):
        hashers.Argon2Hasher().encode("password", "0123456789abcdef")


def test_no_more_wait_than_the_queue_has_places(busy_with):
    busy_with(configured.HASHES_AT_ONCE + configured.HASHES_WAITING)
    started = time.monotonic()
    with pytest.raises(ValidationError, match="try again in a few seconds"):
        hashers.Argon2Hasher().encode("password", "0123456789abcdef")
    assert time.monotonic() - started < hashers.MAX_WAIT_SECONDS / 2


def test_place_in_the_queue_is_free_again_afterwards():
    for _ in range(configured.HASHES_AT_ONCE + configured.HASHES_WAITING + 2):
        with hashers.hashing_turn():
            pass


def test_log_in_while_others_log_in_says_so_on_the_page_and_keeps_the_address(settings, dora, busy_with):
    settings.PASSWORD_HASHERS = ARGON
    busy_with(configured.HASHES_AT_ONCE + configured.HASHES_WAITING)
    answer = Client().post(LOG_IN, {"login": "dora@example.org", "password": PASSWORD})
    shown = parse(answer)
    assert (answer.status_code, answer.headers["Retry-After"]) == (503, "3")
    assert "try again in a few seconds" in shown.text
    assert "dora@example.org" in shown.text


NEWCOMER = {"name": "Nia", "email": "nia@example.org", "password1": PASSWORD}


def test_sign_up_while_others_log_in_says_so_on_the_page_and_emails_nothing(settings, busy_with, mailoutbox):
    settings.PASSWORD_HASHERS = ARGON
    busy_with(configured.HASHES_AT_ONCE + configured.HASHES_WAITING)
    answer = Client().post("/accounts/signup/", NEWCOMER)
    assert (answer.status_code, answer.headers["Retry-After"]) == (503, "3")
    assert "try again in a few seconds" in parse(answer).text
    assert "log in as" not in parse(answer).text
    assert mailoutbox == []


@pytest.fixture
def waiting_sign_up(monkeypatch):
    """A client that has to wait, and the page on which it does."""
    client = Client()
    with monkeypatch.context() as patched:
        patched.setattr("accounts.views.signup.make_password", lambda *_: hashers._refuse())
        answer = client.post("/accounts/signup/?next=/me/", NEWCOMER)
    return client, answer


def test_sign_up_that_had_to_wait_goes_on(waiting_sign_up, mailoutbox):
    client, answer = waiting_sign_up
    path = parse(answer).attributes("form[data-continue]", "action")[0]
    assert client.post(path, wait_of(answer)).url == "/accounts/signup/code/"
    assert [message.to for message in mailoutbox] == [["nia@example.org"]]


def test_sign_up_that_waits_is_not_counted_as_an_email_asked_for(settings, busy_with, mailoutbox):
    settings.PASSWORD_HASHERS = ARGON
    client = Client()
    with pytest.MonkeyPatch.context() as patched:
        patched.setattr("accounts.views.signup.counting_email", lambda *_: pytest.fail("was counted"))
        busy_with(configured.HASHES_AT_ONCE + configured.HASHES_WAITING)
        assert client.post("/accounts/signup/", NEWCOMER).status_code == 503


def test_page_of_a_waiting_sign_up_does_not_show_the_password(waiting_sign_up):
    assert PASSWORD not in waiting_sign_up[1].text


def test_sign_up_that_waits_is_no_log_in(waiting_sign_up):
    client, answer = waiting_sign_up
    assert client.post(LOG_IN, wait_of(answer)).status_code == 200
    assert not is_logged_in(client)


def test_new_password_while_others_log_in_is_a_503_that_says_when_to_come_back(
    settings, dora, busy_with, mailoutbox
):
    client = Client()
    confirm_reset(client, mailoutbox)
    settings.PASSWORD_HASHERS = ARGON
    busy_with(configured.HASHES_AT_ONCE + configured.HASHES_WAITING)
    answer = client.post("/accounts/password/reset/complete/", NEW)
    assert (answer.status_code, answer.headers["Retry-After"]) == (503, "3")


def test_form_without_its_cookie_takes_no_turn(settings, dora, busy_with):
    settings.PASSWORD_HASHERS = ARGON
    busy_with(configured.HASHES_AT_ONCE + configured.HASHES_WAITING)
    client = Client(enforce_csrf_checks=True)
    assert client.post(LOG_IN, {"login": "dora@example.org", "password": PASSWORD}).status_code == 403


def test_account_without_guesses_left_takes_no_turn(settings, dora, busy_with):
    for number in range(10):
        guess(number)
    settings.PASSWORD_HASHERS = ARGON
    busy_with(configured.HASHES_AT_ONCE)
    started = time.monotonic()
    answer = Client(REMOTE_ADDR="127.0.2.99").post(LOG_IN, {"login": dora.email, "password": PASSWORD})
    assert answer.status_code == 200
    assert time.monotonic() - started < hashers.MAX_WAIT_SECONDS / 2


def test_while_others_log_in_a_network_has_few_wrong_passwords(settings, dora, busy_with):
    with time_machine.travel(timezone.now(), tick=False):
        for number in range(4):
            guess(number, email=f"person{number}@example.org", address="127.0.3.1")
        busy_with((configured.HASHES_AT_ONCE + configured.HASHES_WAITING) // 2 + 1)
        take_slow_turn("127.0.3.1")
        answer = Client(REMOTE_ADDR="127.0.3.1").post(LOG_IN, {"login": dora.email, "password": PASSWORD})
    assert (answer.status_code, answer.headers["Retry-After"]) == (429, "3")


def wait_of(answer):
    """The form on the page of a person who has to wait, as its script sends it."""
    return {"waited": re.search(r'name="waited" value="([^"]+)"', answer.text)[1]}


@pytest.fixture
def waiting(monkeypatch, dora):
    """A client that has to wait, and the form that continues."""
    client = Client()
    with monkeypatch.context() as patched:
        patched.setattr("accounts.middleware.is_hashing_queue_full", lambda: True)
        answer = client.post(
            LOG_IN, {"login": "dora@example.org", "password": PASSWORD, "next": "/people/profile/"}
        )
    return client, wait_of(answer)


def test_log_in_that_had_to_wait_goes_on_where_it_was_going(waiting):
    client, form = waiting
    assert client.post(LOG_IN, form).url == "/people/profile/"
    assert is_logged_in(client)


def test_page_of_a_person_who_waits_does_not_show_the_password(waiting):
    assert PASSWORD not in waiting[1]["waited"]


def test_wait_of_another_browser_is_worth_nothing(waiting):
    other = Client()
    other.get(LOG_IN)
    other.post(LOG_IN, waiting[1])
    assert not is_logged_in(other)


def test_wait_is_over_after_three_minutes(waiting):
    client, form = waiting
    with time_machine.travel(timezone.now() + timedelta(minutes=4), tick=False):
        client.post(LOG_IN, form)
    assert not is_logged_in(client)


def test_hashing_leaves_processor_time_to_the_others():
    assert hashers.hash_in_pool(os.getpriority, os.PRIO_PROCESS, 0) > os.getpriority(os.PRIO_PROCESS, 0)


def test_hashing_leaves_processor_time_where_the_site_itself_steps_back():
    child = os.fork()
    if not child:
        signal.alarm(20)
        own = os.nice(hashers.NICENESS)
        os._exit(0 if hashers.hash_in_pool(os.getpriority, os.PRIO_PROCESS, 0) > own else 1)
    assert os.waitpid(child, 0)[1] == 0


def test_hashing_goes_on_after_a_fork():
    hashers.Argon2Hasher().encode("password", "0123456789abcdef")
    child = os.fork()
    if not child:
        signal.alarm(20)
        hashed = hashers.Argon2Hasher().encode("password", "0123456789abcdef")
        os._exit(0 if hashed.startswith("argon2") else 1)
    assert os.waitpid(child, 0)[1] == 0


def overlap_of_two_processes() -> bool:
    """Whether two processes that hash for 0.3 s each do so at the same time."""
    pipe = os.pipe()
    for _ in range(2):
        if not os.fork():
            signal.alarm(20)
            hashers.hash_in_pool(lambda: (os.write(pipe[1], b"+"), time.sleep(0.3), os.write(pipe[1], b"-")))
            os._exit(0)
    assert [os.wait()[1] for _ in range(2)] == [0, 0]
    return os.read(pipe[0], 4) != b"+-+-"


def test_two_processes_of_a_host_hash_one_after_the_other(settings, monkeypatch):
    settings.HASHES_AT_ONCE = 1
    monkeypatch.setattr(os, "cpu_count", lambda: 2)
    assert not overlap_of_two_processes()


def test_two_processes_hash_together_where_no_core_is_kept_free(settings, monkeypatch):
    settings.HASHES_AT_ONCE = 2
    monkeypatch.setattr(os, "cpu_count", lambda: 2)
    assert overlap_of_two_processes()


def test_host_hashes_on_all_cores_but_one():
    assert max(1, os.cpu_count() - 1) == configured.HASHES_AT_ONCE
    assert configured.HASHES_WAITING == 8


def test_one_core_checks_twenty_log_ins_a_second():
    encoded = hashers.Argon2Hasher().encode("password", "0123456789abcdef")
    took = []
    for _ in range(8):
        started = time.process_time()
        hashers.Argon2Hasher().verify("password", encoded)
        took.append(time.process_time() - started)
    assert min(took) < 1 / 20


def test_log_in_while_others_log_in_is_turned_away_before_the_database_is_asked(settings, busy_with):
    busy_with(configured.HASHES_AT_ONCE + configured.HASHES_WAITING)
    with CaptureQueriesContext(connection) as queries:
        answer = Client().post(LOG_IN, {"login": "dora@example.org", "password": PASSWORD})
    assert answer.status_code == 503
    assert len(queries) == 0


def test_guesses_at_a_one_time_code_are_throttled(dora):
    TOTP.activate(dora, secret := generate_totp_secret())
    client = guess(0, password=PASSWORD)
    for _ in range(10):
        client.post("/accounts/2fa/authenticate/", {"code": "000000"})
    code = f"{hotp_value(secret, next(iter(yield_hotp_counters_from_time()))):06d}"
    client.post("/accounts/2fa/authenticate/", {"code": code})
    assert not is_logged_in(client)
