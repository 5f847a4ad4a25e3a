"""A campaign sent by real worker processes to a real mail server, on both queues of the tasks API."""

import os
import shutil
import signal
import socket
import subprocess
import sys
import time
from collections import Counter
from pathlib import Path

import pytest
from django.conf import settings
from django.core.management import call_command
from django.db import connection

from accounts.tests.factories import make_organiser
from confbox.kit.tests.ports import free_port
from conferences.tests.factories import make_conference
from voting.campaigns.models import Campaign, Delivery
from voting.tests.campaigns import approve, make_campaign, make_members

pytestmark = [
    pytest.mark.slow,
    pytest.mark.django_db(transaction=True),
    pytest.mark.skipif("connection.vendor != 'mysql'", reason="the workers need a database they can share"),
]

MEMBERS = 200
MAX_WAIT_SECONDS = 90


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
        "SECRET_KEY": "a" * 50,
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
    children = Path(f"/proc/{work.pid}/task/{work.pid}/children").read_text()
    return [int(number) for number in children.split()]


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
