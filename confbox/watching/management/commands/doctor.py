import json
import sys
from argparse import ArgumentParser
from dataclasses import asdict
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError
from django.utils.translation import override

from confbox.kit.bounded_database import bound_database
from confbox.watching.alarm import raise_alarm
from confbox.watching.checks import all_checks
from confbox.watching.checks.emails import send_test_email
from confbox.watching.checks.retention import Kept, what_is_kept
from confbox.watching.findings import Checked, worst
from confbox.watching.last_findings import keep_findings
from confbox.watching.running import DATABASE_SECONDS, run_checks


class Command(BaseCommand):
    help = "Checks the site: exit code 0 if all is well, 1 for a warning, 2 for a problem."
    # It reports tables that are missing itself.
    requires_system_checks = ()

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--json", action="store_true", dest="as_json", help="for a program")
        parser.add_argument("--kept", action="store_true", help="also how long each table and folder is kept")
        parser.add_argument("--alarm", action="store_true", help="emails about a new or solved problem")
        parser.add_argument("--email", metavar="ADDRESS", help="also sends a test email")

    def handle(self, *, as_json: bool, kept: bool, alarm: bool, email: str | None, **options: Any) -> None:
        bound_database(DATABASE_SECONDS)
        # The email contains the findings, so both are in the language of the site.
        with override(settings.LANGUAGE_CODE):
            checked = run_checks(all_checks.CHECKS)
            keep_findings(checked)
            if alarm:
                raise_alarm(checked)
            tables = what_is_kept() if kept else []
            self.stdout.write(_as_json(checked, tables) if as_json else _as_text(checked, tables))
        if email:
            self._send_test(email)
        if code := worst(checked).value:
            sys.exit(code)

    def _send_test(self, email: str) -> None:
        try:
            send_test_email(email)
        except OSError as error:
            raise CommandError(f"The test email was not sent: {error}", returncode=2) from error
        self.stderr.write(f"A test email was sent to {email}.")


def _as_json(checked: list[Checked], kept: list[Kept]) -> str:
    rows = [
        {
            "name": each.check.name,
            "verdict": each.verdict.name.lower(),
            "words": each.finding.words,
            "figure": each.finding.figure,
        }
        for each in checked
    ]
    shown: dict[str, Any] = {"verdict": worst(checked).name.lower(), "checks": rows}
    if kept:
        shown["kept"] = [asdict(each) for each in kept]
    return json.dumps(shown, indent=2)


def _as_text(checked: list[Checked], kept: list[Kept]) -> str:
    lines = [f"{each.verdict.name:8}{each.check.title}: {each.finding.words}" for each in checked]
    return "\n".join(lines + [_line_of(each) for each in kept])


def _line_of(kept: Kept) -> str:
    overdue = "" if kept.overdue is None else f", {kept.overdue} overdue"
    return f"{kept.name}: {kept.number}{overdue}; {kept.period}"
