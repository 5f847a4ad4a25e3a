"""A phone number is shown to its owner and to superusers, and to no one else by any page, list or export."""

import pytest
from django.test import Client

from accounts.models import User
from accounts.tests.factories import log_in_freshly, make_organiser
from confbox.kit.tests.page import parse
from confbox.tests import operations, routes
from confbox.tests.two_teams import TwoTeams, asked_and_undone, filled, lists
from conferences.models import Role

pytestmark = [pytest.mark.django_db, pytest.mark.any_database]
PHONE = "+49 555 0199"
LISTS = lists()


@pytest.fixture
def teams(roles):
    found = TwoTeams()
    User.objects.exclude(pk=found.site.pk).update(phone=PHONE)
    return found


def is_read_by_programs(pattern):
    return "/organise/" in pattern and "GET" in operations.operations_at(pattern)


def pages_for(teams, role):
    """Each page of the admin, what organisers' programs read, and each list searched and exported."""
    paths = [
        filled(p, teams.own) for p in routes.patterns() if p.startswith("admin/") or is_read_by_programs(p)
    ]
    people = User.objects.filter(phone=PHONE).order_by("pk")
    sent = {"action": "export_selected", "select_across": "1", "_selected_action": people[0].pk, "index": "0"}
    gets = [("GET", path, None) for path in [*paths, *(f"{url}?q=0199" for url in LISTS)]]
    return gets + [("POST", url, sent) for url in LISTS]


@pytest.mark.parametrize(
    "role", [pytest.param(role, marks=pytest.mark.slow) for role in Role.values] + ["site"]
)
def test_no_page_list_or_export_shows_a_phone_number(teams, role):
    client = teams.browser(role)
    found = {
        path: asked_and_undone(client, method, path, data) for method, path, data in pages_for(teams, role)
    }
    assert [
        path
        for path, page in found.items()
        if b"0199" in page.content_read.replace(b"q=0199", b"") and b"555 0199" in page.content_read
    ] == []


def test_no_search_for_a_phone_number_finds_anyone(teams):
    page = teams.browser("site").get("/admin/accounts/user/?q=0199")
    assert not parse(page).has(".field-name")


def test_control_a_superuser_sees_it_on_the_list_the_page_and_in_the_export(teams):
    root = make_organiser("root@example.org", name="Root")
    User.objects.filter(pk=root.pk).update(is_superuser=True)
    client, person = log_in_freshly(Client(), root), User.objects.filter(phone=PHONE).first()
    sent = {"action": "export_selected", "_selected_action": person.pk}
    shown = [
        client.get("/admin/accounts/user/?q=0199").content,
        client.get(f"/admin/accounts/user/{person.pk}/change/").content,
        asked_and_undone(client, "POST", "/admin/accounts/user/", sent).content_read,
    ]
    assert [PHONE.encode() in page for page in shown] == [True, True, True]


@pytest.mark.parametrize("role", Role.values)
def test_no_role_disables_an_account(teams, role):
    person = teams.people["member"]
    url = f"/admin/accounts/user/disable/?people={person.pk}"
    assert teams.browser(role).post(url, {"reason": "Spam"}).status_code == 403
    assert User.objects.get(pk=person.pk).is_active
