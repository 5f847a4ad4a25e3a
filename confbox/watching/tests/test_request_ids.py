"""One ID for each request: in the response, on error pages and in every line of the log."""

import json
import logging
import re

import pytest
from django.db import OperationalError, connection
from django.test import Client

from confbox.kit.tests.page import parse
from confbox.watching.log_lines import JsonLines, TextLines
from confbox.watching.request_ids import current_id

GIVEN = "0123456789abcdef" * 2


class Journal(logging.Handler):
    """What the site's handler would write in both formats."""

    def __init__(self):
        super().__init__()
        self.text, self.json = [], []

    def emit(self, record):
        self.text.append(TextLines().format(record))
        self.json.append(json.loads(line := JsonLines().format(record)))
        assert "\n" not in line


@pytest.fixture
def journal(caplog):
    found = Journal()
    logging.getLogger().addHandler(found)
    with caplog.at_level(logging.INFO):
        yield found
    logging.getLogger().removeHandler(found)


@pytest.mark.parametrize("path", ["/", "/nowhere/", "/healthz", "/static/css/site.css"])
def test_each_response_has_an_id_of_its_own(client, db, path):
    first, second = (client.get(path)["X-Request-ID"] for _ in range(2))
    assert re.fullmatch("[0-9a-f]{32}", first)
    assert first != second


def test_id_of_nginx_is_taken_behind_it_alone(client, db, settings):
    settings.BEHIND_PROXY = True
    assert client.get("/", headers={"X-Request-ID": GIVEN})["X-Request-ID"] == GIVEN
    settings.BEHIND_PROXY = False
    assert client.get("/", headers={"X-Request-ID": GIVEN})["X-Request-ID"] != GIVEN


@pytest.mark.parametrize("given", ["", "short", GIVEN + "0", GIVEN.upper(), f"{GIVEN[:-1]}\n", "<b>" * 10])
def test_what_is_no_id_is_replaced(client, db, settings, given):
    settings.BEHIND_PROXY = True
    assert re.fullmatch("[0-9a-f]{32}", client.get("/", headers={"X-Request-ID": given})["X-Request-ID"])


def id_on(response):
    return parse(response).part("#request-id").text


def test_page_that_is_missing_shows_it(client, db):
    response = client.get("/nowhere/")
    assert id_on(response) == response["X-Request-ID"]


def test_page_that_is_refused_shows_it(client, stranger):
    client.force_login(stranger)
    response = client.get("/admin/doctor/")
    if response.status_code == 403:
        assert id_on(response) == response["X-Request-ID"]
    strict = Client(enforce_csrf_checks=True)
    forged = strict.post("/accounts/login/")
    assert (forged.status_code, id_on(forged)) == (403, forged["X-Request-ID"])


@pytest.mark.parametrize(
    ("error", "status"), [(OperationalError(2013, "lost"), 503), (ValueError("a mistake"), 500)]
)
def test_page_of_a_failure_shows_it(client, db, error, status):
    client.raise_request_exception = False

    def fail(*arguments):
        raise error

    with connection.execute_wrapper(fail):
        response = client.get("/")
    assert (response.status_code, id_on(response)) == (status, response["X-Request-ID"])


def test_every_line_of_a_request_has_it(client, db, journal):
    strict = Client(enforce_csrf_checks=True)
    request_id = strict.post("/accounts/login/")["X-Request-ID"]
    assert len(journal.text) >= 2
    assert [line for line in journal.text if not line.endswith(f" request={request_id}")] == []


def test_line_without_a_request_has_none(journal):
    logging.getLogger("x").warning("Alone.")
    assert journal.text == ["Alone."]
    assert current_id.get() == ""


def test_id_is_on_the_first_line_of_a_traceback(client, db, journal):
    client.raise_request_exception = False

    def fail(*arguments):
        raise ValueError("a mistake")

    with connection.execute_wrapper(fail):
        request_id = client.get("/")["X-Request-ID"]
    (written,) = [line for line in journal.text if "Internal Server Error" in line]
    assert written.partition("\n")[0].endswith(f" request={request_id}")
    assert written.endswith("ValueError: a mistake")


def test_json_has_the_same_as_one_object(client, db, journal):
    strict = Client(enforce_csrf_checks=True)
    request_id = strict.post("/accounts/login/")["X-Request-ID"]
    (refused,) = [each for each in journal.json if each["message"].startswith("event=access")]
    expected = {"event": "access", "outcome": "refused", "status": "403", "level": "WARNING"}
    assert expected.items() <= refused.items()
    assert refused["request"] == request_id
    assert refused["time"].endswith("+00:00")


def test_json_keeps_a_traceback_on_one_line(journal):
    logging.getLogger("x").error("Failed “so”.", exc_info=ValueError("two\nlines"))
    assert journal.json[0]["traceback"].endswith("ValueError: two\nlines")


def test_slow_query_is_logged_without_its_values(db, settings, journal):
    settings.SLOW_QUERY_MS = 1
    watched = {"mysql": "SELECT SLEEP(%s)", "sqlite": "SELECT COUNT(*), %s FROM " + SLOW_ON_SQLITE}
    with connection.cursor() as cursor:
        cursor.execute(watched[connection.vendor], [0.0125])
    (line,) = journal.text
    assert re.match(r"event=slow-query seconds=0\.\d\d sql=SELECT ", line)
    assert "0.0125" not in line


def test_quick_query_is_not_logged(db, journal):
    with connection.cursor() as cursor:
        cursor.execute("SELECT 1")
    assert journal.text == []


NUMBERS = (
    "(SELECT 0 UNION SELECT 1 UNION SELECT 2 UNION SELECT 3 UNION SELECT 4 UNION SELECT 5 UNION SELECT 6)"
)
SLOW_ON_SQLITE = ", ".join(f"{NUMBERS} n{n}" for n in range(7))
