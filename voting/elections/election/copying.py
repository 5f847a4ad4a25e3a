"""What a copy of a conference takes over of its vote."""

from django.utils.translation import gettext as _

from confbox.kit.clock import database_now
from conferences.copying.dates import Dates
from conferences.copying.parts import CopiedPart, Section, facts_of
from conferences.copying.tables import Table
from conferences.models import Conference
from voting.elections.election.models import Election

RULES = (
    "who_votes",
    "late_joiners",
    "results_visibility",
    "organisers_see_tally",
    "publishes_participants",
    "ties",
    "window_needs_consent",
)
LIMITS = ("campaigns_per_candidate", "campaign_gap_hours", "reminder_limit")
ELECTION = Table(
    model=Election,
    copied=(*RULES, *LIMITS),
    new=("conference", "opens_at", "closes_at", "rules_set_at"),
    left=(
        "roll_frozen_at",
        "roll_size",
        "roll_digest",
        "tally_was_live",
        "window_changed_at",
        "consent_at_opening",
        "decided_at",
        "speaker",
        "updated_at",
    ),
)


def copy_election(source: Conference, copy: Conference, dates: Dates) -> None:
    """Rules that had not been set in the source remain to be set in the copy."""
    rules_set_at = database_now() if source.election.rules_set_at else None
    Election.objects.filter(conference=copy).update(
        opens_at=dates.opens_at,
        closes_at=dates.closes_at,
        rules_set_at=rules_set_at,
        **ELECTION.values_of(source.election),
    )


def sections_of(source: Conference) -> list[Section]:
    election = source.election
    rules = Section(_("Rules of the vote"), facts_of(election, *RULES))
    limits = Section(_("Campaign limits"), facts_of(election, *LIMITS))
    return [rules, limits] if election.rules_set_at else [limits]


def left_in_words() -> list[str]:
    return [
        _("Votes, the list of voters, the result and the speaker"),
        _("Pitches, campaigns and the emails that were sent"),
    ]


PART = CopiedPart([ELECTION], copy_election, sections_of, left_in_words)
