"""The digest of what waits for the team's answer: at most one an hour for each conference."""

from collections import Counter, defaultdict
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, ClassVar

from django.conf import settings
from django.db.models import Case, Exists, F, OuterRef, Q, QuerySet, When
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, override

from accounts.languages import language_of
from accounts.models import User
from conferences.joining.emails import MAY_ANSWER
from conferences.local_times import in_zone
from conferences.models import Conference, JoinRequest, Membership
from conferences.series.roles.models import MODERATE
from conferences.teams.organisers import organisers_of
from voting.campaigns.kinds.registry import kind_of
from voting.campaigns.links import waiting_url
from voting.campaigns.models import Campaign
from voting.elections.election.models import Election
from voting.elections.moderation.emails import PAGE as MODERATION
from voting.elections.moderation.models import Report
from voting.timetable.kinds.kind import HORIZON, Draft, NoticeKind, Occasion, Text
from voting.timetable.kinds.team import people_in_words
from voting.timetable.models import Notice

# How long a campaign waits only for the person who wrote it.
ALONE = timedelta(hours=1)
# The occasion of a campaign is its ID, that of a request the negative of its ID, and that of a report its ID
# far above those of campaigns.
CAMPAIGN, REQUEST = (1, 0), (-1, 0)
REPORT = (1, 1 << 40)


@dataclass
class Numbers:
    """What one person can answer."""

    campaigns: int = 0
    requests: int = 0
    reports: int = 0


class Waiting(NoticeKind):
    """Each campaign, request and report is an occasion; one email is about all that have not been in one."""

    code = "waiting"
    label: ClassVar[Text] = gettext_lazy("Campaigns, requests to join and reports are waiting")
    audience: ClassVar[Text] = gettext_lazy("Those of the team who can answer them")
    when: ClassVar[Text] = gettext_lazy("When one arrives, at most once an hour")
    is_repeated = True
    GAP = timedelta(hours=1)

    def is_for(self, election: Election) -> bool:
        """Before its vote is set up, too."""
        return election.conference.status == Conference.Status.ACTIVE

    def due(self, now: datetime) -> QuerySet[Election]:
        campaigns = _to_others(now).filter(requested_at__gt=now - HORIZON)
        requests = JoinRequest.objects.to_answer().filter(asked_at__lte=now, asked_at__gt=now - HORIZON)
        recent = Notice.objects.filter(kind=self.code, conference=OuterRef("pk"), at__gt=now - self.GAP)
        found = Election.objects.filter(conference__status=Conference.Status.ACTIVE)
        reports = Report.objects.to_settle().filter(reported_at__lte=now, reported_at__gt=now - HORIZON)
        reports = reports.annotate(conference=F("membership__conference"))
        news = Q(pk__in=self._untold(campaigns, CAMPAIGN)) | Q(pk__in=self._untold(requests, REQUEST))
        news |= Q(pk__in=self._untold(reports, REPORT))
        return found.filter(news).exclude(Exists(_sent(recent)))

    def _untold(self, items: QuerySet[Any, Any], numbering: tuple[int, int]) -> QuerySet[Any, Any]:
        """The IDs of the conferences of those that have been in no digest."""
        told = Notice.objects.filter(
            kind=self.code, conference=OuterRef("conference"), occasion=OuterRef("occasion")
        )
        sign, first = numbering
        numbered = items.annotate(occasion=F("pk") * sign + first)
        untold: QuerySet[Any, Any] = numbered.filter(~Exists(told)).order_by().values("conference")
        return untold

    def occasions(self, election: Election) -> list[Occasion]:
        last = _sent(Notice.objects.filter(kind=self.code, conference=election.pk)).order_by("-at").first()
        free_at = last.at + self.GAP if last else datetime.min.replace(tzinfo=election.now.tzinfo)
        campaigns = self._campaigns(election).values_list("pk", "asked_for_at")
        requests = self._requests(election).values_list("pk", "asked_at")
        reports = self._reports(election).values_list("pk", "reported_at")
        numbered = ((CAMPAIGN, campaigns), (REQUEST, requests), (REPORT, reports))
        return [
            Occasion(max(at, free_at), sign * pk + first)
            for (sign, first), rows in numbered
            for pk, at in rows
        ]

    def too_late_from(self, election: Election, due_at: datetime) -> datetime:
        return election.conference.ends_at

    def people(self, election: Election) -> list[User]:
        return list(self._what_waits(election))

    def write_to(self, person: User, election: Election, late: datetime | None) -> Draft:
        return self._written(election, person, self._what_waits(election)[person], late)

    def recipients_in_words(self, election: Election) -> str:
        permissions = ("voting.review_campaign", "voting.send_invitation", MAY_ANSWER, MODERATE)
        people = [organisers_of(election.conference, permission) for permission in permissions]
        return people_in_words(len(set().union(*people)))

    def draft(self, election: Election, viewer: User) -> Draft:
        return self._written(election, viewer, Numbers(1, 1, 1), None)

    def _campaigns(self, election: Election) -> QuerySet[Any]:
        return _to_others(election.now).filter(conference=election.pk)

    def _requests(self, election: Election) -> QuerySet[JoinRequest]:
        return JoinRequest.objects.to_answer().filter(conference=election.pk)

    def _reports(self, election: Election) -> QuerySet[Report]:
        return Report.objects.to_settle().filter(membership__conference=election.pk)

    def _what_waits(self, election: Election) -> dict[User, Numbers]:
        """By the people who can answer some of it."""
        found: dict[User, Numbers] = defaultdict(Numbers)
        reviewers: dict[tuple[str, User | None], list[User]] = {}
        for campaign in self._campaigns(election).select_related("requested_by"):
            # No one reviews what they wrote.
            permission, writer = kind_of(campaign).permission_to_review, campaign.requested_by
            if (permission, writer) not in reviewers:
                reviewers[permission, writer] = organisers_of(election.conference, permission, but=[writer])
            for person in reviewers[permission, writer]:
                found[person].campaigns += 1
        if requests := self._requests(election).count():
            for person in organisers_of(election.conference, MAY_ANSWER):
                found[person].requests = requests
        self._add_reports(election, found)
        return found

    def _add_reports(self, election: Election, found: dict[User, Numbers]) -> None:
        """No one learns of reports about themselves."""
        about = Counter(self._reports(election).values_list("membership__user", flat=True))
        team = organisers_of(election.conference, MODERATE) if about else []
        for reported, number in about.items():
            others = [person for person in team if person.pk != reported]
            asked = others or organisers_of(election.conference, MODERATE, but=[User(pk=reported)])
            for person in asked:
                found[person].reports += number

    def _written(self, election: Election, person: User, numbers: Numbers, late: datetime | None) -> Draft:
        conference = election.conference
        context = {
            "conference": conference,
            "person": person,
            "campaigns": numbers.campaigns,
            "campaigns_url": settings.SITE_URL + waiting_url(conference.pk),
            "requests": numbers.requests,
            "requests_url": settings.SITE_URL + reverse("admin:conferences_joining", args=[conference.pk]),
            "reports": numbers.reports,
            "reports_url": settings.SITE_URL + reverse(MODERATION, args=[conference.pk]),
        }
        with override(language_of(person)):
            context["late"] = in_zone(conference, late)
            subject = _("Waiting for your answer at %(conference)s") % {"conference": conference}
            return Draft(subject, render_to_string("voting/timetable/emails/waiting.txt", context))


def _to_others(now: datetime) -> QuerySet[Any]:
    """The campaigns for which others are asked, and from when.

    Who wrote one with the standard text may approve it alone, so for an hour it waits for them, unless their
    own pitch may be in it.
    """
    stands = Membership.objects.filter(conference=OuterRef("conference"), user=OuterRef("requested_by"))
    waits_for_its_author = When(~Exists(stands), is_standard_text=True, then=F("requested_at") + ALONE)
    waiting: QuerySet[Any] = Campaign.objects.waiting()
    waiting = waiting.annotate(asked_for_at=Case(waits_for_its_author, default=F("requested_at")))
    return waiting.filter(asked_for_at__lte=now)


def _sent(notices: QuerySet[Notice]) -> QuerySet[Notice]:
    return notices.exclude(outcome=Notice.Outcome.SKIPPED)
