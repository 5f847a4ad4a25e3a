import re

from confbox.settings import BASE_DIR

SPRITE = (BASE_DIR / "static/img/icons.svg").read_text()


def test_every_icon_that_a_page_shows_is_in_the_sprite():
    pages = "".join(t.read_text() for t in (BASE_DIR / "templates").rglob("*.html"))
    shown = set(re.findall(r'{% icon "([a-z-]+)" %}', pages))
    assert shown - set(re.findall(r'symbol id="([a-z-]+)"', SPRITE)) == set()
