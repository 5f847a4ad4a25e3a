"""What each role may do, in words."""

from django.utils.translation import gettext_lazy as _

from conferences.models import Role

DESCRIPTIONS = {
    Role.OWNER: _("Everything, including the team and deleting the conference."),
    Role.ORGANISER: _(
        "The conference, its members and roster, campaigns, the tally and the decision. Not the team."
    ),
    Role.REVIEWER: _("Campaigns and pitches. No email addresses of members, and no tally."),
    Role.HELP_DESK: _(
        "Members, requests to join, join codes, the roster and its invitations. No other campaigns, no tally."
    ),
    Role.OBSERVER: _(
        "Reads campaigns, the tally, the decision and, without the members, the audit log. Changes nothing."
    ),
}
