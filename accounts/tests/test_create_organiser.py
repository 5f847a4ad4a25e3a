"""`manage.py create_organiser`, which works before email is set up."""

import io

import pytest
from django.contrib.auth.models import Group
from django.core.cache import cache
from django.core.management import CommandError, call_command

from accounts.models import AdminAct, User
from accounts.tests.factories import PASSWORD, make_user
from accounts.tests.roles import make_roles

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _fresh_limits():
    cache.clear()


def create(monkeypatch, email="new@example.org", password=PASSWORD, **options):
    monkeypatch.setattr("sys.stdin", io.StringIO(f"{password}\n"))
    options = {"name": "New Organiser", "password_stdin": True} | options
    call_command("create_organiser", email, stdout=io.StringIO(), **options)


def test_organiser_can_log_in_at_once_and_enter_the_admin(client, monkeypatch, mailoutbox):
    create(monkeypatch)
    client.post("/accounts/login/", {"login": "new@example.org", "password": PASSWORD})
    assert client.get("/admin/").status_code == 200
    assert client.get("/admin/conferences/conference/add/").status_code == 200
    assert mailoutbox == []


def test_organiser_is_no_superuser(monkeypatch):
    create(monkeypatch)
    person = User.objects.get()
    assert (person.is_staff, person.is_superuser) == (True, False)
    assert list(person.groups.values_list("name", flat=True)) == ["Organisers"]


def test_roles_need_not_be_loaded_before(monkeypatch):
    Group.objects.all().delete()
    create(monkeypatch)
    assert Group.objects.get(name="Organisers").permissions.exists()


def test_person_who_has_an_account_keeps_name_and_password(monkeypatch):
    make_user("known@example.org", name="Known Person")
    create(monkeypatch, "KNOWN@example.org", "ignored")
    person = User.objects.get()
    assert (person.name, person.is_staff) == ("Known Person", True)
    assert person.check_password(PASSWORD)


def test_twice_is_once(monkeypatch):
    create(monkeypatch)
    create(monkeypatch)
    assert User.objects.count() == 1


@pytest.mark.parametrize("password", ["", "short", "password123"])
def test_weak_password_is_refused(monkeypatch, password):
    with pytest.raises(CommandError):
        create(monkeypatch, password=password)
    assert not User.objects.exists()


@pytest.mark.parametrize(
    ("email", "name"),
    [("no-address", "X"), ("a@b.example", "1"), ("a@b.example\n", "a\nb"), ("a@b.example", "a\ud800")],
)
def test_bad_address_or_name_is_refused(monkeypatch, email, name):
    with pytest.raises(CommandError):
        create(monkeypatch, email, name=name)
    assert not User.objects.exists()


def test_disabled_account_is_not_revived(monkeypatch):
    make_user("known@example.org", is_active=False)
    with pytest.raises(CommandError, match="disabled"):
        create(monkeypatch, "known@example.org")


def test_it_is_in_the_history(monkeypatch):
    create(monkeypatch)
    act = AdminAct.objects.get()
    assert (act.act, act.target, act.by) == ("make organiser", "New Organiser", None)


def test_roles_of_the_tests_are_those_of_the_file(db):
    def rows():
        return list(Group.objects.order_by("name", "permissions").values_list("name", "permissions"))

    make_roles()
    made = rows()
    call_command("loaddata", "roles", verbosity=0)
    assert made == rows()
