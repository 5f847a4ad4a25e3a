"""An organiser's roster on a phone: paste a list, look at it, import it, remove one; without scripts, too."""

import pytest
from playwright.sync_api import expect

from accounts.tests.factories import log_in_freshly
from confbox.tests.browser.axe import violations
from confbox.tests.browser.layout import lost
from conferences.models import RosterEntry

pytestmark = pytest.mark.browser

PEOPLE = "\n".join(f"Person {number} <person{number}@example.org>" for number in range(310))
LIST = f"{PEOPLE}\nAda Lovelace <ada@example.org>\nAda.Lovelace@example.org, .\nADA@example.org"


@pytest.fixture
def cookies(client, organiser, live_server):
    session = log_in_freshly(client, organiser).session.session_key
    return [{"name": "sessionid", "value": session, "url": live_server.url}]


@pytest.fixture(params=[True, False], ids=["with scripts", "without scripts"])
def organiser_page(request, browser, cookies, live_server):
    options = {"viewport": {"width": 390, "height": 844}, "java_script_enabled": request.param}
    context = browser.new_context(**options, base_url=live_server.url)
    context.add_cookies(cookies)
    yield context.new_page()
    context.close()


def test_a_list_is_pasted_looked_at_and_imported(organiser_page, open_conference):
    page = organiser_page
    page.goto(f"/admin/conferences/conference/{open_conference.pk}/change/")
    page.get_by_role("link", name="Open the roster").click()
    page.get_by_role("link", name="Import a list").click()
    page.get_by_label("Paste a list").fill(LIST)
    page.get_by_role("button", name="Show what would happen").click()
    expect(page.get_by_role("heading", name="What this import would do")).to_be_visible()
    expect(page.get_by_role("cell", name="line 311 (ada@example.org)")).to_be_visible()
    assert RosterEntry.objects.count() == 0
    page.get_by_role("button", name="Import").click()
    expect(page.get_by_text("312 people added.")).to_be_visible()
    page.get_by_label("Find a person").fill("ada@example")
    page.get_by_role("button", name="Search").click()
    page.get_by_role("link", name="Remove").click()
    page.get_by_label("Reason").fill("Ticket returned")
    page.get_by_role("button", name="Remove").click()
    expect(page.get_by_text("Removed from the roster: ada@example.org.")).to_be_visible()
    assert RosterEntry.objects.removed().get().removal_reason == "Ticket returned"


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_the_pages_of_a_roster_have_no_barrier_and_lose_nothing(
    page, context, cookies, visit, open_conference, theme
):
    context.add_cookies(cookies)
    page.emulate_media(color_scheme=theme)
    page.set_viewport_size({"width": 320, "height": 844})
    roster = f"/admin/conferences/conference/{open_conference.pk}/roster/"
    faults = []
    for path in ("", "add/", "import/"):
        visit(roster + path)
        faults += [*violations(page), *lost(page)]
    page.get_by_label("Paste a list").fill(LIST)
    page.get_by_role("button", name="Show what would happen").click()
    faults += [*violations(page), *lost(page)]
    page.get_by_role("button", name="Import").click()
    faults += [*violations(page), *lost(page)]
    assert faults == []
