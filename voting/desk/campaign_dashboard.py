"""Campaigns to review, for the dashboard of those who review them."""

from django.db.models import Q, QuerySet
from django.utils.translation import ngettext

from accounts.permissions import Viewer
from conferences.models import Conference
from conferences.teams.dashboard import Waiting
from voting.campaigns.links import waiting_url
from voting.campaigns.models import Campaign
from voting.desk.campaign_access import INVITE, REVIEW, TO_ROSTER


def _rows(user: Viewer) -> QuerySet[Campaign]:
    may_review, may_invite = (
        Conference.objects.managed_by(user, asked).values("pk") for asked in (REVIEW, INVITE)
    )
    # No one reviews what is in their own words or asks to vote for them.
    own_words = Q(is_standard_text=False) & (Q(requested_by=user.pk) | Q(edited_by=user.pk))
    is_for_others = own_words | Q(candidate__user=user.pk)
    is_to_roster = Q(kind__in=TO_ROSTER)
    return (
        Campaign.objects.waiting()
        .exclude(is_for_others)
        .filter(~is_to_roster & Q(conference__in=may_review) | is_to_roster & Q(conference__in=may_invite))
    )


def _words(number: int) -> str:
    return ngettext("%(n)d campaign to review", "%(n)d campaigns to review", number) % {"n": number}


CAMPAIGNS = Waiting(urgency=40, rows=_rows, to_conference="conference", words=_words, url=waiting_url)
