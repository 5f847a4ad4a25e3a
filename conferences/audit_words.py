"""What this app adds to the words of the audit log."""

from django.utils.translation import gettext_lazy as _

from accounts.audit_words import ACTS, NAMELESS


def add_words() -> None:
    ACTS.update(
        {
            "ask for consent": _("A second person is asked to confirm"),
            "ask to join": _("Asked to join"),
            "cancel": _("Cancelled"),
            "claim ticket": _("Ticket found"),
            "confirm request": _("Answered by a second person"),
            "correct reason": _("Reason of a change corrected"),
            "decline request": _("Declined by a second person"),
            "end API token": _("API token ended"),
            "import": _("Conferences imported"),
            "join": _("Joined"),
            "lapse request": _("Not confirmed in time"),
            "make API token": _("API token made"),
            "merge": _("Merged with a duplicate"),
            "move": _("Moved to other dates or another place"),
            "reinstate": _("Reinstated"),
            "unpublish": _("Taken off the site"),
            "send email again": _("Email sent again"),
            "settle email": _("Email that was not sent settled"),
            "send test email": _("Test email sent"),
            "withdraw request": _("Request for confirmation withdrawn"),
        }
    )
    NAMELESS.update(
        {
            "conference": _("another conference"),
            "joinrequest": _("a person"),
            "membership": _("a member"),
            "rosterentry": _("a person on the roster"),
            "teaminvitation": _("a person"),
        }
    )
