"""What each role may do, in words."""

from typing import Any

from django.utils.translation import gettext_lazy as _

from conferences.models import Role, Series

DESCRIPTIONS = {
    Role.OWNER: _("Everything, including the team and deleting the conference."),
    Role.ORGANISER: _(
        "The conference, its members and roster, campaigns, the votes and the decision. Not the team."
    ),
    Role.REVIEWER: _("Campaigns and pitches. No email addresses of members, and no votes."),
    Role.HELP_DESK: _(
        "Members, requests to join, join codes, the roster and "
        "its invitations. No votes and no members' campaigns."
    ),
    Role.OBSERVER: _(
        "Reads campaigns, the votes, the decision and, without the members, the audit log. Changes nothing."
    ),
}
OF_SERIES = DESCRIPTIONS | {Role.OWNER: _("Everything, including the team and deleting its conferences.")}


def descriptions_for(scope: Any) -> dict[Role, Any]:
    """Of the roles in the team of this series or conference."""
    return OF_SERIES if isinstance(scope, Series) else DESCRIPTIONS
