"""Who may join, on a phone: an organiser closes the door, and people come in; without scripts, too."""

import pytest
from playwright.sync_api import expect

from accounts.tests.factories import make_user
from confbox.tests.browser.axe import violations
from confbox.tests.browser.conftest import session_of
from confbox.tests.browser.layout import lost
from conferences.models import JoinCode, JoinRequest
from conferences.tests.admission import ask, code_for, is_member, long_ago, only
from conferences.tests.factories import make_conference

pytestmark = pytest.mark.browser
DOOR = "/conferences/door/"


@pytest.fixture
def door(db):
    return make_conference(title="Door Conf", slug="door")


def test_organiser_closes_the_door_and_people_come_in(page_of, door, organiser):
    desk = page_of(organiser)
    desk.goto(f"/admin/conferences/conference/{door.pk}/change/")
    desk.get_by_role("link", name="Set who may join").click()
    desk.get_by_label("Only people with a join code").check()
    desk.get_by_label("People whom an organiser lets in").check()
    desk.get_by_role("button", name="Save").click()
    desk.get_by_label("How many people can use it").fill("5")
    desk.get_by_role("button", name="Create a join code").click()
    code = JoinCode.objects.get()
    expect(desk.get_by_text(f"The new join code is {code}.")).to_be_visible()
    desk.get_by_role("link", name="Slide").click()
    expect(desk.get_by_role("img", name="QR code of the link")).to_be_visible()

    ada, grace = (make_user(f"{name}@example.org", name=name.title()) for name in ("ada", "grace"))
    typing = page_of(ada)
    typing.goto(DOOR)
    typing.locator("#membership").get_by_role("link", name="I have a join code").click()
    typing.get_by_label("Join code").fill(f" {str(code).lower().replace('0', 'o').replace('1', 'l')} ")
    typing.get_by_role("button", name="Join this conference").click()
    expect(typing.get_by_text("You joined Door Conf.")).to_be_visible()

    asking = page_of(grace)
    asking.goto(DOOR)
    asking.locator("#membership").get_by_role("link", name="Ask to be let in").click()
    asking.get_by_label("Who are you?").fill("I spoke here last year.")
    asking.get_by_role("button", name="Ask the organisers").click()
    expect(asking.get_by_text("You asked on")).to_be_visible()

    desk.goto("/admin/")
    desk.get_by_role("link", name="1 request to join").click()
    desk.get_by_role("button", name="Let in").click()
    expect(desk.get_by_text("Grace is now a member.")).to_be_visible()
    assert (is_member(door, ada), is_member(door, grace)) == (True, True)


@pytest.mark.parametrize("rule", ["roster", "email_domains"])
def test_selecting_a_rule_selects_that_rules_count(page, context, visit, live_server, door, organiser, rule):
    context.add_cookies([session_of(organiser, live_server)])
    visit(f"/admin/conferences/conference/{door.pk}/joining/")
    field = page.locator(f"[name={rule}]")
    expect(page.get_by_label("Everyone with an account")).to_be_checked()
    field.check() if rule == "roster" else field.fill("example.org")
    expect(page.get_by_label("Only people with a join code")).to_be_checked()


def test_person_without_an_account_scans_the_code_and_comes_back(page_of, door):
    code, ada = code_for(only(door)), make_user("ada@example.org", name="Ada")
    phone = page_of()
    phone.goto(f"/j/{code.code}/")
    expect(phone.get_by_role("heading", name="Door Conf")).to_be_visible()
    phone.get_by_role("main").get_by_role("link", name="Log in").click()
    phone.locator("#id_login").fill(ada.email)
    phone.get_by_label("Password").fill("correct-horse-battery")
    phone.get_by_role("main").get_by_role("button", name="Log in", exact=True).click()
    phone.get_by_role("button", name="Join this conference").click()
    expect(phone.get_by_text("You joined Door Conf.")).to_be_visible()
    assert is_member(door, ada)


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_pages_of_joining_are_accessible_and_lose_nothing(
    page, context, visit, live_server, door, organiser, stranger, theme, complaints
):
    only(door, roster=True, email_domains=["uni.example"], approval=True)
    code, dead = code_for(door, most_uses=5), code_for(door, ended_at=long_ago())
    asked = ask(door, make_user("asker@example.org", name="Bartholomew Featherstonehaughcholmondeley"))
    joining = f"/admin/conferences/conference/{door.pk}/joining/"
    paths = ["", "code/add/", f"code/{code.pk}/slide/", f"code/{code.pk}/renew/", f"code/{code.pk}/end/"]
    page.emulate_media(color_scheme=theme)
    page.set_viewport_size({"width": 320, "height": 844})
    faults = []
    for user, pages in {
        organiser: [joining + path for path in [*paths, f"request/{asked.pk}/"]],
        stranger: [
            DOOR,
            f"{DOOR}join/code/",
            f"{DOOR}join/request/",
            "/j/",
            f"/j/{code.code}/",
            f"/j/{dead.code}/",
        ],
    }.items():
        context.add_cookies([session_of(user, live_server)])
        for path in pages:
            visit(path)
            faults += [(path, fault) for fault in (*violations(page), *lost(page))]
    assert faults == []
    assert JoinRequest.objects.to_answer().exists()
    complaints[:] = [text for text in complaints if "404 (Not Found)" not in text]
