"""Every form of the site and of the admin, sent twice at once and once more afterwards, without scripts.

The pages of the URL configuration are searched for forms, so a new form is included automatically. A route
that accepts a POST and whose form is on no page fails the test until it is named in `form_walk.NO_FORM`.
"""

from dataclasses import dataclass
from itertools import takewhile

import pytest

from confbox.tests.every_form import FILES
from confbox.tests.form_walk import walking
from confbox.tests.page_text import masked, place, text_of

# In a test on SQLite all threads share one connection, so nothing is sent at once there.
pytestmark = [pytest.mark.slow, pytest.mark.any_database, pytest.mark.django_db(transaction=True)]


@dataclass(frozen=True)
class Outcome:
    answers: list
    landing: tuple
    done: list
    is_in: bool


@pytest.fixture
def walk(roles, tmp_path, live_server):
    with walking(live_server.url, tmp_path) as walk:
        yield walk


def send(walk, case, times):
    """The responses and changes when the form is sent this often and then once more."""
    browser = walk.begin(case)
    form = case.form(browser)
    typed, files = case.typed(form, browser), FILES.get(case.route)
    answers = browser.send_at_once(form, times=times, files=files, **typed)
    browser.take(answers[-1])
    if times > 1:
        answers.append(browser.take(browser.post(form, form.filled(**typed), files)))
    done = walk.done()
    return Outcome([shape(a) for a in answers], landing(browser, answers[-1]), done, is_in(browser))


def shape(answer):
    """Status, target and text, without what differs at each try."""
    text = text_of(answer.html) if answer.is_page else masked(answer.html)
    return answer.status, place(answer.location), text


def landing(browser, answer):
    page = browser.follow(answer)
    return page.status, place(page.path), text_of(page.html)


def is_in(browser):
    return browser.get("/me/").status == 200


def apart(single, double):
    """Where two differ: of long texts the position, of lists what only one has."""
    if isinstance(single, str) and isinstance(double, str) and single != double:
        alike = takewhile(lambda pair: pair[0] == pair[1], zip(single, double, strict=False))
        begin = max(0, len(list(alike)) - 60)
        yield f"{single[begin : begin + 160]!r} and then {double[begin : begin + 160]!r}"
    elif isinstance(single, tuple) and isinstance(double, tuple):
        for one, other in zip(single, double, strict=True):
            yield from apart(one, other)
    elif isinstance(single, list):
        yield from (f"only once: {line}" for line in single if line not in double)
        yield from (
            f"only twice: {line}" for line in double if line not in single or len(double) > len(single)
        )
    elif single != double:
        yield f"{single} and then {double}"


def unlike(case, once, twice):
    """What differs, in words; empty if nothing does."""
    problems = []
    for answer in [*once.answers[1:], *twice.answers]:
        problems += [f"answer: {words}" for words in apart(once.answers[0], answer)]
    for what in ("landing", "done", "is_in"):
        problems += [f"{what}: {words}" for words in apart(getattr(once, what), getattr(twice, what))]
    if any(status >= 500 for status, _, _ in once.answers + twice.answers):
        problems.append("an error")
    return f"{case}: {'; '.join(problems)}" if problems else ""


def test_every_form_sent_twice_is_handled_once_and_answered_alike(walk):
    found = [unlike(case, send(walk, case, 1), send(walk, case, 2)) for case in walk.cases]
    found = [problem for problem in found if problem]
    assert not found, "\n".join(found)
