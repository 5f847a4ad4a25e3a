"""The shipped units of systemd."""

import re
import shutil
import subprocess

import pytest
from django.conf import settings

UNITS = settings.BASE_DIR / "deploy/systemd"
SERVICES = sorted(file.name for file in UNITS.glob("*.service"))
# Of ten; 2.5 is what systemd calls "OK".
EXPOSURE_AT_MOST = 2.5

needs_systemd = pytest.mark.skipif(not shutil.which("systemd-analyze"), reason="systemd-analyze is missing")


def exposure(folder, name):
    command = ["systemd-analyze", "security", "--offline=true", "--no-pager", str(folder / name)]
    last = (
        subprocess.run(command, check=False, capture_output=True, text=True).stdout.strip().splitlines()[-1]
    )
    return float(last.partition(": ")[2].split()[0])


@needs_systemd
@pytest.mark.parametrize("name", SERVICES)
def test_service_is_hardened(name):
    assert exposure(UNITS, name) <= EXPOSURE_AT_MOST


@needs_systemd
def test_without_the_shared_file_it_would_not_be(tmp_path):
    shutil.copy(UNITS / "conferencebox-web@.service", tmp_path)
    assert exposure(tmp_path, "conferencebox-web@.service") > EXPOSURE_AT_MOST


@pytest.mark.parametrize("name", SERVICES)
def test_service_gets_the_shared_file_because_of_its_name(name):
    assert name.startswith("conferencebox-")


@pytest.mark.parametrize("name", SERVICES)
def test_service_has_a_limit_of_memory(name):
    assert "\nMemoryMax=" in (UNITS / name).read_text()


@pytest.mark.parametrize("name", SERVICES)
def test_service_stays_in_the_release_from_which_it_has_started(name):
    commands = re.findall(r"^ExecStart=(.*)", (UNITS / name).read_text(), re.MULTILINE)
    assert commands
    assert all(command.removeprefix("-").startswith("/usr/bin/env .venv/bin/python ") for command in commands)
