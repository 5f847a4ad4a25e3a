from urllib.parse import urlsplit

import pytest
from django.core import mail

from accounts.models import User
from confbox.kit.tests.page import parse
from voting.campaigns.recipients import campaign_to_be, recipients_of
from voting.campaigns.subscriptions.models import UndeliverableAddress, Unsubscription
from voting.campaigns.subscriptions.reachability import is_undeliverable
from voting.campaigns.tokens import unsubscribe_token

pytestmark = pytest.mark.django_db

ONE_CLICK = {"List-Unsubscribe": "One-Click"}


@pytest.fixture
def url(bob):
    return f"/unsubscribe/{unsubscribe_token(bob.pk)}/"


def wants(membership):
    return gets(membership, "promotion")


def gets(membership, kind):
    found = recipients_of(campaign_to_be(conference=membership.conference, kind=kind))
    return found.filter(pk=membership.pk).exists()


def test_get_asks_and_never_acts(client, url, bob):
    page = client.get(url)
    assert page.status_code == 200
    assert wants(bob)


def test_head_never_acts(client, url, bob):
    assert client.head(url).status_code == 200
    assert wants(bob)


def test_one_click_needs_no_login_cookie_or_redirect(url, bob):
    from django.test import Client

    answer = Client(enforce_csrf_checks=True).post(url, ONE_CLICK)
    assert answer.status_code == 200
    assert not wants(bob)


def test_one_click_again_changes_nothing(client, url, bob):
    client.post(url, ONE_CLICK)
    client.post(url, ONE_CLICK)
    assert Unsubscription.objects.count() == 1


def test_unsubscribing_from_one_conference_leaves_the_others(client, url, bob):
    client.post(url, {"wish": "conference"})
    assert User.objects.get(pk=bob.user_id).receives_campaigns


def test_unsubscribing_from_all(client, url, bob):
    page = client.post(url, {"wish": "all"}, follow=True)
    assert not User.objects.get(pk=bob.user_id).receives_campaigns
    assert "will not get campaign emails from any conference" in parse(page).text


def test_coming_back(client, url, bob):
    client.post(url, {"wish": "all"})
    client.post(url, ONE_CLICK)
    client.post(url, {"wish": "subscribe"})
    assert wants(bob)


def test_result_still_arrives(client, url, bob):
    client.post(url, {"wish": "all"})
    assert gets(bob, "result")


@pytest.mark.parametrize("change", [lambda t: t[:-1], lambda t: t + "x", lambda t: "1" + t, lambda t: "x"])
def test_forged_token_is_refused_in_words(client, bob, change):
    answer = client.post(f"/unsubscribe/{change(unsubscribe_token(bob.pk))}/", ONE_CLICK)
    assert answer.status_code == 404
    assert "This link is not valid" in parse(answer).text
    assert wants(bob)


@pytest.mark.parametrize("token", ["%00", "1:2:3", "..%2f", "é", "a" * 5000, "%F0%9F%98%80", "1.2.3.4"])
def test_nonsense_token_is_not_found(client, db, token):
    assert client.get(f"/unsubscribe/{token}/").status_code == 404


def test_one_persons_token_touches_no_one_else(client, url, bob, carol):
    client.post(url, {"wish": "all"})
    assert wants(carol)


@pytest.mark.parametrize("method", ["put", "delete", "patch"])
def test_other_methods_are_refused(client, url, method):
    assert getattr(client, method)(url).status_code == 405


def test_person_is_notified_of_an_undeliverable_address(as_alice, alice):
    UndeliverableAddress.objects.create(address=alice.user.email, answer="550 5.1.1 unknown")
    assert f"Emails to {alice.user.email} came back" in parse(as_alice.get("/me/")).text


def test_person_confirms_the_address_again(as_alice, alice):
    UndeliverableAddress.objects.create(address=alice.user.email, answer="550")
    as_alice.post("/me/address/")
    link = next(word for word in mail.outbox[-1].body.split() if "/me/address/" in word)
    path = urlsplit(link).path
    as_alice.get(path)
    assert is_undeliverable(alice.user)
    as_alice.post(path)
    assert not is_undeliverable(alice.user)


def test_link_of_another_address_confirms_nothing(as_alice, alice, client, bob):
    as_alice.post("/me/address/")
    link = next(word for word in mail.outbox[-1].body.split() if "/me/address/" in word)
    client.force_login(bob.user)
    assert client.post(urlsplit(link).path).status_code == 404
