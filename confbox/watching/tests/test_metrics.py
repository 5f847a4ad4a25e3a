"""`/metrics` shows the figures to those who have the token, and to no one else that there are any."""

import os
import re
import subprocess
import sys
import time
from datetime import timedelta
from io import StringIO

import pytest
from django.core.mail import EmailMessage
from django.core.management import call_command
from django.db import OperationalError, connection
from django.utils import timezone
from django_tasks_db.models import DBTaskResult

from confbox.kit import counters
from confbox.kit.counters import begin_counting, count, folder_for
from confbox.kit.email_sending import send_email
from confbox.kit.retries import retried
from confbox.kit.tests.queues import IN_DATABASE
from confbox.watching import processes
from confbox.watching.findings import Check, Checked, problem
from confbox.watching.last_findings import keep_findings
from conferences.health.models import WorkerTurn
from conferences.health.worker import note_turn
from conferences.tests.webhooks import make_endpoint, make_event
from voting.campaigns.models import Delivery
from voting.tests.campaigns import make_campaign

pytestmark = pytest.mark.django_db
TOKEN = "a-token-of-enough-characters"
SAMPLE = re.compile(r'conferencebox_\w+(\{\w+="[^"]*"(,\w+="[^"]*")*\})? [-+\d.e]+')


@pytest.fixture(autouse=True)
def counting(settings, tmp_path):
    settings.METRICS_TOKEN, settings.VAR_DIR = TOKEN, tmp_path
    folder = folder_for(tmp_path)
    begin_counting(folder)
    yield folder
    counters._Own.folder = counters._Own.counters = None
    for file in folder.iterdir():
        file.unlink()
    folder.rmdir()


def ask(client, token=TOKEN):
    return client.get("/metrics", headers={"Authorization": f"Bearer {token}"})


def shown(client):
    """The samples, each with its value."""
    lines = [line for line in ask(client).text.splitlines() if not line.startswith("#")]
    return {name: float(value) for name, _, value in (line.rpartition(" ") for line in lines)}


@pytest.mark.parametrize("token", ["", "wrong", TOKEN[:-1], TOKEN + "x", "täg"])
def test_without_the_token_there_is_no_such_page(client, token):
    assert ask(client, token.encode().decode("latin-1")).status_code == 404
    assert client.get("/metrics").status_code == 404
    assert client.get(f"/metrics?token={TOKEN}").status_code == 404


def test_without_a_token_in_the_settings_there_is_no_such_page(client, settings):
    settings.METRICS_TOKEN = ""
    assert ask(client, "").status_code == 404
    assert client.get("/metrics", headers={"Authorization": "Bearer "}).status_code == 404


def test_figures_are_never_kept(client):
    response = ask(client)
    assert response.status_code == 200
    assert "no-store" in response["Cache-Control"]
    assert response["Content-Type"].startswith("text/plain; version=0.0.4")


def test_every_line_is_as_prometheus_reads_it(client):
    count("database_errors", 'a"\\b\n')
    client.get("/")
    lines = [line for line in ask(client).text.splitlines() if not line.startswith("# ")]
    escaped = [line for line in lines if "database_errors" in line]
    assert escaped == [r'conferencebox_database_errors_total{code="a\"\\b\n"} 1']
    assert [line for line in lines if line not in escaped and not SAMPLE.fullmatch(line)] == []


def test_requests_are_counted_by_route_and_status(client):
    for path in ("/", "/", "/nowhere/", "/conferences/nothing/"):
        client.get(path)
    found = shown(client)
    assert found['conferencebox_request_seconds_count{route="conferences",status="200"}'] == 2
    assert found['conferencebox_request_seconds_bucket{route="conferences",status="200",le="+Inf"}'] == 2
    assert found['conferencebox_request_seconds_count{route="none",status="404"}'] == 1
    assert not [name for name in found if "nothing" in name or "nowhere" in name]


def test_times_are_those_of_the_requests(client, monkeypatch):
    def slow(execute, *arguments):
        time.sleep(0.06)
        return execute(*arguments)

    with connection.execute_wrapper(slow):
        client.get("/readyz")
    found = shown(client)
    route = 'route="readyz",status="200"'
    assert found[f'conferencebox_request_seconds_bucket{{{route},le="0.05"}}'] == 0
    assert found[f'conferencebox_request_seconds_bucket{{{route},le="10.0"}}'] == 1
    assert found[f"conferencebox_request_seconds_sum{{{route}}}"] >= 0.06


def test_votes_are_counted_by_what_became_of_them(client, as_alice, bob, carol, alice):
    for candidate in (bob.pk, bob.pk, carol.pk, alice.pk):
        as_alice.post("/conferences/open-conf/vote/", {"candidate": candidate})
    found = shown(client)
    outcomes = ["first", "unchanged", "moved", "refused"]
    assert [found[f'conferencebox_votes_total{{outcome="{each}"}}'] for each in outcomes] == [1] * 4


@pytest.mark.django_db(transaction=True)
def test_acts_that_were_done_again_are_counted(client):
    attempts = []

    @retried
    def act():
        attempts.append(1)
        if len(attempts) < 3:
            raise OperationalError(1213, "Deadlock")

    act()
    assert shown(client)['conferencebox_retries_total{act="act"}'] == 2


def test_errors_of_the_database_are_counted_by_code(client):
    client.raise_request_exception = False

    def lose(*arguments):
        raise OperationalError(2013, "Lost connection")

    from confbox.watching.slow_queries import watch_query

    with pytest.raises(OperationalError):
        watch_query(lose, "SELECT 1", None, False, {})
    assert shown(client)['conferencebox_database_errors_total{code="2013"}'] == 1


def test_threads_are_busy_or_wait(client):
    count("threads", "granian", amount=12)
    found = shown(client)
    # This request is one.
    assert found['conferencebox_threads{state="busy"}'] == 1
    assert found['conferencebox_threads{state="waiting"}'] == 11
    assert shown(client)['conferencebox_threads{state="busy"}'] == 1


def test_tasks_heartbeat_and_deliveries_are_shown(client, settings, alice):
    settings.TASKS = IN_DATABASE
    send_email(EmailMessage("Subject", "A text", to=["dora@example.org"]))
    DBTaskResult.objects.update(enqueued_at=timezone.now() - timedelta(seconds=90))
    note_turn()
    WorkerTurn.objects.update(seen_at=timezone.now() - timedelta(seconds=50))
    Delivery.objects.create(campaign=make_campaign(alice), recipient=alice, status="sent")
    found = shown(client)
    assert found['conferencebox_tasks_waiting{queue="mail"}'] == 1
    assert 89 < found['conferencebox_oldest_task_seconds{queue="mail"}'] < 120
    assert 45 < found["conferencebox_worker_seen_seconds"] < 80
    assert found['conferencebox_deliveries{state="sent"}'] == 1
    assert found["conferencebox_database_up"] == 1


def test_what_waits_for_webhooks_is_shown(client, conference):
    now = timezone.now()
    endpoint = make_endpoint(conference, failing_since=now)
    make_endpoint(conference, switched_off_at=now)
    make_event(endpoint, at=now - timedelta(seconds=90))
    make_event(endpoint, at=now)
    found = shown(client)
    assert found["conferencebox_webhook_messages_waiting"] == 2
    assert 89 < found["conferencebox_oldest_webhook_message_seconds"] < 120
    states = [found[f'conferencebox_webhooks{{state="{state}"}}'] for state in ("on", "failing", "off")]
    assert states == [0, 1, 1]


def test_what_the_doctor_found_is_shown(client):
    assert not [name for name in shown(client) if "check" in name]
    check = Check("backup", "Backup", lambda: problem("It is old.", 30.5))
    keep_findings([Checked(check, check.ask())])
    found = shown(client)
    assert found['conferencebox_check_verdict{check="backup"}'] == 2
    assert found['conferencebox_check_figure{check="backup"}'] == 30.5
    assert found["conferencebox_doctor_age_seconds"] < 60


def test_without_the_database_the_rest_is_shown(client):
    def lose(*arguments):
        raise OperationalError(2013, "Lost connection")

    with connection.execute_wrapper(lose):
        found = shown(client)
    assert found["conferencebox_database_up"] == 0
    assert 'conferencebox_threads{state="busy"}' in found


@pytest.fixture
def worker(settings):
    """A process that looks like one of the site's."""
    run = "import time; print('began', flush=True); time.sleep(60)"
    command = [sys.executable, "-c", run, "manage.py work"]
    with subprocess.Popen(command, cwd=settings.BASE_DIR, stdout=subprocess.PIPE) as process:
        assert process.stdout.readline() == b"began\n"
        yield process.pid
        process.kill()


def test_processes_of_this_site_are_found(worker):
    (found,) = [each for each in processes.processes() if each.pid == worker]
    assert (found.kind, found.memory_mb > 0.5) == ("work", True)
    assert abs(found.began_at - time.time()) < 30
    assert os.getpid() not in {each.pid for each in processes.processes()}


def test_status_lists_processes_starts_and_queues(worker, settings):
    settings.TASKS = IN_DATABASE
    send_email(EmailMessage("Subject", "A text", to=["dora@example.org"]))
    count("process_starts", "granian", amount=3)
    out = StringIO()
    call_command("status", stdout=out)
    lines = out.getvalue().splitlines()
    assert [line for line in lines if line.startswith("work ") and f" {worker} " in line]
    assert "granian: started 3 times" in lines
    assert "queue mail: 1 wait, 0 s the oldest" in lines
