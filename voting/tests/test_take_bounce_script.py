"""The script that a mail server calls keeps the email waiting whatever goes wrong."""

import os
import subprocess
import sys

import pytest
from django.conf import settings

SCRIPT = settings.BASE_DIR / "deploy/take-bounce"
TRY_AGAIN = 75


def status_with(**variables):
    environment = {"PATH": os.environ["PATH"], "ENV_FILE": os.devnull} | variables
    return subprocess.run([SCRIPT, "bounces@example.org"], input=b"", env=environment, check=False).returncode


@pytest.mark.parametrize("python", ["/does/not/exist", "/bin/false"])
def test_mail_server_is_asked_to_try_again(python):
    assert status_with(PYTHON=python) == TRY_AGAIN


def test_control_it_does_not_ask_if_nothing_is_wrong():
    assert status_with(PYTHON="/bin/true") == 0


def test_settings_that_cannot_be_read_do_not_lose_the_email():
    assert status_with(PYTHON=sys.executable, DEBUG="false") == TRY_AGAIN
