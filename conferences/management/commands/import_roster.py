from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.core.exceptions import ValidationError
from django.core.management.base import BaseCommand, CommandError

from accounts.actors import Actor
from conferences.models import Conference
from conferences.roster.actions import import_roster
from conferences.roster.planning import RosterPlan, plan_import
from conferences.roster.reading import MOST_BYTES, read_file
from conferences.roster.rows import Listing

EVERY = 1000


class Command(BaseCommand):
    help = (
        "Puts the people of a file on the roster of a conference: all of them or, where a row is refused, "
        "none, unless --leave-out-refused is given. The file is CSV, XLSX or plain text with an email "
        "address in each line."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("slug", help="the last part of the conference's URL", metavar="SLUG")
        parser.add_argument("file", type=Path, metavar="FILE")
        parser.add_argument("--dry-run", action="store_true", help="show what would happen, write nothing")
        parser.add_argument(
            "--remove-missing", action="store_true", help="remove those who are not in the file"
        )
        parser.add_argument(
            "--leave-out-refused", action="store_true", help="import the other rows where some are refused"
        )

    def handle(self, *args: Any, slug: str, file: Path, dry_run: bool, **options: Any) -> None:
        conference = Conference.objects.filter(slug=slug).first()
        if conference is None:
            raise CommandError(f"There is no conference {slug}.")
        try:
            listing = read_file(content_of(file), file.name)
            plan = self.plan(conference, listing, dry_run=dry_run, **options)
        except ValidationError as error:
            self.refuse(error.messages)
        self.say(listing, plan, dry_run=dry_run, remove_missing=options["remove_missing"])

    def plan(
        self,
        conference: Conference,
        listing: Listing,
        *,
        dry_run: bool,
        remove_missing: bool,
        leave_out_refused: bool,
        **_options: Any,
    ) -> RosterPlan:
        shared: Any = {"conference": conference, "listing": listing, "progress": self.progress}
        if dry_run:
            listing.refuse_bad_rows(leaves_them_out=leave_out_refused)
            return plan_import(**shared)
        return import_roster(
            **shared,
            by=Actor.of_command(),
            removes_missing=remove_missing,
            leaves_out_refused=leave_out_refused,
        )

    def progress(self, done: int, total: int) -> None:
        if total > EVERY and (done % EVERY == 0 or done == total):
            self.stderr.write(f"{done} of {total} rows checked", self.style.HTTP_INFO)

    def say(self, listing: Listing, plan: RosterPlan, *, dry_run: bool, remove_missing: bool) -> None:
        for row in listing.refused:
            self.stdout.write(f"  refused and left out: {row}")
        for row in listing.left_out:
            self.stdout.write(f"  left out: {row}")
        for alike in [*plan.same_mailbox, *plan.look_alikes]:
            self.stdout.write(f"  line {alike.line}: {alike.email} {alike.why}: {alike.other}")
        counts = {
            "new": len(plan.new),
            "changed": len(plan.changed),
            "listed again": len(plan.restored),
            "already there": len(plan.known),
            "repeated in the file": len(plan.repeated),
            "left out": len(listing.left_out),
            "refused": len(listing.refused),
            "removed" if remove_missing else "not in the file": len(plan.missing),
        }
        said = ", ".join(f"{number} {what}" for what, number in counts.items())
        self.stdout.write(f"Would be: {said}." if dry_run else f"{said}.")

    def refuse(self, messages: list[str]) -> None:
        for message in messages[:-1]:
            self.stderr.write(message)
        raise CommandError(f"{messages[-1]}\nNothing was imported.")


def content_of(file: Path) -> bytes:
    """The file's content, or a little more than the most that an import accepts.

    Raises:
        CommandError: the file cannot be read.
    """
    try:
        with file.open("rb") as opened:
            return opened.read(MOST_BYTES + 1)
    except OSError as error:
        raise CommandError(f"{file} cannot be read: {error.strerror}.") from error
