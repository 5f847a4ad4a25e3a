"""The organisers' pages of a conference on a phone, with a keyboard, with forced colours and without scripts.

That nothing is lost on them and that axe finds nothing: see test_every_page.
"""

import re

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


@pytest.fixture
def pages(documents):
    found = [page for page in documents if OF_A_CONFERENCE.match(page.path) and not OTHERS.search(page.path)]
    assert len(found) > 80
    return found


@pytest.fixture
def store_of(browser):
    contexts = []

    def store_of(**options):
        contexts.append(
            browser.new_context(viewport={"width": 390, "height": 844}, reduced_motion="reduce", **options)
        )
        return DocumentStore(contexts[-1].new_page())

    yield store_of
    for context in contexts:
        context.close()


def test_targets_are_large_enough_for_a_finger(pages, store_of):
    store, faults = store_of(), []
    for document in pages:
        store.open(document)
        faults += [f"{document.name}: {fault}" for fault in store.page.evaluate(SMALL_TARGETS)]
    assert faults == []


def test_keyboard_reaches_everything_in_the_order_of_the_page(pages, store_of):
    store, faults = store_of(), []
    for document in pages:
        store.open(document)
        faults += [f"{document.name}: {fault}" for fault in faults_of_order(store.page)]
    assert faults == []


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
def test_one_sees_what_has_the_focus(pages, store_of, forced_colors):
    store, faults = store_of(forced_colors=forced_colors), []
    for document in pages:
        store.open(document)
        faults += [f"{document.name}: {words}" for words in store.page.evaluate(WITHOUT_RING)]
    assert faults == []


def test_everything_is_there_without_scripts(pages, store_of):
    scripted, plain, faults = store_of(), store_of(java_script_enabled=False), []
    for document in pages:
        for store in (scripted, plain):
            store.open(document)
        shown, others = (store.page.evaluate(CONTROLS) for store in (plain, scripted))
        faults += [f"{document.name}: only with scripts: {one}" for one in set(others) - set(shown)]
    assert faults == []
