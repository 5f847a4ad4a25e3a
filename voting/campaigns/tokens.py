from django.conf import settings
from django.core.signing import BadSignature, Signer
from django.urls import reverse

from conferences.models import Membership

SIGNER = Signer(salt="unsubscribe")


def unsubscribe_token(membership_id: int) -> str:
    """Names one recipient of one conference's mail; it does not expire, as old mails keep their link."""
    return SIGNER.sign(str(membership_id)).replace(":", ".")


def membership_of(token: str) -> Membership | None:
    """Whose token this is; nobody's when it was not made here."""
    try:
        number = SIGNER.unsign(token.replace(".", ":"))
    except BadSignature:
        return None
    return Membership.objects.select_related("user", "conference").filter(pk=number).first()


def unsubscribe_url(membership_id: int) -> str:
    return settings.SITE_URL + reverse("unsubscribe", args=[unsubscribe_token(membership_id)])
