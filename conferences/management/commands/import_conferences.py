from argparse import ArgumentParser
from functools import partial
from pathlib import Path
from typing import Any

from django.core.exceptions import ValidationError
from django.core.management.base import BaseCommand, CommandError

from accounts.actors import Actor
from conferences.importing.actions import ImportPlan, import_conferences, plan_import
from conferences.importing.files import MOST_BYTES
from conferences.importing.moves import Moved
from conferences.models import Conference

EVERY = 500


class Command(BaseCommand):
    help = (
        "Adds the conferences of a JSON or CSV file that are not there yet: all of them or, where "
        "a row is bad, none. The columns are name, url, startDate, endDate, city, country, online, "
        "topic and, if you like, timeZone."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("file", type=Path, metavar="FILE")
        parser.add_argument("--dry-run", action="store_true", help="show what would happen, write nothing")
        parser.add_argument(
            "--status",
            choices=[Conference.Status.DRAFT.value, Conference.Status.ACTIVE.value],
            default=Conference.Status.DRAFT.value,
            help="draft (the default) keeps them from the site until an organiser publishes them",
        )

        parser.add_argument(
            "--moved",
            choices=Moved.values,
            default=Moved.SKIP.value,
            help="what to do with conferences that already exist with different dates; skip is the default",
        )

    def handle(self, *args: Any, file: Path, dry_run: bool, status: str, moved: str, **options: Any) -> None:
        verb = plan_import if dry_run else partial(import_conferences, by=Actor.of_command(), moved=moved)
        try:
            plan = verb(content=read(file), name=file.name, status=status, progress=self.progress)
        except ValidationError as error:
            self.refuse(error.messages)
        self.say(plan, dry_run)
        if plan.bad:
            self.refuse([str(row) for row in plan.bad])

    def progress(self, done: int, total: int) -> None:
        if total > EVERY and (done % EVERY == 0 or done == total):
            self.stderr.write(f"{done} of {total} rows checked", self.style.HTTP_INFO)

    def say(self, plan: ImportPlan, dry_run: bool) -> None:
        if dry_run:
            for new in plan.new:
                self.stdout.write(f"  new: {new.conference} ({new.conference.slug}, line {new.line})")
        for known in plan.repeated:
            self.stdout.write(f"  line {known.line} repeats line {known.first_line}: {known.title}")
        if unknown := [str(new.line) for new in plan.new if not new.has_known_zone]:
            self.stdout.write(f"  UTC, because the place is not known: line {', '.join(unknown)}")
        for row in plan.moved:
            self.stdout.write(f"  line {row.line} already exists with different dates: {row.existing.slug}")
        if plan.unused_columns:
            self.stdout.write(f"Columns that are not used: {', '.join(plan.unused_columns)}.")
        repeated = f", {len(plan.repeated)} repeated in the file" if plan.repeated else ""
        verb = "would be imported" if dry_run else "imported"
        self.stdout.write(f"{len(plan.new)} {verb}, {len(plan.there)} already there{repeated}.")

    def refuse(self, messages: list[str]) -> None:
        for message in messages[:-1]:
            self.stderr.write(message)
        raise CommandError(f"{messages[-1]}\nNothing was imported.")


def read(file: Path) -> bytes:
    """The file's content, or a little more than the most that an import accepts.

    Raises:
        CommandError: the file cannot be read.
    """
    try:
        with file.open("rb") as opened:
            return opened.read(MOST_BYTES + 1)
    except OSError as error:
        raise CommandError(f"{file} cannot be read: {error.strerror}.") from error
