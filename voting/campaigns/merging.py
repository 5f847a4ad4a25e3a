"""What merging two conferences means for their emails."""

from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from conferences.merging.people import Merge, People
from conferences.merging.refusals import Refusal, Way
from voting.campaigns.models import Campaign
from voting.campaigns.subscriptions.models import Unsubscription


def why_not_to_merge(merge: Merge) -> Refusal | None:
    waiting = Campaign.objects.filter(conference=merge.duplicate, status__in=Campaign.OPEN).count()
    if not waiting:
        return None
    said = ngettext(
        "%(n)d campaign of %(duplicate)s is waiting or being sent. Please decide or stop it first, or wait "
        "until it has been sent.",
        "%(n)d campaigns of %(duplicate)s are waiting or being sent. Please decide or stop them first, or "
        "wait until they have been sent.",
        waiting,
    )
    url = f"{reverse('admin:voting_campaign_changelist')}?conference__id__exact={merge.duplicate.pk}"
    return Refusal(said % merge.names(n=waiting), (Way(_("Open the emails"), url),))


def move_unsubscriptions(merge: Merge, people: People) -> None:
    """Who wants no campaigns of the one wants none of the other; members of both have chosen for each."""
    chose = {other.user_id for _member, other in people.in_both}
    chose.update(Unsubscription.objects.filter(conference=merge.stays).values_list("user", flat=True))
    found = Unsubscription.objects.filter(conference=merge.duplicate)
    moving = [row.pk for row in found if row.user_id not in chose]
    found.filter(pk__in=moving).update(conference=merge.stays)


def consequences_of_merging(merge: Merge, people: People) -> list[str]:
    sent = Campaign.objects.filter(conference=merge.duplicate).count()
    if not sent:
        return []
    return [
        ngettext(
            "%(n)d email that was sent to members of %(duplicate)s is deleted from this site.",
            "%(n)d emails that were sent to members of %(duplicate)s are deleted from this site.",
            sent,
        )
        % merge.names(n=sent)
    ]
