"""What the page of an act on a conference shows of it: one confirmed on an old page is refused."""

from django.utils.translation import gettext as _

from confbox.kit.seen import refuse_outdated, version_of
from conferences.admission.rules import rules_of
from conferences.models import Conference

SHOWN = ("title", "slug", "status", "visibility", "starts_at", "ends_at", "time_zone", "place")


def version_shown(conference: Conference) -> str:
    """Also whether voting is open, and not what only grows, such as the number of members."""
    election, columns = conference.election, [getattr(conference, name) for name in SHOWN]
    vote = [election.opens_at, election.closes_at, election.state(conference.now)]
    return version_of(columns, vote, rules_of(conference).updated_at if conference.pk else None)


def refuse_old_page(version: str, seen: str) -> None:
    """Raises Outdated if the locked conference has another version than when its page was opened."""
    said = _(
        "This conference has changed since you opened this page, so nothing was done. Please check it again."
    )
    refuse_outdated(seen, version, said)
