"""What another request changed while a form was being sent stays changed."""

import pytest
from django.core.cache import cache
from django.test import Client

from accounts import forms, hashers
from accounts.actions import disable_user
from accounts.actors import Actor
from accounts.admin import UserAdmin
from accounts.models import User
from accounts.my_data.erasure import erase_user
from accounts.tests.factories import PASSWORD, log_in_freshly, make_user

pytestmark = pytest.mark.django_db
NEW = "another-battery-staple"


@pytest.fixture
def dora():
    cache.clear()
    return make_user("dora@example.org", name="Dora Secret", phone="+49 1")


def disable():
    disable_user(user=User.objects.get(), by=Actor.of_command(), reason="Spam")


def set_password():
    user = User.objects.get()
    user.set_password(NEW)
    user.save()


def make_staff():
    User.objects.update(is_staff=True)


@pytest.fixture
def meanwhile(monkeypatch):
    """Does something between the reading of a form and its writing."""

    def arrange(form, act):
        was = form.is_valid

        def is_valid(self):
            answer = was(self)
            act()
            return answer

        monkeypatch.setattr(form, "is_valid", is_valid)

    return arrange


FORMS = [
    ("/people/profile/", forms.ProfileForm, {"name": "Dora", "phone": "+49 2"}),
    ("/people/settings/", forms.PreferencesForm, {"time_zone": "Asia/Kolkata", "language": "de"}),
]


@pytest.mark.parametrize(("url", "form", "data"), FORMS)
@pytest.mark.parametrize("act", [disable, set_password, make_staff])
def test_saving_a_form_changes_nothing_but_what_it_shows(client, dora, meanwhile, url, form, data, act):
    client.force_login(dora)
    meanwhile(form, act)
    client.post(url, data)
    now = User.objects.get()
    was = (now.is_active, now.check_password(PASSWORD), now.is_staff)
    assert was == (act is not disable, act is not set_password, act is make_staff)


@pytest.mark.parametrize(("url", "form", "data"), FORMS)
def test_saving_a_form_brings_nothing_of_a_deleted_person_back(client, dora, meanwhile, url, form, data):
    client.force_login(dora)
    meanwhile(form, lambda: erase_user(user=User.objects.get()))
    client.post(url, data)
    now = User.objects.get()
    assert (now.name, now.phone, now.language, now.time_zone) == ("Deleted person", "", "", "UTC")
    assert now.email.endswith("@deleted.invalid")


def hash_while(monkeypatch, act):
    was = hashers.Argon2Hasher.encode

    def encode(self, password, salt):
        hashed = was(self, password, salt)
        act()
        return hashed

    monkeypatch.setattr(hashers.Argon2Hasher, "encode", encode)


def test_a_person_who_is_disabled_while_a_password_is_hashed_stays_disabled(dora, monkeypatch, settings):
    settings.PASSWORD_HASHERS = ["accounts.hashers.Argon2Hasher", *settings.PASSWORD_HASHERS]
    client = log_in_freshly(Client(), dora)
    hash_while(monkeypatch, disable)
    data = {"oldpassword": PASSWORD, "password1": NEW, "password2": NEW}
    client.post("/accounts/password/change/", data)
    assert not User.objects.get().is_active


def test_an_admin_form_changes_nothing_but_what_was_changed_in_it(admin_client, dora, monkeypatch):
    was = UserAdmin.save_form

    def save_form(self, *arguments, **options):
        disable_user(user=dora, by=Actor.of_command(), reason="Spam")
        return was(self, *arguments, **options)

    monkeypatch.setattr(UserAdmin, "save_form", save_form)
    data = {"name": "Dora Q", "phone": dora.phone, "receives_campaigns": "on"}
    admin_client.post(f"/admin/accounts/user/{dora.pk}/change/", data)
    dora.refresh_from_db()
    assert (dora.name, dora.is_active) == ("Dora Q", False)
