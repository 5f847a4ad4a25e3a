"""A preview of an email, kept for the frame that shows it as its recipient gets it."""

from hashlib import sha256

from django.http import Http404

from confbox.kit.temporary_storage import save_temporarily, saved_temporarily
from conferences.models import Membership
from voting.campaigns.emails import CampaignEmails
from voting.campaigns.models import Campaign

SAVED_SECONDS = 900
KIND = "campaign-preview"


def preview_of(membership: Membership, *, subject: str, message: str) -> str:
    """The typed text as an email to its author, in HTML."""
    draft = Campaign(
        conference=membership.conference,
        candidate=membership,
        requested_by=membership.user,
        subject=subject,
        message=message,
    )
    return CampaignEmails(draft).for_person(membership.user).html_preview(membership.user)


def keep_preview(membership: Membership, *, subject: str, message: str) -> str:
    """Renders the typed text as an email to its author, and stores it for the frame to load."""
    html = preview_of(membership, subject=subject, message=message)
    key = sha256(html.encode()).hexdigest()[:16]
    save_temporarily(KIND, membership.user_id, version=key, content=html.encode(), seconds=SAVED_SECONDS)
    return key


def preview_html(membership: Membership, key: str) -> str:
    """The person's last preview, if it is this one."""
    found = saved_temporarily(KIND, membership.user_id, version=key)
    if found is None:
        raise Http404
    return found[0].decode()
