"""The conference to which a row belongs: the one question behind permissions and the audit log."""

from typing import Any

from django.db import models
from django.db.models import OuterRef, QuerySet, Subquery

from accounts.models import AdminAct
from conferences.models import Conference

# The columns that lead from a row towards its conference, in this order. An election has the conference's ID.
HAS_ID = ("conference", "election")
LEADS_ON = ("membership", "campaign", "entry")


def conference_id_of(row: models.Model) -> int | None:
    """None for rows of the whole site, such as a person."""
    if isinstance(row, Conference):
        return row.pk
    columns = {field.name for field in row._meta.fields}
    for name in HAS_ID:
        if name in columns:
            found: int | None = getattr(row, f"{name}_id")
            return found
    for name in LEADS_ON:
        if name in columns and (next_row := getattr(row, name)):
            return conference_id_of(next_row)
    return None


def conference_of(row: Any) -> Conference | None:
    """The conference itself, from the row where it was loaded with it."""
    if isinstance(row, Conference):
        return row
    for field in row._meta.fields:
        if field.related_model is Conference and field.is_cached(row):
            found: Conference | None = getattr(row, field.name)
            return found
    number = conference_id_of(row)
    return Conference.objects.filter(pk=number).first() if number else None


def with_conference(acts: QuerySet[AdminAct]) -> Any:
    """Its title and time zone; empty for what concerns no conference, or one that was deleted."""
    of_act = Conference.objects.filter(pk=OuterRef("of_conference"))
    return acts.annotate(
        title=Subquery(of_act.values("title")[:1]), zone_name=Subquery(of_act.values("time_zone")[:1])
    )
