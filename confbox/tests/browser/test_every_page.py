"""Every page in every state: axe in all four looks, nothing lost on small, zoomed and mirrored screens."""

import pytest

from confbox.tests.browser.axe import OF_LOOKS, violations
from confbox.tests.browser.documents import DocumentStore, collect
from confbox.tests.browser.layout import MIRROR, SPACING, lost

pytestmark = [pytest.mark.browser, pytest.mark.django_db]

PARTS = 4
LOOKS = [(390, "dark"), (1280, "dark"), (1280, "light")]
# The narrowest phone, a desktop at 200 % zoom, a desktop.
WIDTHS = [320, 640, 1280]


@pytest.fixture(scope="module")
def documents(django_db_setup, django_db_blocker, tmp_path_factory):
    with django_db_blocker.unblock():
        return collect(tmp_path_factory.mktemp("documents"))


@pytest.fixture(scope="module")
def store(browser):
    context = browser.new_context(reduced_motion="reduce")
    yield DocumentStore(context.new_page())
    context.close()


def show(page, width, theme="light"):
    page.set_viewport_size({"width": width, "height": 844})
    page.emulate_media(color_scheme=theme)


def barriers(page):
    """What axe finds in both widths and themes, starting with the current one."""
    yield from violations(page)
    for width, theme in LOOKS:
        show(page, width, theme)
        yield from (f"at {width} in the {theme}: {fault}" for fault in violations(page, only=OF_LOOKS))


def losses(page):
    """What is lost at any width, with the text as wide as readers may set it, and mirrored."""
    for width in WIDTHS:
        show(page, width)
        yield from (f"at {width}: {fault}" for fault in lost(page))
    show(page, 390)
    wide_text = page.add_style_tag(content=SPACING)
    yield from (f"with wide text: {fault}" for fault in lost(page))
    wide_text.evaluate("style => style.remove()")
    page.evaluate(MIRROR)
    for width in WIDTHS:
        show(page, width)
        yield from (f"mirrored at {width}: {fault}" for fault in lost(page))


@pytest.mark.parametrize("part", range(PARTS))
def test_no_page_has_a_barrier_in_any_look_or_loses_anything(documents, store, part):
    faults = []
    for document in documents[part::PARTS]:
        show(store.page, 390)
        store.open(document)
        faults += [f"{document.name}: {fault}" for fault in (*barriers(store.page), *losses(store.page))]
    assert faults == []
