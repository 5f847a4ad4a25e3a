"""What each role may do, in words."""

from django.utils.translation import gettext_lazy as _

from conferences.models import Role

DESCRIPTIONS = {
    Role.OWNER: _("Everything, including the team and deleting the conference."),
    Role.ORGANISER: _(
        "The conference, its members and roster, campaigns, the tally and the decision. Not the team."
    ),
    Role.REVIEWER: _("Campaigns and pitches. No email addresses of members, and no tally."),
    Role.HELP_DESK: _("Members, invitations and the roster. No campaigns, and no tally."),
    Role.OBSERVER: _("Reads campaigns, the tally, the decision and the audit log, and changes nothing."),
}
