import pytest
from django.core.cache import cache
from django.test import Client

from accounts.models import User
from accounts.tests.test_sign_up import codes, sign_up
from confbox.kit.tests.page import parse


def choose(client, language, **more):
    return client.post("/language/", {"language": language, "next": "/", **more})


def spoken(client, **headers):
    return parse(client.get("/", **headers)).language


def test_the_browser_language_is_spoken(client, db):
    assert spoken(client, headers={"accept-language": "de-AT,de;q=0.9,en;q=0.5"}) == "de"


def test_a_language_we_do_not_have_gives_english(client, db):
    assert spoken(client, headers={"accept-language": "fi"}) == "en"


def test_the_chosen_language_wins_over_the_browser(client, db):
    choose(client, "fr")
    assert spoken(client, headers={"accept-language": "de"}) == "fr"


def test_the_choice_of_a_person_is_kept_in_their_settings(as_alice, alice):
    choose(as_alice, "es")
    alice.user.refresh_from_db()
    assert alice.user.language == "es"


def test_the_setting_wins_over_what_the_browser_keeps(as_alice, alice):
    choose(as_alice, "es")
    type(alice.user).objects.filter(pk=alice.user.pk).update(language="hi")
    assert spoken(as_alice, headers={"accept-language": "de"}) == "hi"


def test_choosing_leads_back_to_the_page_before(client, db):
    assert choose(client, "de", next="/?q=python").url == "/?q=python"


@pytest.mark.parametrize("page", ["//evil.example", "https://evil.example/", "javascript:alert(1)", ""])
def test_choosing_never_leads_off_the_site(client, db, page):
    assert choose(client, "de", next=page).url == "/"


@pytest.mark.parametrize("language", ["", "xx", "de-DE", "../de", "de\0"])
def test_a_language_we_do_not_have_is_refused(client, db, language):
    answer = choose(client, language)
    assert (answer.status_code, "django_language" in answer.cookies) == (400, False)


def test_a_person_changes_their_language_only_with_a_csrf_token(as_alice, alice):
    careful = Client(enforce_csrf_checks=True)
    careful.cookies = as_alice.cookies
    assert choose(careful, "es").status_code == 403
    alice.user.refresh_from_db()
    assert alice.user.language == ""


def test_a_person_who_signs_up_keeps_the_language_of_the_page(client, db, mailoutbox):
    cache.clear()
    client.cookies["django_language"] = "de"
    sign_up(client)
    client.post("/accounts/signup/code/", {"code": codes(mailoutbox)[-1]})
    assert User.objects.get().language == "de"


def test_what_is_said_after_saving_the_settings_is_in_the_new_language(as_alice):
    answer = as_alice.post("/people/settings/", {"time_zone": "UTC", "language": "de"}, follow=True)
    assert "Ihre Einstellungen sind gespeichert." in parse(answer).text
