"""The page of sessions names each device as its owner would."""

import pytest

from accounts.tests.factories import PASSWORD
from confbox.kit.templatetags.devices import device
from confbox.kit.tests.page import parse

WEBKIT = "AppleWebKit/537.36 (KHTML, like Gecko)"
LINUX = f"Mozilla/5.0 (X11; Linux x86_64) {WEBKIT} Chrome/126.0.0.0 Safari/537.36"
WINDOWS = f"Mozilla/5.0 (Windows NT 10.0; Win64; x64) {WEBKIT}"
IPHONE = "Mozilla/5.0 (iPhone; CPU iPhone OS 17_5 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko)"
MAC = "Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7) AppleWebKit/605.1.15 (KHTML, like Gecko)"


@pytest.mark.parametrize(
    ("user_agent", "words"),
    [
        (LINUX, "Chrome on Linux"),
        (f"{WINDOWS} Chrome/126.0.0.0 Safari/537.36", "Chrome on Windows"),
        (f"{WINDOWS} Chrome/126.0.0.0 Safari/537.36 Edg/126.0.0.0", "Edge on Windows"),
        (f"{WINDOWS} Chrome/126.0.0.0 Safari/537.36 OPR/112.0.0.0", "Opera on Windows"),
        (
            "Mozilla/5.0 (X11; Ubuntu; Linux x86_64; rv:127.0) Gecko/20100101 Firefox/127.0",
            "Firefox on Ubuntu",
        ),
        ("Mozilla/5.0 (Android 14; Mobile; rv:127.0) Gecko/127.0 Firefox/127.0", "Firefox on Android"),
        (f"{MAC} Version/17.5 Safari/605.1.15", "Safari on macOS"),
        (f"{IPHONE} Version/17.5 Mobile/15E148 Safari/604.1", "Safari on iPhone"),
        (f"{IPHONE} CriOS/126.0.6478.54 Mobile/15E148 Safari/604.1", "Chrome on iPhone"),
        (f"{IPHONE} FxiOS/127.0 Mobile/15E148 Safari/605.1.15", "Firefox on iPhone"),
        (
            f"Mozilla/5.0 (Linux; Android 10; K) {WEBKIT} Chrome/126.0.0.0 Mobile Safari/537.36",
            "Chrome on Android",
        ),
        (
            f"Mozilla/5.0 (X11; CrOS x86_64 14541.0.0) {WEBKIT} Chrome/126.0 Safari/537.36",
            "Chrome on ChromeOS",
        ),
        (
            f"Mozilla/5.0 (X11; Linux x86_64) {WEBKIT} HeadlessChrome/126.0.0.0 Safari/537.36",
            "Chrome on Linux",
        ),
        (f"{WINDOWS} Chrome/126.0.0.0 Safari/537.36 Vivaldi/6.7", "Vivaldi on Windows"),
        (f"{IPHONE} Mobile/15E148", "Safari on iPhone"),
        (f"{IPHONE} EdgiOS/126.0 Version/17.0 Mobile/15E148 Safari/604.1", "Edge on iPhone"),
        (
            f"{IPHONE.replace('iPhone', 'iPad')} Version/17.5 Mobile/15E148 Safari/604.1",
            "Safari on iPad",
        ),
        (
            f"Mozilla/5.0 (Linux; Android 14) {WEBKIT} SamsungBrowser/25.0 Chrome/121.0 Mobile Safari/537.36",
            "Samsung Internet on Android",
        ),
        ("Mozilla/5.0 (Windows NT 10.0; WOW64; Trident/7.0; rv:11.0) like Gecko", "IE on Windows"),
        ("curl/8.5.0", "curl"),
        ("An unheard-of browser on Linux", "An unheard-of browser on Linux"),
        ("", ""),
    ],
)
def test_user_agents_are_shown_in_words(user_agent, words):
    assert device(user_agent) == words


@pytest.fixture
def shown(client, stranger):
    """The page after a log-in with this user agent."""

    def shown(user_agent):
        client.defaults["HTTP_USER_AGENT"] = user_agent
        client.post("/accounts/login/", {"login": stranger.email, "password": PASSWORD})
        return parse(client.get("/accounts/sessions/"))

    return shown


def test_the_page_tells_the_device_and_keeps_what_it_called_itself(shown):
    page = shown(LINUX)
    assert "Chrome on Linux" in page.texts("strong")
    assert LINUX in page.text


def test_what_has_no_words_is_said_once(shown):
    assert shown("A new browser").source.count("A new browser") == 1
