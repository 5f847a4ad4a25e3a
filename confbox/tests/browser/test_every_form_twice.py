"""Every form of the site and of the admin, pressed twice in a real Chromium, whose scripts send it once.

The forms are those of the walk in `confbox.tests.test_every_form_twice`; of the actions of one list, only
the first. What one press does is taken from a browser without scripts, which sends the form once.
"""

import logging
from collections import Counter
from itertools import islice

import pytest
from django.db import connection  # noqa: F401 (the mark below asks for it)
from playwright.sync_api import Error

from confbox.tests.browser.window import MAX_WAIT_SECONDS, Window, heading_of
from confbox.tests.every_form import FILES
from confbox.tests.form_walk import walking
from confbox.tests.page_text import place

pytestmark = [
    pytest.mark.browser,
    pytest.mark.django_db(transaction=True),
    pytest.mark.skipif("connection.vendor != 'mysql'", reason="on SQLite all threads share one connection"),
]

logger = logging.getLogger(__name__)

# When everything is broken, each form would wait for what does not come.
MOST_FAULTS = 10


@pytest.fixture
def walk(roles, tmp_path, live_server):
    with walking(live_server.url, tmp_path) as walk:
        yield walk


@pytest.fixture
def window(browser, live_server):
    window = Window(browser, live_server.url)
    yield window
    window.context.close()


def cases_to_press(cases):
    """Actions on rows differ only in what is chosen: to the script they are one form.

    Left out are forms without a button, and those of a passkey, which a script sends when the device answers.
    """
    lists = set()
    for case in cases:
        is_action = case.button[:1] == ("action",)
        has_button = case.has_button and "credential" not in case.names
        if has_button and not (is_action and case.page in lists):
            yield case
        if is_action:
            lists.add(case.page)


def pressed_once(walk, case):
    """Where it led, if to a page; what was done; whether the person is logged in."""
    browser = walk.begin(case)
    form = case.form(browser)
    answer = browser.send(form, FILES.get(case.route), **case.typed(form, browser))
    page = browser.follow(answer)
    landing = (place(page.path), heading_of(page.html)) if page.is_page else None
    return landing, walk.done(), browser.get("/me/").status == 200


def press_twice(walk, case, window, **pause):
    """Returns what was shown before.

    A browser on a busy machine loses a key now and then, so what sent nothing is tried again, once.
    """
    try:
        return press_twice_in(walk, case, window, **pause)
    except AssertionError as error:
        logger.warning("%s: %s", case, error)
        window.leave()
        return press_twice_in(walk, case, window, **pause)


def press_twice_in(walk, case, window, **pause):
    browser = walk.begin(case)
    form = case.form(browser)
    window.open(case.page, browser.cookies)
    window.fill(form, case.typed(form, browser), FILES.get(case.route))
    before = window.landing()
    window.press_twice(**pause)
    return before


def faults_of(walk, case, window):
    """What two presses did that one does not, in words."""
    landing, done, is_in = pressed_once(walk, case)
    before = press_twice(walk, case, window)
    window.settle(is_page=landing is not None)
    expected = before if window.stays or landing is None else landing
    if window.landing() != expected:
        yield f"led to {window.landing()}, once to {expected}"
    if (did := walk.done()) != done:
        yield f"did {did}, once {done}"
    if window.is_in() != is_in:
        yield f"logged in: {not is_in}, once {is_in}"
    if len(window.sent) != 1:
        yield f"sent {window.sent}"
    yield from window.faults


def faults_of_walk(walk, window, presses):
    for case in cases_to_press(walk.cases):
        try:
            window.leave()
            for fault in faults_of(walk, case, window):
                yield f"{case}: {fault}"
        except (Error, AssertionError) as error:
            yield f"{case}: {error}"
        presses[window.press] += 1


def sent_without_the_script(walk, window, route):
    window.context.route("**/once*.js", lambda route: route.abort())
    case = next(case for case in walk.cases if case.route == route)
    press_twice(walk, case, window, pause_seconds=MAX_WAIT_SECONDS)
    return window.press, len(window.sent)


def test_every_form_pressed_twice_is_sent_once_and_leads_where_one_press_does(walk, window):
    presses = Counter()
    faults = list(islice(faults_of_walk(walk, window, presses), MOST_FAULTS))
    assert not faults, "\n".join(faults)
    assert min(presses["in a field"], presses["on a button"]) > 10
    # Control: without the script the second press is sent as well.
    assert sent_without_the_script(walk, window, "edit-profile") == ("in a field", 2)
    assert sent_without_the_script(walk, window, "leave-conference") == ("on a button", 2)
