"""The header fits the narrowest screen in every language."""

import pytest
from django.conf import settings

pytestmark = pytest.mark.browser


@pytest.mark.parametrize("language", [code for code, _ in settings.LANGUAGES])
@pytest.mark.parametrize("is_logged_in", [False, True])
def test_the_header_fits_320_pixels(browser, live_server, alice_member, client, language, is_logged_in):
    context = browser.new_context(locale=language, viewport={"width": 320, "height": 640})
    if is_logged_in:
        client.force_login(alice_member.user)
        session = client.cookies["sessionid"].value
        context.add_cookies([{"name": "sessionid", "value": session, "url": live_server.url}])
    page = context.new_page()
    page.goto(live_server.url + "/how-the-vote-works/")
    assert page.evaluate("document.documentElement.scrollWidth") == 320
    context.close()
