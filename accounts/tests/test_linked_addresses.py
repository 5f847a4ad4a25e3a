"""Addresses under which a person has a ticket: confirmed with a code, no log-in, and no emails."""

import pytest
from django.test import Client

from accounts.actors import Actor
from accounts.linked_addresses import confirmed_addresses, link_address, unlink_address
from accounts.models import AdminAct, LinkedAddress, User
from accounts.my_data.actions import delete_account
from accounts.my_data.export import everything_about
from accounts.tests.factories import PASSWORD, log_in_freshly, make_user
from confbox.kit.outcomes import Change
from confbox.kit.tests.page import parse

pytestmark = pytest.mark.django_db


@pytest.fixture
def ada(db):
    return make_user("ada@example.org")


def link(user, email="ticket@example.org"):
    link_address(email=email, by=Actor(user))
    return LinkedAddress.objects.get(user=user)


def test_linking_an_address_twice_keeps_it_once(ada):
    assert link_address(email="Ticket@Example.org", by=Actor(ada)) is Change.MADE
    assert link_address(email="ticket@example.org", by=Actor(ada)) is Change.NONE
    assert confirmed_addresses(ada) == ["ada@example.org", "ticket@example.org"]
    assert AdminAct.objects.filter(act="link address").count() == 1


def test_log_does_not_keep_the_address(ada):
    link(ada)
    act = AdminAct.objects.get(act="link address")
    assert "ticket" not in f"{act.target} {act.reason}"


def test_two_people_may_link_one_address(ada):
    link(ada)
    link(make_user("ben@example.org"))
    assert LinkedAddress.objects.filter(email="ticket@example.org").count() == 2


def test_linked_address_is_no_log_in(client, ada):
    link(ada)
    client.post("/accounts/login/", {"login": "ticket@example.org", "password": PASSWORD})
    assert "_auth_user_id" not in client.session
    client.post("/accounts/password/reset/", {"email": "ticket@example.org"})
    assert not User.objects.filter(email="ticket@example.org").exists()


def test_linked_address_gets_no_email_to_set_a_password(client, mailoutbox, ada):
    link(ada)
    client.post("/accounts/password/reset/", {"email": "ticket@example.org"})
    assert mailoutbox == []


def test_owner_removes_an_address_in_the_settings(client, ada):
    linked = link(ada)
    log_in_freshly(client, ada)
    page = parse(client.get("/accounts/email/"))
    assert "ticket@example.org" in page.part("#linked").text
    [action] = page.attributes("#linked form", "action")
    client.post(action)
    assert not LinkedAddress.objects.filter(pk=linked.pk).exists()
    assert not parse(client.get("/accounts/email/")).has("#linked")


def test_no_one_else_removes_it(ada):
    linked = link(ada)
    other = make_user("ben@example.org")
    stranger = Client()
    stranger.force_login(other)
    assert stranger.post(f"/accounts/linked-addresses/{linked.pk}/remove/").status_code == 404
    assert unlink_address(linked=linked, by=Actor(other)) is Change.NONE
    assert LinkedAddress.objects.filter(pk=linked.pk).exists()


def test_linked_addresses_are_in_the_download_and_go_with_the_account(ada):
    link(ada)
    [exported] = everything_about(ada)["account"]["linked_addresses"]
    assert exported["email"] == "ticket@example.org"
    delete_account(by=Actor(ada))
    assert not LinkedAddress.objects.exists()
