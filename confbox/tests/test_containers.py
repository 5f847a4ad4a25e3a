"""A container runs what the unit of systemd of that name runs."""

import os
import re
import runpy
import subprocess
from contextlib import nullcontext
from datetime import UTC, datetime
from types import SimpleNamespace

import pytest
from django.conf import settings

CONTAINER = settings.BASE_DIR / "deploy/container"
UNITS = settings.BASE_DIR / "deploy/systemd"
START = runpy.run_path(str(CONTAINER / "start.py"))


def commands_in(text):
    return set(re.findall(r"^    command: \[([\w@]+)\]$", text, re.MULTILINE))


@pytest.fixture
def ran(monkeypatch):
    """What took the place of the process."""
    commands = []
    monkeypatch.setattr(os, "execv", lambda file, command: commands.append(command))
    monkeypatch.setattr(os, "umask", lambda mask: None)
    monkeypatch.setattr(os, "nice", lambda lower: None)
    monkeypatch.setenv("HASHES_WAITING", "1")
    monkeypatch.delenv("HASHES_WAITING")
    return commands


@pytest.mark.parametrize("service", ["heavy", "worker", "doctor", "bounces"])
def test_service_is_the_command_of_its_unit(ran, service):
    START["run_service"](service)
    unit = (UNITS / f"conferencebox-{service}.service").read_text()
    assert [f"ExecStart={' '.join(command)}" for command in ran] == re.findall(
        r"^ExecStart=.*", unit, re.MULTILINE
    )


def test_instance_of_the_web_server_is_that_of_its_template(ran):
    START["run_service"]("web@2")
    assert "unix:/run/conferencebox-web-2/web.sock" in ran[0]


@pytest.mark.parametrize(
    ("fails", "expected"),
    [
        ("", ["backup.py", "manage.py tidy", "ended nightly success", "prove", "ended proof success"]),
        ("deploy/backup.py", ["backup.py", "ended nightly exit-code"]),
        ("prove", ["backup.py", "manage.py tidy", "ended nightly success", "prove", "ended proof exit-code"]),
    ],
)
def test_night_is_proved_and_noted_as_systemd_does(ran, monkeypatch, fails, expected):
    done = []

    def run(command, env=None, **_options):
        result = (env or {}).get("SERVICE_RESULT", "")
        done.append(" ".join([*command[2:], result]).strip())
        return SimpleNamespace(returncode=int(bool(fails) and command[-1] == fails))

    monkeypatch.setattr(subprocess, "run", run)
    with pytest.raises(SystemExit) if fails else nullcontext():
        START["run_night"]()
    short = [re.sub(r"deploy/backup.py (?=\w)|deploy/|conferencebox-|\.service", "", each) for each in done]
    assert short == expected


def test_variables_of_the_unit_are_set_unless_the_container_has_them(ran, monkeypatch):
    START["run_service"]("heavy")
    assert os.environ["HASHES_WAITING"] == "24"
    monkeypatch.setenv("HASHES_WAITING", "3")
    START["run_service"]("heavy")
    assert os.environ["HASHES_WAITING"] == "3"


def test_first_organiser_gets_the_same_note_as_with_the_package(tmp_path, monkeypatch):
    make_organiser = START["make_organiser"]
    monkeypatch.setitem(make_organiser.__globals__, "FIRST_LOG_IN", tmp_path / "note")
    monkeypatch.setitem(make_organiser.__globals__, "manage", lambda *command, text: None)
    monkeypatch.setenv("ALLOWED_HOSTS", "x.org,y.org")
    make_organiser("you@x.org")
    note = (tmp_path / "note").read_text()
    assert note.startswith("Log in at https://x.org/accounts/login/")
    assert "\npodman-compose exec web-1 ./manage.py enrolment_code you@x.org\n" in note


def test_compose_file_names_only_commands_that_there_are():
    known = {*START["SERVICES"], "migrate", "timers"}
    named = commands_in((CONTAINER / "compose.yaml").read_text())
    assert {"web@1", "web@2", "heavy", "worker", "migrate"} <= named <= known


def test_times_are_those_of_systemd():
    hour, minute = START["NIGHT_UTC"]
    assert f"OnCalendar=*-*-* {hour:02}:{minute:02}:00" in (UNITS / "conferencebox-nightly.timer").read_text()
    minutes = START["DOCTOR_SECONDS"] // 60
    assert f"OnUnitInactiveSec={minutes}min" in (UNITS / "conferencebox-doctor.timer").read_text()


@pytest.mark.parametrize(("now", "day"), [("2026-05-01T03:16:59", 1), ("2026-05-01T03:17:00", 2)])
def test_next_night_is_tonight_until_it_has_begun(now, day):
    night = START["next_night"](datetime.fromisoformat(now).replace(tzinfo=UTC))
    assert night == datetime(2026, 5, day, 3, 17, tzinfo=UTC)
