"""What each role in a team may do with votes and campaigns."""

from conferences.series.roles.models import PERMISSIONS, Role

READS_ELECTION = {"voting.view_election", "voting.view_decision", "voting.view_pitch", "voting.view_campaign"}
REVIEWS = {f"voting.{may}" for may in ("view_campaign", "review_campaign", "send_invitation", "view_pitch")}
OF_ROLES = {
    Role.OWNER: {*READS_ELECTION, *REVIEWS, "voting.add_decision"},
    Role.ORGANISER: {*READS_ELECTION, *REVIEWS, "voting.add_decision"},
    Role.REVIEWER: REVIEWS,
    Role.HELP_DESK: {"voting.send_invitation"},
    Role.OBSERVER: READS_ELECTION,
}


def add_to_roles() -> None:
    for role, permissions in OF_ROLES.items():
        PERMISSIONS[role] |= permissions
