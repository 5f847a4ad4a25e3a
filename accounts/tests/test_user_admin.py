"""People in the admin: what organisers find, may do, and never see."""

import pytest
from allauth.usersessions.models import UserSession
from django.contrib.auth.models import Group, Permission
from django.core.exceptions import ValidationError
from django.test import Client

from accounts.actions import disable_user, enable_user
from accounts.actors import Actor
from accounts.models import AdminAct, User
from accounts.tests.factories import PASSWORD, log_in_freshly, make_organiser, make_user
from confbox.kit.tests.page import parse

LIST = "/admin/accounts/user/"


def page(client, url):
    return parse(client.get(url))


def page_posted(client, url, data):
    return parse(client.post(url, data))


def change_status(client, verb, *people, reason="Spam in the pitch"):
    numbers = ",".join(str(person.pk) for person in people)
    return client.post(f"{LIST}{verb}/?people={numbers}", {"reason": reason}, follow=True)


@pytest.fixture
def dora(db):
    return make_user("dora@findme.example", name="Dora Quist", phone="+49 555 0199")


@pytest.fixture
def as_dora(dora):
    client = Client()
    client.post("/accounts/login/", {"login": dora.email, "password": PASSWORD})
    assert client.session.get("_auth_user_id") == str(dora.pk)
    return client


@pytest.mark.parametrize("words", ["Quist", "findme.example"])
def test_search_finds_by_name_and_address(as_organiser, dora, stranger, words):
    shown = page(as_organiser, f"{LIST}?q={words}")
    assert "Dora Quist" in shown.text
    assert not shown.mentions("stranger@example.org")


def test_only_superusers_see_and_find_a_phone_number(as_organiser, organiser, dora):
    chosen = {"action": "export_selected", "_selected_action": dora.pk}

    def places():
        found = page(as_organiser, f"{LIST}?q=0199").mentions("Dora Quist")
        listed = page(as_organiser, LIST).mentions(dora.phone)
        on_page = page(as_organiser, f"{LIST}{dora.pk}/change/").has("[name=phone], .field-phone")
        return found, listed, on_page, b"0199" in as_organiser.post(LIST, chosen).content

    assert places() == (False, False, False, False)
    User.objects.filter(pk=organiser.pk).update(is_superuser=True)
    assert places() == (True, True, True, True)


def test_organiser_cannot_write_a_phone_number_that_they_do_not_see(as_organiser, dora):
    form = {"name": "Dora Q", "phone": "+49 1", "profession": "", "bio": "", "receives_campaigns": "on"}
    as_organiser.post(f"{LIST}{dora.pk}/change/", form)
    dora.refresh_from_db()
    assert dora.phone == "+49 555 0199"


def test_list_filters_by_status(as_organiser, dora):
    User.objects.filter(pk=dora.pk).update(is_active=False)
    assert "Dora Quist" in page(as_organiser, f"{LIST}?is_active__exact=0").text
    assert not page(as_organiser, f"{LIST}?is_active__exact=1").mentions("Dora Quist")
    assert "?is_active__exact=0" in page(as_organiser, LIST).links


def test_of_the_last_log_in_only_the_year_is_shown(as_organiser, as_dora, dora):
    dora.refresh_from_db()
    shown = page(as_organiser, LIST).texts("td.field-last_login")
    assert set(shown) == {f"Last log-in: {dora.last_login.year}"}


def test_no_list_is_sorted_or_filtered_by_the_last_log_in(as_organiser, dora):
    heads = page(as_organiser, LIST).attributes("th", "class")
    assert [names for names in heads if "column-last_login" in names] == ["column-last_login"]
    assert as_organiser.get(f"{LIST}?last_login__gte=2020-01-01").status_code == 400


def test_page_and_export_of_a_person_have_no_last_log_in(as_organiser, as_dora, dora):
    assert not page(as_organiser, f"{LIST}{dora.pk}/change/").mentions("last_login")
    chosen = {"action": "export_selected", "_selected_action": dora.pk}
    assert b"last_login" not in as_organiser.post(LIST, chosen).content


def test_person_page_shows_no_hash(as_organiser, dora):
    shown = page(as_organiser, f"{LIST}{dora.pk}/change/")
    assert "Dora Quist" in shown.text
    assert not shown.mentions(dora.password)
    assert not shown.has_field("password")


@pytest.mark.parametrize(
    "secrets",
    [
        "mfa/authenticator",
        "usersessions/usersession",
        "account/emailaddress",
        "django_tasks_database/dbtaskresult",
    ],
)
def test_tables_with_secrets_have_no_admin_page(admin_client, secrets):
    assert admin_client.get(f"/admin/{secrets}/").status_code == 404


def test_disabling_ends_the_sessions_at_once(as_organiser, as_dora, dora):
    assert UserSession.objects.filter(user=dora).count() == 1
    change_status(as_organiser, "disable", dora)
    assert not User.objects.get(pk=dora.pk).is_active
    assert not UserSession.objects.filter(user=dora).exists()
    assert as_dora.get("/accounts/email/").status_code == 302


def test_sessions_stay_ended_after_enabling(as_organiser, as_dora, dora):
    change_status(as_organiser, "disable", dora)
    change_status(as_organiser, "enable", dora, reason="It was a mistake")
    assert User.objects.get(pk=dora.pk).is_active
    assert as_dora.get("/accounts/email/").status_code == 302


def test_disabled_person_cannot_log_in(client, dora):
    User.objects.filter(pk=dora.pk).update(is_active=False)
    client.post("/accounts/login/", {"login": dora.email, "password": PASSWORD})
    assert "_auth_user_id" not in client.session


@pytest.mark.parametrize("reason", ["", "   "])
def test_disabling_needs_a_reason(as_organiser, dora, reason):
    change_status(as_organiser, "disable", dora, reason=reason)
    assert User.objects.get(pk=dora.pk).is_active


def test_disabling_is_in_the_history_with_who_why_and_where(as_organiser, organiser, dora):
    change_status(as_organiser, "disable", dora)
    act = AdminAct.objects.get()
    assert (act.by, act.act, act.target_id) == (organiser, "disable", str(dora.pk))
    assert (act.reason, act.address) == ("Spam in the pitch", "127.0.0.1")


def test_disabling_twice_is_one_act(as_organiser, dora):
    change_status(as_organiser, "disable", dora)
    change_status(as_organiser, "disable", dora)
    assert AdminAct.objects.count() == 1


def test_asking_changes_nothing(as_organiser, dora):
    assert "Dora Quist" in page(as_organiser, f"{LIST}disable/?people={dora.pk}").text
    assert User.objects.get(pk=dora.pk).is_active


def test_list_action_asks_for_the_reason(as_organiser, dora):
    data = {"action": "disable_selected", "_selected_action": [dora.pk]}
    answer = as_organiser.post(LIST, data)
    assert answer.url == f"{LIST}disable/?people={dora.pk}"


@pytest.mark.parametrize("numbers", ["", "abc", "-1", "9" * 30, "１２", "1;2", "\x00"])
def test_numbers_that_are_none_choose_no_one(as_organiser, numbers):
    answer = as_organiser.post(f"{LIST}disable/", {"reason": "x"}, query_params={"people": numbers})
    assert answer.status_code == 302
    assert not AdminAct.objects.exists()


def test_no_one_disables_themself(as_organiser, organiser):
    change_status(as_organiser, "disable", organiser)
    assert User.objects.get(pk=organiser.pk).is_active


@pytest.mark.parametrize("verb", ["disable", "enable"])
def test_organiser_cannot_disable_or_enable_another_organiser(as_organiser, organiser, verb):
    other = make_organiser("other@example.org", is_active=verb == "disable")
    answer = change_status(as_organiser, verb, other)
    assert "Only a superuser" in parse(answer).text
    assert User.objects.get(pk=other.pk).is_active is (verb == "disable")


def test_superuser_can_disable_an_organiser(admin_client, admin_user, organiser):
    log_in_freshly(admin_client, admin_user)
    change_status(admin_client, "disable", organiser)
    assert not User.objects.get(pk=organiser.pk).is_active


def test_last_superuser_cannot_be_disabled(admin_user):
    with pytest.raises(ValidationError, match="one superuser must be able to log in"):
        disable_user(user=admin_user, by=Actor.of_command(), reason="gone")
    assert User.objects.get(pk=admin_user.pk).is_active


@pytest.mark.parametrize("kept", ["is_staff", "is_superuser"])
def test_last_superuser_cannot_give_up_the_privilege(admin_client, admin_user, kept):
    answer = admin_client.post(f"{LIST}{admin_user.pk}/change/", {"name": "Root", kept: "on"})
    admin_user.refresh_from_db()
    assert (admin_user.is_staff, admin_user.is_superuser) == (True, True)
    assert "one superuser must be able to log in" in parse(answer).text


def test_one_of_two_superusers_can_give_up_the_privilege(admin_client, admin_user):
    make_user("second@example.org", is_staff=True, is_superuser=True)
    admin_client.post(f"{LIST}{admin_user.pk}/change/", {"name": "Root", "is_staff": "on"})
    assert not User.objects.get(pk=admin_user.pk).is_superuser


@pytest.mark.parametrize("verb", ["add", "change", "delete"])
def test_only_superusers_change_roles(client, roles, verb):
    clerk = make_user("clerk@example.org", is_staff=True)
    clerk.user_permissions.set(Permission.objects.filter(content_type__model="group"))
    log_in_freshly(client, clerk)
    group = Group.objects.get(name="Organisers")
    page = "/admin/auth/group/add/" if verb == "add" else f"/admin/auth/group/{group.pk}/{verb}/"
    answer = client.post(page, {"name": "Mine", "permissions": [], "post": "yes"})
    assert answer.status_code == 403
    assert Group.objects.get().permissions.exists()


def test_organiser_cannot_disable_a_superuser(as_organiser, admin_user):
    answer = change_status(as_organiser, "disable", admin_user)
    assert "Only a superuser" in parse(answer).text
    assert User.objects.get(pk=admin_user.pk).is_active


@pytest.mark.parametrize("privilege", ["is_staff", "is_superuser", "groups", "email", "name"])
def test_organiser_cannot_edit_people(as_organiser, roles, dora, privilege):
    group = Group.objects.get(name="Organisers").pk
    data = {
        "name": "Other",
        "email": "x@example.org",
        "is_staff": "on",
        "is_superuser": "on",
        "groups": [group],
    }
    answer = as_organiser.post(f"{LIST}{dora.pk}/change/", data)
    assert answer.status_code == 403
    assert not page(as_organiser, f"{LIST}{dora.pk}/change/").mentions(f'name="{privilege}"')


def test_staff_who_may_edit_people_cannot_give_privileges(client, roles, dora):
    editor = make_user("editor@example.org", is_staff=True)
    editor.user_permissions.add(Permission.objects.get(codename="change_user"))
    client.force_login(editor)
    group = Group.objects.get(name="Organisers").pk
    data = {"name": "Dora Q", "is_staff": "on", "is_superuser": "on", "groups": [group]}
    client.post(f"{LIST}{dora.pk}/change/", data)
    dora.refresh_from_db()
    assert dora.name == "Dora Q"
    assert (dora.is_staff, dora.is_superuser, dora.groups.count()) == (False, False, 0)


def test_edit_by_a_superuser_is_in_the_history(admin_client, dora):
    admin_client.post(f"{LIST}{dora.pk}/change/", {"name": "Dora Q", "is_staff": "on"})
    act = AdminAct.objects.get()
    assert act.act == "change"
    assert "Admin access" in act.what


@pytest.mark.parametrize("verb", ["disable", "enable"])
def test_other_staff_can_do_nothing(client, dora, verb):
    client.force_login(make_user("clerk@example.org", is_staff=True))
    assert client.get(LIST).status_code == 403
    assert client.post(f"{LIST}{verb}/?people={dora.pk}", {"reason": "x"}).status_code == 403


def test_no_one_adds_or_deletes_people_in_the_admin(admin_client, dora):
    assert admin_client.get(f"{LIST}add/").status_code == 403
    assert admin_client.post(f"{LIST}{dora.pk}/delete/", {"post": "yes"}).status_code == 403


def test_history_can_be_read_and_not_changed(as_organiser, admin_client, dora):
    change_status(as_organiser, "disable", dora)
    act = AdminAct.objects.get()
    url = f"/admin/accounts/adminact/{act.pk}/"
    assert "Spam in the pitch" in page(as_organiser, f"{url}change/").text
    assert admin_client.post(f"{url}change/", {"reason": "x"}).status_code == 403
    assert admin_client.post(f"{url}delete/", {"post": "yes"}).status_code == 403


def test_list_takes_no_query_more_for_more_people(as_organiser, dora, django_assert_max_num_queries):
    for number in range(5):
        make_user(f"more{number}@example.org")
    with django_assert_max_num_queries(10):
        as_organiser.get(LIST)


def test_list_has_status_and_last_log_in_as_columns(as_organiser, as_dora, dora):
    shown = page(as_organiser, LIST)
    for column in ("disabled", "last_login"):
        assert shown.has(f"td.field-{column}")
        assert shown.has(f"th.column-{column}")


@pytest.mark.parametrize("verb", [disable_user, enable_user])
def test_action_itself_needs_a_reason(dora, verb):
    with pytest.raises(ValidationError, match="give a reason"):
        verb(user=dora, by=Actor.of_command(), reason="  ")
