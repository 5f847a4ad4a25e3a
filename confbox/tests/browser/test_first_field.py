"""Where the keyboard begins: in the first field of a form, but never below the heading of its page."""

import pytest

from accounts.tests.factories import make_organiser
from confbox.tests.browser.conftest import session_of
from conferences.models import Conference
from conferences.tests.factories import make_conference
from conferences.tests.rosters.entries import make_entry

pytestmark = pytest.mark.browser
ONE = "/admin/conferences/conference/{}/"
WITH_FOCUS = {
    "/admin/conferences/conference/create/": "title",
    f"{ONE}create/what/": "title",
    f"{ONE}create/when/": "first_day",
    f"{ONE}create/who/": "who",
    f"{ONE}roster/import/": "text",
    f"{ONE}roster/add/": "email",
}
WITHOUT_FOCUS = [f"{ONE}publish/", f"{ONE}delete-with-team/"]
INVITATION = "/admin/voting/campaign/announce/{}/invitation/"
NAME, SCROLLED = "document.activeElement.name ?? ''", "scrollY"


@pytest.fixture
def draft(roles):
    found = make_conference(title="Bread Conf", status="draft")
    make_entry(found)
    return found


@pytest.fixture
def seen(browser, live_server, draft):
    """Opens a page as an organiser; the name of the field with the focus, and how far it is scrolled."""
    context = browser.new_context(viewport={"width": 1280, "height": 800}, base_url=live_server.url)
    context.add_cookies([session_of(make_organiser("chair@example.org"), live_server)])
    page = context.new_page()

    def seen(path, **viewport):
        page.set_viewport_size({"width": 1280, "height": 800} | viewport)
        page.goto(path.format(draft.pk))
        return page.evaluate(NAME), page.evaluate(SCROLLED)

    yield seen
    context.close()


@pytest.mark.parametrize(("path", "name"), WITH_FOCUS.items())
def test_cursor_is_in_the_first_field_and_nothing_is_scrolled(seen, path, name):
    assert seen(path) == (name, 0)


@pytest.mark.parametrize("path", WITHOUT_FOCUS)
def test_page_that_is_read_first_keeps_the_focus_at_its_top(seen, path):
    assert seen(path) == ("", 0)


def test_invitation_begins_at_its_subject_if_that_is_in_view(seen, draft):
    Conference.objects.filter(pk=draft.pk).update(status=Conference.Status.ACTIVE)
    assert seen(INVITATION) == ("subject", 0)
    assert seen(INVITATION, height=200) == ("", 0)
