"""With scripts, a form is sent once, however often its button is clicked or Return is pressed."""

import time

import pytest
from playwright.sync_api import expect

from conferences.models import Membership
from voting.elections.models import Vote

pytestmark = pytest.mark.browser


@pytest.fixture
def posts(page):
    """Every POST from the page; each waits briefly, so that there is time for a second click."""
    found = []

    def hold(route):
        if route.request.method == "POST":
            found.append(route.request)
            time.sleep(0.3)
        route.continue_()

    page.route("**/*", hold)
    return found


def press_twice(button):
    button.evaluate("button => { button.click(); button.click(); }")


def test_a_form_pressed_twice_is_sent_once(page, visit, log_in, alice_member, posts):
    log_in(alice_member.user)
    visit("/conferences/open-conf/pitch/")
    page.get_by_label("Headline").fill("Queues")
    page.get_by_label("Statement").fill("They are long.")
    page.get_by_role("button", name="Publish my pitch").dblclick()
    page.wait_for_url("**/members/*/")
    assert len(posts) == 1


def test_return_pressed_twice_sends_once(page, visit, open_conference, posts):
    visit("/accounts/password/reset/")
    field = page.get_by_label("Email address")
    field.fill("dora@example.org")
    field.evaluate("field => { field.form.requestSubmit(); field.form.requestSubmit(); }")
    page.wait_for_url("**/password/reset/confirm/")
    assert len(posts) == 1


def test_the_value_of_the_pressed_button_is_sent(page, visit, log_in, open_conference, organiser, posts):
    log_in(organiser)
    visit(f"/admin/conferences/conference/{open_conference.pk}/change/")
    press_twice(page.locator("input[name=_continue]"))
    expect(page.locator(".messagelist .success")).to_be_visible()
    assert len(posts) == 1
    assert "_continue" in posts[0].post_data


def test_a_swapped_form_is_sent_once(page, visit, log_in, open_conference, stranger, posts):
    log_in(stranger)
    visit("/conferences/open-conf/")
    press_twice(page.get_by_role("button", name="Join this conference"))
    expect(page.get_by_role("status").or_(page.locator("#messages .message")).first).to_be_visible()
    assert len(posts) == 1
    assert Membership.objects.filter(user=stranger).count() == 1


def test_a_vote_pressed_twice_is_sent_once(page, visit, log_in, alice_member, posts):
    log_in(alice_member.user)
    visit("/conferences/open-conf/ballot/")
    press_twice(page.get_by_role("button", name="Vote for Bob"))
    expect(page.get_by_text("Your vote is in")).to_be_visible()
    assert len(posts) == 1
    assert Vote.objects.count() == 1


def test_after_back_the_form_can_be_sent_again(page, visit, log_in, alice_member):
    log_in(alice_member.user)
    visit("/conferences/open-conf/pitch/")
    for headline in ("Queues", "Locks"):
        page.get_by_label("Headline").fill(headline)
        page.get_by_label("Statement").fill("They are long.")
        page.get_by_role("button", name="my pitch").click()
        page.wait_for_url("**/members/*/")
        expect(page.get_by_role("main")).to_contain_text(headline)
        page.go_back()


def test_a_page_that_is_shown_again_can_send_its_form(page, visit, open_conference):
    """As when Back shows the page from the memory of the browser, with its form as it was held."""
    visit("/accounts/password/reset/")
    page.get_by_label("Email address").fill("fay@example.org")
    form = page.locator("form", has=page.locator("#id_email"))
    # An event made by a script sends nothing, so no answer can come between.
    form.evaluate("form => form.dispatchEvent(new SubmitEvent('submit', {bubbles: true, cancelable: true}))")
    expect(form).to_have_attribute("aria-busy", "true")
    page.evaluate("dispatchEvent(new PageTransitionEvent('pageshow', {persisted: true}))")
    form.get_by_role("button").click()
    page.wait_for_url("**/password/reset/confirm/")


def test_a_form_that_another_script_stopped_can_be_pressed_again(page, visit, open_conference):
    visit("/accounts/password/reset/")
    page.locator("form", has=page.locator("#id_email")).evaluate(
        "form => form.addEventListener('submit', e => e.preventDefault(), {once: true})"
    )
    page.get_by_label("Email address").fill("erik@example.org")
    button = page.locator("form", has=page.locator("#id_email")).get_by_role("button")
    button.click()
    button.click()
    page.wait_for_url("**/password/reset/confirm/")
