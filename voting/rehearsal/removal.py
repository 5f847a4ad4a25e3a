"""A rehearsal leaves nothing behind: rows, people and audit log go in one transaction."""

from typing import Any

from django.contrib.admin.models import LogEntry
from django.contrib.contenttypes.models import ContentType
from django.db.models import Q

from accounts.models import AdminAct, User
from conferences.actions import lock_conference
from conferences.changes.deletion import delete_rows
from conferences.models import Conference, Membership, TeamMember
from voting.campaigns.models import Campaign
from voting.elections.election.models import Election
from voting.rehearsal.script import emails_of
from voting.rehearsal.twins import twin_of

# Whose history Django's admin keeps.
WITH_HISTORY: dict[Any, str] = {
    Conference: "pk",
    Election: "conference",
    Membership: "conference",
    Campaign: "conference",
    TeamMember: "conference",
}


def remove_rehearsal(twin: Conference) -> None:
    """In the transaction of its caller."""
    locked = lock_conference(twin.pk)
    for model, column in WITH_HISTORY.items():
        rows = model.objects.filter(**{column: locked.pk}).values_list("pk", flat=True)
        kind = ContentType.objects.get_for_model(model)
        LogEntry.objects.filter(content_type=kind, object_id__in=[str(pk) for pk in rows]).delete()
    pk, emails = locked.pk, emails_of(locked.pk)
    delete_rows(locked)
    # Only now: what they did while the worker still played is committed, and they do nothing more.
    AdminAct.objects.filter(Q(of_conference=pk) | Q(by__email__in=emails)).delete()
    User.objects.filter(email__in=emails).delete()


def remove_rehearsal_of(conference: Conference) -> None:
    """Before the conference itself is deleted."""
    twin = twin_of(conference)
    if twin:
        remove_rehearsal(twin)
