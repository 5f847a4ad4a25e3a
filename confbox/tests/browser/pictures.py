"""Pictures of every page in every state, narrow and wide, light and dark, for `make screenshots`.

`SCREENSHOTS_OF` is a regular expression: only pages whose name matches it, such as `organiser .* /admin/`.
"""

import os
import re
from pathlib import Path

import pytest

from confbox.settings import BASE_DIR
from confbox.tests.browser.documents import DocumentStore, collect

pytestmark = pytest.mark.django_db
FOLDER = Path(os.environ.get("SCREENSHOTS") or BASE_DIR / "var/screenshots/every")
WANTED = re.compile(os.environ.get("SCREENSHOTS_OF", ""))
LOOKS = [(width, theme) for width in (390, 1280) for theme in ("light", "dark")]
INDEX = """<!doctype html><meta charset="utf-8"><title>Every page</title>
<style>body {{ font-family: sans-serif }} img {{ width: 24%; vertical-align: top; border: 1px solid }}</style>
{}"""


def test_every_page_has_its_pictures(browser, tmp_path):
    FOLDER.mkdir(parents=True, exist_ok=True)
    store = DocumentStore(browser.new_context(reduced_motion="reduce").new_page())
    documents = collect(tmp_path)
    rows = [picture(store, document) for document in documents if WANTED.search(document.name)]
    (FOLDER / "index.html").write_text(INDEX.format("\n".join(rows)))
    assert len(documents) > 100
    assert rows


def picture(store, document):
    """Takes the page in both widths and themes; returns the row of the index that shows them."""
    name = re.sub(r"\W+", "-", document.name).strip("-")
    files = []
    store.open(document)
    for width, theme in LOOKS:
        store.page.set_viewport_size({"width": width, "height": 844})
        store.page.emulate_media(color_scheme=theme)
        files.append(f"{name}-{width}-{theme}.png")
        store.page.screenshot(path=FOLDER / files[-1], full_page=True)
    images = "".join(f'<img loading="lazy" src="{file}" alt="{file}">' for file in files)
    return f"<h2>{document.name}</h2>{images}"
