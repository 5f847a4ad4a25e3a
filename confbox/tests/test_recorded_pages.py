"""What the test client records of a page, and what would take too long."""

import pytest


@pytest.fixture
def names(as_organiser, conference):
    """The templates of a page with a field for the time zone."""
    page = as_organiser.get(f"/admin/conferences/conference/{conference.pk}/change/")
    assert page.context["adminform"].form.instance == conference
    return {template.name for template in page.templates}


def test_page_is_recorded_with_what_it_extends_and_includes(names):
    assert {"admin/change_form.html", "admin/base_site.html", "admin/includes/fieldset.html"} <= names


def test_widgets_are_not_recorded(names):
    assert {name for name in names if name.startswith("django/forms/")} == set()
