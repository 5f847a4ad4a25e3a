"""A problem leads to one email, and its end to another one."""

import json
import os
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import pytest
from django.core.management import call_command
from django.db import OperationalError
from django.utils.translation import gettext_lazy, override

from accounts.tests.factories import make_organiser, make_user
from confbox.kit.file_locks import try_lock
from confbox.kit.outcomes import Change
from confbox.kit.tests.page import parse
from confbox.tests.letters import broken_promises
from confbox.watching import alarm
from confbox.watching.alarm import raise_alarm
from confbox.watching.checks import all_checks
from confbox.watching.findings import Check, Checked, ok, problem, warning
from confbox.watching.last_findings import keep_findings, last_findings

pytestmark = pytest.mark.django_db
WORKER = Check("worker", "Background work", lambda: problem("It stopped."))
DISKS = Check("disks", "Disks", lambda: problem("It is full."))
ODD = Check("odd", "Odd", lambda: warning("It is odd."))


def found(*checks):
    return [Checked(check, check.ask()) for check in checks]


def solved(*checks):
    return [Checked(check, ok("It is fine.")) for check in checks]


@pytest.fixture(autouse=True)
def folder(settings, tmp_path, roles):
    settings.VAR_DIR = tmp_path
    return tmp_path


@pytest.fixture
def organiser(folder):
    return make_organiser("organiser@example.org")


def test_organisers_of_the_site_get_one_email_about_a_problem(organiser, mailoutbox):
    make_user("member@example.org")
    make_user("staff@example.org", is_staff=True)
    make_organiser("gone@example.org", is_active=False)
    for _turn in range(3):
        raise_alarm(found(WORKER, ODD))
    assert [email.to for email in mailoutbox] == [["organiser@example.org"]]
    assert mailoutbox[0].subject == "ConferenceBox has a problem: Background work"
    assert "It stopped." in mailoutbox[0].body
    assert "It is odd." not in mailoutbox[0].body


def test_email_is_complete_in_both_parts(organiser, mailoutbox):
    raise_alarm(found(WORKER, DISKS))
    raise_alarm([])
    assert [broken_promises(email) for email in mailoutbox] == [[], []]
    assert "Disks: It is full." in parse(mailoutbox[0].alternatives[0].content).text


def test_people_in_the_settings_get_it_instead(organiser, settings, mailoutbox):
    settings.ALARM_EMAILS = ["on-call@example.org", "second@example.org"]
    raise_alarm(found(WORKER))
    assert [email.to for email in mailoutbox] == [["on-call@example.org"], ["second@example.org"]]


def test_warning_raises_no_alarm(organiser, mailoutbox):
    assert raise_alarm(found(ODD)) is Change.NONE
    assert mailoutbox == []


def test_change_of_the_problems_is_another_email(organiser, mailoutbox):
    raise_alarm(found(WORKER))
    raise_alarm(found(WORKER, DISKS))
    raise_alarm(found(DISKS))
    assert [email.subject.partition(": ")[2] for email in mailoutbox] == [
        "Background work",
        "Background work, Disks",
        "Disks",
    ]


def test_end_of_the_problem_is_one_email(organiser, mailoutbox):
    raise_alarm(solved(WORKER))
    raise_alarm(found(WORKER))
    raise_alarm(solved(WORKER))
    raise_alarm(solved(WORKER))
    assert [email.subject for email in mailoutbox[1:]] == ["ConferenceBox: solved: Background work"]


def test_problem_that_lasts_is_repeated_after_a_day(organiser, mailoutbox, folder):
    raise_alarm(found(WORKER))
    file = folder / "doctor-alarm.json"
    sent = json.loads(file.read_text())
    file.write_text(json.dumps(sent | {"at": sent["at"] - timedelta(hours=23, minutes=59).total_seconds()}))
    assert raise_alarm(found(WORKER)) is Change.NONE
    file.write_text(json.dumps(sent | {"at": sent["at"] - timedelta(days=1).total_seconds()}))
    assert raise_alarm(found(WORKER)) is Change.MADE
    assert raise_alarm(found(WORKER)) is Change.NONE


def test_email_that_the_mail_server_refused_is_tried_again(organiser, settings, mailoutbox):
    settings.EMAIL_HOST, settings.EMAIL_PORT, in_memory = "127.0.0.1", 1, settings.EMAIL_BACKEND
    settings.EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
    assert raise_alarm(found(WORKER)) is Change.NONE
    settings.EMAIL_BACKEND = in_memory
    assert raise_alarm(found(WORKER)) is Change.MADE
    assert len(mailoutbox) == 1


def test_without_the_database_it_goes_to_those_who_were_known(organiser, mailoutbox, monkeypatch):
    raise_alarm(found(ODD))

    def away(person):
        raise OperationalError(2002, "away")

    monkeypatch.setattr(alarm, "may_read", away)
    raise_alarm(found(WORKER))
    assert [email.to for email in mailoutbox] == [["organiser@example.org"]]


def test_note_that_cannot_be_read_keeps_no_alarm_back(organiser, mailoutbox, folder):
    (folder / "doctor-alarm.json").write_text("{half")
    assert raise_alarm(found(WORKER)) is Change.MADE


def test_note_takes_no_more_room_when_a_problem_begins(organiser, folder):
    """So that it can be written on a full disk."""
    raise_alarm([])
    before = (folder / "doctor-alarm.json").stat()
    raise_alarm(found(WORKER, DISKS))
    after = (folder / "doctor-alarm.json").stat()
    assert (after.st_ino, after.st_size, after.st_blocks) == (before.st_ino, before.st_size, before.st_blocks)


def test_note_that_cannot_be_written_keeps_no_alarm_back(organiser, mailoutbox, monkeypatch):
    def full(file, content):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(alarm, "write_over", full)
    assert raise_alarm(found(WORKER)) is Change.MADE


def test_findings_of_a_full_disk_are_kept_in_the_room_of_those_before(folder):
    keep_findings(solved(DISKS))
    # No new file can be written.
    (folder / f"doctor-last.{os.getpid()}").mkdir()
    keep_findings(found(DISKS))
    assert last_findings().checks == {"disks": [2, None]}


def test_note_is_for_its_owner_alone(organiser, folder):
    raise_alarm(found(WORKER))
    assert (folder / "doctor-alarm.json").stat().st_mode & 0o077 == 0


def test_second_doctor_at_the_same_time_sends_nothing(organiser, mailoutbox, folder):
    raise_alarm([])
    with (folder / "doctor-alarm.json").open("r+") as file:
        assert try_lock(file)
        assert raise_alarm(found(WORKER)) is Change.NONE
    assert raise_alarm(found(WORKER)) is Change.MADE
    assert len(mailoutbox) == 1


def test_many_doctors_at_once_send_one_email(settings, mailoutbox):
    settings.ALARM_EMAILS = ["on-call@example.org"]
    with ThreadPoolExecutor(8) as pool:
        list(pool.map(lambda _n: raise_alarm(found(WORKER)), range(16)))
    assert len(mailoutbox) == 1


@pytest.mark.parametrize(("arguments", "number"), [([], 0), (["--alarm"], 1)])
def test_command_sends_it_only_if_asked_to(organiser, mailoutbox, monkeypatch, arguments, number):
    monkeypatch.setattr(all_checks, "CHECKS", [WORKER])
    with pytest.raises(SystemExit):
        call_command("doctor", *arguments)
    assert len(mailoutbox) == number


def test_email_of_the_timer_is_in_the_language_of_the_site(organiser, mailoutbox, monkeypatch, settings):
    lazy = Check("worker", gettext_lazy("Background work"), lambda: problem(str(gettext_lazy("Error"))))
    monkeypatch.setattr(all_checks, "CHECKS", [lazy])
    settings.LANGUAGE_CODE = "de"
    with override("es"), pytest.raises(SystemExit):
        call_command("doctor", "--alarm")
    with override("de"):
        expected = [str(lazy.title), str(gettext_lazy("Error"))]
    assert expected != ["Background work", "Error"]
    assert [words in mailoutbox[0].subject + mailoutbox[0].body for words in expected] == [True, True]


def test_timer_runs_it_often_enough_for_an_email_within_five_minutes(settings):
    units = settings.BASE_DIR / "deploy/systemd"
    service = (units / "conferencebox-doctor.service").read_text()
    assert "manage.py doctor --alarm" in service
    assert "OnUnitInactiveSec=2min" in (units / "conferencebox-doctor.timer").read_text()
