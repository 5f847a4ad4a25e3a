from collections.abc import Collection

from django.core.exceptions import ValidationError
from django.db.models import QuerySet
from django.utils.translation import gettext as _

from confbox.kit.clock import DatabaseNow
from conferences.gone import is_gone
from conferences.models import Conference
from voting.elections.election.models import Election


def create_elections(conferences: Collection[Conference]) -> None:
    """Creates the election of each of these conferences."""
    lacking = Conference.objects.lacking("election", among=conferences).values_list("pk", flat=True)
    Election.objects.bulk_create([Election(conference_id=pk) for pk in lacking], batch_size=500)


def lock_election(conference_id: int) -> Election:
    """Locks the election until the transaction ends; returns it with its conference and the database's clock.

    This waits for votes in flight, each of which holds a share lock on this row until it is stored. The
    conference is not locked: editing it does not wait.
    """
    elections = Election.objects.annotate(as_of=DatabaseNow())  # type: ignore[no-redef]
    locked = elections.select_for_update().filter(pk=conference_id)
    election = locked.first() or _make_election(conference_id, locked)
    election.conference = Conference.objects.get(pk=conference_id)
    election.conference.as_of = election.as_of
    return election


def _make_election(conference_id: int, locked: QuerySet[Election]) -> Election:
    """For a conference without an election, such as one from a fixture.

    Raises:
        ValidationError: the conference was merged or deleted while this waited for its lock.
    """
    if not Conference.objects.filter(pk=conference_id).exists():
        raise ValidationError(is_gone(), code="gone")
    Election.objects.get_or_create(conference_id=conference_id)
    return locked.get()


def refuse_while_open(conference: Conference) -> None:
    """Raises ValidationError if voting is open: a conference is not deactivated during its vote."""
    locked = lock_election(conference.pk)
    if locked.is_open():
        raise ValidationError(
            _(
                "Voting is open at %(conference)s. Close it first on the page "
                "“Turnout”, which asks for a reason and notifies all members."
            )
            % {"conference": locked.conference},
            code="voting_open",
        )
