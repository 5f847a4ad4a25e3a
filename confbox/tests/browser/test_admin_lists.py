"""Lists of the admin on a wide screen, and as cards on a phone."""

import pytest

from accounts.actors import Actor
from accounts.audit_log import log_act
from accounts.tests.factories import log_in_freshly
from conferences.models import Series
from conferences.tests.factories import make_conference, make_membership
from voting.tests.factories import make_pitch

pytestmark = pytest.mark.browser

BROKEN_WORDS = """() => [...document.querySelectorAll('#result_list .field-full_title a')].flatMap(link => {
  const text = link.firstChild, range = document.createRange();
  return [...text.data.matchAll(/\\S+/g)].filter(word => {
    range.setStart(text, word.index);
    range.setEnd(text, word.index + word[0].length);
    return range.getClientRects().length > 1;
  }).map(word => word[0]);
})"""

WIDTH_OF_LIST = "document.querySelector('.results').scrollWidth"


def test_the_list_of_conferences_breaks_no_words(page, context, visit, live_server, client, organiser):
    make_conference(
        title="International Conference", place="Llanfairpwllgwyngyllgogerychwyrndrobwllllantysiliogogogoch"
    )
    session = log_in_freshly(client, organiser).session.session_key
    context.add_cookies([{"name": "sessionid", "value": session, "url": live_server.url}])
    page.set_viewport_size({"width": 1280, "height": 900})
    visit("/admin/conferences/conference/")
    assert page.locator("#result_list .field-full_title a").count() == 1
    assert page.evaluate(BROKEN_WORDS) == []


@pytest.mark.parametrize("path", ["conferences/conference/", "conferences/membership/", "accounts/adminact/"])
def test_every_column_of_a_list_is_in_sight_on_a_laptop(
    page, context, visit, live_server, client, organiser, path
):
    make_membership(make_conference(title="International Conference", place="Frankfurt am Main, Germany"))
    session = log_in_freshly(client, organiser).session.session_key
    context.add_cookies([{"name": "sessionid", "value": session, "url": live_server.url}])
    page.set_viewport_size({"width": 1280, "height": 900})
    visit(f"/admin/{path}")
    assert page.evaluate("document.querySelector('.results')?.scrollWidth ?? 0") <= page.evaluate(
        "document.querySelector('.results')?.clientWidth ?? 0"
    )


LISTS = [
    "accounts/user/",
    "accounts/adminact/",
    "conferences/conference/",
    "conferences/membership/",
    "conferences/series/",
    "voting/votes/",
    "voting/pitch/",
]


@pytest.mark.parametrize("path", LISTS)
def test_no_list_is_moved_sideways_on_a_phone(page, context, visit, live_server, client, organiser, path):
    series = Series.objects.create(name="The International Association of Conferences", slug="association")
    conference = make_conference(title="International Conference", series=series, voting="open")
    make_pitch(make_membership(conference, name="Marguerite d’Aubigny-Leclerc"), headline="From the elevator")
    log_act(by=Actor(organiser), act="change", target=conference, reason="The hall is booked that evening.")
    session = log_in_freshly(client, organiser).session.session_key
    context.add_cookies([{"name": "sessionid", "value": session, "url": live_server.url}])
    page.set_viewport_size({"width": 390, "height": 844})
    visit(f"/admin/{path}")
    assert page.locator("#result_list tbody tr").count() > 0
    assert page.evaluate(WIDTH_OF_LIST) <= page.evaluate("document.querySelector('.results').clientWidth")
    assert page.locator("#result_list thead th:not(.action-checkbox-column):visible").count() == 0


SMALL_IN_HEADER = """() => [...document.querySelectorAll("#header :is(a, button)")]
  .filter(element => element.checkVisibility() && element.getBoundingClientRect().height < 39.5)
  .map(element => element.outerHTML)"""
SMALL_ON_DASHBOARD = """() => [...document.querySelectorAll("#content :is(a, button)")]
  .filter(element => element.checkVisibility() && element.getBoundingClientRect().height < 39.5)
  .map(element => element.outerHTML)"""
MAIN_BUTTONS = """() => [...document.querySelectorAll("#content :is(input[type=submit], .button)")]
  .filter(element => element.checkVisibility())
  .filter(element => !/rgba\\(.*, 0\\)/.test(getComputedStyle(element).backgroundColor))
  .map(element => element.value || element.innerText)"""


@pytest.mark.parametrize("width", [390, 1280])
def test_the_header_and_the_dashboard_are_easy_to_hit(
    page, context, visit, live_server, client, organiser, width
):
    make_conference(title="International Conference", voting="open")
    session = log_in_freshly(client, organiser).session.session_key
    context.add_cookies([{"name": "sessionid", "value": session, "url": live_server.url}])
    page.set_viewport_size({"width": width, "height": 900})
    visit("/admin/")
    assert page.locator("#header .theme-toggle").count() == 1
    assert page.evaluate(SMALL_IN_HEADER) == []
    assert page.evaluate(SMALL_ON_DASHBOARD) == []


def test_the_form_of_a_conference_has_one_main_button(page, context, visit, live_server, client, organiser):
    conference = make_conference(title="International Conference")
    session = log_in_freshly(client, organiser).session.session_key
    context.add_cookies([{"name": "sessionid", "value": session, "url": live_server.url}])
    visit(f"/admin/conferences/conference/{conference.pk}/change/")
    assert page.evaluate(MAIN_BUTTONS) == ["Save"]
