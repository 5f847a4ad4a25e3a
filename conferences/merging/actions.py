"""Merging a duplicate into the conference that stays: its members move, its web address leads there."""

from collections.abc import Callable

from django.contrib.admin.models import DELETION
from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from accounts.actors import Actor
from accounts.audit_log import log_act, log_in_django
from accounts.audit_words import NAME
from confbox.kit.clock import database_now
from confbox.kit.coded import coded_error, coded_errors
from conferences.actions import lock_conference
from conferences.changes.actions import BEFORE_CHANGING
from conferences.changes.deletion import delete_rows
from conferences.merging.emails import notify_former_team
from conferences.merging.entries import move_entries
from conferences.merging.people import Merge, People, move_members, people_of
from conferences.merging.rules import refusals_of_merge
from conferences.models import Conference, ConferenceChange, OldAddress
from conferences.outbox.events import emit_change
from conferences.versions import refuse_old_page

# Called inside the transaction: before anyone moves; what other apps move with the members; and, if there
# are any new members, the email to them.
BEFORE_MOVING: list[Callable[[Merge], object]] = []
WITH_MEMBERS: list[Callable[[Merge, People], object]] = []
AFTER_MERGING: list[Callable[[ConferenceChange], object]] = []


def merge_conferences(
    *, duplicate: Conference, stays: Conference, address: str, by: Actor, seen: str = ""
) -> ConferenceChange:
    """Makes the members of the duplicate members of the one that stays, and deletes the duplicate.

    `address` is the web address of the duplicate, or its last part, as typed to confirm. No vote moves: a
    duplicate at which members have voted is refused. The same request again changes nothing. `seen` is
    the version of the two that was shown.

    Raises:
        ValidationError: a rule of `conferences.merging.rules` refuses it, one of them has changed since they
            were shown, or the web address is another.
    """
    with transaction.atomic():
        merge = _lock(duplicate, stays)
        if merge is None:
            return _done_before(duplicate.pk, stays.pk)
        for act in BEFORE_CHANGING:
            for conference in merge.pair:
                act(conference)
        if found := refusals_of_merge(merge, by.user):
            raise coded_errors([refusal.words for refusal in found], code="merge_refused")
        refuse_old_page(merge.version(), seen)
        if _last_part(address) != merge.duplicate.slug.casefold():
            raise ValidationError(
                {"address": coded_error(_("This is not the web address of the duplicate."), code="no_match")}
            )
        return _merge(merge, by)


def _last_part(address: str) -> str:
    return address.strip().rstrip("/").rpartition("/")[2].casefold()


def _lock(duplicate: Conference, stays: Conference) -> Merge | None:
    """Both, the lower ID first, so that two merges of the same pair wait for each other."""
    try:
        locked = {pk: lock_conference(pk) for pk in sorted((duplicate.pk, stays.pk))}
    except Conference.DoesNotExist:
        return None
    return Merge(locked[duplicate.pk], locked[stays.pk])


def _done_before(duplicate_id: int, stays_id: int) -> ConferenceChange:
    if change := ConferenceChange.of_merge(duplicate_id, [stays_id]):
        return change
    raise ValidationError(
        _("One of the two conferences was merged or deleted in the meantime, so nothing was changed."),
        code="gone",
    )


def _merge(merge: Merge, by: Actor) -> ConferenceChange:
    for prepare in BEFORE_MOVING:
        prepare(merge)
    # Only now: all who were to join before this time have joined.
    people, now = people_of(merge), database_now()
    change = ConferenceChange.objects.create(
        conference=merge.stays,
        act=ConferenceChange.Act.MERGED,
        before={
            "title": merge.duplicate.title,
            "slug": merge.duplicate.slug,
            "id": merge.duplicate.pk,
        },
        after={"returned": [left.pk for _member, left in people.returning]},
        by=by.first,
        at=now,
    )
    move_members(merge, people, now)
    move_entries(merge, people)
    for move in WITH_MEMBERS:
        move(merge, people)
    _log(merge, people, by)
    notify_former_team(merge, by=by.person)
    OldAddress.objects.filter(conference=merge.duplicate).update(conference=merge.stays)
    OldAddress.objects.create(slug=merge.duplicate.slug, conference=merge.stays, since=now)
    delete_rows(merge.duplicate)
    emit_change(merge.stays, ConferenceChange.Act.MERGED.value)
    if people.number:
        for notify in AFTER_MERGING:
            notify(change)
    return change


def _log(merge: Merge, people: People, by: Actor) -> None:
    """In both: the entry of the duplicate outlives it."""
    moved = ngettext(
        "%(n)d member became a member of it.", "%(n)d members became members of it.", people.number
    ) % {"n": people.number}
    gone = _("Merged into %(name)s.") % {"name": NAME}
    log_act(by=by, act="merge", target=merge.duplicate, what=f"{gone} {moved}", about=merge.stays)
    log_in_django(by=by, rows=[merge.duplicate], flag=DELETION, what="")
    kept = _("Merged with a duplicate.")
    log_act(by=by, act="merge", target=merge.stays, what=f"{kept} {moved}")
    log_in_django(by=by, rows=[merge.stays], what=f"{kept} {moved}")
