"""With forced colours (high contrast), and on the narrowest screen, selections are visible."""

import io

import pytest
from PIL import Image, ImageChops
from playwright.sync_api import expect

from accounts.models import User
from conferences.tests.factories import make_membership

pytestmark = pytest.mark.browser


def picture(element):
    return Image.open(io.BytesIO(element.screenshot())).convert("L")


def middle_of(shown):
    """Without the edge, whose colour differs as well."""
    width, height = shown.size
    return shown.crop((width // 4, height // 4, 3 * width // 4, 3 * height // 4))


def differs(one, other):
    return (
        ImageChops.difference(one, other.resize(one.size)).point(lambda level: 255 * (level > 60)).getbbox()
    )


@pytest.fixture
def in_high_contrast(page):
    page.emulate_media(forced_colors="active")


def test_a_ticked_box_looks_ticked(page, visit, alice_member, log_in, in_high_contrast):
    log_in(alice_member.user)
    visit("/people/settings/")
    box = page.get_by_role("checkbox").first
    looks = []
    for is_ticked in (True, False):
        box.set_checked(is_ticked)
        page.locator("h1").click()
        expect(box).not_to_be_focused()
        looks.append(middle_of(picture(box)))
    assert differs(*looks)


@pytest.mark.parametrize("theme", ["Light colours", "Dark colours", "Same colours as my device"])
def test_the_chosen_theme_is_marked(page, visit, open_conference, in_high_contrast, theme):
    visit("/")
    button = page.get_by_role("button", name=theme, exact=True)
    button.click()
    chosen = picture(button)
    page.get_by_role("button", name="Light colours" if theme != "Light colours" else "Dark colours").click()
    page.locator("h1").hover()
    assert differs(chosen, picture(button))


def test_the_chosen_tab_is_marked(page, visit, open_conference, in_high_contrast):
    visit("/?show=past")
    styles = "element => getComputedStyle(element).outlineStyle"
    assert page.get_by_role("link", name="Past").evaluate(styles) == "solid"
    assert page.get_by_role("link", name="Upcoming").evaluate(styles) == "none"


@pytest.mark.parametrize("width", [320, 360, 390])
def test_the_stamp_leaves_room_for_the_name(page, visit, open_conference, alice_member, log_in, vote, width):
    lena = make_membership(open_conference, name="x")
    User.objects.filter(pk=lena.user.pk).update(name="Lena Achterberg")
    vote(alice_member, lena)
    page.set_viewport_size({"width": width, "height": 700})
    log_in(alice_member.user)
    visit("/conferences/open-conf/ballot/")
    lines = """link => {
      const range = document.createRange(), text = link.querySelector("bdi").firstChild;
      const top = at => {
        range.setStart(text, at);
        range.setEnd(text, at + 1);
        return range.getBoundingClientRect().top;
      };
      return [...text.data].map((_, at) => top(at));
    }"""
    tops = page.locator(".slip .choice a").evaluate(lines)
    assert len(set(tops[5:])) == 1
