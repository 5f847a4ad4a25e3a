"""`manage.py work` with a real mail server: what its processes send, also while some of them die."""

import contextlib
import os
import re
import shutil
import signal
import socket
import subprocess
import sys
import time
from collections import Counter
from pathlib import Path
from tempfile import TemporaryDirectory
from uuid import uuid4

import pytest
from django.conf import settings
from django.core.mail import EmailMessage
from django.core.management import call_command
from django.db import OperationalError, connection, transaction

from accounts.tests.factories import make_organiser
from confbox.kit.email_sending import send_email
from confbox.kit.tests.ports import free_port
from confbox.kit.tests.threads import InThread
from confbox.tests.systemd import drain, notified
from conferences.health.models import WorkerTurn
from conferences.models import Conference
from conferences.tests.factories import make_conference
from voting.campaigns.models import Campaign, Delivery
from voting.elections.election.models import Election
from voting.management.commands.work import DATABASE_SECONDS
from voting.tests.campaigns import approve, make_campaign, make_members

pytestmark = [
    pytest.mark.slow,
    pytest.mark.django_db(transaction=True),
    pytest.mark.skipif("connection.vendor != 'mysql'", reason="the workers need a database they can share"),
]

MEMBERS = 200
KEY = "a" * 50
MAX_WAIT_SECONDS = 90
UNIT = (settings.BASE_DIR / "deploy/systemd/conferencebox-worker.service").read_text()
WATCHDOG_SECONDS = int(re.search(r"^WatchdogSec=(\d+)$", UNIT, re.MULTILINE)[1])


@pytest.fixture
def processes():
    started = []
    yield started
    for process in reversed(started):
        if process.poll() is None:
            process.terminate()
        process.wait(60)


@pytest.fixture
def campaign(db):
    call_command("loaddata", "roles", verbosity=0)
    members = make_members(make_conference(voting="open"), MEMBERS)
    return approve(make_campaign(members[0]), make_organiser("organiser@example.org"))


@pytest.fixture
def sink(processes, tmp_path):
    port, received = free_port(), tmp_path / "received"
    received.touch()
    program = settings.BASE_DIR / "deploy/drills/campaign_sink.py"
    processes.append(subprocess.Popen([sys.executable, program, "aiosmtpd", str(port), received]))
    return port, received


def database_url():
    """The test's own database, as a URL for the workers."""
    known = connection.settings_dict
    return f"mysql://root@/{known['NAME']}?unix_socket={os.environ['MARIADB_SOCKET']}"


def start_work(processes, tmp_path, port, **variables):
    known = {
        "PATH": os.environ["PATH"],
        "DEBUG": "false",
        "HTTPS": "false",
        "ENV_FILE": os.devnull,
        "VAR_DIR": str(tmp_path),
        "SECRET_KEY": KEY,
        "ALLOWED_HOSTS": "localhost",
        "LOG_LEVEL": "ERROR",
        "DATABASE_URL": database_url(),
        "EMAIL_URL": f"smtp://127.0.0.1:{port}",
        "CAMPAIGN_EMAILS_PER_MINUTE": "0",
        "CAMPAIGN_LEASE_SECONDS": "3",
    }
    log = (tmp_path / "work.log").open("w")
    work = subprocess.Popen(
        [sys.executable, "manage.py", "work", "--processes", "2"],
        cwd=settings.BASE_DIR,
        env=known | variables,
        stdout=log,
        stderr=log,
    )
    processes.append(work)
    return work


def campaign_emails(received, campaign):
    """Those of this campaign: members are also notified that voting has opened."""
    lines = [line for line in received.read_text().splitlines() if f"<campaign.{campaign.pk}." in line]
    return Counter(line.split()[1] for line in lines)


def wait_for_the_end(campaign, tmp_path):
    for _ in range(MAX_WAIT_SECONDS * 10):
        campaign.refresh_from_db()
        if campaign.status == Campaign.Status.SENT:
            return
        time.sleep(0.1)
    pytest.fail((tmp_path / "work.log").read_text()[-2000:])


def test_campaign_survives_a_killed_worker(campaign, sink, processes, tmp_path):
    port, received = sink
    work = start_work(processes, tmp_path, port)
    while len(campaign_emails(received, campaign)) < MEMBERS // 4 and work.poll() is None:
        time.sleep(0.02)
    for worker in workers_of(work):
        os.kill(worker, signal.SIGKILL)
    wait_for_the_end(campaign, tmp_path)
    emails = campaign_emails(received, campaign)
    doubtful = set(
        Delivery.objects.filter(status="uncertain").values_list("recipient__user__email", flat=True)
    )
    assert [address for address, times in emails.items() if times > 1] == []
    assert len(set(emails) | doubtful) == MEMBERS
    assert len(doubtful) <= 2


def workers_of(work):
    return [number for number, name in children_of(work).items() if name.startswith("tasks")]


def children_of(work):
    """Their names by their IDs."""
    found = Path(f"/proc/{work.pid}/task/{work.pid}/children").read_text().split()
    return {int(number): name_of(number) for number in found}


def name_of(number):
    try:
        return Path(f"/proc/{number}/comm").read_text().strip()
    except OSError:
        return ""


def turns_of(work):
    return [number for number, name in children_of(work).items() if name == "turns"]


def wait_for(condition, tmp_path):
    deadline = time.monotonic() + MAX_WAIT_SECONDS
    while not (found := condition()):
        if time.monotonic() > deadline:
            pytest.fail((tmp_path / "work.log").read_text()[-2000:])
        time.sleep(0.05)
    return found


@pytest.fixture
def work(sink, processes, tmp_path, settings):
    """The process with nothing to do, after its first turn."""
    settings.SECRET_KEY = KEY
    settings.TASKS = {"default": {"BACKEND": "django_tasks_db.DatabaseBackend", "QUEUES": ["mail"]}}
    work = start_work(processes, tmp_path, sink[0])
    wait_for(WorkerTurn.objects.exists, tmp_path)
    wait_for(lambda: not children_of(work), tmp_path)
    return work


@pytest.fixture
def work_with_systemd(sink, processes, tmp_path):
    with TemporaryDirectory(dir="/tmp") as name, notified(Path(name) / "notify") as hears:
        work = start_work(processes, tmp_path, sink[0], NOTIFY_SOCKET=f"{name}/notify")
        yield work, hears


def test_systemd_is_notified_of_its_start_and_then_of_each_turn(work_with_systemd):
    _, hears = work_with_systemd
    assert [hears() for _ in range(8)] == ["READY=1", *["WATCHDOG=1"] * 7]


def test_frozen_work_notifies_systemd_no_more(work_with_systemd):
    work, hears = work_with_systemd
    assert [hears(), hears()] == ["READY=1", "WATCHDOG=1"]
    work.send_signal(signal.SIGSTOP)
    drain(hears)
    assert drain(hears, seconds=3) == []
    work.send_signal(signal.SIGCONT)


def test_database_that_hangs_does_not_look_as_if_the_work_does(work_with_systemd):
    """Else systemd would restart it, and it would be unknown which emails were sent."""
    _, hears = work_with_systemd
    assert hears() == "READY=1"
    with tables_locked("django_tasks_database_dbtaskresult"):
        began, longest = time.monotonic(), 0.0
        while time.monotonic() - began < DATABASE_SECONDS * 4:
            asked = time.monotonic()
            assert hears() == "WATCHDOG=1"
            longest = max(longest, time.monotonic() - asked)
    # It has waited, and given up in time.
    assert DATABASE_SECONDS - 1 < longest < WATCHDOG_SECONDS / 2


@contextlib.contextmanager
def tables_locked(name):
    with connection.cursor() as cursor:
        cursor.execute(f"LOCK TABLES {name} WRITE")
        try:
            yield
        finally:
            cursor.execute("UNLOCK TABLES")


def email_arrives(sink, tmp_path):
    address = f"{uuid4().hex}@example.org"
    send_email(EmailMessage("Your code", "123456", to=[address]))
    wait_for(lambda: address in sink[1].read_text(), tmp_path)


def test_there_is_no_other_process_unless_a_task_waits(work, sink, tmp_path):
    for _ in range(2):
        email_arrives(sink, tmp_path)
        wait_for(lambda: not children_of(work), tmp_path)


@pytest.fixture
def held_turn(work, tmp_path):
    """A roll that is due and cannot be frozen: the process that would freeze it waits for a lock."""
    conference = make_conference(voting="open")
    with transaction.atomic():
        Conference.objects.select_for_update().get(pk=conference.pk)
        Election.objects.select_for_update().get(pk=conference.pk)
        [turns] = wait_for(lambda: turns_of(work), tmp_path)
        yield turns


def test_an_email_leaves_while_a_long_turn_keeps_the_turns_busy(held_turn, sink, tmp_path):
    # On a connection of its own: this one is in the transaction with the lock.
    assert InThread(lambda: email_arrives(sink, tmp_path)).finish().error is None
    assert name_of(held_turn) == "turns"


def test_turns_go_on_after_their_process_was_killed(held_turn, work, tmp_path):
    os.kill(held_turn, signal.SIGKILL)
    wait_for(lambda: turns_of(work) not in ([], [held_turn]), tmp_path)


def test_lost_connections_are_opened_again(work, sink, tmp_path):
    lost = wait_for(connections_of_others, tmp_path)
    for number in lost:
        with connection.cursor() as cursor, contextlib.suppress(OperationalError):
            cursor.execute("KILL %s", [number])
    email_arrives(sink, tmp_path)
    wait_for(lambda: set(connections_of_others()) - set(lost), tmp_path)


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGKILL], ids=lambda n: n.name)
def test_no_process_outlives_the_work(held_turn, work, tmp_path, number):
    work.send_signal(number)
    work.wait(20)
    wait_for(lambda: name_of(held_turn) != "turns", tmp_path)


def connections_of_others():
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT ID FROM information_schema.PROCESSLIST WHERE ID != CONNECTION_ID() AND DB = %s",
            [connection.settings_dict["NAME"]],
        )
        return [number for (number,) in cursor.fetchall()]


@pytest.fixture
def redis_url(processes, tmp_path):
    if not shutil.which("redis-server") and not os.environ.get("CI"):
        pytest.skip("redis-server is not installed")
    port = free_port()
    command = [
        "redis-server",
        "--port",
        str(port),
        "--bind",
        "127.0.0.1",
        "--save",
        "",
        "--dir",
        str(tmp_path),
    ]
    processes.append(subprocess.Popen(command, stdout=subprocess.DEVNULL))
    for _ in range(100):
        with socket.socket() as probe:
            if probe.connect_ex(("127.0.0.1", port)) == 0:
                break
        time.sleep(0.1)
    return f"redis://127.0.0.1:{port}/0"


def test_the_same_code_runs_on_a_redis_queue(campaign, sink, redis_url, processes, tmp_path):
    from django_tasks_db.models import DBTaskResult

    port, received = sink
    start_work(processes, tmp_path, port, TASKS_REDIS_URL=redis_url)
    wait_for_the_end(campaign, tmp_path)
    assert list(campaign_emails(received, campaign).values()) == [1] * MEMBERS
    assert not DBTaskResult.objects.exists()
