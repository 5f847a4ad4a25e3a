"""A member asks, an organiser reviews and approves, a recipient reads and unsubscribes."""

import pytest
from django.core import mail
from playwright.sync_api import expect

from accounts.models import User
from accounts.tests.factories import log_in_freshly, make_organiser
from confbox.tests.browser.axe import violations
from confbox.tests.browser.layout import lost
from conferences.models import Membership
from voting.campaigns.models import Campaign
from voting.campaigns.subscriptions.reachability import is_unsubscribed
from voting.tests.campaigns import approve, dispatch_due, make_campaign

pytestmark = pytest.mark.browser

NEW = "/conferences/open-conf/campaigns/new/"


def member(name):
    return Membership.objects.select_related("user").get(conference__slug="open-conf", user__name=name)


@pytest.fixture
def log_in_as_organiser(organiser, context, live_server, client):
    def log_in_as_organiser(person=organiser):
        log_in_freshly(client, person)
        cookie = {"name": "sessionid", "value": client.cookies["sessionid"].value, "url": live_server.url}
        context.add_cookies([cookie])

    return log_in_as_organiser


def test_a_member_asks_with_a_live_preview(page, visit, open_conference, log_in):
    log_in(member("Bob").user)
    visit("/conferences/open-conf/")
    page.get_by_role("link", name="Ask for a campaign email").click()
    page.get_by_label("Subject").fill("Bread for all")
    page.get_by_label("Message").fill("")
    page.get_by_label("Message").press_sequentially("I will talk about **bread**.")
    framed = page.frame_locator("iframe.email-frame")
    expect(framed.locator("strong").first).to_have_text("bread")
    assert violations(page) == []
    page.get_by_role("button", name="Ask the organisers").click()
    expect(page.get_by_text("Waiting for review")).to_be_visible()
    assert violations(page) == []
    assert Campaign.objects.get().subject == "Bread for all"


def test_a_member_asks_without_javascript(browser, live_server, open_conference, client):
    client.force_login(member("Bob").user)
    context = browser.new_context(java_script_enabled=False)
    session = client.cookies["sessionid"].value
    context.add_cookies([{"name": "sessionid", "value": session, "url": live_server.url}])
    page = context.new_page()
    page.goto(live_server.url + NEW)
    page.get_by_label("Subject").fill("Bread for all")
    page.get_by_label("Message").fill("I will talk about **bread**.")
    page.get_by_role("button", name="Preview").click()
    expect(page.frame_locator("iframe.email-frame").locator("strong").first).to_have_text("bread")
    page.get_by_role("button", name="Ask the organisers").click()
    expect(page.get_by_text("Waiting for review")).to_be_visible()
    context.close()


def axe_on_admin_page(page, complaints):
    """axe itself sets styles on the admin's pages, which the policy blocks: that is not a complaint."""
    assert complaints == []
    found = violations(page)
    complaints.clear()
    return found


@pytest.mark.parametrize("width", [390, 1280])
def test_the_frame_of_an_email_is_as_high_as_the_email(
    page, visit, open_conference, log_in_as_organiser, width
):
    page.set_viewport_size({"width": width, "height": 800})
    made = make_campaign(member("Bob"), message="I will talk about bread.\n\n" * 60)
    log_in_as_organiser()
    visit(f"/admin/voting/campaign/{made.pk}/change/")
    frame = page.locator("iframe.email-frame")
    page.wait_for_function("document.querySelector('iframe.email-frame').style.height")
    inside = page.frame_locator("iframe.email-frame").locator("html")
    assert inside.evaluate("root => root.scrollHeight <= innerHeight")
    assert frame.bounding_box()["height"] > 1500


def test_an_organiser_reads_and_edits_and_another_approves(
    page, visit, open_conference, log_in_as_organiser, complaints
):
    make_campaign(member("Bob"), subject="Bread for all", message="I am the best.")
    log_in_as_organiser()
    visit("/admin/voting/campaign/")
    page.get_by_role("link", name="Bread for all").click()
    expect(page.frame_locator("iframe.email-frame").get_by_text("I am the best.", exact=True)).to_be_visible()
    assert axe_on_admin_page(page, complaints) == []
    page.get_by_role("link", name="Edit").click()
    page.get_by_label("Message").fill("I am good.")
    assert axe_on_admin_page(page, complaints) == []
    page.get_by_role("button", name="Save").click()
    expect(page.locator("ins").first).to_have_text("good.")
    expect(page.get_by_text("another organiser has to approve it")).to_be_visible()
    log_in_as_organiser(make_organiser("second@example.org"))
    page.reload()
    page.get_by_role("link", name="Approve").click()
    assert axe_on_admin_page(page, complaints) == []
    page.get_by_role("button", name="Approve for").click()
    expect(page.get_by_text("Approved for")).to_be_visible()


def test_progress_moves_without_a_reload(page, visit, open_conference, log_in, organiser):
    campaign = approve(make_campaign(member("Bob")), organiser)
    log_in(member("Bob").user)
    visit(f"/conferences/open-conf/campaigns/{campaign.pk}/")
    expect(page.get_by_text("Approved", exact=True)).to_be_visible()
    dispatch_due()
    dispatch_due()
    expect(page.get_by_text("Sent", exact=True).first).to_be_visible()
    expect(page.get_by_text("(100%)")).to_be_visible()
    assert violations(page) == []


def test_buttons_move_with_the_campaign(page, visit, open_conference, log_in_as_organiser, organiser):
    campaign = approve(make_campaign(member("Bob")), organiser)
    log_in_as_organiser()
    visit(f"/admin/voting/campaign/{campaign.pk}/change/")
    expect(page.get_by_role("button", name="Pause")).to_have_count(0)
    Campaign.objects.update(status="sending")
    page.get_by_role("button", name="Pause").click()
    expect(page.get_by_role("button", name="Resume")).to_be_visible()
    page.get_by_role("button", name="Resume").click()
    expect(page.get_by_role("link", name="Stop permanently")).to_be_visible()
    Campaign.objects.update(status="sent")
    expect(page.get_by_role("link", name="Stop permanently")).to_have_count(0)
    expect(page.get_by_role("button", name="Pause")).to_have_count(0)


def test_a_recipient_unsubscribes_and_comes_back(page, visit, open_conference, organiser, live_server):
    campaign = approve(make_campaign(member("Bob")), organiser)
    dispatch_due()
    dispatch_due()
    message = next(m for m in mail.outbox if m.to == [member("Carol").user.email])
    link = message.extra_headers["List-Unsubscribe"].strip("<>")
    visit("/unsubscribe/" + link.partition("/unsubscribe/")[2])
    assert violations(page) == []
    page.get_by_role("button", name="No more from this conference").click()
    expect(page.get_by_text("you will not get campaign emails from Open Conf")).to_be_visible()
    assert is_unsubscribed(member("Carol"))
    assert violations(page) == []
    page.get_by_role("button", name="Get them again").click()
    expect(page.get_by_role("button", name="No more from this conference")).to_be_visible()
    assert not is_unsubscribed(member("Carol"))
    assert campaign.pk


def test_a_long_name_stays_within_the_email_on_a_phone(page, open_conference, organiser):
    bob, carol = member("Bob"), member("Carol")
    User.objects.filter(pk__in=[bob.user_id, carol.user_id]).update(name="Featherstonehaugh" * 5)
    approve(make_campaign(bob), organiser)
    dispatch_due()
    message = next(m for m in mail.outbox if m.to == [carol.user.email])
    page.set_content(message.alternatives[0].content)
    assert page.get_by_text("Featherstonehaugh").count() > 1
    assert lost(page) == []
