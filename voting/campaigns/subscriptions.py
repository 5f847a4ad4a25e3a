"""Who takes campaign mail, and which addresses mail servers refuse."""

from django.conf import settings
from django.core.mail import EmailMessage
from django.core.signing import BadSignature, TimestampSigner
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils.translation import gettext as _

from accounts import actions as account_actions
from accounts.models import User
from confbox.kit.email_sending import send_email
from conferences.models import Membership
from voting.campaigns.models import UndeliverableAddress, Unsubscription

ADDRESS_SIGNER = TimestampSigner(salt="confirm address again")
LINK_SECONDS = 24 * 3600


def unsubscribe(*, membership: Membership, everywhere: bool) -> None:
    """From this conference's campaigns, or from all. Idempotent."""
    if everywhere:
        account_actions.set_receives_campaigns(user=membership.user, receives=False)
    else:
        Unsubscription.objects.get_or_create(conference=membership.conference, user=membership.user)


def subscribe(*, membership: Membership) -> None:
    """Takes this conference's campaigns again, and with them campaigns at all. Idempotent."""
    Unsubscription.objects.filter(conference=membership.conference, user=membership.user).delete()
    account_actions.set_receives_campaigns(user=membership.user, receives=True)


def is_unsubscribed(membership: Membership) -> bool:
    rows = Unsubscription.objects.filter(conference=membership.conference, user=membership.user)
    return rows.exists()


def is_undeliverable(user: User) -> bool:
    return UndeliverableAddress.objects.filter(address=user.email).exists()


def ask_to_confirm_address(*, user: User) -> None:
    """Emails a link to an address that was refused; who can read it there can confirm it again."""
    token = ADDRESS_SIGNER.sign_object({"user": user.pk, "address": user.email}).replace(":", ".")
    url = settings.SITE_URL + reverse("confirmed-address", args=[token])
    text = render_to_string("voting/campaigns/emails/address.txt", {"person": user, "url": url})
    send_email(EmailMessage(_("Confirm your address again"), text, to=[user.email]))


def confirmed_address(*, user: User, token: str) -> str | None:
    """The address that this person confirms by the link; None if the link is not theirs or too old."""
    try:
        signed = ADDRESS_SIGNER.unsign_object(token.replace(".", ":"), max_age=LINK_SECONDS)
    except BadSignature:
        return None
    return user.email if signed == {"user": user.pk, "address": user.email} else None


def forget_undeliverable(*, address: str) -> bool:
    """The owner has shown that mail arrives there. False if the address was in order."""
    return bool(UndeliverableAddress.objects.filter(address=address).delete()[0])
