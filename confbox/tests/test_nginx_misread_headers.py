"""Headers that the web server behind nginx would misread."""

import http.client
import json
from contextlib import closing

import pytest

from confbox.tests.echoing_application import PAGE, served
from confbox.tests.test_nginx import pytestmark, run, site

__all__ = ["pytestmark", "run", "site"]
UMLAUT = "name=J\u00fcrgen".encode().decode("latin-1")


@pytest.fixture(scope="module")
def session(site):
    cookies = site.log_in()[1].get_all("Set-Cookie")
    return next(cookie for cookie in cookies if cookie.startswith("sessionid=")).partition(";")[0]


@pytest.mark.parametrize(
    "around",
    [
        "{}",
        "a=b; {}; c=d",
        UMLAUT + "; {}",
        "{}; " + UMLAUT,
        "a=b; " + UMLAUT + "; " + UMLAUT + "; {}; c=d",
        "{};" + UMLAUT + "; a=b;" + UMLAUT,
    ],
)
def test_session_is_kept_beside_a_cookie_that_is_not_ascii(site, session, around):
    assert site.get("/me/", Cookie=around.format(session))[0] == 200


def test_cookie_that_is_not_ascii_is_no_session(site):
    assert site.get("/me/", Cookie="sessionid=\xfc" * 2)[0] == 302


def test_header_with_an_underscore_is_not_passed_on(tmp_path):
    """The application could not tell it from the one that nginx sets."""
    with served(tmp_path) as site, closing(http.client.HTTPConnection("127.0.0.1", site.port)) as peer:
        headers = {"Host": "localhost", "X_Real_IP": "6.6.6.6", "Cookie": "sessionid=a"}
        peer.request("GET", PAGE, headers=headers)
        asked = json.loads(peer.getresponse().read())
    assert asked["X-Real-IP"] == "127.0.0.1"
    assert "X_Real_IP" not in asked
