"""On no page can people find what others keep private; for phone numbers and addresses see test_routes."""

import pytest
from allauth.account.models import EmailAddress
from allauth.mfa.models import Authenticator
from allauth.mfa.totp.internal.auth import TOTP, generate_totp_secret
from allauth.usersessions.models import UserSession
from django.core.cache import cache
from django.test import Client

from accounts.actors import Actor
from accounts.calendar_keys import calendar_secret, renew_calendar_key
from accounts.models import User
from accounts.tests.factories import PASSWORD, log_in_freshly
from confbox.tests import routes


@pytest.fixture
def cast(roles, settings, tmp_path):
    cache.clear()
    settings.MEDIA_ROOT = tmp_path
    return routes.set_up()


def shown(client, path):
    return routes.content_of(client, path).decode(errors="replace")


@pytest.fixture
def secrets_of_bob(cast):
    """Everything that would let another person log in as Bob, as stored and in clear."""
    bob = User.objects.get(name="Bob")
    Client().post("/accounts/login/", {"login": bob.email, "password": PASSWORD})
    secret = generate_totp_secret()
    TOTP.activate(bob, secret)
    renew_calendar_key(by=Actor(bob))
    bob.refresh_from_db()
    found = {"hash": bob.password, "secret": secret, "key": bob.calendar_key, "link": calendar_secret(bob)}
    found["sealed"] = Authenticator.objects.get(user=bob).data["secret"]
    found["session"] = UserSession.objects.get(user=bob).session_key
    assert all(len(word) > 15 for word in found.values())
    return found


@pytest.mark.slow
@pytest.mark.any_database
def test_no_admin_page_tells_a_hash_a_secret_or_a_session(cast, secrets_of_bob):
    bob = User.objects.get(name="Bob")
    boss = User.objects.create_superuser("boss@example.org", PASSWORD, name="Boss")
    EmailAddress.objects.create(user=boss, email=boss.email, verified=True, primary=True)
    client = log_in_freshly(Client(), boss)
    paths = [route.path for route in routes.routes(cast) if route.path.startswith("/admin/")]
    paths += [f"/admin/accounts/user/{bob.pk}/{page}/" for page in ("change", "history")]
    assert len(paths) > 40
    pages = {path: shown(client, path) for path in paths}
    assert "Bob" in pages[f"/admin/accounts/user/{bob.pk}/change/"]
    found = [(path, name) for path, said in pages.items() for name, w in secrets_of_bob.items() if w in said]
    assert found == []


@pytest.mark.parametrize(
    "address",
    [
        "accounts/user/?password__startswith=argon2",
        "accounts/user/?calendar_key__startswith=a",
        "accounts/user/?signup_network=127.0.0.0/24",
        "accounts/user/?name__regex=(",
        "accounts/user/?authenticator__data__contains=a",
        "accounts/user/?usersession__session_key__startswith=a",
        "accounts/adminact/?by__password__startswith=argon2",
        "conferences/conference/?votes=1",
        "conferences/conference/?created_by__password__startswith=argon2",
        "conferences/membership/?vote=1",
        "conferences/membership/?vote__candidate=1",
        "conferences/membership/?votes_received=1",
        "conferences/membership/?votes_received__in=1",
        "conferences/membership/?conference__election__votes=1",
        "conferences/membership/?user__password__startswith=argon2",
        "voting/campaign/?candidate__votes_received=1",
        "voting/decision/?speaker__vote=1",
        "voting/pitch/?membership__votes_received=1",
        "voting/votes/?votes=1",
    ],
)
def test_no_admin_list_can_be_asked_for_what_it_does_not_offer(as_organiser, admin_client, address):
    for client in (as_organiser, admin_client):
        assert client.get(f"/admin/{address}").status_code == 400


def test_lists_are_still_filtered_by_what_they_offer(as_organiser, conference):
    for address in (
        "accounts/user/?is_active__exact=1&is_staff__exact=0",
        "accounts/adminact/?at__year=2026&act=export",
        f"conferences/membership/?conference__id__exact={conference.pk}",
        "conferences/conference/?voting=open&when=upcoming",
        "voting/votes/?voting=open&when=past",
    ):
        assert as_organiser.get(f"/admin/{address}").status_code == 200
