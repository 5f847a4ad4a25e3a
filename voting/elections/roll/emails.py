"""Notices to members whose right to vote an organiser has changed, each in the member's language.

No word of them depends on whether the member had voted.
"""

from django.template.loader import render_to_string
from django.utils.translation import gettext as _
from django.utils.translation import override

from accounts.languages import language_of
from confbox.kit.email_sending import send_email
from conferences.contact import conference_email
from voting.elections.roll.models import RollChange


def notify_of_roll_change(change: RollChange) -> None:
    member = change.entry.membership
    assert member
    conference = change.entry.election.conference
    context = {"member": member, "conference": conference, "election": change.entry.election}
    with override(language_of(member.user)):
        subject = {
            RollChange.Act.ADDED: _("You can now vote at %(conference)s"),
            RollChange.Act.REMOVED: _("You can no longer vote at %(conference)s"),
        }[RollChange.Act(change.act)]
        text = render_to_string(
            f"voting/elections/emails/roll_{change.act}.txt", context | {"reason": change.reason}
        )
        subject %= {"conference": conference}
        send_email(conference_email(conference, subject=subject, text=text, to=member.user.email))
