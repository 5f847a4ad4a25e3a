from django.conf import settings
from django.template.loader import render_to_string
from django.utils.translation import gettext as _
from django.utils.translation import override

from accounts.languages import language_of
from confbox.kit.email_sending import send_email
from conferences.contact import conference_email
from voting.campaigns.kinds.registry import kind_of
from voting.campaigns.models import Campaign
from voting.campaigns.progress import progress_of

NOTIFIED = {
    Campaign.Status.APPROVED,
    Campaign.Status.REFUSED,
    Campaign.Status.SENT,
    Campaign.Status.STOPPED,
}


def notify_requester(campaign: Campaign) -> None:
    """Emails the requester the new status of their campaign."""
    if not kind_of(campaign).notifies_requester or campaign.status not in NOTIFIED:
        return
    assert campaign.requested_by
    context = {
        "campaign": campaign,
        "progress": progress_of(campaign),
        "url": settings.SITE_URL + campaign.get_absolute_url(),
    }
    with override(language_of(campaign.requested_by)):
        subject = _("Your campaign at %(conference)s: %(status)s") % {
            "conference": campaign.conference,
            "status": campaign.get_status_display(),
        }
        text = render_to_string("voting/campaigns/emails/notice.txt", context)
        to = campaign.requested_by.email
        send_email(conference_email(campaign.conference, subject=subject, text=text, to=to))
