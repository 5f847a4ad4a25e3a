"""What this app adds to the words of the audit log."""

from django.utils.translation import gettext_lazy as _

from accounts.audit_words import ACTS

ACTS_OF_VOTES = {
    "accept to speak": _("Accepted to speak"),
    "ask to show pitch": _("Asked for the pitch to be shown again"),
    "be hidden": _("Hidden in the list of members"),
    "be listed": _("Shown in the list of members"),
    "change campaign": _("Request for a campaign changed"),
    "close voting": _("Voting closed early"),
    "cover pitch": _("Pitch covered"),
    "decline to speak": _("Declined to speak"),
    "dismiss reports": _("Reports dismissed"),
    "end rehearsal": _("Rehearsal ended"),
    "exclude": _("Excluded from the vote"),
    "hide pitch": _("Pitch hidden"),
    "hide profile": _("Profile hidden"),
    "keep linked": _("Votes kept linked to voters for longer"),
    "keep pitch hidden": _("Pitch kept hidden"),
    "leave": _("Left"),
    "move deadline": _("Deadline moved"),
    "opt in": _("Can be voted for"),
    "opt out": _("Can no longer be voted for"),
    "pass on reports": _("Reports passed on to the organisers of this site"),
    "readmit": _("Can vote again"),
    "request campaign": _("Campaign asked for"),
    "roll added": _("Added to the list of voters"),
    "roll removed": _("Removed from the list of voters"),
    "rules": _("Rules of the vote set"),
    "settle reports": _("Reports settled"),
    "share pitch": _("Pitch shared in public"),
    "show pitch again": _("Pitch shown again"),
    "show profile again": _("Profile shown again"),
    "start rehearsal": _("Rehearsal started"),
    "step down": _("Stepped down as the speaker"),
    "stop sharing pitch": _("Pitch no longer shared in public"),
    "uncover pitch": _("Pitch no longer covered"),
    "unlink voters": _("Voters unlinked from their ballots"),
    "withdraw campaign": _("Request for a campaign withdrawn"),
    "write pitch": _("Pitch written"),
}


def add_words() -> None:
    ACTS.update(ACTS_OF_VOTES)
