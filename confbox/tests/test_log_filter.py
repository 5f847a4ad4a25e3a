"""The journal holds no secret of a URL, and of an outage no more than a line a minute."""

import logging
import os
import subprocess
import sys
import threading
import time
from concurrent.futures import ThreadPoolExecutor

import pytest
from django.conf import settings
from django.db import OperationalError
from django.test import Client

from confbox.log_filter import LogFilter

SECRET = "Zk3mJ9qSecretToken"


@pytest.fixture
def journal(settings, tmp_path, caplog):
    """What the site's handler would write."""
    filtered = LogFilter(tmp_path)
    with caplog.at_level(logging.DEBUG):
        yield lambda: [r.getMessage() for r in caplog.records if filtered.filter(r)]


@pytest.mark.parametrize(
    "url",
    [
        f"/unsubscribe/{SECRET}/",
        f"/invitation/{SECRET}/",
        f"/me/address/{SECRET}/",
        f"/conferences.ics?key={SECRET}",
        f"/unsubscribe/{SECRET}/and/more",
        f"/Unsubscribe/{SECRET}/\u00e9",
    ],
)
def test_secret_of_a_url_that_is_refused_is_not_written(db, journal, url):
    Client(raise_request_exception=False).get(url)
    assert not [line for line in journal() if SECRET in line]


def test_refused_form_does_not_write_the_page_before(db, journal):
    client = Client(enforce_csrf_checks=True)
    headers = {"referer": f"https://evil.example/unsubscribe/{SECRET}/"}
    client.post("/accounts/login/", secure=True, headers=headers)
    lines = journal()
    assert [line for line in lines if line.startswith("Forbidden")]
    assert not [line for line in lines if SECRET in line]


def test_member_whose_page_was_asked_for_is_not_written(as_alice, journal):
    as_alice.get("/conferences/open-conf/members/999999/")
    assert [line for line in journal() if "Not Found: /conferences/<slug:slug>/members/" in line]


LOST = OperationalError(2013, "Lost connection")


def record(error=None, **columns):
    exc_info = (type(error), error, None) if error else None
    made = logging.LogRecord("django.request", logging.ERROR, __file__, 1, "Failed: %s", ("/me/",), exc_info)
    vars(made).update(columns)
    return made


def a_minute_passes(folder):
    for word in folder.glob("journal-*"):
        os.utime(word, (time.time() - 61,) * 2)


def test_outage_is_written_once_a_minute_without_its_traceback(tmp_path):
    journal, first = LogFilter(tmp_path), record(LOST)
    others = [record(LOST) for _ in range(20)]
    assert [journal.filter(one) for one in [first, *others]] == [True] + [False] * 20
    assert first.exc_info is None
    assert "The database does not answer" in first.getMessage()
    a_minute_passes(tmp_path)
    assert journal.filter(record(LOST))


ON_A_FULL_DISK = """
import logging, os, resource, signal, sys
from pathlib import Path
from confbox.log_filter import LogFilter
signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
resource.setrlimit(resource.RLIMIT_FSIZE, (0, 0))
record = logging.makeLogRecord({"status_code": 503})
for minute in range(2):
    print([LogFilter(Path(sys.argv[1])).filter(record) for _ in range(3)])
    os.utime(next(Path(sys.argv[1]).iterdir()), (0, 0))
"""


def test_outage_is_written_once_a_minute_while_no_file_can_grow(tmp_path):
    command = [sys.executable, "-c", ON_A_FULL_DISK, str(tmp_path)]
    done = subprocess.run(command, cwd=settings.BASE_DIR, check=True, capture_output=True, text=True)
    assert done.stdout == "[True, False, False]\n" * 2


def test_processes_that_notice_an_outage_at_once_write_one_line(tmp_path):
    """Each has a file of its own open, as the processes of a host have."""
    for turn in range(40):
        folder = tmp_path / str(turn)
        folder.mkdir()
        ready = threading.Barrier(4)

        def notice(_, folder=folder, ready=ready):
            ready.wait()
            return LogFilter(folder).filter(record(LOST))

        with ThreadPoolExecutor(4) as pool:
            assert sorted(pool.map(notice, range(4))) == [False] * 3 + [True]


def test_outage_that_is_the_cause_of_another_error_is_one(tmp_path):
    error = ValueError()
    error.__cause__ = LOST
    failed = record(error)
    LogFilter(tmp_path).filter(failed)
    assert "The database does not answer" in failed.getMessage()


@pytest.mark.parametrize("status", [429, 503])
def test_refusals_of_an_outage_are_written_once_a_minute(tmp_path, status):
    journal = LogFilter(tmp_path)
    assert [journal.filter(record(status_code=status)) for _ in range(20)] == [True] + [False] * 19
    a_minute_passes(tmp_path)
    assert journal.filter(record(status_code=status))


def test_other_failure_is_written_every_time_and_whole(tmp_path):
    journal = LogFilter(tmp_path)
    failed = [record(ValueError("ours"), status_code=500) for _ in range(3)]
    assert all(journal.filter(one) for one in failed)
    assert all(one.exc_info for one in failed)
