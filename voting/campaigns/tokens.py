from django.conf import settings
from django.core.signing import BadSignature, Signer
from django.urls import reverse

from conferences.models import Membership

SIGNER = Signer(salt="unsubscribe")


def unsubscribe_token(membership_id: int) -> str:
    """Identifies one recipient of one conference's emails.

    It does not expire, so links in old emails keep working.
    """
    return SIGNER.sign(str(membership_id)).replace(":", ".")


def membership_of(token: str) -> Membership | None:
    """The membership that this token identifies; None if the token is not ours."""
    try:
        number = SIGNER.unsign(token.replace(".", ":"))
    except BadSignature:
        return None
    return Membership.objects.select_related("user", "conference").filter(pk=number).first()


def unsubscribe_url(membership_id: int) -> str:
    return settings.SITE_URL + reverse("unsubscribe", args=[unsubscribe_token(membership_id)])
