"""The steps in which a conference is created. Each stores what it asks, until the draft is published."""

from collections.abc import Callable

from django.core.exceptions import ValidationError
from django.db import IntegrityError, transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from accounts.actors import Actor
from accounts.audit_log import log_addition, log_change
from confbox.kit.clock import database_now
from confbox.kit.coded import coded_error
from confbox.kit.outcomes import Change, Outcome
from confbox.kit.retries import retried
from conferences.actions import create_conferences, lock_conference
from conferences.admission.actions import set_admission
from conferences.copying.dates import Dates, refuse_dates
from conferences.copying.dates import dates_of as stored_dates_of
from conferences.copying.rules import may_in
from conferences.creating.dates import in_other_zone, is_due_now, placeholder
from conferences.creating.names import hard_to_guess, slug_after, slug_for
from conferences.creating.parts import PARTS
from conferences.creating.who import DOORS, Who
from conferences.history.models import refuse_old_addresses
from conferences.models import Conference, Series
from conferences.teams.series_field import CREATE

DRAWS = 3


class Begun(Outcome):
    NEW = "new"
    # The same person had begun the same conference before; nothing was changed.
    AGAIN = "again"


@retried
def begin_conference(
    *, title: str, place: str, time_zone: str, series: Series | None, by: Actor
) -> tuple[Conference, Begun]:
    """Creates a draft without dates.

    Raises:
        ValidationError: a value is invalid, the series is gone, or the person may not create conferences
            there; the messages have the names of the fields as keys.
    """
    draft = Conference(title=title.strip(), place=place.strip(), time_zone=time_zone, series=series)
    for _attempt in range(DRAWS):
        try:
            with transaction.atomic():
                return _begin(draft, by)
        except IntegrityError:
            # Another draft has taken the URL name in between.
            continue
    raise ValidationError(_("This could not be stored. Please send it again."), code="not_stored")


def _begin(draft: Conference, by: Actor) -> tuple[Conference, Begun]:
    person = by.user
    if draft.series and not Series.objects.select_for_update().filter(pk=draft.series.pk).exists():
        raise ValidationError({"series": coded_error(_("This series no longer exists."), code="gone")})
    if not may_in(person, CREATE, draft.series):
        raise ValidationError(
            {"series": coded_error(_("You cannot create conferences there."), code="role_needed")}
        )
    names = ("title", "place", "time_zone", "series")
    same = {name: getattr(draft, name) for name in names} | {"created_by": person, "has_dates": False}
    if found := Conference.objects.filter(**same, status=Conference.Status.DRAFT).first():
        return found, Begun.AGAIN
    unknown = placeholder(database_now(), draft.zone)
    draft.starts_at, draft.ends_at, draft.has_dates = unknown.starts_at, unknown.ends_at, False
    draft.slug, draft.created_by = slug_for(draft.title), person
    draft.full_clean()
    create_conferences(conferences=[draft])
    # Not every database returns the IDs of rows that are inserted in bulk.
    stored = Conference.objects.get(slug=draft.slug)
    log_addition(by=by, target=stored, what=_("Created."))
    return stored, Begun.NEW


@retried
def create_conference(
    *,
    title: str,
    place: str,
    time_zone: str,
    series: Series | None,
    dates_of: Callable[[Conference], Dates],
    who: Who,
    by: Actor,
) -> tuple[Conference, Begun]:
    """All steps at once: a draft, or none. `dates_of` finds its dates in the time zone of the draft.

    Raises:
        ValidationError: as for each of the steps.
    """
    where = {"title": title, "place": place, "time_zone": time_zone}
    with transaction.atomic():
        draft, _begun = begin_conference(**where, series=series, by=by)
        dates = dates_of(draft)
        if same := _created_before(draft, dates, by):
            transaction.set_rollback(True)
            return same, Begun.AGAIN
        set_dates(conference=draft, dates=dates, by=by)
        set_who(conference=draft, who=who, by=by)
        draft.refresh_from_db()
    return draft, Begun.NEW


def _created_before(draft: Conference, dates: Dates, by: Actor) -> Conference | None:
    names = ("title", "place", "time_zone", "series")
    same = {name: getattr(draft, name) for name in names} | {"created_by": by.user, "has_dates": True}
    days = {"starts_at": dates.starts_at, "ends_at": dates.ends_at}
    return Conference.objects.filter(**same, **days, status=Conference.Status.DRAFT).first()


@retried
def change_what(*, conference: Conference, title: str, place: str, time_zone: str, by: Actor) -> Change:
    """Changes what a draft is and where. In another time zone, its days and times of day stay the same.

    Its URL name follows from the new title, unless someone has typed another.

    Raises:
        ValidationError: a value is invalid, or it is no draft any more.
    """
    wanted = {"title": title.strip(), "place": place.strip(), "time_zone": time_zone}
    for _attempt in range(DRAWS):
        try:
            with transaction.atomic():
                return _change_what(_lock_draft(conference), wanted, by)
        except IntegrityError:
            # Another draft has taken the URL name in between.
            continue
    raise ValidationError(_("This could not be stored. Please send it again."), code="not_stored")


def _change_what(locked: Conference, wanted: dict[str, str], by: Actor) -> Change:
    if all(getattr(locked, name) == value for name, value in wanted.items()):
        return Change.NONE
    dates = None
    if locked.time_zone != wanted["time_zone"]:
        draft = Conference(time_zone=wanted["time_zone"])
        dates = in_other_zone(locked, draft.zone)
    locked.slug = slug_after(locked, wanted["title"])
    for name, value in wanted.items():
        setattr(locked, name, value)
    if dates:
        locked.starts_at, locked.ends_at = dates.starts_at, dates.ends_at
    locked.full_clean()
    locked.save(update_fields=[*wanted, "slug", "starts_at", "ends_at", "updated_at"])
    refuse_old_addresses([locked.slug])
    if dates and dates.opens_at:
        _schedule(locked, dates, by)
    log_change(by=by, target=locked, what=_("Title, place and time zone set."))
    return Change.MADE


def set_dates(*, conference: Conference, dates: Dates, by: Actor) -> Change:
    """Sets the days of a draft and the times of its vote; rules of the vote that are not set become usual.

    The same dates again change nothing.

    Raises:
        ValidationError: dates have passed, are in the wrong order or too far apart, by the names of the
            fields; or it is no draft any more.
    """
    with transaction.atomic():
        locked = _lock_draft(conference)
        if locked.has_dates and stored_dates_of(locked) == dates:
            return Change.NONE
        is_due = dates.opens_at if is_due_now(dates, locked) else None
        refuse_dates(dates, now=locked.now, zone=locked.zone, is_due=is_due)
        locked.starts_at, locked.ends_at, locked.has_dates = dates.starts_at, dates.ends_at, True
        locked.save(update_fields=["starts_at", "ends_at", "has_dates", "updated_at"])
        _schedule(locked, dates, by)
        log_change(by=by, target=locked, what=_("Dates set."))
    return Change.MADE


def _schedule(conference: Conference, dates: Dates, by: Actor) -> None:
    for part in PARTS:
        part.schedule(conference, dates, by)


def set_who(*, conference: Conference, who: Who, by: Actor) -> Change:
    """Sets who may join a draft, and who finds it. The same choice again changes nothing.

    Raises:
        ValidationError: it is no draft any more.
    """
    door = DOORS[who]
    with transaction.atomic():
        locked = _lock_draft(conference)
        changed = set_admission(conference=locked, by=by, **door.rules)
        if locked.visibility == door.visibility:
            return changed
        if door.visibility == Conference.Visibility.UNLISTED:
            locked.slug = hard_to_guess(locked.slug)
        locked.visibility, locked.updated_at = door.visibility, timezone.now()
        locked.save(update_fields=["visibility", "slug", "updated_at"])
        log_change(by=by, target=locked, what=str(locked.get_visibility_display()))
    return Change.MADE


def _lock_draft(conference: Conference) -> Conference:
    locked = lock_conference(conference.pk)
    if locked.status != Conference.Status.DRAFT:
        raise ValidationError(
            _("This conference has been published in the meantime, so nothing was changed here."),
            code="wrong_state",
        )
    return locked
