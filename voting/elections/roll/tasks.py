"""Notifying the members whose right to vote was changed: one import can remove thousands."""

from datetime import datetime

from django_tasks import task

from confbox.kit.email_sending import enqueue_on_commit
from conferences.contact import contact_of_each
from voting.elections.election.models import Election
from voting.elections.roll.emails import notify_of_roll_change
from voting.elections.roll.models import RollChange


@task(queue_name="mail")
def email_changed_voters(*, election_id: int, at: str) -> None:
    """Those without an account get nothing: until they join, their invitation is what they know of."""
    changes = RollChange.objects.filter(entry__election=election_id, at=datetime.fromisoformat(at))
    here = changes.filter(entry__membership__left_at=None, entry__membership__user__is_active=True)
    excluded = here.filter(act=RollChange.Act.ADDED, entry__membership__excluded_at__isnull=False)
    found = here.exclude(entry__membership=None).exclude(pk__in=excluded.values("pk"))
    found = found.select_related("entry__membership__user", "entry__election")
    for change in found.prefetch_related(contact_of_each("entry__election__conference")).order_by("pk"):
        notify_of_roll_change(change)


def notify_changed_voters(election: Election, at: datetime) -> None:
    enqueue_on_commit(email_changed_voters, election_id=election.pk, at=at.isoformat())
