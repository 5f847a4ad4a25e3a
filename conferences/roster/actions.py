"""The actions on a roster. Each locks, checks, writes, and writes the audit log."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import datetime
from typing import Any

from django.core.exceptions import ValidationError
from django.db import IntegrityError, OperationalError, connection, models, transaction
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from accounts.actors import Actor
from accounts.audit_log import log_act, log_change
from accounts.audit_words import NAME
from confbox.kit.clock import database_now
from confbox.kit.coded import coded_error
from confbox.kit.outcomes import Change, Outcome
from confbox.kit.retries import asks_again
from conferences.actions import lock_conference
from conferences.matching import match_members
from conferences.models import Conference, RosterEntry
from conferences.roster.planning import Progress, RosterPlan, StoredRow, plan_import
from conferences.roster.rows import Found, Listing, Row, checked
from conferences.roster.second_person import refusing_several

# What apps above this one do inside the transaction: before a roster is changed, with whether entries are
# removed; before an entry gets another mailbox; and after entries were removed, given by their IDs.
BEFORE_CHANGING: list[Callable[[Conference, bool], None]] = []
BEFORE_CHANGING_MAILBOX: list[Callable[[RosterEntry], None]] = []
AFTER_REMOVING: list[Callable[[Conference, list[int], str, Actor], None]] = []
BATCH = 1000
# The columns that an import changes in an existing entry.
REWRITTEN = ["name", "reference", "removed_at", "removal_reason"]


class Added(Outcome):
    NEW = "new"
    AGAIN = "again"


def import_roster(
    *,
    conference: Conference,
    listing: Listing,
    by: Actor,
    removes_missing: bool = False,
    leaves_out_refused: bool = False,
    seen: str = "",
    progress: Progress | None = None,
) -> RosterPlan:
    """Adds everyone in the list to the roster, all or none; the same list again changes nothing.

    Refused rows keep all others out, unless it was chosen to leave them out.

    Names and references in the list replace existing ones, unless they are empty. `seen` is the version of
    the plan that was shown.

    Raises:
        ValidationError: rows are refused (one message for each) and not left out, every row is refused, or
            the roster has changed since it was shown; nothing was written.
    """
    listing.refuse_bad_rows(leaves_them_out=leaves_out_refused)
    with _refused_if_locked(), transaction.atomic():
        _lock_roster(conference, removes=removes_missing)
        plan = plan_import(conference=conference, listing=listing, progress=progress)
        if seen and seen != plan.version(removes_missing=removes_missing):
            _refuse_other_plan(plan, removes_missing=removes_missing)
        _write(conference, plan, by)
        match_members(conference=conference)
        if removes_missing:
            reason = _("Not in %(source)s.") % {"source": listing.source}
            _remove(conference, [entry.pk for entry in plan.missing], reason, by)
        if plan.changes_anything(removes_missing=removes_missing):
            _log_import(conference, listing, plan, by, removes_missing=removes_missing)
    return plan


def _lock_roster(conference: Conference, *, removes: bool = False) -> None:
    lock_conference(conference.pk)
    for lock in BEFORE_CHANGING:
        lock(conference, removes)


@contextmanager
def _refused_if_locked() -> Iterator[None]:
    try:
        yield
    except OperationalError as error:
        if not asks_again(error):
            raise
        raise ValidationError(
            _("Another import into this roster is in progress, so nothing was imported. Please try again."),
            code="not_stored",
        ) from error


def _refuse_other_plan(plan: RosterPlan, *, removes_missing: bool) -> None:
    """Refuses the import, unless nothing is left to do because the same one was sent twice."""
    if plan.changes_anything(removes_missing=removes_missing):
        raise ValidationError(
            _(
                "The roster has changed since you opened this page, so nothing was imported. Please check it "
                "again."
            ),
            code="outdated",
        )


def _write(conference: Conference, plan: RosterPlan, by: Actor) -> None:
    """Inserts new rows and updates existing ones with one kind of statement; each mailbox has one row."""
    now = database_now()
    target = connection.features.supports_update_conflicts_with_target
    RosterEntry.objects.bulk_create(
        _rows_of(conference, plan, by, now),
        batch_size=BATCH,
        update_conflicts=True,
        update_fields=REWRITTEN,
        unique_fields=["conference", "mailbox"] if target else None,
    )


def _rows_of(conference: Conference, plan: RosterPlan, by: Actor, now: datetime) -> Iterator[RosterEntry]:
    found: list[Row | StoredRow] = [*plan.new, *plan.changed, *plan.restored]
    for each in found:
        entry = _new_entry(conference, each.row if isinstance(each, StoredRow) else each, by)
        entry.name, entry.reference, entry.listed_at = each.name, each.reference, now
        yield entry


def _new_entry(conference: Conference, row: Row, by: Actor) -> RosterEntry:
    return RosterEntry(
        conference=conference,
        email=row.email,
        mailbox=row.mailbox,
        name=row.name,
        reference=row.reference,
        created_by=by.person,
    )


def _remove(conference: Conference, entries: list[int], reason: str, by: Actor) -> None:
    now = database_now()
    # Members may read this one, and the name of a file can name people.
    public_reason = _("No longer on the organisers’ list of participants.")
    for start in range(0, len(entries), BATCH):
        batch = entries[start : start + BATCH]
        present = RosterEntry.objects.present().filter(pk__in=batch)
        present.update(removed_at=now, removal_reason=reason)
        with refusing_several():
            for act in AFTER_REMOVING:
                act(conference, batch, public_reason, by)


def _log_import(
    conference: Conference, listing: Listing, plan: RosterPlan, by: Actor, *, removes_missing: bool
) -> None:
    counts = {
        _("new"): len(plan.new),
        _("changed"): len(plan.changed),
        _("listed again"): len(plan.restored),
        _("removed"): len(plan.missing) if removes_missing else 0,
        _("refused and left out"): len(listing.refused),
    }
    said = ", ".join(f"{what}: {number}" for what, number in counts.items() if number)
    what = _("Roster imported from %(source)s. %(counts)s.")
    log_change(by=by, target=conference, what=what % {"source": listing.source, "counts": said.capitalize()})


def add_entry(
    *, conference: Conference, email: str, name: str, reference: str, by: Actor
) -> tuple[RosterEntry, Added]:
    """Adds an entry, or lists a removed one again.

    Raises:
        ValidationError: this is not an email address, or it is already on the roster.
    """
    row = checked(Found(0, email, name, reference))
    with transaction.atomic():
        _lock_roster(conference)
        stored = RosterEntry.objects.select_for_update().filter(conference=conference, mailbox=row.mailbox)
        if entry := stored.first():
            _restore_with(entry, row)
            match_members(conference=conference)
            _log(by, entry, _("Listed again on the roster: %(name)s."))
            return entry, Added.AGAIN
        entry = _new_entry(conference, row, by)
        _save(entry)
        match_members(conference=conference)
        _log(by, entry, _("Added to the roster: %(name)s."))
    return entry, Added.NEW


def _restore_with(entry: RosterEntry, row: Row) -> None:
    if entry.removed_at is None:
        raise _is_taken()
    entry.name, entry.reference = row.name or entry.name, row.reference or entry.reference
    entry.removed_at, entry.removal_reason = None, ""
    entry.save(update_fields=REWRITTEN)


def _is_taken() -> ValidationError:
    said = _("This email address is already on the roster.")
    return ValidationError({"email": coded_error(said, code="unique")})


def _save(entry: RosterEntry, **options: Any) -> None:
    try:
        with transaction.atomic():
            entry.save(**options)
    except IntegrityError as error:
        raise _is_taken() from error


def change_entry(*, entry: RosterEntry, email: str, name: str, reference: str, by: Actor) -> Change:
    """Changes an entry. If its mailbox changes, it counts as not invited yet.

    Raises:
        ValidationError: this is not an email address, it belongs to another entry, or a member has joined
            with the existing one.
    """
    row = checked(Found(0, email, name, reference))
    with transaction.atomic():
        _lock_roster(entry.conference)
        stored = _locked(entry)
        before = (stored.email, stored.name, stored.reference)
        if before == (row.email, row.name, row.reference):
            return Change.NONE
        if row.mailbox != stored.mailbox:
            _refuse_other_mailbox(stored)
            stored.invited_at = None
        stored.email, stored.mailbox = row.email, row.mailbox
        stored.name, stored.reference = row.name, row.reference
        _save(stored, update_fields=["email", "mailbox", "inbox", "name", "reference", "invited_at"])
        _log(by, stored, _("Changed on the roster: %(name)s."))
    return Change.MADE


def _refuse_other_mailbox(entry: RosterEntry) -> None:
    for check in BEFORE_CHANGING_MAILBOX:
        check(entry)
    if entry.membership_id:
        said = _(
            "A member has joined with this email address, so it can no longer be changed. Remove the entry "
            "and add the other one."
        )
        raise ValidationError({"email": coded_error(said, code="already_joined")})


def remove_entry(*, entry: RosterEntry, reason: str, by: Actor) -> Change:
    """No change if it had already been removed; the first reason stays."""
    with transaction.atomic():
        _lock_roster(entry.conference, removes=True)
        present = RosterEntry.objects.present().filter(pk=entry.pk)
        removed = Change.of(present.update(removed_at=database_now(), removal_reason=reason))
        if removed is Change.MADE:
            for act in AFTER_REMOVING:
                act(entry.conference, [entry.pk], reason, by)
            _log(by, entry, _("Removed from the roster: %(name)s."), reason)
    return removed


def restore_entry(*, entry: RosterEntry, by: Actor) -> Change:
    """No change if it had not been removed."""
    with transaction.atomic():
        _lock_roster(entry.conference)
        removed = RosterEntry.objects.removed().filter(pk=entry.pk)
        restored = Change.of(removed.update(removed_at=None, removal_reason=""))
        if restored is Change.MADE:
            match_members(conference=entry.conference)
            _log(by, entry, _("Listed again on the roster: %(name)s."))
    return restored


def export_roster(
    *, conference: Conference, entries: models.QuerySet[RosterEntry], by: Actor, is_repeated: bool = False
) -> models.QuerySet[RosterEntry]:
    """Returns the entries to export; the audit log records how many.

    If `is_repeated` is set, it has already been logged.
    """
    if not is_repeated:
        number = entries.count()
        said = ngettext("Roster exported: %(n)d entry.", "Roster exported: %(n)d entries.", number)
        log_act(by=by, act="export", target=conference, what=said % {"n": number})
    return entries


def _locked(entry: RosterEntry) -> RosterEntry:
    return RosterEntry.objects.select_for_update().get(pk=entry.pk)


def _log(by: Actor, entry: RosterEntry, what: str, reason: str = "") -> None:
    """The entry is found by its ID: the log outlives its email address."""
    what %= {"name": NAME}
    log_change(
        by=by, target=entry.conference, what=what, about=entry, reason=reason, is_personal=bool(reason)
    )
