"""The pages on which a person makes, sees and ends their tokens."""

import re
import time
from datetime import timedelta

import pytest
from allauth.mfa.models import Authenticator
from django.core import mail
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from accounts.tests.factories import PASSWORD, log_in_freshly
from accounts.tests.test_reset_password import CODE, ask, code_of, set_password
from confbox.kit.tests.page import parse
from conferences.api_tokens.authentication import token_of
from conferences.models import ApiToken
from conferences.tests.api_tokens import make_api_token, stored
from conferences.tests.factories import make_conference
from conferences.tests.teams import make_team_member

LIST, NEW = "/accounts/tokens/", "/accounts/tokens/new/"
TYPED = {"name": "Laptop", "scopes": ["read", "vote"], "which": "all", "expires_in_days": "30"}


def shown(answer):
    """The token on the page; None if there is none."""
    found = parse(answer).texts("#new-token")
    return found[0] if found else None


def end_of(text):
    return f"{LIST}{stored(text).pk}/end/"


@pytest.fixture
def as_alice(client, alice):
    return log_in_freshly(client, alice.user)


@pytest.fixture
def as_bob(bob):
    return log_in_freshly(Client(), bob.user)


def test_new_token_is_on_the_page_that_answers(as_alice, alice):
    answer = as_alice.post(NEW, TYPED)
    token = token_of(shown(answer), None)
    assert (token.owner, token.scopes, token.all_conferences) == (alice.user, {"read", "vote"}, True)
    assert (token.expires_at - timezone.now()).days == 29


def test_new_token_is_never_shown_again(as_alice):
    text = shown(as_alice.post(NEW, TYPED))
    for page in (LIST, NEW, end_of(text), "/me/", "/accounts/sessions/"):
        assert not parse(as_alice.get(page)).mentions(text)
    assert text not in str(dict(as_alice.session))


def test_page_with_the_token_is_kept_by_no_cache(as_alice):
    answer = as_alice.post(NEW, TYPED)
    assert "no-store" in answer.headers["Cache-Control"]
    assert as_alice.get(NEW).headers["Cache-Control"] == answer.headers["Cache-Control"]


def test_token_can_be_copied_without_a_script(as_alice):
    page = parse(as_alice.post(NEW, TYPED))
    assert page.has("code#new-token")
    assert page.attributes("[data-copy]", "data-copy") == ["new-token"]


def with_csrf(alice):
    browser = log_in_freshly(Client(enforce_csrf_checks=True), alice.user)
    [value] = parse(browser.get(NEW)).attributes("main [name=csrfmiddlewaretoken]", "value")
    return browser, TYPED | {"csrfmiddlewaretoken": value}


def test_double_click_makes_one_token_and_shows_it(alice):
    browser, form = with_csrf(alice)
    first, second = browser.post(NEW, form), browser.post(NEW, form)
    assert shown(first) == shown(second) is not None
    assert ApiToken.objects.count() == 1


def test_form_sent_again_later_makes_no_other_token_and_does_not_show_it(alice, time_machine):
    time_machine.move_to(timezone.now())
    browser, form = with_csrf(alice)
    text = shown(browser.post(NEW, form))
    time_machine.shift(5)
    answer = browser.post(NEW, form, follow=True)
    assert answer.redirect_chain == [(LIST, 302)]
    assert not parse(answer).mentions(text)
    assert "shown only once" in parse(answer).text
    assert ApiToken.objects.count() == 1


def test_form_of_another_page_makes_another_token(alice):
    browser, form = with_csrf(alice)
    browser.post(NEW, form)
    [value] = parse(browser.get(NEW)).attributes("main [name=csrfmiddlewaretoken]", "value")
    assert shown(browser.post(NEW, form | {"csrfmiddlewaretoken": value}))
    assert ApiToken.objects.count() == 2


def test_only_who_has_just_logged_in_makes_a_token(client, alice):
    client.force_login(alice.user)
    for answer in (client.get(NEW), client.post(NEW, TYPED)):
        assert answer.status_code == 302
        assert answer.url.startswith("/accounts/reauthenticate/")
    assert not ApiToken.objects.exists()
    assert shown(client.post("/accounts/reauthenticate/", {"password": PASSWORD}))


def old_session_with_factor(user, **record):
    Authenticator.objects.create(user=user, type=Authenticator.Type.TOTP, data={"secret": ""})
    browser = log_in_freshly(Client(), user)
    if record:
        session = browser.session
        session["account_authentication_methods"] += [record]
        session.save()
    return browser


FOR_ORGANISERS = TYPED | {"scopes": ["read", "organise:read"]}


def test_organisers_token_needs_a_session_that_passed_the_second_factor(alice, conference, settings):
    settings.STAFF_MFA_REQUIRED = True
    make_team_member(conference, user=alice.user)
    answer = old_session_with_factor(alice.user).post(NEW, FOR_ORGANISERS)
    assert answer.url.startswith(reverse("mfa_reauthenticate"))
    assert not ApiToken.objects.exists()


def test_session_that_passed_the_second_factor_makes_an_organisers_token(alice, conference, settings):
    settings.STAFF_MFA_REQUIRED = True
    make_team_member(conference, user=alice.user)
    browser = old_session_with_factor(alice.user, method="mfa", type="totp", at=time.time())
    assert token_of(shown(browser.post(NEW, FOR_ORGANISERS)), None).has_scope("organise:read")


def test_member_with_a_second_factor_need_not_show_it(alice, settings):
    settings.STAFF_MFA_REQUIRED = True
    assert shown(old_session_with_factor(alice.user).post(NEW, TYPED))


def test_organiser_without_a_second_factor_reads_why_there_is_no_token(alice, conference, settings):
    settings.STAFF_MFA_REQUIRED = True
    make_team_member(conference, user=alice.user)
    answer = log_in_freshly(Client(), alice.user).post(NEW, FOR_ORGANISERS)
    assert "needs two-factor log-in" in parse(answer).text
    assert not ApiToken.objects.exists()


def scopes_offered(browser):
    return parse(browser.get(NEW)).attributes("[name=scopes]", "value")


def test_each_scope_has_the_name_that_the_api_has_for_it(as_bob, bob, conference):
    make_team_member(conference, user=bob.user)
    offered = parse(as_bob.get(NEW)).texts("label code")
    assert offered == ["read", "vote", "campaign", "organise:read", "organise:write"]
    made = parse(as_bob.post(NEW, FOR_ORGANISERS))
    assert made.texts("li code") == parse(as_bob.get(LIST)).texts("li code") == ["read", "organise:read"]


def test_scopes_of_organisers_are_offered_to_them_alone(as_alice, as_bob, bob, conference):
    make_team_member(conference, user=bob.user)
    assert scopes_offered(as_alice) == ["read", "vote", "campaign"]
    assert scopes_offered(as_bob) == ["read", "vote", "campaign", "organise:read", "organise:write"]
    assert shown(as_alice.post(NEW, FOR_ORGANISERS)) is None


def test_chosen_conferences_are_those_of_the_token(as_alice, conference, alice):
    other = make_conference()
    make_team_member(other, user=alice.user)
    form = TYPED | {"which": "some", "conferences": [conference.pk]}
    token = token_of(shown(as_alice.post(NEW, form)), None)
    assert (token.covers(conference), token.covers(other)) == (True, False)


def test_boxes_do_not_count_if_all_conferences_are_chosen(as_alice, conference):
    token = token_of(shown(as_alice.post(NEW, TYPED | {"conferences": [conference.pk]})), None)
    assert token.all_conferences


@pytest.mark.parametrize("change", [
    {"name": ""}, {"name": "x" * 81}, {"scopes": []}, {"scopes": ["admin"]}, {"which": "some"},
    {"which": "some", "conferences": ["999999"]}, {"expires_in_days": "0"}, {"expires_in_days": "36500"},
    {"expires_in_days": ""},
])  # fmt: skip
def test_refused_form_keeps_what_was_typed(as_alice, change):
    typed = TYPED | {"name": "Name badges", "scopes": ["vote"]} | change
    answer = as_alice.post(NEW, typed)
    assert not ApiToken.objects.exists()
    page = parse(answer)
    assert page.has(".invalid-feedback, .alert-danger, [role=alert]")
    assert page.attributes("[name=name]", "value") == ([typed["name"]] if typed["name"] else [])
    assert page.attributes("[name=scopes][checked]", "value") == [s for s in typed["scopes"] if s == "vote"]


def test_conference_of_others_is_not_offered(as_alice, conference):
    other = make_conference()
    assert parse(as_alice.get(NEW)).attributes("[name=conferences]", "value") == [str(conference.pk)]
    assert shown(as_alice.post(NEW, TYPED | {"which": "some", "conferences": [other.pk]})) is None


def test_stranger_without_conferences_gets_a_token_for_all(stranger):
    browser = log_in_freshly(Client(), stranger)
    assert not parse(browser.get(NEW)).has("[name=which]")
    form = {name: typed for name, typed in TYPED.items() if name != "which"}
    assert token_of(shown(browser.post(NEW, form)), None).all_conferences


def test_number_of_tokens_made_in_an_hour_is_limited(as_alice):
    for _number in range(20):
        assert shown(as_alice.post(NEW, TYPED))
    ApiToken.objects.all().delete()
    answer = as_alice.post(NEW, TYPED)
    assert shown(answer) is None
    assert len(mail.outbox) == 20


def test_list_has_all_about_each_own_token(as_alice, alice, bob, conference):
    used = {"last_used_at": timezone.now(), "last_used_ip": "203.0.113.9"}
    text = make_api_token(alice.user, "vote", conferences=[conference], name="Badges", **used)
    make_api_token(bob.user, name="Of Bob")
    [card] = parse(as_alice.get(LIST)).texts("main li.card-paper")
    for words in (
        "Badges",
        "Join and leave conferences, vote, and change your settings",
        "Open Conf",
        "from 203.0.113.9",
        "Expires on",
    ):
        assert words in card
    assert "Read what" not in card
    assert "refused" not in card
    assert parse(as_alice.get(LIST)).attributes("main li a", "href") == [end_of(text)]


def test_list_shows_what_has_ended_apart(as_alice, alice):
    past = timezone.now() - timedelta(days=2)
    make_api_token(alice.user, name="Ended", ended_at=past)
    make_api_token(alice.user, name="Expired", created_at=past - timedelta(days=1), expires_at=past)
    page = parse(as_alice.get(LIST))
    assert not page.has("main li.card-paper")
    assert [re.split(r"[ :]", words)[0] for words in page.texts("main details li")] == ["Expired", "Ended"]
    assert not page.has("a[href*='/end/']")


def test_list_says_that_an_organisers_token_is_refused(as_alice, alice):
    make_api_token(alice.user, "organise:read")
    assert "It is refused at present" in parse(as_alice.get(LIST)).text


def test_list_takes_as_many_queries_for_three_tokens_as_for_one(
    as_alice, alice, conference, django_assert_num_queries
):
    make_api_token(alice.user, conferences=[conference])
    as_alice.get(LIST)
    with django_assert_num_queries(3):
        as_alice.get(LIST)
    for _number in range(2):
        make_api_token(alice.user, conferences=[conference])
    with django_assert_num_queries(3):
        as_alice.get(LIST)


def test_empty_list_explains_what_tokens_are_for(as_alice):
    page = parse(as_alice.get(LIST))
    assert "/api-docs/start/" in page.attributes("main a", "href")


def test_owner_ends_a_token_after_a_question(as_alice, alice):
    text = make_api_token(alice.user)
    assert as_alice.get(end_of(text)).status_code == 200
    assert token_of(text, None) is not None
    answer = as_alice.post(end_of(text), follow=True)
    assert answer.redirect_chain == [(LIST, 302)]
    assert token_of(text, None) is None
    assert "had already ended" in parse(as_alice.post(end_of(text), follow=True)).text
    assert as_alice.get(end_of(text)).url == LIST


def test_token_of_someone_else_does_not_exist(as_bob, alice):
    text = make_api_token(alice.user)
    assert as_bob.get(end_of(text)).status_code == 404
    assert as_bob.post(end_of(text)).status_code == 404
    assert token_of(text, None) is not None


@pytest.mark.parametrize("path", [LIST, NEW, f"{LIST}1/end/"])
def test_visitor_logs_in_first(client, db, path):
    assert client.get(path).url.startswith("/accounts/login/")
    assert client.post(path, TYPED).url.startswith("/accounts/login/")


def test_page_is_no_door_for_tokens(client, alice):
    text = make_api_token(alice.user)
    answer = client.get(LIST, headers={"authorization": f"Bearer {text}"})
    assert answer.url.startswith("/accounts/login/")


def test_tokens_end_with_all_other_sessions(as_alice, alice):
    text = make_api_token(alice.user)
    other = log_in_freshly(Client(), alice.user)
    assert "also ends your API tokens" in parse(as_alice.get("/accounts/sessions/")).text
    as_alice.post("/accounts/sessions/end-others/")
    assert other.get(LIST).status_code == 302
    assert token_of(text, None) is None


def test_tokens_and_all_sessions_end_when_the_password_is_reset(client, alice, bob, mailoutbox):
    text, of_bob = make_api_token(alice.user), make_api_token(bob.user)
    other = log_in_freshly(Client(), alice.user)
    ask(client, alice.user.email)
    client.post(CODE, {"code": code_of(mailoutbox[0])})
    assert token_of(text, None) is not None
    set_password(client)
    assert token_of(text, None) is None
    assert token_of(of_bob, None) is not None
    assert other.get(LIST).status_code == 302


def test_person_who_resets_the_password_while_logged_in_gets_an_answer(as_alice, alice, mailoutbox):
    text = make_api_token(alice.user)
    ask(as_alice, alice.user.email)
    as_alice.post(CODE, {"code": code_of(mailoutbox[0])})
    assert set_password(as_alice).status_code == 302
    assert token_of(text, None) is None


def test_tokens_stay_when_the_password_is_changed(as_alice, alice):
    text = make_api_token(alice.user)
    new = "a-wholly-new-pass"
    typed = {"oldpassword": PASSWORD, "password1": new, "password2": new}
    assert as_alice.post("/accounts/password/change/", typed).status_code == 302
    assert token_of(text, None) is not None
    page = parse(as_alice.get("/accounts/password/change/"))
    assert LIST in page.attributes("main p.soft a", "href")
