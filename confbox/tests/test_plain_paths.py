"""Each page has one path; other spellings that a web server in front treats as the same are refused."""

from urllib.parse import unquote

import pytest

TWISTED = [
    "//admin/",
    "/admin//",
    "/./admin/",
    "/x/../admin/",
    "/admin/x/..",
    "/admin/.",
    "/%2e/admin/",
    "/x/%2e%2e/admin/",
    "/x%2f..%2fadmin/",
    "/admin/accounts/user/1/../../../../x/change/",
    "//accounts/login/",
    "/%2fadmin/",
]


@pytest.mark.parametrize("path", TWISTED)
def test_path_that_is_not_plain_is_not_found(as_organiser, path):
    # Not `get`, which would read two slashes as the beginning of a host.
    assert as_organiser.request(PATH_INFO=unquote(path)).status_code == 404


@pytest.mark.parametrize(
    "path", ["/", "/admin/", "/accounts/login/", "/robots.txt", "/conferences/open-conf/"]
)
def test_plain_path_is_answered(client, conference, path):
    assert client.get(path).status_code in (200, 302)


@pytest.mark.parametrize("path", ["/.well-known/security.txt", "/conferences/open-conf.ics"])
def test_dot_inside_a_name_is_plain(client, conference, settings, path):
    settings.SECURITY_CONTACT = "mailto:security@example.org"
    assert client.get(path).status_code == 200


def test_encoded_letters_are_the_letters(client, db):
    assert client.generic("GET", "/%61dmin/").url.startswith("/admin/login/")
