"""Every page in every state: axe in all four looks, nothing lost on small, zoomed and mirrored screens."""

import pytest

from confbox.tests.browser.axe import OF_COLOURS, OF_SIZES, violations
from confbox.tests.browser.documents import DocumentStore
from confbox.tests.browser.layout import MIRROR, SPACING, lost

pytestmark = [pytest.mark.browser, pytest.mark.django_db]

PARTS = 4
# What depends on the size is asked once in each width, what depends on the colours in each look.
LOOKS = [(390, "dark", OF_COLOURS), (1280, "dark", OF_COLOURS + OF_SIZES), (1280, "light", OF_COLOURS)]
# A desktop, a desktop at 200 % zoom, the narrowest phone.
WIDTHS = [1280, 640, 320]


@pytest.fixture(scope="module")
def store(browser):
    context = browser.new_context(reduced_motion="reduce")
    yield DocumentStore(context.new_page())
    context.close()


def barriers(page):
    """What axe finds in both widths and themes, starting with the narrow and light one."""
    yield from violations(page)
    for width, theme, rules in LOOKS:
        resize(page, width)
        page.emulate_media(color_scheme=theme)
        yield from (f"at {width} in the {theme}: {fault}" for fault in violations(page, only=rules))


def losses(page):
    """What is lost at any width, with the text as wide as readers may set it, and mirrored."""
    for width in WIDTHS:
        resize(page, width)
        yield from (f"at {width}: {fault}" for fault in lost(page))
    resize(page, 390)
    wide_text = page.add_style_tag(content=SPACING)
    yield from (f"with wide text: {fault}" for fault in lost(page))
    wide_text.evaluate("style => style.remove()")
    page.evaluate(MIRROR)
    for width in reversed(WIDTHS):
        resize(page, width)
        yield from (f"mirrored at {width}: {fault}" for fault in lost(page))


def resize(page, width):
    if page.viewport_size["width"] != width:
        page.set_viewport_size({"width": width, "height": 844})


@pytest.mark.parametrize("part", range(PARTS))
def test_no_page_has_a_barrier_in_any_look_or_loses_anything(documents, store, part):
    faults = []
    for document in documents[part::PARTS]:
        resize(store.page, 390)
        store.open(document)
        faults += [f"{document.name}: {fault}" for fault in (*barriers(store.page), *losses(store.page))]
    assert faults == []
