"""A vote whose time came while its conference was a draft: it opens when the conference is published."""

from typing import Any

from conferences.models import Conference
from voting.elections.election.actions import lock_election


def open_on_publication(*, conference: Conference, **_ignored: Any) -> None:
    if conference.status == Conference.Status.DRAFT:
        open_if_due(conference)


def open_if_due(conference: Conference) -> None:
    """Voting opens now if its time has passed meanwhile: no one could vote before.

    So the roll, the turnout over time and the email that voting has opened start from when it did.
    Called within the transaction that publishes the draft.
    """
    election = lock_election(conference.pk)
    opens, closes = election.opens_at, election.closes_at
    if opens and closes and opens < election.now < closes and election.roll_frozen_at is None:
        election.opens_at = election.now
        election.save(update_fields=["opens_at", "updated_at"])
