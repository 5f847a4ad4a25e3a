"""Passwords that are refused because attackers would try them first."""

import pytest
from django.contrib.auth.password_validation import validate_password
from django.core.exceptions import ValidationError

GUESSED = [
    *("conferencebox", "ConferenceBox", "ConferenceBox1!", "c0nferenceb0x", "conference-box-2026"),
    *("MyConferenceBox", "Summer2026!", "summer-2026-summer", "Sommer2026!", "Winter2026!!", "Été2026été!"),
    *("otoño-2026", "August2026!", "NovemberNovember1", "Password2026!", "P@ssw0rd2026", "Welcome123!"),
    *("Passwort123", "letmein2026!!", "adminadmin1", "1234567890", "qwertyuiop", "QWERTYUIOP1!"),
    *("iloveyou123", "butterfly2026", "basketball!!", "0987654321", "unbelievable", "Unbelievable2026"),
    *("administration1", "  password  ", "ｐａｓｓｗｏｒｄ２０２６"),
]
GOOD = [
    *("correct-horse-battery", "another-battery-staple", "conference-demo", "a-long-and-odd-phrase"),
    *("Schöne neue Welt", "summer rain on a tin roof", "tr7#kq9!vw2x", "9!7#x$2@8%4&6"),
    *("conferencebox guards my vote", "winter-sparrow-7"),
]


@pytest.mark.parametrize("password", GUESSED)
def test_password_that_others_try_first_is_refused(password):
    with pytest.raises(ValidationError):
        validate_password(password)


@pytest.mark.parametrize("password", GOOD)
def test_password_with_words_of_ones_own_is_taken(password):
    validate_password(password)


@pytest.mark.parametrize("password", ["AcmeMembers2026", "acme-2026-members!", "votes.acme.example"])
def test_name_and_host_of_the_site_are_refused(settings, password):
    settings.SITE_NAME, settings.SITE_URL = "Acme Members", "https://votes.acme.example"
    with pytest.raises(ValidationError, match="the name of the site"):
        validate_password(password)


def test_more_than_three_thousand_passwords_that_are_long_enough_are_known():
    from accounts.guessable_passwords import NotGuessable, _well_known

    known = NotGuessable().passwords | _well_known()
    assert len([password for password in known if len(password) >= 10]) > 3000


def test_sign_up_says_why(client, db):
    data = {"name": "Nia Okoye", "email": "nia@example.org", "password1": "Summer2026!"}
    answer = client.post("/accounts/signup/", data)
    assert "a season, a month" in str(answer.context["form"].errors["password1"])
