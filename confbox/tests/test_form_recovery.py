"""What a person typed is still there after they were logged out, or after the page's token had expired."""

import pickle
import zlib
from urllib.parse import parse_qs, urlsplit

import pytest
from django.core.cache import cache, caches
from django.test import Client

from accounts.tests.factories import PASSWORD, log_in_freshly
from confbox.kit.tests.page import parse
from confbox.kit.tests.stores import entries
from confbox.tests.forms import Forms
from voting.campaigns.models import Campaign

ASK = "/conferences/open-conf/campaigns/new/"
TEXT = {"subject": "Queues at night", "message": "They are long.\r\n\r\n" + "Ich hätte <gern> mehr. " * 30}


@pytest.fixture(autouse=True)
def _fresh_limits(db):
    cache.clear()
    caches["kept"].clear()


def logged_out(client):
    """The session has ended; the page is still open."""
    client.session.flush()
    return client


def forms_of(answer):
    return [form for form in Forms("/", answer.content.decode()).found if form.method == "post"]


def form_of(answer, action):
    return next(form for form in forms_of(answer) if form.action == action)


def log_in_where_led(client, answer, user):
    back = parse_qs(urlsplit(answer.url).query)["next"][0]
    typed = {"login": user.email, "password": PASSWORD, "next": back}
    return client.post("/accounts/login/", typed, follow=True)


def test_text_is_there_after_the_session_ended(as_alice, alice):
    answer = logged_out(as_alice).post(ASK, TEXT)
    page = log_in_where_led(as_alice, answer, alice.user)
    assert dict(form_of(page, ASK).fields) | TEXT == dict(form_of(page, ASK).fields)
    sent = dict(form_of(page, ASK).fields)
    assert as_alice.post(ASK, sent).status_code == 302
    assert Campaign.objects.get().subject == TEXT["subject"]


def test_text_is_dropped_once_it_was_sent(as_alice, alice):
    page = log_in_where_led(as_alice, logged_out(as_alice).post(ASK, TEXT), alice.user)
    as_alice.post(ASK, dict(form_of(page, ASK).fields))
    assert Campaign.objects.count() == 1
    assert entries("kept") == []
    assert as_alice.get("/accounts/unsent/").url == "/"


def test_text_that_was_refused_stays(as_alice, alice):
    page = log_in_where_led(as_alice, logged_out(as_alice).post(ASK, TEXT), alice.user)
    refused = as_alice.post(ASK, dict(form_of(page, ASK).fields) | {"subject": ""})
    assert refused.status_code == 200
    assert len(entries("kept")) == 1


def test_text_that_is_sent_while_logged_out_again_stays(as_alice, alice):
    page = log_in_where_led(as_alice, logged_out(as_alice).post(ASK, TEXT), alice.user)
    sent = dict(form_of(page, ASK).fields)
    page = log_in_where_led(as_alice, logged_out(as_alice).post(ASK, sent), alice.user)
    fields = [name for name, _value in form_of(page, ASK).fields]
    assert dict(form_of(page, ASK).fields)["message"] == sent["message"]
    assert fields.count("saved_form") == 1


def test_another_text_for_the_same_page_does_not_drop_it(as_alice, alice):
    log_in_where_led(as_alice, logged_out(as_alice).post(ASK, TEXT), alice.user)
    assert as_alice.post(ASK, {"subject": "Typed anew", "message": "Another text."}).status_code == 302
    assert len(entries("kept")) == 1


def test_text_is_not_shown_to_the_next_person_at_the_same_computer(client, alice, bob):
    client.post("/accounts/login/", {"login": alice.user.email, "password": PASSWORD})
    answer = logged_out(client).post(ASK, TEXT)
    page = log_in_where_led(client, answer, bob.user)
    assert [form for form in forms_of(page) if form.action == ASK] == []
    assert not parse(page).mentions(TEXT["subject"])


def test_text_is_there_for_a_person_who_logged_in_before(client, alice):
    client.post("/accounts/login/", {"login": alice.user.email, "password": PASSWORD})
    answer = logged_out(client).post(ASK, TEXT)
    page = log_in_where_led(client, answer, alice.user)
    assert dict(form_of(page, ASK).fields)["subject"] == TEXT["subject"]


@pytest.mark.parametrize(
    ("path", "typed"),
    [
        ("/conferences/open-conf/pitch/", {"headline": "Locks", "statement": "On.", "accepts_votes": "on"}),
        ("/people/profile/", {"name": "Alice B.", "bio": "About me", "phone": "+46 8 123"}),
        ("/admin/accounts/user/disable/", {"reason": "A fake account", "user": "5"}),
        ("/admin/conferences/conference/add/", {"title": "Nile Summit", "agenda": "Talks"}),
    ],
)
def test_text_of_every_form_is_there(as_alice, alice, path, typed):
    page = log_in_where_led(as_alice, logged_out(as_alice).post(path, typed), alice.user)
    assert dict(form_of(page, path).fields) | typed == dict(form_of(page, path).fields)


@pytest.mark.parametrize(
    ("path", "typed"),
    [
        ("/conferences/open-conf/join/", {}),
        ("/conferences/open-conf/vote/", {"candidate": "5", "note": "a long text"}),
        (
            "/accounts/password/change/",
            {"oldpassword": PASSWORD, "password1": "x" * 12, "password2": "x" * 12},
        ),
        (ASK, {"subject": "Long", "message": "".join(chr(0x4E00 + n % 20000) for n in range(60_000))}),
    ],
    ids=["nothing", "a vote", "passwords", "too much"],
)
def test_what_is_not_kept_leads_to_the_page_of_before(as_alice, path, typed):
    answer = logged_out(as_alice).post(path, typed)
    assert "unsent" not in answer.url
    assert entries("kept") == []


def test_kept_text_cannot_be_read_where_it_is_kept(as_alice):
    logged_out(as_alice).post(ASK, TEXT)
    [(_key, packed)] = entries("kept")
    assert b"Queues" not in zlib.decompress(pickle.loads(packed)["content"])


def test_another_browser_does_not_see_it(as_alice, bob):
    logged_out(as_alice).post(ASK, TEXT)
    other = log_in_freshly(Client(), bob.user)
    assert other.get("/accounts/unsent/").url == "/"


def test_a_network_keeps_sixty_texts_an_hour(alice):
    kept = ["unsent" in Client().post(ASK, TEXT).url for _ in range(61)]
    assert kept == [True] * 60 + [False]


def old_page(user):
    """A browser whose page has the token from before the log-in."""
    client = Client(enforce_csrf_checks=True)
    client.get("/accounts/signup/")
    return log_in_freshly(client, user)


def test_text_is_there_when_the_token_is_too_old(alice):
    client = old_page(alice.user)
    refused = client.post(ASK, TEXT | {"csrfmiddlewaretoken": "x" * 64})
    assert refused.status_code == 403
    sent = dict(form_of(refused, ASK).fields)
    assert sent | TEXT == sent
    assert client.post(ASK, sent).status_code == 302


def test_passwords_are_never_given_back(client):
    client = Client(enforce_csrf_checks=True)
    typed = {"name": "Nia", "email": "nia@example.org", "password1": PASSWORD}
    refused = client.post("/accounts/signup/", typed)
    assert not parse(refused).mentions(PASSWORD)
    assert dict(form_of(refused, "/accounts/signup/").fields)["password1"] == ""


@pytest.mark.parametrize(
    "headers",
    [
        {"Origin": "https://evil.example"},
        {"Origin": "null"},
        {"Referer": "https://evil.example/page"},
        {"Sec-Fetch-Site": "cross-site"},
    ],
)
def test_text_of_another_site_is_never_offered(alice, headers):
    refused = old_page(alice.user).post(ASK, TEXT, headers=headers)
    assert refused.status_code == 403
    assert not parse(refused).mentions("Queues")
    assert [form.action for form in forms_of(refused) if form.action == ASK] == []
