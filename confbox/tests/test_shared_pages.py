"""Pages that nginx keeps for a second."""

import time
from concurrent.futures import ThreadPoolExecutor

import pytest

from confbox.tests.echoing_application import PAGE, Application, begin_second, is_kept, page, served
from confbox.tests.test_nginx import pytestmark

__all__ = ["pytestmark"]


@pytest.fixture(scope="module")
def site(tmp_path_factory):
    with served(tmp_path_factory.mktemp("shared")) as site:
        yield site


@pytest.fixture(autouse=True)
def forget():
    Application.seconds = 0.0


@pytest.fixture
def asked():
    """How often the application is asked for each path from the beginning of a second."""
    begin_second()
    Application.asked.clear()
    return Application.asked


def test_page_is_kept_for_the_second_in_which_it_was_requested(site):
    assert is_kept(site)
    first = page(site)
    begin_second()
    assert page(site)["count"] > first["count"]


def test_page_of_some_seconds_ago_is_not_shown_even_to_the_first_who_asks(site, asked):
    page(site)
    time.sleep(2.5)
    page(site)
    assert asked[PAGE] == 2


@pytest.mark.parametrize(
    "path",
    [
        *("/", "/?show=past", "/?page=2", "/feed/", "/help/", "/help/members/", "/help/members/voting/"),
        *("/conferences/open-conf.ics", "/conferences/open-conf/candidates/17/", "/how-the-vote-works/"),
        *("/sitemap.xml", "/robots.txt", "/manifest.webmanifest"),
    ],
)
def test_pages_of_visitors_are_kept(site, path):
    assert is_kept(site, path)


@pytest.mark.parametrize(
    "path",
    [
        *("/?q=x", "/?page=2&q=x", "/accounts/login/", "/accounts/signup/", "/me/", "/conferences.ics?key=x"),
        *("/conferences/open-conf/ballot/", "/conferences/open-conf/results/", "/readyz", "/j/ABC/"),
        *("/conferences/open-conf/?x=1", "/invitation/x/", "/unsubscribe/x/", "/people/17/"),
        "/conferences/open-conf/candidates/17/card.png",
    ],
)
def test_other_pages_are_not_kept(site, path):
    assert not is_kept(site, path)


@pytest.mark.parametrize(
    "cookie",
    [
        *("sessionid=" + "a" * 32, "__Host-sessionid=" + "a" * 32, "theme=dark; sessionid=x"),
        *("messages=x", "device=x", "anything=x", "theme=odd", "theme=dark;sessionid=x", "sessionid="),
        *("csrftoken=a; sessionid=x; theme=dark", "django_language=xx", "csrftoken"),
    ],
)
def test_person_with_any_other_cookie_gets_a_page_of_their_own(site, cookie):
    assert not is_kept(site, Cookie=cookie)
    assert page(site, Cookie=cookie)["Cookie"] == cookie


@pytest.mark.parametrize("header", ["Authorization", "HX-Request"])
def test_request_of_another_kind_is_passed_on(site, header):
    assert not is_kept(site, **{header: "true"})


@pytest.mark.parametrize("path", ["/conferences/gone/", "/conferences/moved/", "/conferences/cookie/"])
def test_refusals_redirects_and_responses_with_a_cookie_are_not_kept(site, path):
    assert not is_kept(site, path)


def test_response_for_one_person_is_not_kept(site):
    assert not is_kept(site, "/conferences/private/")


@pytest.mark.parametrize("method", ["POST", "PUT", "OPTIONS"])
def test_other_methods_reach_the_application(site, method):
    assert site.request(method, PAGE)[0] == 501


def test_application_is_told_nothing_about_a_visitor_that_is_not_in_the_key(site):
    told = {"User-Agent": "x", "Referer": "http://x/", "X-Odd": "1", "Cookie": "csrftoken=abc; theme=dark"}
    known = page(site, Accept_Language="de-AT,en;q=0.5", X_Forwarded_Host="evil", **told)
    assert {name: known[name] for name in known if name not in ("count", "method", "X-Real-IP")} == {
        "Host": "localhost",
        "X-Forwarded-For": "127.0.0.1",
        "X-Forwarded-Proto": "http",
        "Cookie": "; theme=dark; ",
        "Accept-Language": "de",
    }


SEEN = [
    {"Cookie": "theme=dark"},
    {"Cookie": "theme=light"},
    {"Cookie": "__Host-theme=dark"},
    {"Cookie": "django_language=de"},
    {"Cookie": "django_language=de; theme=dark"},
    {"Accept-Language": "de"},
    {"Accept-Language": "fr-FR,fr;q=0.9,en;q=0.8"},
    {"Accept-Encoding": "gzip, deflate, br"},
    {"Host": "conferences.example"},
]


def test_each_language_theme_host_and_encoding_has_a_page_of_its_own(site):
    begin_second()
    pages = [page(site, **headers) for headers in [{}, *SEEN]]
    assert len({shown["count"] for shown in pages}) == len(SEEN) + 1
    assert pages[0]["count"] == page(site)["count"]


def test_https_has_a_page_of_its_own(site, asked):
    page(site)
    site.get_safely(PAGE)
    assert asked[PAGE] == 2


def test_of_many_visitors_at_once_one_reaches_the_application(site, asked):
    Application.seconds = 0.05
    began = int(time.time())
    with ThreadPoolExecutor(40) as pool:
        found = list(pool.map(lambda _: page(site), range(40)))
    # A slow machine may need more than the second that has just begun.
    assert asked[PAGE] <= int(time.time()) - began + 1 < 20
    assert len({shown["count"] for shown in found}) == asked[PAGE]


def test_without_the_shared_page_all_reach_the_application(tmp_path, asked):
    never = 'if ($shared_page = "never")'
    changed = served(tmp_path, lambda text: text.replace("if ($shared_page)", never))
    with changed as site, ThreadPoolExecutor(40) as pool:
        list(pool.map(lambda _: site.get(PAGE), range(40)))
    assert asked[PAGE] == 40


def test_many_visitors_at_once_of_what_is_not_kept_wait_two_seconds_at_most(site, asked):
    started = time.monotonic()
    with ThreadPoolExecutor(20) as pool:
        found = list(pool.map(lambda _: site.get("/conferences/gone/")[0], range(20)))
    assert found == [404] * 20
    assert asked["/conferences/gone/"] == 20
    # One after the other, they would wait for ten seconds.
    assert time.monotonic() - started < 8


def test_members_do_not_wait_for_a_page_that_visitors_wait_for(site):
    Application.seconds = 0.15
    with ThreadPoolExecutor(2) as pool:
        visit = pool.submit(page, site)
        member = pool.submit(page, site, Cookie="sessionid=" + "a" * 32)
    assert member.result()["count"] != visit.result()["count"]


def test_visitor_who_has_the_page_gets_304(site):
    status, headers, body = site.get(PAGE, If_None_Match='"a"')
    assert (status, headers["ETag"], body) == (304, '"a"', b"")


def test_head_is_answered_from_the_page(site, asked):
    page(site)
    assert site.request("HEAD", PAGE)[0] == 200
    assert asked[PAGE] == 1


def token(headers):
    found = headers.get_all("Set-Cookie") or [""]
    return found[0].partition(";")[0]


def test_each_visitor_of_the_list_has_a_token_of_their_own(site, asked):
    tokens = {token(site.get("/")[1]) for _ in range(5)}
    assert len(tokens) == 5
    assert {len(value.removeprefix("csrftoken=")) for value in tokens} == {32}
    assert asked["/"] == 1


def test_token_over_https_is_for_this_host_only(site):
    set_cookie = site.get_safely("/")[1]["Set-Cookie"]
    assert set_cookie.startswith("__Host-csrftoken=")
    assert set_cookie.endswith("; HttpOnly; Max-Age=31449600; Path=/; SameSite=Lax; Secure")


def test_token_that_a_visitor_has_is_kept(site):
    assert token(site.get("/", Cookie="csrftoken=" + "a" * 32)[1]) == ""


def test_no_other_page_sets_a_token(site):
    assert token(site.get(PAGE)[1]) == ""
