"""What a password may be, and that it is the same however a keyboard composes it."""

import unicodedata

import pytest
from django.contrib.auth.hashers import make_password
from django.contrib.auth.password_validation import validate_password
from django.core.cache import cache
from django.core.exceptions import ValidationError
from django.core.management import call_command

from accounts.models import User
from accounts.tests.factories import log_in_freshly, make_user

COMPOSED = unicodedata.normalize("NFC", "größere Bäume 7")
SPELLINGS = [COMPOSED, unicodedata.normalize("NFD", COMPOSED), COMPOSED.replace(" ", "\u00a0")]


@pytest.fixture(autouse=True)
def _fresh_limits(db):
    cache.clear()


def can_log_in(client, email, password):
    client.logout()
    return client.post("/accounts/login/", {"login": email, "password": password}).status_code == 302


@pytest.mark.parametrize("typed", SPELLINGS, ids=["composed", "decomposed", "other space"])
@pytest.mark.parametrize("asked", SPELLINGS, ids=["composed", "decomposed", "other space"])
def test_password_is_one_however_it_is_composed(typed, asked):
    assert make_user("dora@example.org", password=typed).check_password(asked)


def test_two_passwords_stay_two():
    user = make_user("dora@example.org", password=COMPOSED)
    assert not user.check_password(COMPOSED.replace("ä", "a"))
    assert not user.check_password(COMPOSED.replace(" ", ""))
    assert not user.check_password(COMPOSED.upper())


def test_password_that_was_hashed_as_it_was_typed_still_opens(client):
    user = make_user("dora@example.org")
    User.objects.filter(pk=user.pk).update(password=make_password(SPELLINGS[1]))
    assert can_log_in(client, user.email, SPELLINGS[1])


def test_sign_up_and_log_in_take_the_same_form(client, mailoutbox):
    typed = {"name": "Nia Okoye", "email": "nia@example.org", "password1": SPELLINGS[1]}
    client.post("/accounts/signup/", typed)
    code = mailoutbox[0].body.split("\n\n")
    digits = next(word for part in code for word in part.split() if word.isdigit() and len(word) == 6)
    client.post("/accounts/signup/code/", {"code": digits})
    assert can_log_in(client, "nia@example.org", COMPOSED)


def test_change_and_confirmation_take_the_same_form(client):
    user = make_user("dora@example.org", password=COMPOSED)
    log_in_freshly(client, user)
    typed = {"oldpassword": SPELLINGS[1], "password1": "Schöne neue Welt", "password2": "Schöne neue Welt"}
    assert client.post("/accounts/password/change/", typed).status_code == 302
    assert can_log_in(client, user.email, unicodedata.normalize("NFD", "Schöne neue Welt"))
    again = client.post(
        "/accounts/reauthenticate/", {"password": unicodedata.normalize("NFD", "Schöne neue Welt")}
    )
    assert again.status_code == 302


def test_superuser_made_on_the_command_line_logs_in_with_either_form(client, monkeypatch):
    monkeypatch.setenv("DJANGO_SUPERUSER_PASSWORD", SPELLINGS[1])
    call_command("createsuperuser", email="root@example.org", name="Root", interactive=False, verbosity=0)
    assert User.objects.get().check_password(COMPOSED)


@pytest.mark.parametrize(
    "password",
    [
        "conference-demo",
        "mountain-lake-7",
        "correct-horse-battery",
        "newly come home",
        "egon-and-a-long-rest",
    ],
)
def test_password_with_letters_of_the_name_is_taken(password):
    validate_password(password, User(email="egon.newcomer@example.org", name="Egon Newcomer"))


@pytest.mark.parametrize(
    ("password", "said"),
    [
        ("newcomer2026", "“Newcomer”, which is part of your name"),
        ("NEWCOMER-12", "“Newcomer”, which is part of your name"),
        ("newc0mer12", "“Newcomer”, which is part of your name"),
        ("EgonNewcomer!", "“EgonNewcomer”, which is part of your name"),
        ("blumenfreundin1", "“blumenfreundin”, which is part of your email address"),
        ("blumenfreundin@web.example", "“blumenfreundin@web.example”, which is part of your email address"),
    ],
)
def test_refusal_says_what_the_password_is_similar_to(password, said):
    with pytest.raises(ValidationError, match=f"too similar to {said}"):
        validate_password(password, User(email="blumenfreundin@web.example", name="Egon Newcomer"))
