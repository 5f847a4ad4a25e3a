"""Long texts: how much of one still fits, and one that does not make its page endless."""

import pytest
from playwright.sync_api import expect

from conferences.models import Membership
from voting.elections.models import Pitch
from voting.tests.campaigns import make_campaign

pytestmark = pytest.mark.browser
PITCH = "/conferences/open-conf/pitch/"
# Each counter is below its field and begins where the field begins.
COVERED = """counters => counters.filter(counter => {
  const field = document.getElementById(counter.id.replace(/_left$/, ""));
  const box = field.getBoundingClientRect(), words = counter.getBoundingClientRect();
  return words.top < box.bottom || words.top > box.bottom + 12 || Math.abs(words.left - box.left) > 4;
}).map(counter => counter.outerHTML)"""


@pytest.fixture
def bob(open_conference, log_in):
    bob = Membership.objects.select_related("user").get(conference__slug="open-conf", user__name="Bob")
    log_in(bob.user)
    return bob


def test_a_counter_says_how_many_characters_are_left(page, visit, bob):
    visit(PITCH)
    statement = page.get_by_label("Statement")
    statement.fill("")
    left = page.locator("#id_statement_left")
    expect(left).to_have_text("5,000 characters left")
    statement.fill("x" * 4999)
    expect(left).to_have_text("1 character left")
    assert "id_statement_left" in statement.get_attribute("aria-describedby")


def test_a_counter_says_how_many_characters_are_too_many(page, visit, bob):
    visit(PITCH)
    statement, left = page.get_by_label("Statement"), page.locator("#id_statement_left")
    statement.fill("x" * 10000)
    expect(left).to_have_text("5,000 characters too many")
    statement.fill("x" * 5001)
    expect(left).to_have_text("1 character too many")


def test_what_is_too_long_is_not_cut_but_refused_and_kept(page, visit, bob):
    visit(PITCH)
    headline, left = page.get_by_label("Headline"), page.locator("#id_headline_left")
    expect(left).to_be_hidden()
    headline.fill("x" * 130)
    expect(left).to_have_text("10 characters too many")
    page.locator("main form .btn-primary").click()
    expect(page.get_by_text("This can have 120 characters at most, and has 130.")).to_be_visible()
    expect(headline).to_have_value("x" * 130)


def test_a_screen_reader_is_told_only_near_the_end_and_once_one_pauses(page, visit, bob):
    visit(PITCH)
    statement, heard = page.get_by_label("Statement"), page.locator("#id_statement_left + [role=status]")
    statement.fill("x" * 4000)
    page.wait_for_timeout(2000)
    expect(heard).to_have_text("")
    statement.fill("x" * 4800)
    expect(heard).to_have_text("")
    expect(heard).to_have_text("200 characters left")


def test_the_counter_moves_nothing(page, visit, bob):
    visit(PITCH)
    save = page.locator("main form .btn-primary")
    with_counter = save.bounding_box()["y"]
    page.locator("#id_statement_left").evaluate("shown => { shown.nextSibling.remove(); shown.remove(); }")
    assert save.bounding_box()["y"] == with_counter


@pytest.mark.parametrize("width", [390, 1280])
@pytest.mark.parametrize("path", ["conferences/conference/{0.pk}/change/", "voting/campaign/{1.pk}/edit/"])
def test_a_counter_of_the_organisers_covers_nothing(
    page, visit, open_conference, bob, organiser, log_in, path, width
):
    campaign = make_campaign(bob)
    log_in(organiser)
    page.set_viewport_size({"width": width, "height": 900})
    visit("/admin/" + path.format(open_conference, campaign))
    for field in page.locator("#content [data-longest]:visible:enabled").all():
        field.fill("x" * (int(field.get_attribute("data-longest")) + 1))
    shown = page.locator("#content .characters-left:visible")
    assert shown.count() > 0
    assert shown.evaluate_all(COVERED) == []


@pytest.mark.parametrize("scripts", [True, False])
@pytest.mark.parametrize("statement", ["x" * 5000, "Bread.\n\n" * 300])
def test_a_long_pitch_is_cut_until_one_asks_for_all_of_it(
    browser, live_server, bob, client, statement, scripts
):
    Pitch.objects.update(statement=statement)
    client.force_login(bob.user)
    context = browser.new_context(java_script_enabled=scripts)
    session = client.cookies["sessionid"].value
    context.add_cookies([{"name": "sessionid", "value": session, "url": live_server.url}])
    page = context.new_page()
    page.goto(f"{live_server.url}/conferences/open-conf/members/{bob.pk}/")
    text = page.locator("#pitch .prose")
    assert text.bounding_box()["height"] < 450
    page.get_by_text("Show all").click()
    assert text.bounding_box()["height"] > 500
    page.get_by_text("Show less").click()
    assert text.bounding_box()["height"] < 450
    context.close()


def test_a_short_pitch_is_shown_as_it_is(page, visit, bob):
    Pitch.objects.update(statement="I will talk about bread.")
    visit(f"/conferences/open-conf/members/{bob.pk}/")
    expect(page.get_by_text("I will talk about bread.")).to_be_visible()
    expect(page.get_by_text("Show all")).to_have_count(0)
