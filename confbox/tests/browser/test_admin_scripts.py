"""Pages of the admin in a browser: scripts work under the site's policy, and nothing covers a title."""

import pytest
from playwright.sync_api import expect

from accounts.tests.factories import make_user

pytestmark = [pytest.mark.browser, pytest.mark.django_db]


@pytest.fixture
def as_superuser(log_in, roles):
    log_in(make_user("root@example.org", is_staff=True, is_superuser=True))


@pytest.mark.parametrize(("kind", "field"), [("conference", "title"), ("series", "name")])
def test_title_fills_in_the_slug(page, visit, as_superuser, kind, field):
    visit(f"/admin/conferences/{kind}/add/")
    page.locator(f"#id_{field}").press_sequentially("Nile Summit")
    expect(page.locator("#id_slug")).to_have_value("nile-summit")


def test_new_conference_is_in_the_time_zone_of_the_browser(page, visit, as_superuser):
    zone = "Intl.DateTimeFormat = () => ({ resolvedOptions: () => ({ timeZone: '%s' }) })"
    page.add_init_script(zone % "Asia/Kolkata")
    visit("/admin/conferences/conference/add/")
    expect(page.locator("#id_time_zone")).to_have_value("Asia/Kolkata")
    page.add_init_script(zone % "Mars/Olympus")
    visit("/admin/conferences/conference/add/")
    expect(page.locator("#id_time_zone")).to_have_value("UTC")


def test_group_moves_from_one_list_to_the_other(page, visit, as_superuser):
    person = make_user("new@example.org")
    visit(f"/admin/accounts/user/{person.pk}/change/")
    page.locator("#id_groups_from").select_option(label="Organisers")
    page.get_by_role("button", name="Choose selected").or_(page.locator("#id_groups_add_link")).first.click()
    expect(page.locator("#id_groups_to option")).to_have_text(["Organisers"])


def test_list_selects_all_and_theme_changes(page, visit, as_superuser):
    visit("/admin/accounts/user/")
    page.locator("#action-toggle").check()
    expect(page.locator(".action-counter")).to_contain_text("1 of 1")
    page.locator("button.theme-toggle").first.click()
    expect(page.locator("html")).to_have_attribute("data-theme", "dark")


def test_tabs_of_a_conference_do_not_cover_its_title(page, visit, as_superuser, conference):
    page.set_viewport_size({"width": 1280, "height": 800})
    visit(f"/admin/conferences/conference/{conference.pk}/change/")
    title, tabs = (page.locator(part).bounding_box() for part in ("#content > h1", "#content > .tabs"))
    assert tabs["y"] >= title["y"] + title["height"]


def test_titles_in_a_list_keep_their_width_on_a_phone(page, visit, as_superuser, conference):
    page.set_viewport_size({"width": 390, "height": 800})
    visit("/admin/conferences/conference/")
    assert page.locator("#result_list tbody th").first.bounding_box()["width"] >= 100
    assert not page.locator("#result_list .field-place").first.is_visible()
