"""What each role in a team may do with votes and campaigns."""

from conferences.series.models import PERMISSIONS, Role

READS_ELECTION = {"voting.view_election", "voting.view_decision", "voting.view_pitch", "voting.view_campaign"}
OF_ROLES = {
    Role.OWNER: {*READS_ELECTION, "voting.review_campaign", "voting.add_decision"},
    Role.ORGANISER: {*READS_ELECTION, "voting.review_campaign", "voting.add_decision"},
    Role.REVIEWER: {"voting.view_campaign", "voting.review_campaign", "voting.view_pitch"},
    Role.HELP_DESK: set[str](),
    Role.OBSERVER: READS_ELECTION,
}


def add_to_roles() -> None:
    for role, permissions in OF_ROLES.items():
        PERMISSIONS[role] |= permissions
