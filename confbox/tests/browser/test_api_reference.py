"""The reference of the API works under the site's policy, and tries operations out with one's log-in."""

import pytest
from playwright.sync_api import expect

from confbox.tests.browser.axe import violations
from conferences.models import Membership

pytestmark = pytest.mark.browser
# The name of an operation is a link within the button that opens it; both do the same.
OF_SWAGGER_UI = "nested-interactive"


def try_out(page, operation, slug):
    part = page.locator(f"[id$='-{operation}']")
    part.locator(".opblock-summary-control").click()
    part.get_by_role("button", name="Try it out").click()
    part.get_by_placeholder("slug").fill(slug)
    part.get_by_role("button", name="Execute").click()
    return part.locator(".live-responses-table .response").first


def test_operation_is_tried_out_with_the_log_in_of_the_browser(
    page, visit, open_conference, alice_member, log_in
):
    log_in(alice_member.user)
    visit("/api-docs/")
    response = try_out(page, "leave_conference", "open-conf")
    expect(response.locator(".response-col_status").first).to_contain_text("200")
    assert not Membership.objects.current().filter(pk=alice_member.pk).exists()


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_visitor_reads_it_in_both_looks(page, visit, open_conference, theme):
    page.emulate_media(color_scheme=theme)
    visit("/api-docs/")
    expect(page.locator(".opblock").first).to_be_visible()
    assert page.evaluate("document.documentElement.classList.contains('dark-mode')") == (theme == "dark")
    assert [found for found in violations(page) if not found.startswith(OF_SWAGGER_UI)] == []


def test_says_so_when_the_description_cannot_be_loaded(page, visit, open_conference, complaints):
    page.route("**/openapi.json", lambda route: route.abort())
    visit("/api-docs/")
    expect(page.get_by_role("alert")).to_have_text(
        "The reference could not be loaded. Please load this page again."
    )
    complaints.clear()
