"""The emails of the timetable that members get. Each is sent like a campaign."""

from datetime import datetime, timedelta
from typing import ClassVar

from django.db.models import F, Q, QuerySet
from django.utils.translation import gettext_lazy, ngettext, override

from accounts.languages import language_of
from accounts.models import User
from confbox.kit.html_to_text import html_to_text
from confbox.kit.markdown import markdown_to_html
from voting.campaigns.kinds.kind import CampaignKind
from voting.campaigns.kinds.notices import CLOSES_SOON, OPENED
from voting.campaigns.models import Campaign, Delivery
from voting.campaigns.notices import release_notice
from voting.campaigns.recipients import campaign_to_be, count_recipients, recipients_of
from voting.elections.election.models import Election
from voting.timetable.kinds.kind import HORIZON, Draft, NoticeKind, Occasion, Reason, Text, running, untold
from voting.timetable.models import Notice

LONG_VOTE, SHORT_VOTE = timedelta(days=5), timedelta(days=2)
BEFORE_LONG, BEFORE_SHORT = timedelta(hours=48), timedelta(hours=24)
# A rehearsal plays all of it within minutes.
IN_REHEARSAL = timedelta(minutes=1)


class MemberNotice(NoticeKind):
    """Once for each vote, however its window is moved after that."""

    campaign: ClassVar[CampaignKind]

    def due_at(self, election: Election) -> datetime | None:
        raise NotImplementedError

    def occasions(self, election: Election) -> list[Occasion]:
        due_at = self.due_at(election)
        return [Occasion(due_at)] if due_at else []

    def send(self, election: Election, occasions: list[Occasion]) -> Campaign:
        notice = Campaign(
            conference=election.conference,
            kind=self.campaign.code,
            due_at=occasions[0].due_at,
            is_standard_text=True,
        )
        return release_notice(notice, at=election.now)

    def unneeded(self, election: Election, due_at: datetime) -> str:
        """Where no member may vote, or can be reached. It does not depend on who has voted."""
        may_vote = campaign_to_be(conference=election.conference, kind=OPENED.code)
        return Reason.NONE if recipients_of(may_vote).exists() else Reason.NO_READER

    def reached_in_words(self, notice: Notice) -> str:
        if notice.campaign is None or self.campaign.secret_audience:
            return ""
        number = Delivery.objects.filter(campaign=notice.campaign, status=Delivery.Status.SENT).count()
        return ngettext("%(n)d member", "%(n)d members", number) % {"n": number}

    def recipients_in_words(self, election: Election) -> str:
        number = count_recipients(self._to_be(election))
        if number is None:
            return ""
        return ngettext("%(n)d member", "%(n)d members", number) % {"n": number}

    def draft(self, election: Election, viewer: User) -> Draft:
        campaign = self._to_be(election)
        with override(language_of(viewer)):
            text = html_to_text(markdown_to_html(self.campaign.message(campaign)))
            return Draft(self.campaign.subject(campaign), text)

    def _to_be(self, election: Election) -> Campaign:
        return campaign_to_be(conference=election.conference, kind=self.campaign.code)


class VotingOpened(MemberNotice):
    code = "opened"
    label: ClassVar[Text] = gettext_lazy("Voting has opened")
    audience: ClassVar[Text] = gettext_lazy("Members who may vote")
    when: ClassVar[Text] = gettext_lazy("When voting opens")
    campaign = OPENED

    def due(self, now: datetime) -> QuerySet[Election]:
        opened = running().filter(opens_at__lte=now, opens_at__gt=now - HORIZON, rules_set_at__lte=now)
        return untold(opened, self.code)

    def due_at(self, election: Election) -> datetime | None:
        if not election.opens_at or not election.rules_set_at:
            return None
        return max(election.opens_at, election.rules_set_at)

    def too_late_from(self, election: Election, due_at: datetime) -> datetime:
        assert election.closes_at
        return min(election.closes_at, due_at + timedelta(days=3))


class VotingClosesSoon(MemberNotice):
    code = "closes_soon"
    label: ClassVar[Text] = gettext_lazy("Voting closes soon")
    audience: ClassVar[Text] = gettext_lazy("Members who have not voted by the time it is sent")
    when: ClassVar[Text] = gettext_lazy(
        "48 hours before voting closes; 24 hours for votes of two to five days; not at all for shorter ones"
    )
    campaign = CLOSES_SOON

    def due(self, now: datetime) -> QuerySet[Election]:
        is_long = Q(opens_at__lt=F("closes_at") - LONG_VOTE)
        is_short = Q(opens_at__gte=F("closes_at") - LONG_VOTE, opens_at__lte=F("closes_at") - SHORT_VOTE)
        soon = is_long & Q(closes_at__lte=now + BEFORE_LONG) | is_short & Q(closes_at__lte=now + BEFORE_SHORT)
        soon |= Q(conference__rehearses__isnull=False, closes_at__lte=now + IN_REHEARSAL)
        # The database finds these by the index of the deadline before it looks at the length.
        near = running().filter(closes_at__gt=now - HORIZON, closes_at__lte=now + BEFORE_LONG)
        return untold(near.filter(soon), self.code)

    def due_at(self, election: Election) -> datetime | None:
        if not election.opens_at or not election.closes_at:
            return None
        lasts = election.closes_at - election.opens_at
        if election.conference.is_rehearsal:
            return election.closes_at - IN_REHEARSAL
        if lasts < SHORT_VOTE:
            return None
        return election.closes_at - (BEFORE_LONG if lasts > LONG_VOTE else BEFORE_SHORT)

    def too_late_from(self, election: Election, due_at: datetime) -> datetime:
        assert election.closes_at
        return election.closes_at

    def unneeded(self, election: Election, due_at: datetime) -> str:
        """A deadline that was moved to so soon has been in an email to all members."""
        moved = election.window_changed_at
        return Reason.CHANGED if moved and moved > due_at else super().unneeded(election, due_at)
