from django.conf import settings
from django.core.signing import BadSignature, TimestampSigner
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils.translation import gettext as _

from accounts import actions as account_actions
from accounts.actors import Actor
from accounts.models import User
from confbox.kit.email_foot import site_email
from confbox.kit.email_sending import send_email
from confbox.kit.outcomes import Change
from confbox.kit.retries import retried
from conferences.models import Conference
from voting.campaigns.subscriptions.models import UnsubscribedMailbox, Unsubscription
from voting.campaigns.subscriptions.reachability import forget_bounces

ADDRESS_SIGNER = TimestampSigner(salt="confirm address again")
LINK_SECONDS = 24 * 3600


@retried
def unsubscribe(*, conference: Conference, everywhere: bool, by: Actor) -> Change:
    """Unsubscribes from this conference's campaigns, or from all. Idempotent."""
    if everywhere:
        return account_actions.set_receives_campaigns(receives=False, by=by)
    _row, is_new = Unsubscription.objects.get_or_create(conference=conference, user=by.user)
    return Change.of(is_new)


@retried
def subscribe(*, conference: Conference, by: Actor) -> Change:
    """Subscribes to this conference's campaigns again, and to campaigns in general. Idempotent."""
    removed = Unsubscription.objects.filter(conference=conference, user=by.user).delete()[0]
    changed = account_actions.set_receives_campaigns(receives=True, by=by)
    return Change.MADE if removed else changed


@retried
def unsubscribe_mailbox(*, digest: str, by: Actor) -> Change:
    """A mailbox, with or without an account, wants no more invitations from any conference. Idempotent."""
    _row, is_new = UnsubscribedMailbox.objects.get_or_create(digest=digest)
    return Change.of(is_new)


@retried
def subscribe_mailbox(*, digest: str, by: Actor) -> Change:
    return Change.of(UnsubscribedMailbox.objects.filter(digest=digest).delete()[0])


def ask_to_confirm_address(*, by: Actor) -> User:
    """Emails a link to an address that was refused; a person who can read it there can confirm it again."""
    user = by.user
    token = ADDRESS_SIGNER.sign_object({"user": user.pk, "address": user.email}).replace(":", ".")
    url = settings.SITE_URL + reverse("confirmed-address", args=[token])
    text = render_to_string("voting/campaigns/emails/address.txt", {"person": user, "url": url})
    send_email(site_email(subject=_("Confirm your email address again"), text=text, to=user.email))
    return user


def confirmed_address(*, user: User, token: str) -> str | None:
    """The email address that the link confirms; None if it is not this person's or has expired."""
    try:
        signed = ADDRESS_SIGNER.unsign_object(token.replace(".", ":"), max_age=LINK_SECONDS)
    except BadSignature:
        return None
    return user.email if signed == {"user": user.pk, "address": user.email} else None


def forget_undeliverable(*, by: Actor) -> Change:
    """The person has shown that emails arrive. No change if their email address was not marked.

    What came back before does not count again.
    """
    return forget_bounces(by.user.email)
