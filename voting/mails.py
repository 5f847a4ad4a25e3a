from collections.abc import Iterable

from django.core.mail import EmailMessage
from django.template.loader import render_to_string
from django.utils.translation import gettext as _

from accounts.models import User
from accounts.tasks import send_mail
from conferences.models import Membership


def tell_freed_voters(*, membership: Membership, voters: Iterable[User]) -> None:
    """Mails each voter whose vote was freed that they can vote again."""
    for voter in voters:
        context = {"voter": voter, "candidate": membership, "conference": membership.conference}
        send_mail(
            EmailMessage(
                _("Your vote in %(conference)s is free again") % {"conference": membership.conference},
                render_to_string("voting/mail/vote_freed.txt", context),
                to=[voter.email],
            )
        )
