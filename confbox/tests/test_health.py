"""What watches the site gets an answer from the process alone."""

import pytest
from django.db import connection

from confbox.wsgi import application


def ask(method, cookie=""):
    """Status and body, as the web server asks the application."""
    said = []
    environ = {"REQUEST_METHOD": method, "PATH_INFO": "/healthz", "HTTP_COOKIE": cookie}
    body = application(environ, lambda status, headers: said.append(status))
    return said[0], b"".join(body)


@pytest.mark.parametrize("cookie", ["", "sessionid=" + "a" * 32, "csrftoken=x; sessionid=\xff"])
def test_healthz_asks_no_database_whatever_cookie_comes_along(db, cookie):
    def away(execute, sql, params, many, context):
        raise AssertionError(sql)

    with connection.execute_wrapper(away):
        assert ask("GET", cookie) == ("200 OK", b"ok\n")
        assert ask("HEAD", cookie) == ("200 OK", b"")
