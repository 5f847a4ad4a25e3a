"""The digest of what waits for the team's answer: at most one an hour for each conference."""

from collections import Counter
from datetime import datetime, timedelta
from typing import Any, ClassVar

from django.conf import settings
from django.db.models import Exists, F, OuterRef, Q, QuerySet
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, override

from accounts.languages import language_of
from accounts.models import User
from conferences.contact import load_contact
from conferences.joining.emails import MAY_ANSWER
from conferences.local_times import in_zone
from conferences.models import Conference, JoinRequest
from conferences.teams.organisers import organisers_of
from voting.campaigns.kinds.registry import kind_of
from voting.campaigns.links import waiting_url
from voting.campaigns.models import Campaign
from voting.elections.election.models import Election
from voting.timetable.kinds.kind import HORIZON, Draft, NoticeKind, Occasion, Text
from voting.timetable.kinds.team import late_since, people_in_words, send_draft
from voting.timetable.models import Notice

# The occasion of a campaign is its ID, that of a request the negative of its ID.
CAMPAIGN, REQUEST = 1, -1


class Waiting(NoticeKind):
    """Each campaign and each request is an occasion; one email is about all that have not been in one."""

    code = "waiting"
    label: ClassVar[Text] = gettext_lazy("Campaigns and requests to join are waiting")
    audience: ClassVar[Text] = gettext_lazy("Those of the team who can answer them")
    when: ClassVar[Text] = gettext_lazy("When one arrives, at most once an hour")
    is_repeated = True
    GAP = timedelta(hours=1)

    def is_for(self, election: Election) -> bool:
        """Before its vote is set up, too."""
        return election.conference.status == Conference.Status.ACTIVE

    def due(self, now: datetime) -> QuerySet[Election]:
        campaigns = Campaign.objects.waiting().filter(requested_at__lte=now, requested_at__gt=now - HORIZON)
        requests = JoinRequest.objects.to_answer().filter(asked_at__lte=now, asked_at__gt=now - HORIZON)
        recent = Notice.objects.filter(kind=self.code, conference=OuterRef("pk"), at__gt=now - self.GAP)
        found = Election.objects.filter(conference__status=Conference.Status.ACTIVE)
        news = Q(pk__in=self._untold(campaigns, CAMPAIGN)) | Q(pk__in=self._untold(requests, REQUEST))
        return found.filter(news).exclude(Exists(_sent(recent)))

    def _untold(self, items: QuerySet[Campaign] | QuerySet[JoinRequest], sign: int) -> QuerySet[Any, Any]:
        """The IDs of the conferences of those that have been in no digest."""
        told = Notice.objects.filter(
            kind=self.code, conference=OuterRef("conference"), occasion=OuterRef("occasion")
        )
        numbered = items.annotate(occasion=F("pk") * sign)
        return numbered.filter(~Exists(told)).order_by().values("conference")

    def occasions(self, election: Election) -> list[Occasion]:
        last = _sent(Notice.objects.filter(kind=self.code, conference=election.pk)).order_by("-at").first()
        free_at = last.at + self.GAP if last else datetime.min.replace(tzinfo=election.now.tzinfo)
        campaigns = self._campaigns(election).values_list("pk", "requested_at")
        requests = self._requests(election).values_list("pk", "asked_at")
        found = [(CAMPAIGN * pk, at) for pk, at in campaigns]
        found += [(REQUEST * pk, at) for pk, at in requests]
        return [Occasion(max(at, free_at), number) for number, at in found]

    def too_late_from(self, election: Election, due_at: datetime) -> datetime:
        return election.conference.ends_at

    def send(self, election: Election, occasions: list[Occasion]) -> None:
        late = late_since(election, occasions)
        load_contact(election.conference)
        for person, (campaigns, requests) in self._what_waits(election).items():
            draft = self._written(election, person, campaigns, requests, late)
            send_draft(draft, conference=election.conference, person=person)

    def recipients_in_words(self, election: Election) -> str:
        permissions = ("voting.review_campaign", "voting.send_invitation", MAY_ANSWER)
        people = [organisers_of(election.conference, permission) for permission in permissions]
        return people_in_words(len(set().union(*people)))

    def draft(self, election: Election, viewer: User) -> Draft:
        return self._written(election, viewer, 1, 1, None)

    def _campaigns(self, election: Election) -> QuerySet[Campaign]:
        return Campaign.objects.waiting().filter(conference=election.pk)

    def _requests(self, election: Election) -> QuerySet[JoinRequest]:
        return JoinRequest.objects.to_answer().filter(conference=election.pk)

    def _what_waits(self, election: Election) -> dict[User, tuple[int, int]]:
        """For each person the numbers of campaigns and of requests that they can answer."""
        campaigns: Counter[User] = Counter()
        reviewers: dict[tuple[str, User | None], list[User]] = {}
        for campaign in self._campaigns(election).select_related("requested_by"):
            # No one reviews what they wrote.
            permission, writer = kind_of(campaign).permission_to_review, campaign.requested_by
            if (permission, writer) not in reviewers:
                reviewers[permission, writer] = organisers_of(election.conference, permission, but=[writer])
            campaigns.update(reviewers[permission, writer])
        requests = self._requests(election).count()
        admitting = organisers_of(election.conference, MAY_ANSWER) if requests else []
        people = {*campaigns, *admitting}
        return {p: (campaigns[p], requests if p in admitting else 0) for p in people}

    def _written(  # called here alone
        self, election: Election, person: User, campaigns: int, requests: int, late: datetime | None
    ) -> Draft:
        conference = election.conference
        context = {
            "conference": conference,
            "person": person,
            "campaigns": campaigns,
            "campaigns_url": settings.SITE_URL + waiting_url(conference.pk),
            "requests": requests,
            "requests_url": settings.SITE_URL + reverse("admin:conferences_joining", args=[conference.pk]),
        }
        with override(language_of(person)):
            context["late"] = in_zone(conference, late)
            subject = _("Waiting for your answer at %(conference)s") % {"conference": conference}
            return Draft(subject, render_to_string("voting/timetable/emails/waiting.txt", context))


def _sent(notices: QuerySet[Notice]) -> QuerySet[Notice]:
    return notices.exclude(outcome=Notice.Outcome.SKIPPED)
