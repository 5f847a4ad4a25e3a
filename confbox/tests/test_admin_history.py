"""Every admin act of consequence is in the audit log: who, when, what, from where."""

import csv
import io

import pytest
from django.contrib import admin
from django.contrib.auth.models import Group
from django.test import Client
from django.urls import reverse

from accounts.actors import Actor
from accounts.audit_log import log_act, log_own_act
from accounts.audited_admin import AuditedAdmin
from accounts.models import AdminAct, User
from accounts.tests.factories import PASSWORD, log_in_freshly
from confbox.kit.tests.page import parse
from conferences.models import Conference
from voting.elections.actions import close_voting
from voting.elections.election.models import Election
from voting.tests.campaigns import make_campaign
from voting.tests.factories import close_and_decide, make_vote

WHERE = "127.0.0.9"


@pytest.fixture
def desk(organiser):
    return log_in_freshly(Client(REMOTE_ADDR=WHERE), organiser)


def acts():
    return list(AdminAct.objects.order_by("pk").values_list("act", "kind", "target", "by__email", "address"))


def done(act, kind, target):
    return (act, kind, target, "organiser@example.org", WHERE)


def test_every_admin_page_that_can_change_something_keeps_the_history(rf, admin_user):
    reverse("admin:index")  # loads the URLs, which removes pages from the admin
    request = rf.get("/")
    request.user = admin_user
    careless = [
        model.__name__
        for model, page in admin.site._registry.items()
        if not isinstance(page, AuditedAdmin)
        and (
            page.has_add_permission(request)
            or page.has_change_permission(request)
            or page.has_delete_permission(request)
        )
    ]
    assert careless == []


def test_publishing_and_deactivating(desk, conference):
    Election.objects.update(opens_at=None, closes_at=None)
    for action in ("deactivate_selected", "publish_selected"):
        desk.post("/admin/conferences/conference/", {"action": action, "_selected_action": [conference.pk]})
    assert acts() == [done("change", "conference", "Open Conf")] * 2


def test_closing_and_deciding(desk, conference, alice, bob):
    make_vote(bob, alice)
    desk.post(f"/admin/voting/votes/{conference.pk}/close/", {"reason": "The hall is booked."})
    desk.post(f"/admin/voting/votes/{conference.pk}/decide/{alice.pk}/", {"reason": ""})
    assert [act[:3] for act in acts()] == [
        ("close voting", "conference", "Open Conf"),
        ("change", "election", "Open Conf"),
    ]
    assert AdminAct.objects.latest("pk").what == "Chosen as the speaker: {name}."


def test_disabling(desk, stranger):
    desk.post(f"/admin/accounts/user/disable/?people={stranger.pk}", {"reason": "Spam"})
    assert acts() == [done("disable", "user", "Stranger")]


@pytest.mark.parametrize(("who", "expected"), [("organisers", {"Organiser", "–"}), ("members", {"Alice"})])
def test_list_can_be_narrowed_to_organisers_or_members(desk, organiser, alice, who, expected):
    for by in (Actor(organiser, "127.0.0.1"), Actor.of_command()):
        log_act(by=by, act="test", target=alice.conference)
    log_own_act(by=Actor(alice.user), act="test", target=alice.conference)
    shown = parse(desk.get("/admin/accounts/adminact/", {"who": who}))
    assert set(shown.texts("td.field-by")) == expected


def test_log_of_views_is_not_kept(desk, conference):
    desk.get("/admin/conferences/conference/")
    assert acts() == []


SENSITIVE = [
    ("/admin/voting/votes/{conference}/decide/{alice}/", {"reason": "x"}),
    ("/admin/voting/votes/{conference}/close/", {"reason": "x"}),
    ("/admin/voting/votes/{conference}/close-and-decide/", {"reason": "x"}),
    ("/admin/voting/votes/{conference}/move-deadline/", {"reason": "x"}),
    ("/admin/voting/votes/{conference}/export.csv", None),
    ("/admin/accounts/user/", {"action": "export_selected", "_selected_action": "{user}"}),
    ("/admin/accounts/user/disable/?people={user}", {"reason": "x"}),
    ("/admin/accounts/user/enable/?people={user}", {"reason": "x"}),
    ("/admin/conferences/membership/", {"action": "export_selected", "_selected_action": "{alice}"}),
]


@pytest.mark.parametrize(("url", "data"), SENSITIVE)
def test_sensitive_act_asks_again_who_is_there(client, organiser, conference, alice, url, data):
    names = {"conference": conference.pk, "alice": alice.pk, "user": alice.user.pk}
    client.force_login(organiser)
    sent = {key: value.format(**names) for key, value in (data or {}).items()}
    ask = client.get if data is None else client.post
    assert ask(url.format(**names), sent).url.startswith("/accounts/reauthenticate/")
    assert acts() == []


def test_decision_is_taken_once_the_password_is_typed(client, organiser, conference, alice, bob):
    make_vote(bob, alice)
    close_voting(conference=conference)
    client.force_login(organiser)
    there = client.post(f"/admin/voting/votes/{conference.pk}/decide/{alice.pk}/", {"reason": ""}).url
    client.post(there, {"password": PASSWORD})
    assert AdminAct.objects.latest("pk").what == "Chosen as the speaker: {name}."


FORMULAS = ["=cmd|' /C calc'!A0", "+1+cmd", "-1+cmd", "@SUM(A1)", "\t=1", '=HYPERLINK("x")']


def cells(answer):
    return [cell for row in csv.reader(io.StringIO(answer.content.decode("utf-8-sig"))) for cell in row]


@pytest.mark.parametrize("formula", FORMULAS)
@pytest.mark.parametrize("url", ["/admin/accounts/user/", "/admin/conferences/membership/"])
def test_exports_have_no_formula_cells(desk, alice, url, formula):
    User.objects.filter(pk=alice.user.pk).update(name=formula, profession=formula, phone=formula[:40])
    chosen = alice.pk if "membership" in url else alice.user.pk
    answer = desk.post(url, {"action": "export_selected", "_selected_action": [chosen]})
    assert answer.headers["Content-Type"].startswith("text/csv")
    assert alice.user.email in cells(answer)
    assert not [cell for cell in cells(answer) if cell.strip()[:1] in ("=", "+", "-", "@")]


def test_export_is_in_the_history(desk, alice):
    desk.post("/admin/conferences/membership/", {"action": "export_selected", "_selected_action": [alice.pk]})
    assert acts() == [done("export", "conference", "Open Conf")]


def test_enabling(desk, stranger):
    User.objects.filter(pk=stranger.pk).update(is_active=False)
    desk.post(f"/admin/accounts/user/enable/?people={stranger.pk}", {"reason": "A mistake"})
    assert acts() == [done("enable", "user", "Stranger")]


def test_enabling_needs_a_reason(desk, stranger):
    User.objects.filter(pk=stranger.pk).update(is_active=False)
    desk.post(f"/admin/accounts/user/enable/?people={stranger.pk}", {"reason": " "})
    assert acts() == []
    assert not User.objects.get(pk=stranger.pk).is_active


def test_adding_and_deleting(desk, rf, organiser, conference):
    page, request = admin.site.get_model_admin(Conference), rf.get("/", REMOTE_ADDR=WHERE)
    request.user = organiser
    page.log_addition(request, conference, [{"added": {}}])
    page.log_deletions(request, Conference.objects.filter(pk=conference.pk))
    assert acts() == [done(act, "conference", "Open Conf") for act in ("add", "delete")]


def test_taking_a_decision_back(desk, conference, alice, bob, organiser):
    make_vote(bob, alice)
    decision = close_and_decide(conference=conference, candidate=alice, by=organiser)
    AdminAct.objects.all().delete()
    desk.post(f"/admin/voting/votes/{conference.pk}/take-back/{decision.pk}/")
    assert acts() == [done("change", "election", "Open Conf")]


def test_excluding_and_readmitting_a_member(desk, conference, bob):
    page = f"/admin/voting/votes/{conference.pk}/exclude/{bob.pk}/"
    desk.post(page, {"reason": "The same person twice."})
    desk.post(f"{page}?again=1", {"reason": "They are two."})
    assert acts() == [
        done("exclude", "user", "Bob"),
        done("readmit", "user", "Bob"),
    ]


def test_approving_a_campaign(desk, alice):
    campaign = make_campaign(alice)
    desk.post(f"/admin/voting/campaign/{campaign.pk}/approve/", {"version": campaign.version})
    assert acts() == [done("change", "campaign", str(campaign))]


def test_export_of_people_is_in_the_history(desk, stranger):
    desk.post("/admin/accounts/user/", {"action": "export_selected", "_selected_action": [stranger.pk]})
    assert acts() == [done("export", "user", "Organiser")]


def test_organisers_can_read_the_history_with_everything(desk, stranger):
    desk.post(f"/admin/accounts/user/disable/?people={stranger.pk}", {"reason": "Spam"})
    shown = parse(desk.get("/admin/accounts/adminact/"))
    assert all(word in shown.text for word in ("Organiser", "Account disabled", "Stranger", "Spam", WHERE))


def test_more_sensitive_acts_ask_again_who_is_there(client, organiser, conference, alice, bob):
    make_vote(bob, alice)
    decision = close_and_decide(conference=conference, candidate=alice, by=organiser)
    campaign, before = make_campaign(alice), acts()
    client.force_login(organiser)
    tally = f"/admin/voting/votes/{conference.pk}"
    for url, data in (
        (f"{tally}/take-back/{decision.pk}/", {}),
        (f"{tally}/exclude/{bob.pk}/", {"reason": "x"}),
        (f"/admin/voting/campaign/{campaign.pk}/approve/", {"version": campaign.version}),
    ):
        assert client.post(url, data).url.startswith("/accounts/reauthenticate/"), url
    assert acts() == before


def test_giving_privileges_says_which(admin_client, stranger, roles):
    group = Group.objects.get()
    data = {"name": "Stranger", "receives_campaigns": "on", "is_staff": "on", "groups": [group.pk]}
    admin_client.post(f"/admin/accounts/user/{stranger.pk}/change/", data)
    assert "Admin access: yes; Groups: Organisers" in AdminAct.objects.get().what


def test_changing_what_a_role_may_is_in_the_history(admin_client, roles):
    group = Group.objects.get()
    admin_client.post(f"/admin/auth/group/{group.pk}/change/", {"name": "Organisers", "permissions": []})
    act = AdminAct.objects.get()
    assert (act.act, act.kind, act.target, act.address) == ("change", "group", "Organisers", "127.0.0.1")


@pytest.mark.parametrize("kind", ["csv", "xlsx"])
def test_export_of_a_tally_is_in_the_history(desk, conference, kind):
    close_voting(conference=conference)
    desk.get(f"/admin/voting/votes/{conference.pk}/export.{kind}")
    assert acts() == [done("export", "election", "Open Conf")]
