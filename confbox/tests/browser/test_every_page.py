"""Every page in every state: axe in all four looks, nothing lost on small, zoomed and mirrored screens."""

import pytest

from confbox.tests.browser.axe import OF_COLOURS, OF_SIZES, findings
from confbox.tests.browser.documents import DocumentStore
from confbox.tests.browser.layout import MIRROR, SPACING, lost

pytestmark = [pytest.mark.browser, pytest.mark.django_db]

PARTS = 6
# What depends on the size is asked once in each width, what depends on the colours in each look.
LOOKS = [(390, "dark", OF_COLOURS), (1280, "dark", OF_COLOURS + OF_SIZES), (1280, "light", OF_COLOURS)]
# A desktop, a desktop at 200 % zoom, the narrowest phone.
WIDTHS = [1280, 640, 320]


@pytest.fixture(scope="module")
def store(browser):
    context = browser.new_context(reduced_motion="reduce")
    yield DocumentStore(context.new_page())
    context.close()


def barriers(store):
    """What axe finds in both widths and themes, starting with the narrow and light one."""
    yield from findings(store.page)
    for width, theme, rules in LOOKS:
        store.resize(width)
        store.page.emulate_media(color_scheme=theme)
        yield from (f"at {width} in the {theme}: {fault}" for fault in findings(store.page, only=rules))


def losses(store):
    """What is lost at any width, with the text as wide as readers may set it, and mirrored."""
    for width in WIDTHS:
        store.resize(width)
        yield from (f"at {width}: {fault}" for fault in lost(store.page))
    store.resize(390)
    wide_text = store.page.add_style_tag(content=SPACING)
    yield from (f"with wide text: {fault}" for fault in lost(store.page))
    wide_text.evaluate("style => style.remove()")
    store.page.evaluate(MIRROR)
    for width in reversed(WIDTHS):
        store.resize(width)
        yield from (f"mirrored at {width}: {fault}" for fault in lost(store.page))


@pytest.mark.parametrize("part", range(PARTS))
def test_no_page_has_a_barrier_in_any_look_or_loses_anything(documents, store, part):
    faults = []
    for document in documents[part::PARTS]:
        store.resize(390)
        store.open(document)
        store.load_axe()
        faults += [f"{document.name}: {fault}" for fault in (*barriers(store), *losses(store))]
    assert faults == []
