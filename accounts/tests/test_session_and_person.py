"""A session and its person are read by one query, and who is logged in is decided as Django does."""

import pytest
from allauth.usersessions.models import UserSession
from django.contrib.sessions.models import Session
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from accounts.models import User
from accounts.tests.factories import PASSWORD, make_user

PAGE = "/people/profile/"

pytestmark = pytest.mark.django_db


@pytest.fixture
def dora():
    return make_user("dora@example.org", name="Dora")


@pytest.fixture
def as_dora(client, dora):
    """Logged in as by a form, which also stores from where."""
    client.force_login(dora)
    UserSession.objects.create(user=dora, session_key=client.session.session_key, ip="127.0.0.1")
    client.get(PAGE)
    return client


def queries(browser):
    """Of a page that asks for nothing but the person."""
    with CaptureQueriesContext(connection) as captured:
        browser.get("/nothing/")
    return len(captured)


def is_logged_in(browser):
    return browser.get(PAGE).status_code == 200


def test_session_and_person_cost_one_query(as_dora):
    assert queries(as_dora) == 1


def test_person_is_the_same_as_read_by_a_query_of_their_own(as_dora, dora):
    user = as_dora.get(PAGE).wsgi_request.user
    fresh = User.objects.get(pk=dora.pk)
    names = [field.attname for field in User._meta.concrete_fields]
    assert {n: getattr(user, n) for n in names} == {n: getattr(fresh, n) for n in names}
    assert (user.is_in_team, user.is_active, user.date_joined.tzinfo) == (
        False,
        True,
        fresh.date_joined.tzinfo,
    )


def test_session_without_a_row_of_the_log_in_is_still_the_persons(as_dora):
    UserSession.objects.all().delete()
    assert is_logged_in(as_dora)
    assert queries(as_dora) == 2


def test_row_of_a_log_in_that_names_another_person_changes_no_one(as_dora, dora):
    UserSession.objects.update(user=make_user("eve@example.org"))
    assert as_dora.get(PAGE).wsgi_request.user == dora


def test_changed_password_ends_every_other_session(as_dora, dora):
    dora.set_password("another-horse-battery")
    dora.save()
    assert not is_logged_in(as_dora)
    assert not Session.objects.filter(session_key=as_dora.cookies["sessionid"].value).exists()


def test_disabled_person_is_logged_out_with_the_next_request(as_dora):
    User.objects.update(is_active=False)
    assert not is_logged_in(as_dora)


def test_deleted_session_is_no_log_in(as_dora):
    Session.objects.all().delete()
    assert not is_logged_in(as_dora)


def test_expired_session_is_no_log_in(as_dora):
    Session.objects.update(expire_date=timezone.now())
    assert not is_logged_in(as_dora)


def test_session_of_a_backend_that_is_no_longer_used_is_no_log_in(as_dora, settings):
    settings.AUTHENTICATION_BACKENDS = ["django.contrib.auth.backends.ModelBackend"]
    assert not is_logged_in(as_dora)


def test_session_signed_with_the_previous_key_stays(as_dora, settings):
    before = settings.SECRET_KEY
    settings.SECRET_KEY, settings.SECRET_KEY_FALLBACKS = "another", [before]
    assert is_logged_in(as_dora)


def test_session_that_someone_changed_in_the_database_is_no_log_in(as_dora):
    Session.objects.update(session_data="eyJfYXV0aF91c2VyX2lkIjoiMSJ9:1:x")
    assert not is_logged_in(as_dora)


def test_language_of_the_person_is_kept(as_dora):
    User.objects.update(language="de")
    assert as_dora.get(PAGE).headers["Content-Language"] == "de"


def test_last_activity_is_kept(as_dora):
    session = as_dora.session
    session["session_seen"] -= 2 * 24 * 3600
    session.save()
    as_dora.get(PAGE)
    assert as_dora.session["session_seen"] > timezone.now().timestamp() - 60


def test_person_who_logs_in_over_another_session_is_that_person(as_dora):
    eve = make_user("eve@example.org")
    as_dora.force_login(eve)
    assert as_dora.get(PAGE).wsgi_request.user == eve


def test_logged_out_person_is_a_stranger(as_dora):
    key = as_dora.cookies["sessionid"].value
    as_dora.post("/accounts/logout/")
    other = Client()
    other.cookies["sessionid"] = key
    assert not is_logged_in(other)


def test_log_in_with_a_password_keeps_one_query(client, dora):
    client.post("/accounts/login/", {"login": dora.email, "password": PASSWORD})
    assert queries(client) == 1
