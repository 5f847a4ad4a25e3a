"""The links of the header and of one's account, for each who looks."""

import pytest

from confbox.kit.menus import ACCOUNT_PAGES, HEADER, account_pages, header_of
from confbox.kit.tests.page import parse
from confbox.kit.tests.panels import states_of

HEADERS = [
    ("anonymous", "client", ["Conferences", "Log in", "Sign up"]),
    ("person", "as_stranger", ["Conferences", "My page"]),
    ("person", "as_organiser", ["Conferences", "My page", "Organise"]),
]


@pytest.mark.django_db
@pytest.mark.parametrize(("state", "browser", "links"), HEADERS)
def test_header(request, state, browser, links):
    answer = request.getfixturevalue(browser).get("/")
    assert header_of(answer.context["user"], "").state == state
    page = parse(answer)
    assert page.texts("#main-links > a") == links
    assert page.has("#main-links > details.menu") == (state != "anonymous")
    assert page.texts('#main-links > [aria-current="page"]') == ["Conferences"]


def test_header_without_anyone_is_that_of_a_stranger():
    assert header_of(None, "").state == "anonymous"


def test_every_state_has_a_row_and_a_template():
    assert states_of(HEADER) == {state for state, *_ in HEADERS}


@pytest.mark.parametrize(
    ("here", "current"),
    [
        ("edit-profile", "edit-profile"),
        ("change-picture", "edit-profile"),
        ("preferences", "preferences"),
        ("account_email", "account_email"),
        ("account_set_password", "account_change_password"),
        ("mfa_activate_totp", "mfa_index"),
        ("usersessions_list", "usersessions_list"),
        ("my-data", "my-data"),
        ("delete-account", "my-data"),
        ("", None),
    ],
)
def test_the_page_of_the_account_that_one_is_on_is_marked(here, current):
    assert [page.name for page, is_here in account_pages(here) if is_here] == ([current] if current else [])


def test_each_page_of_the_account_is_in_the_menu_of_the_header(as_stranger):
    urls = parse(as_stranger.get("/people/profile/")).attributes(".menu-panel > a.nav-link", "href")
    # No other log-in is set up here.
    offered = [page for page in ACCOUNT_PAGES if page.name != "connected-log-ins"]
    assert [page.url for page in offered] == urls[1:]
