"""The page to confirm an import, in each of its states."""

import pytest

from confbox.kit.tests.page import parse
from confbox.kit.tests.panels import states_of
from conferences.importing.panels import PLAN_PANEL
from conferences.tests.test_import_admin import upload
from conferences.tests.test_import_conferences import load, row

pytestmark = pytest.mark.django_db

HERE = row(name="Nile Summit", startDate="2027-04-28", endDate="2027-04-29", timeZone="Africa/Cairo")
MOVED = HERE | {"startDate": "2027-04-30", "endDate": "2027-05-02"}
NEW, BAD = row(name="Delta Summit"), row(name="Bad", startDate="soon")

PLANS = [
    ("new_only", [HERE, NEW], "Import 1 conference"),
    ("moved_dates", [MOVED, NEW], "Import"),
    ("bad_rows", [BAD, NEW], None),
    ("nothing", [HERE], None),
]


@pytest.mark.parametrize(("state", "rows", "button"), PLANS)
def test_page_to_confirm_an_import(as_organiser, state, rows, button):
    load(HERE)
    answer = upload(as_organiser, rows, follow=True)
    assert answer.context["panel"].state == state
    page = parse(answer)
    assert page.attributes("#plan input[type=submit]", "value") == ([button] if button else [])
    assert "Choose another file" in page.part("#plan").text


def test_every_state_has_a_row_and_a_template():
    assert states_of(PLAN_PANEL) == {state for state, *_ in PLANS}
