from django.core.exceptions import ValidationError
from django.db import IntegrityError, transaction
from django.utils.translation import gettext as _

from accounts.actors import Actor
from accounts.audit_log import log_addition, log_change
from accounts.audit_words import NAME
from accounts.models import User
from confbox.kit.clock import database_now
from confbox.kit.coded import coded_error
from confbox.kit.outcomes import Outcome
from confbox.kit.retries import retried
from conferences.actions import create_conferences, lock_conference
from conferences.copying.dates import Dates, refuse_dates
from conferences.copying.parts import PARTS
from conferences.copying.rules import gives_roles, refuse_actor
from conferences.copying.tables import ADMISSION, CONFERENCE, ROSTER_ENTRY, TEAM_MEMBER
from conferences.models import Admission, Conference, RosterEntry, Series, TeamMember
from conferences.teams.emails import welcome_to_team

BATCH = 1000


class Copied(Outcome):
    NEW = "new"
    # The same person had made the same copy before; nothing was changed.
    AGAIN = "again"


@retried
def copy_conference(
    *,
    source: Conference,
    by: Actor,
    title: str,
    slug: str,
    dates: Dates,
    series: Series | None,
    with_roster: bool = False,
) -> tuple[Conference, Copied]:
    """Creates a draft with the texts, rules and limits of this conference, and with its team and roster.

    The team is copied by those who may give roles in the series; the roster if `with_roster` is set.

    Raises:
        ValidationError: a value is invalid or taken, the dates cannot be, the conference is gone, or the
            person may not copy it to there; the messages have the names of the form's fields as keys.
    """
    try:
        with transaction.atomic():
            locked = _lock(source, series)
            person = refuse_actor(by.person, source=locked, series=series, with_roster=with_roster)
            copy = _draft_of(locked, dates, title=title.strip(), slug=slug, series=series, created_by=person)
            if same := _made_before(copy):
                return same, Copied.AGAIN
            refuse_dates(dates, now=locked.now, zone=locked.zone)
            # What is copied was valid when it was entered, and is not in the form.
            copy.full_clean(exclude=CONFERENCE.copied)
            return _store(locked, copy, dates, by, with_roster=with_roster), Copied.NEW
    except IntegrityError:
        taken = Conference._meta.get_field("slug").error_messages["unique"]
        names = {"model_name": _("Conference"), "field_label": _("web address")}
        raise ValidationError({"slug": coded_error(taken % names, code="unique")}) from None


def _lock(source: Conference, series: Series | None) -> Conference:
    """The series first, like changes of a team. The source is locked until the transaction ends."""
    if series and not Series.objects.select_for_update().filter(pk=series.pk).exists():
        raise ValidationError({"series": coded_error(_("This series no longer exists."), code="gone")})
    try:
        return lock_conference(source.pk)
    except Conference.DoesNotExist:
        raise ValidationError(
            _("The conference that you copy has been deleted in the meantime, so nothing was copied."),
            code="gone",
        ) from None


def _draft_of(
    source: Conference,
    dates: Dates,
    *,
    title: str,
    slug: str,
    series: Series | None,
    created_by: User | None,
) -> Conference:
    return Conference(
        title=title,
        slug=slug,
        series=series,
        starts_at=dates.starts_at,
        ends_at=dates.ends_at,
        created_by=created_by,
        **CONFERENCE.values_of(source),
    )


def _made_before(copy: Conference) -> Conference | None:
    names = ("slug", "title", "series", "starts_at", "ends_at", "created_by")
    return Conference.objects.filter(**{name: getattr(copy, name) for name in names}).first()


def _store(
    source: Conference, draft: Conference, dates: Dates, by: Actor, *, with_roster: bool
) -> Conference:
    create_conferences(conferences=[draft])
    # Not every database returns the IDs of rows that are inserted in bulk.
    copy = Conference.objects.get(slug=draft.slug)
    Admission.objects.filter(conference=copy).update(**ADMISSION.values_of(source.admission))
    for part in PARTS:
        part.copy(source, copy, dates)
    team = _copy_team(source, copy, by) if gives_roles(draft.created_by, draft.series) else 0
    entries = _copy_roster(source, copy, by) if with_roster else 0
    facts = {"name": NAME, "team": team, "entries": entries}
    what = _("Copied from “%(name)s”. People in the team: %(team)d. Roster entries: %(entries)d.")
    log_addition(by=by, target=copy, what=what % facts, about=source)
    what = _("Copied to “%(name)s”. People in the team: %(team)d. Roster entries: %(entries)d.")
    log_change(by=by, target=source, what=what % facts, about=copy)
    return copy


def _copy_team(source: Conference, copy: Conference, by: Actor) -> int:
    """Those who can log in. The team of the series needs no copy: it runs all conferences of the series."""
    team = TeamMember.objects.of_team(source).filter(person__is_active=True).select_related("person")
    now = database_now()
    members = [
        TeamMember(conference=copy, joined_at=now, added_by=by.person, **TEAM_MEMBER.values_of(member))
        for member in team
    ]
    TeamMember.objects.bulk_create(members)
    welcome_to_team(scope=copy, members=members, by=by.person)
    return len(members)


def _copy_roster(source: Conference, copy: Conference, by: Actor) -> int:
    present = RosterEntry.objects.filter(conference=source).present()
    now = database_now()
    entries = [
        RosterEntry(conference=copy, listed_at=now, created_by=by.person, **columns)
        for columns in present.values(*ROSTER_ENTRY.copied)
    ]
    RosterEntry.objects.bulk_create(entries, batch_size=BATCH)
    return len(entries)
