"""While the database is down, every page says so, and none claims that something was saved."""

import os
import shutil
import signal
import subprocess
import sys
import time
import urllib.error
import urllib.request
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager

import pytest
from django.conf import settings
from django.db import InterfaceError, OperationalError, ProgrammingError, connection
from redis import exceptions as redis

from confbox.kit.tests.ports import free_port
from confbox.outage import is_database_away

pytestmark = pytest.mark.slow


@pytest.fixture
def failing_database(client):
    client.raise_request_exception = False

    def failing(error):
        def fail(execute, sql, params, many, context):
            raise error

        return connection.execute_wrapper(fail)

    return failing


def test_lost_connection_gives_a_clear_page(failing_database, client, conference):
    with failing_database(OperationalError(2013, "Lost connection")):
        answer = client.get("/")
    assert (answer.status_code, answer["Retry-After"]) == (503, "5")
    assert "Our database is not responding right now." in answer.text
    assert "saved" not in answer.text


@pytest.mark.parametrize(
    "error", [(1021, "Disk full"), (1114, "The table is full"), ("database or disk is full",)]
)
def test_full_disk_is_named_and_nothing_else_is(failing_database, client, conference, error):
    with failing_database(OperationalError(*error)):
        full = client.get("/")
    with failing_database(OperationalError(2013, "Lost connection")):
        lost = client.get("/")
    assert (full.status_code, full["Retry-After"]) == (503, "5")
    assert "The disk of our database is full" in full.text
    assert "disk" not in lost.text


def test_vote_is_never_claimed_while_the_database_is_away(failing_database, as_alice, bob):
    as_alice.raise_request_exception = False
    with failing_database(OperationalError(2006, "Server has gone away")):
        answer = as_alice.post("/conferences/open-conf/vote/", {"candidate": bob.id})
    assert answer.status_code == 503
    assert "cannot say whether it arrived" in answer.text


def test_other_mistake_of_a_query_is_still_a_failure_of_ours(failing_database, client, conference):
    with failing_database(OperationalError(1054, "Unknown column")):
        assert client.get("/").status_code == 500


def test_a_redis_that_is_away_gives_a_clear_page_and_logs_no_one_out(client, db, settings):
    away = {"BACKEND": "django.core.cache.backends.redis.RedisCache", "LOCATION": "redis://127.0.0.1:1/0"}
    settings.CACHES = dict.fromkeys(settings.CACHES, away)
    settings.SESSION_ENGINE = "accounts.cached_sessions"
    client.raise_request_exception = False
    client.cookies["sessionid"] = "a" * 32
    answer = client.get("/me/")
    assert (answer.status_code, answer.headers.get("Retry-After")) == (503, "5")
    assert "sessionid" not in answer.cookies


def test_process_is_healthy_and_not_ready_without_its_database(failing_database, client, db):
    with failing_database(InterfaceError("closed")):
        assert client.get("/healthz").status_code == 200
        assert client.get("/readyz").status_code == 503


@pytest.mark.parametrize(
    ("error", "away"),
    [
        (OperationalError(2002, "refused"), True),
        (OperationalError(1047, "WSREP has not yet prepared node"), True),
        (OperationalError(1020, "Record has changed since last read in table 'vote'"), True),
        (OperationalError(1021, "Disk full"), True),
        (OperationalError(1026, "Error writing file"), True),
        (OperationalError(1114, "The table 'voting_vote' is full"), True),
        (OperationalError(1180, "Got error 28 during COMMIT"), True),
        (OperationalError(1969, "Query execution was interrupted (max_statement_time exceeded)"), True),
        (OperationalError("database is locked"), True),
        (OperationalError("no such table: x"), False),
        (OperationalError(), False),
        (ProgrammingError(1064, "syntax"), False),
        (redis.ConnectionError("refused"), True),
        (redis.TimeoutError("silent"), True),
        (redis.OutOfMemoryError("command not allowed"), True),
        (redis.ReadOnlyError("You can't write against a read only replica."), True),
        (redis.MasterDownError("Link with MASTER is down"), True),
        (redis.ResponseError("MISCONF Redis is configured to save RDB snapshots"), True),
        (redis.ResponseError("unknown command"), False),
        (ValueError(2013), False),
        (None, False),
    ],
)
def test_which_errors_mean_that_the_database_is_away(error, away):
    assert is_database_away(error) is away


@pytest.fixture
def workers():
    return 2


MANAGE = f"{sys.executable} {settings.BASE_DIR}/manage.py"


def environment(folder):
    known = {k: os.environ[k] for k in ("PATH", "HOME", "TMPDIR") if k in os.environ}
    known |= {"DEBUG": "", "SECRET_KEY": "k" * 50, "ALLOWED_HOSTS": "127.0.0.1", "HTTPS": "false"}
    return known | {"ENV_FILE": os.devnull, "VAR_DIR": str(folder), "DATABASE_TIMEOUT": "10"}


@pytest.fixture(scope="module")
def collected(tmp_path_factory):
    """The static files, which take longer to collect than a test needs."""
    folder = tmp_path_factory.mktemp("collected")
    command = [*MANAGE.split(), "collectstatic", "--noinput", "-v", "0"]
    # No query is made.
    known = environment(folder) | {"DATABASE_URL": f"sqlite:///{folder}/unused.sqlite3"}
    subprocess.run(command, env=known, check=True)
    return folder / "static"


@pytest.fixture
def site(tmp_path, workers, request):
    """The application on a MariaDB of its own: address, and the server's process id."""
    if connection.vendor != "mysql" or not shutil.which("setpriv"):
        pytest.skip("needs MariaDB")
    shutil.copytree(request.getfixturevalue("collected"), tmp_path / "static")
    address = f"127.0.0.1:{free_port()}"
    serve = (
        f"echo $MARIADB_PID > pid && {filled(MANAGE)} && "
        f"exec {sys.executable} {settings.BASE_DIR}/deploy/serve.py --bind {address}"
    )
    known = environment(tmp_path) | {"LOG_LEVEL": "INFO", "WEB_WORKERS": str(workers)}
    process = subprocess.Popen(
        ["setpriv", "--pdeathsig", "TERM", settings.BASE_DIR / "deploy/with-mariadb", "sh", "-c", serve],
        cwd=tmp_path,
        env=known,
        stderr=(tmp_path / "journal").open("w"),
    )
    wait_for(f"http://{address}/readyz", 200, seconds=60)
    yield f"http://{address}", int((tmp_path / "pid").read_text())
    process.terminate()
    process.wait(timeout=30)


def filled(manage):
    """The command that fills the new server, from what MIGRATED_MARIADB names if that is set."""
    path = os.environ.get("MIGRATED_MARIADB")
    dump = f"mariadb --no-defaults --socket=$MARIADB_SOCKET --user=root confbox < {path}"
    return dump if path else f"{manage} migrate -v 0"


def status_of(url):
    try:
        with urllib.request.urlopen(url, timeout=20) as answer:
            return answer.status
    except urllib.error.HTTPError as answer:
        return answer.code
    except OSError:
        return None


def wait_for(url, status, seconds):
    deadline = time.monotonic() + seconds
    while status_of(url) != status:
        assert time.monotonic() < deadline, f"{url} did not answer {status} in {seconds} s"
        time.sleep(0.1)


@contextmanager
def frozen(server):
    os.kill(server, signal.SIGSTOP)
    try:
        yield
    finally:
        os.kill(server, signal.SIGCONT)


def ask_together(url, count):
    """Statuses and seconds of this many requests at the same time."""

    def ask(_number):
        start = time.monotonic()
        return status_of(url), time.monotonic() - start

    with ThreadPoolExecutor(count) as pool:
        return list(pool.map(ask, range(count)))


def test_frozen_database_gives_503_and_the_site_comes_back(site):
    address, server = site
    assert status_of(f"{address}/accounts/login/") == 200
    with frozen(server):
        assert {status for status, _ in ask_together(f"{address}/", 40)} == {503}
        assert status_of(f"{address}/readyz") == 503
    wait_for(f"{address}/readyz", 200, seconds=2)
    wait_for(f"{address}/", 200, seconds=1)


def test_only_visitor_of_a_frozen_database_is_told_within_three_seconds(site):
    address, server = site
    assert status_of(f"{address}/") == 200
    with frozen(server):
        start = time.monotonic()
        assert status_of(f"{address}/") == 503
        assert time.monotonic() - start < 3


@pytest.mark.parametrize("workers", [1])
def test_while_the_database_is_frozen_pages_are_refused_at_once_and_the_process_is_healthy(site):
    """After two seconds, although its calls wait for ten: those that hang are cut off.

    Each process learns this on its own, so there is only one here. On a busy machine, one of three rounds
    must be fast.
    """
    address, server = site
    ask_together(f"{address}/", 20)
    with frozen(server), ThreadPoolExecutor(40) as pool:
        for _ in range(40):
            pool.submit(status_of, f"{address}/")
        time.sleep(4)
        turns = [ask_together(f"{address}/", 6) + ask_together(f"{address}/healthz", 6) for _ in range(3)]
    assert {tuple(status for status, _ in turn) for turn in turns} == {(503,) * 6 + (200,) * 6}
    assert min(max(took for _, took in turn) for turn in turns) < 1


def test_outage_is_one_line_a_minute_in_the_journal(site, tmp_path):
    address, server = site
    os.kill(server, signal.SIGKILL)
    for _ in range(5):
        ask_together(f"{address}/", 20)
    lines = (tmp_path / "journal").read_text().splitlines()
    assert len([line for line in lines if "The database does not answer" in line]) == 1
    assert not [line for line in lines if "Traceback" in line or "Service Unavailable" in line]


def test_killed_database_gives_503_at_once(site):
    address, server = site
    os.kill(server, signal.SIGKILL)
    start = time.monotonic()
    assert status_of(f"{address}/") == 503
    assert time.monotonic() - start < 1


SLOW_QUERY = """
import django
django.setup()
from confbox.outage import is_database_away
from django.db import OperationalError, connection
with connection.cursor() as cursor:
    try:
        cursor.execute("SELECT SLEEP(30)")
    except OperationalError as error:
        print(error.args[0], is_database_away(error))
    cursor.execute("SELECT COUNT(*) FROM information_schema.processlist WHERE info = 'SELECT SLEEP(30)'")
    print(cursor.fetchone()[0], "left")
"""
LOCKED_TABLE = """
import django
django.setup()
from confbox.outage import is_database_away
from django.db import OperationalError, connection, connections
other = connection.copy("other")
connections["other"] = other
with other.cursor() as holds, connection.cursor() as waits:
    holds.execute("LOCK TABLES django_session WRITE")
    try:
        waits.execute("SELECT COUNT(*) FROM django_session")
    except OperationalError as error:
        print(error.args[0], is_database_away(error))
    holds.execute("UNLOCK TABLES")
"""


@pytest.mark.skipif(connection.vendor != "mysql", reason="needs MariaDB")
@pytest.mark.parametrize(
    ("code", "printed"), [(SLOW_QUERY, "1969 True\n0 left\n"), (LOCKED_TABLE, "1205 True\n")]
)
def test_query_ends_before_its_page_stops_waiting(transactional_db, code, printed):
    name = connection.settings_dict["NAME"]
    url = f"mysql://root@/{name}?unix_socket={os.environ['MARIADB_SOCKET']}"
    known = os.environ | {"DATABASE_TIMEOUT": "2", "DATABASE_URL": url, "PYTHONPATH": str(settings.BASE_DIR)}
    known |= {"DJANGO_SETTINGS_MODULE": "confbox.settings", "ENV_FILE": os.devnull, "DEBUG": "true"}
    start = time.monotonic()
    done = subprocess.run(
        [sys.executable, "-c", code], check=False, env=known, capture_output=True, text=True, timeout=20
    )
    assert done.stdout == printed, done.stderr
    assert time.monotonic() - start < 15
