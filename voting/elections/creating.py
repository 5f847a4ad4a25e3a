"""The vote of a new conference: its times, and the usual rules, until organisers set others."""

from django.urls import reverse
from django.utils.translation import gettext as _

from accounts.actors import Actor
from conferences.copying.dates import Dates
from conferences.creating.parts import CreatingPart
from conferences.local_times import in_zone
from conferences.models import Conference
from voting.elections.election.actions import lock_election
from voting.elections.rules.actions import set_rules


def schedule(conference: Conference, dates: Dates, by: Actor) -> None:
    """Stores the times of the vote. Without rules it would not open, so it gets the usual ones."""
    election = lock_election(conference.pk)
    election.opens_at, election.closes_at = dates.opens_at, dates.closes_at
    election.save(update_fields=["opens_at", "closes_at", "updated_at"])
    if dates.opens_at and election.rules_set_at is None:
        set_rules(conference=conference, by=by)


def in_words(conference: Conference) -> list[str]:
    election = conference.election
    if election.opens_at is None or election.rules_set_at is None:
        return []
    times = {
        "opens": in_zone(conference, election.opens_at),
        "closes": in_zone(conference, election.closes_at),
    }
    said = _("Voting opens on %(opens)s and closes on %(closes)s.")
    if election.opens_when_published():
        said = _("Voting opens as soon as the conference is published, and closes on %(closes)s.")
    return [
        said % times,
        _("Who votes: %(rule)s.") % {"rule": election.get_who_votes_display()},
        _("Members see results: %(rule)s.") % {"rule": election.get_results_visibility_display()},
    ]


def url_of_rules(conference: Conference) -> str:
    return reverse("admin:voting_election_rules", args=[conference.pk])


PART = CreatingPart(schedule, in_words, url_of_rules)
