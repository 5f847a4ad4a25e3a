from urllib.parse import urlencode

from django.urls import reverse

from voting.campaigns.models import Campaign


def waiting_url(conference_id: int) -> str:
    """The list of the admin with the campaigns of this conference that wait for an organiser's answer."""
    waiting = {"status__exact": Campaign.Status.REQUESTED, "conference__id__exact": conference_id}
    return reverse("admin:voting_campaign_changelist") + "?" + urlencode(waiting)
