"""Importing conferences from a file: all rows or none, and never the same conference twice."""

import unicodedata
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import date
from urllib.parse import urlsplit

from django.contrib.admin.models import ADDITION
from django.core.exceptions import ValidationError
from django.db import IntegrityError, OperationalError, transaction
from django.utils.text import slugify
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from accounts.actors import Actor
from accounts.audit_log import log_act, log_change, log_in_django
from accounts.models import User
from confbox.kit.clock import database_now
from confbox.kit.coded import coded_errors
from confbox.kit.retries import asks_again
from conferences.actions import create_conferences
from conferences.importing.files import COLUMNS, Row, read_rows
from conferences.importing.moves import Moved, MovedRow, days_between, days_of, is_move
from conferences.importing.rows import conference_of, has_known_zone, is_printable, title_of
from conferences.models import Conference, OldAddress

LONGEST_SLUG_PART = 50

Progress = Callable[[int, int], None]
Key = tuple[str, date]


@dataclass(frozen=True)
class BadRow:
    line: int
    title: str
    reasons: list[str]

    def __str__(self) -> str:
        title = f" ({self.title})" if self.title else ""
        return _("Line %(line)s%(title)s: %(reasons)s") % {
            "line": self.line,
            "title": title,
            "reasons": "; ".join(self.reasons),
        }


@dataclass(frozen=True)
class NewRow:
    line: int
    conference: Conference
    has_known_zone: bool = True


@dataclass(frozen=True)
class KnownRow:
    """A row that already exists: in the database, or earlier in the file at `first_line`."""

    line: int
    title: str
    first_line: int | None = None


@dataclass
class ImportPlan:
    """What an import would do, or did."""

    new: list[NewRow] = field(default_factory=list)
    known: list[KnownRow] = field(default_factory=list)
    moved: list[MovedRow] = field(default_factory=list)
    bad: list[BadRow] = field(default_factory=list)
    unused_columns: list[str] = field(default_factory=list)

    @property
    def repeated(self) -> list[KnownRow]:
        return [row for row in self.known if row.first_line is not None]

    @property
    def there(self) -> list[KnownRow]:
        return [row for row in self.known if row.first_line is None]


def import_conferences(
    *,
    content: bytes,
    name: str,
    by: Actor,
    status: str = Conference.Status.DRAFT,
    moved: str = Moved.SKIP,
    progress: Progress | None = None,
) -> ImportPlan:
    """Adds the conferences of the file that do not exist yet. A second import changes nothing.

    `moved` says what to do with existing conferences whose dates differ.

    Raises:
        ValidationError: the file cannot be read, or some rows are bad (one message for each);
            nothing was written.
    """
    try:
        with transaction.atomic():
            plan = plan_import(content=content, name=name, status=status, by=by.person, progress=progress)
            if plan.bad:
                raise coded_errors([str(bad) for bad in plan.bad], code="rows_refused")
            if moved == Moved.ADD:
                plan.new += [NewRow(row.line, row.conference) for row in plan.moved]
            create_conferences(conferences=[row.conference for row in plan.new])
            _log_new(plan, name, by)
            if moved == Moved.UPDATE:
                _move_all(plan, name, by)
    except (IntegrityError, OperationalError) as error:
        if isinstance(error, OperationalError) and not asks_again(error):
            raise
        raise ValidationError(
            _("One of these conferences has just been added. Nothing was imported. Please try again."),
            code="not_stored",
        ) from error
    return plan


def _log_new(plan: ImportPlan, name: str, by: Actor) -> None:
    what, slugs = _("Imported from %(file)s.") % {"file": name}, [row.conference.slug for row in plan.new]
    said = ngettext("%(n)d conference added.", "%(n)d conferences added.", len(slugs)) % {"n": len(slugs)}
    log_act(by=by, act="import", target=Conference, what=f"{what} {said}")
    # MariaDB does not return the IDs of rows that are inserted in bulk.
    log_in_django(by=by, rows=Conference.objects.filter(slug__in=slugs), flag=ADDITION, what=what)


def _move_all(plan: ImportPlan, name: str, by: Actor) -> None:
    what = _("Moved to the dates in %(file)s.") % {"file": name}
    for row in sorted(plan.moved, key=lambda row: row.existing.pk):
        row.move(by=by)
        log_change(by=by, target=row.existing, what=what)


def plan_import(
    *,
    content: bytes,
    name: str,
    status: str = Conference.Status.DRAFT,
    by: User | None = None,
    progress: Progress | None = None,
) -> ImportPlan:
    """What an import of this file would do now. Writes nothing.

    Raises:
        ValidationError: the file cannot be read.
    """
    rows, plan, now = read_rows(content, name), ImportPlan(), database_now()
    # Slugs are read before conferences, so that one that another import adds in between is recognised. The
    # other way round, its slug would seem to belong to a different conference, and it would be added twice.
    old = OldAddress.objects.values_list("slug", flat=True)
    slugs = set(map(str.lower, [*Conference.objects.values_list("slug", flat=True), *old]))
    known = Known()
    for done, row in enumerate(rows, start=1):
        blank = Conference(status=status, created_by=by)
        blank.as_of = now
        _plan_row(plan, row, known, slugs, blank)
        if progress:
            progress(done, len(rows))
    _find_moved(plan, known)
    unused = {column for row in rows for column in row.columns} - {*COLUMNS}
    plan.unused_columns = sorted(column[:60] for column in unused if column and is_printable(column))
    return plan


def _find_moved(plan: ImportPlan, known: "Known") -> None:
    """Only now is it known which conferences have their own row in the file and did not move."""
    for row in list(plan.new):
        if existing := known.moved_from(row.conference):
            plan.new.remove(row)
            plan.moved.append(MovedRow(row.line, row.conference, existing))


def _plan_row(plan: ImportPlan, row: Row, known: "Known", slugs: set[str], blank: Conference) -> None:
    try:
        conference = conference_of(row, blank)
    except ValidationError as error:
        plan.bad.append(BadRow(row.line, title_of(row), error.messages))
        return
    if match := known.match(conference):
        line, other = match
        if line or days_of(other) == days_of(conference):
            plan.known.append(KnownRow(row.line, conference.title, line or None))
        else:
            plan.moved.append(MovedRow(row.line, conference, other))
        return
    conference.slug = _free_slug(conference, str(row.columns.get("city", "")), slugs)
    slugs.add(conference.slug)
    known.add(conference, row.line)
    plan.new.append(NewRow(row.line, conference, has_known_zone(row)))


class Known:
    """The conferences of the database and of the file so far, to recognise duplicates.

    The same conference has the same title and first day, and no differing website or place.
    """

    def __init__(self) -> None:
        self.rows: dict[Key, list[tuple[int, Conference]]] = {}
        self.unmatched: dict[str, list[Conference]] = {}
        columns = ("title", "slug", "starts_at", "ends_at", "time_zone", "website", "place")
        for conference in Conference.objects.only(*columns).iterator():
            self.add(conference, 0)
            self.unmatched.setdefault(_folded(conference.title), []).append(conference)

    def add(self, conference: Conference, line: int) -> None:
        self.rows.setdefault(_key(conference), []).append((line, conference))

    def match(self, conference: Conference) -> tuple[int, Conference] | None:
        """The same conference with its line in the file, 0 for the database; None if it is new."""
        for line, other in self.rows.get(_key(conference), []):
            if _is_same(conference, other):
                self._match(other)
                return line, other
        return None

    def moved_from(self, conference: Conference) -> Conference | None:
        """The existing conference with the nearest other dates that has no row of its own in the file."""
        others = self.unmatched.get(_folded(conference.title), [])
        found = [other for other in others if _is_same(conference, other) and is_move(conference, other)]
        nearest = min(found, key=lambda other: days_between(conference, other), default=None)
        if nearest:
            self._match(nearest)
        return nearest

    def _match(self, conference: Conference) -> None:
        others = self.unmatched.get(_folded(conference.title), [])
        others[:] = [other for other in others if other.pk != conference.pk or conference.pk is None]


def _is_same(conference: Conference, other: Conference) -> bool:
    website, other_website = _address(conference.website), _address(other.website)
    is_same_place = _folded(conference.place) == _folded(other.place)
    return website == other_website or is_same_place or "" in (website, other_website)


def _key(conference: Conference) -> Key:
    return _folded(conference.title), conference.starts_at.astimezone(conference.zone).date()


def _folded(text: str) -> str:
    return " ".join(unicodedata.normalize("NFKC", text).casefold().split())


def _address(website: str) -> str:
    return website.partition("://")[2].casefold().removeprefix("www.").rstrip("/")


def _free_slug(conference: Conference, city: str, taken: set[str]) -> str:
    """A slug from title and year; with the city, then with a number, if it is taken."""
    year = str(conference.starts_at.astimezone(conference.zone).year)
    host = urlsplit(conference.website).hostname or ""
    title = _slug_part(conference.title) or _slug_part(host.replace(".", "-")) or "conference"
    slug = f"{title}-{year}"
    if slug in taken and (place := _slug_part(city)):
        title = f"{title}-{place}"
        slug = f"{title}-{year}"
    number = 2
    while slug in taken:
        slug, number = f"{title}-{year}-{number}", number + 1
    return slug


def _slug_part(text: str) -> str:
    """ASCII words joined by hyphens, cut between words; empty if the text has none."""
    slug = slugify(text).strip("-_")
    if len(slug) > LONGEST_SLUG_PART:
        slug = slug[: LONGEST_SLUG_PART + 1].rpartition("-")[0] or slug[:LONGEST_SLUG_PART]
    return slug
