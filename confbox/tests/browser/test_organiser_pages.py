"""The organisers' pages of a conference on a phone, with a keyboard, with forced colours and without scripts.

That nothing is lost on them and that axe finds nothing: see test_every_page.
"""

import re
from dataclasses import dataclass

import pytest

from confbox.tests.browser.documents import DocumentStore
from confbox.tests.browser.layout import SMALL_TARGETS

pytestmark = [pytest.mark.browser, pytest.mark.django_db]

OF_A_CONFERENCE = re.compile(r"/admin/(conferences/conference/(\d+|create)/|voting/(votes|campaign)/)")
# The page of a slide is shown on a wall, and downloads are no pages.
OTHERS = re.compile(r"/slide/")
MOST_STOPS = 60
# The keys are pressed a few at a time, and where each led is asked afterwards; -1 is outside the page.
KEYS_AT_A_TIME = 10
NOTE_FOCUS = """() => {
  window.stops = [];
  window.addEventListener("keyup", () => window.stops.push(document.activeElement), {capture: true});
}"""
PLACES_OF_FOCUS = """() => {
  const all = [...document.querySelectorAll("*")];
  return window.stops.map(element => element === document.body ? -1 : all.indexOf(element));
}"""
# Of a group of choices, the keyboard stops at one. On some pages it begins at the first field.
JUMPED_OVER = """([stops, first, last]) => [...document.querySelectorAll("*")].filter((element, place) =>
    place > first && place < last && !stops.includes(place) && element.tabIndex >= 0
    && element.matches("a[href], button, input, select, textarea, summary, [tabindex]")
    && !element.disabled && !["radio", "hidden"].includes(element.type)
    && element.checkVisibility({visibilityProperty: true})).map(element => element.outerHTML.slice(0, 120))"""
WITHOUT_RING = """() => [...document.querySelectorAll("#content *")]
  .filter(element => element.matches("a[href], button, input, select, textarea, summary"))
  .filter(element => element.checkVisibility({visibilityProperty: true}) && !element.disabled)
  .filter(element => {
    element.focus();
    const style = getComputedStyle(element);
    const isSeen = style.outlineStyle !== "none" && parseFloat(style.outlineWidth) >= 2;
    return document.activeElement === element && !isSeen;
  })
  .map(element => element.outerHTML.slice(0, 120))"""
CONTROLS = """() => [...document.querySelectorAll("#content *")]
  .filter(element => element.matches("a[href], button, input, select, textarea, summary"))
  .filter(element => element.checkVisibility({visibilityProperty: true}))
  .map(element => element.outerHTML.slice(0, 120))"""


@dataclass(frozen=True)
class Findings:
    """What was found on one page, which is opened once with scripts and once without."""

    page: str
    controls: list
    small: list
    order: list
    without_ring: dict
    controls_without_scripts: list


@pytest.fixture(scope="module")
def pages(documents):
    found = [page for page in documents if OF_A_CONFERENCE.match(page.path) and not OTHERS.search(page.path)]
    assert len(found) > 80
    return found


@pytest.fixture(scope="module")
def findings(pages, browser):
    size = {"viewport": {"width": 390, "height": 844}, "reduced_motion": "reduce"}
    contexts = [browser.new_context(**size), browser.new_context(**size, java_script_enabled=False)]
    scripted, plain = (DocumentStore(context.new_page()) for context in contexts)
    yield [found_on(document, scripted, plain) for document in pages]
    for context in contexts:
        context.close()


def found_on(document, scripted, plain):
    for store in (scripted, plain):
        store.open(document)
    page = scripted.page
    # In this order: the keyboard begins on a page on which nothing has been focused.
    return Findings(
        document.name,
        controls=page.evaluate(CONTROLS),
        small=page.evaluate(SMALL_TARGETS),
        order=list(faults_of_order(page)),
        without_ring={colors: without_ring(page, colors) for colors in ("active", "none")},
        controls_without_scripts=plain.page.evaluate(CONTROLS),
    )


def without_ring(page, forced_colors):
    page.emulate_media(forced_colors=forced_colors)
    return page.evaluate(WITHOUT_RING)


def test_targets_are_large_enough_for_a_finger(findings):
    assert [(found.page, found.small) for found in findings if found.small] == []


def test_keyboard_reaches_everything_in_the_order_of_the_page(findings):
    assert [(found.page, found.order) for found in findings if found.order] == []


def faults_of_order(page):
    """Where the Tab key goes back, and what it has jumped over; long lists are alike after some rows."""
    stops = stops_of_keyboard(page)
    # From a first field that has the focus, the keyboard goes round.
    begin = stops.index(min(stops))
    if stops[begin:] + stops[:begin] != sorted(stops):
        yield f"out of order: {stops}"
    jumped = page.evaluate(JUMPED_OVER, [stops, min(stops), max(stops)])
    yield from (f"jumped over: {words}" for words in jumped)


def stops_of_keyboard(page):
    """Where Tab leads, until it leaves the page or comes back to where it began."""
    page.evaluate(NOTE_FOCUS)
    stops = []
    for _ in range(0, MOST_STOPS, KEYS_AT_A_TIME):
        for _ in range(KEYS_AT_A_TIME):
            page.keyboard.press("Tab")
        stops = page.evaluate(PLACES_OF_FOCUS)
        ends = [n for n, place in enumerate(stops) if n and place in (-1, stops[0])]
        if ends:
            return stops[: ends[0]]
    return stops


@pytest.mark.parametrize("forced_colors", ["none", "active"])
def test_one_sees_what_has_the_focus(findings, forced_colors):
    found = [(found.page, found.without_ring[forced_colors]) for found in findings]
    assert [fault for fault in found if fault[1]] == []


def test_everything_is_there_without_scripts(findings):
    only = [(found.page, set(found.controls) - set(found.controls_without_scripts)) for found in findings]
    assert [fault for fault in only if fault[1]] == []
    assert any(found.controls for found in findings)
