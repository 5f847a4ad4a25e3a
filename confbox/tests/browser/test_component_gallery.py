"""The component gallery, which the site has only in development."""

import pytest

from confbox.tests.browser.axe import violations

pytestmark = [pytest.mark.browser, pytest.mark.urls("confbox.tests.component_gallery_urls")]
SIDEWAYS = "document.documentElement.scrollWidth - document.documentElement.clientWidth"


@pytest.mark.parametrize(("width", "theme"), [(320, "dark"), (1280, "light")])
def test_every_component_in_every_state_has_no_barrier(page, visit, db, width, theme):
    page.set_viewport_size({"width": width, "height": 800})
    page.emulate_media(color_scheme=theme)
    visit("/components/")
    # Only here does one page show the same panel in several states.
    assert [fault for fault in violations(page) if not fault.startswith("landmark-unique")] == []
    assert page.evaluate(SIDEWAYS) == 0
