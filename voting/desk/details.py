"""Changing the details of a conference, with the window and the limits of its vote, outside of its page."""

from collections.abc import Mapping
from typing import Any
from zoneinfo import ZoneInfo

from django.core.exceptions import ValidationError
from django.db import models, transaction
from django.forms import modelform_factory
from django.http import QueryDict
from django.utils.translation import gettext as _

from accounts.actors import Actor
from accounts.audited_admin import changed_in_words
from confbox.kit.outcomes import Change
from confbox.kit.retries import retried
from confbox.kit.seen import refuse_outdated, version_of
from confbox.kit.validators import time_zones
from conferences.actions import lock_conference
from conferences.admin import LOGGED_VALUES
from conferences.api.typed import typed
from conferences.changes.details import record_details
from conferences.models import Conference
from conferences.teams.series_field import may_move, offer_series
from voting.desk.conference_forms import COLUMNS, OF_THE_VOTE, ConferenceAndElectionForm
from voting.elections.election.actions import lock_election

TEXTS = ("title", "topic", "website", "place", "time_zone", "agenda", "contact_name", "contact_email")
CHOICES = ("visibility", "members_are_listed", "one_account_per_mailbox")
NAMES = (*TEXTS, "starts_at", "ends_at", *CHOICES)


def version_of_details(conference: Conference) -> str:
    return version_of(conference.updated_at, conference.election.updated_at)


@retried
def change_details(
    *, conference: Conference, values: Mapping[str, Any], by: Actor, seen: str = ""
) -> tuple[Change, Conference]:
    """Sets these, by the names of the fields; all others stay. The same values again change nothing.

    `seen` is the version that was read.

    Raises:
        ValidationError: a value is refused, by the names of the fields, or it has changed since it was read.
    """
    with transaction.atomic():
        locked = lock_conference(conference.pk)
        if not OF_THE_VOTE.isdisjoint(values):
            election = lock_election(locked.pk)
            locked.as_of, election.conference = election.as_of, locked
        refuse_outdated(seen, version_of_details(locked))
        form = _form(locked, values, by)
        if not form.is_valid():
            raise ValidationError(form.errors.as_data())
        if not form.changed_data:
            return Change.NONE, locked
        locked.has_dates = True
        form.save()
        form.save_election(locked)
        what = changed_in_words(form, LOGGED_VALUES)
        record_details(conference=locked, changed=form.changed_data, what=what, by=by)
    return Change.MADE, locked


def _form(locked: Conference, values: Mapping[str, Any], by: Actor) -> ConferenceAndElectionForm:
    is_draft, moves = locked.status == Conference.Status.DRAFT, may_move(by.user, locked)
    names = [*NAMES, *(["slug"] if is_draft else []), *(["series"] if moves else [])]
    fixed = {name for name in ("slug", "series") if name not in names and name in values}
    if changed := [name for name in sorted(fixed) if values[name] != _stored(locked, name)]:
        said = _("This can no longer be changed here.")
        raise ValidationError(dict.fromkeys(changed, said))
    factory: Any = modelform_factory(
        Conference, form=ConferenceAndElectionForm, fields=names, formfield_callback=_field
    )
    if moves:
        offer_series(factory.base_fields["series"], user=by.user, conference=locked)
    shown = factory(instance=locked)
    found: ConferenceAndElectionForm = factory(_entered(shown, values), instance=locked)
    return found


def _field(column: models.Field[Any, Any], **options: Any) -> Any:
    """As on the page."""
    https: dict[str, Any] = {"assume_scheme": "https"} if isinstance(column, models.URLField) else {}
    return column.formfield(**options, **https)


def _stored(conference: Conference, name: str) -> Any:
    return conference.series_id if name == "series" else getattr(conference, name)


def _entered(shown: ConferenceAndElectionForm, values: Mapping[str, Any]) -> QueryDict:
    """What a browser would send if a person typed these values, and touched nothing else."""
    zone = shown.instance.zone
    stored = {
        name: shown.get_initial_for_field(field, name)
        for name, field in shown.fields.items()
        if name not in shown.fixed
    }
    entered = typed(stored, zone)
    chosen = values.get("time_zone", "")
    typed_now = typed(values, ZoneInfo(chosen) if chosen in time_zones() else zone)
    for name in values.keys() & {*NAMES, *COLUMNS, "slug", "series"}:
        entered.pop(name, None)
        if name in typed_now:
            entered[name] = str(typed_now[name])
        elif values[name] is None:
            # Emptied, not left out.
            entered[name] = ""
    return entered
