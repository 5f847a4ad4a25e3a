"""The emails that follow from the time by which the chosen member is asked to answer."""

from datetime import datetime, timedelta
from typing import Any, ClassVar

from django.conf import settings
from django.db.models import Exists, F, OuterRef, QuerySet
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext, override

from accounts.languages import language_of
from accounts.models import User
from conferences.local_times import in_zone
from voting.elections.election.models import Election
from voting.elections.models import Decision
from voting.timetable.kinds.kind import HORIZON, Draft, NoticeKind, Occasion, Reason, Text, running
from voting.timetable.kinds.team import MAY_DECIDE, TeamNotice, is_due
from voting.timetable.models import Notice


class ReplySoon(NoticeKind):
    """Once for each decision; never if the time was set so late that its own email is the reminder."""

    code = "reply_soon"
    label: ClassVar[Text] = gettext_lazy("The chosen member is reminded to answer")
    audience: ClassVar[Text] = gettext_lazy("The chosen member, if they have not answered")
    when: ClassVar[Text] = gettext_lazy("A day before the time by which they are asked to answer")
    is_repeated = True
    BEFORE = timedelta(days=1)

    def due(self, now: datetime) -> QuerySet[Election]:
        soon = self._to_remind().filter(reply_by__lte=now + self.BEFORE, reply_by__gt=now - HORIZON)
        told = Notice.objects.filter(kind=self.code, conference=OuterRef("election"), occasion=OuterRef("pk"))
        return running().filter(pk__in=soon.filter(~Exists(told)).values("election"))

    def occasions(self, election: Election) -> list[Occasion]:
        decisions = self._to_remind().filter(election=election.pk).values_list("pk", "reply_by")
        return [Occasion(reply_by - self.BEFORE, pk) for pk, reply_by in decisions if reply_by]

    def too_late_from(self, election: Election, due_at: datetime) -> datetime:
        return due_at + self.BEFORE

    def people(self, election: Election) -> list[User]:
        decisions = self._to_remind().filter(election=election.pk).select_related("speaker__user")
        return [decision.speaker.user for decision in decisions]

    def write_to(self, person: User, election: Election, late: datetime | None) -> Draft:
        decision = self._to_remind().get(election=election.pk)
        return self._written(election, person, decision.reply_by, late)

    def recipients_in_words(self, election: Election) -> str:
        number = self._to_remind().filter(election=election.pk).count()
        return ngettext("%(n)d member", "%(n)d members", number) % {"n": number}

    def draft(self, election: Election, viewer: User) -> Draft:
        decision = self._to_remind().filter(election=election.pk).first()
        example = election.now + self.BEFORE
        return self._written(election, viewer, decision.reply_by if decision else example, None)

    def _to_remind(self) -> QuerySet[Decision]:
        pending = Decision.objects.filter(answer=Decision.Answer.PENDING, reply_by__isnull=False)
        return pending.filter(reply_by__gt=F("reply_by_set_at") + self.BEFORE)

    def _written(
        self, election: Election, person: User, reply_by: datetime | None, late: datetime | None
    ) -> Draft:
        conference = election.conference
        url = settings.SITE_URL + reverse("results", args=[conference.slug])
        context = {"conference": conference, "person": person, "url": url}
        with override(language_of(person)):
            context |= {"until": in_zone(conference, reply_by), "late": in_zone(conference, late)}
            subject = _("Will you speak at %(conference)s? Please answer") % {"conference": conference}
            return Draft(subject, render_to_string("voting/timetable/emails/reply_soon.txt", context))


class ReplyOverdue(TeamNotice):
    """Once for each time that passes: the team may have given the member more."""

    code = "reply_overdue"
    label: ClassVar[Text] = gettext_lazy("The chosen member did not answer in time")
    audience: ClassVar[Text] = gettext_lazy("Those of the team who can choose the speaker")
    when: ClassVar[Text] = gettext_lazy("When the time by which they were asked to answer has passed")
    is_repeated = True
    permission = MAY_DECIDE
    subject: ClassVar[Text] = gettext_lazy(
        "The member chosen to speak at %(conference)s did not answer in time"
    )
    template = "voting/timetable/emails/reply_overdue.txt"

    def due(self, now: datetime) -> QuerySet[Election]:
        passed = self._pending().filter(reply_by__lte=now, reply_by__gt=now - HORIZON)
        told = Notice.objects.filter(
            kind=self.code, conference=OuterRef("election"), due_at=OuterRef("reply_by")
        )
        return running().filter(pk__in=passed.filter(~Exists(told)).values("election"))

    def occasions(self, election: Election) -> list[Occasion]:
        """By the time itself: no later choice has one that has passed already."""
        times = self._pending().filter(election=election.pk).values_list("reply_by", flat=True)
        return [Occasion(reply_by, int(reply_by.timestamp())) for reply_by in times if reply_by]

    def too_late_from(self, election: Election, due_at: datetime) -> datetime:
        return election.conference.ends_at

    def unneeded(self, election: Election, due_at: datetime) -> str:
        """They have answered, or have been given more time, since it was due."""
        return Reason.NONE if is_due(self.occasions(election), election) else Reason.DECIDED

    def facts(self, election: Election) -> dict[str, Any]:
        decision = self._pending().filter(election=election.pk).first()
        return {
            "name": decision.speaker_name if decision else _("The member"),
            "until": in_zone(election.conference, decision.reply_by if decision else election.now),
        }

    def _pending(self) -> QuerySet[Decision]:
        return Decision.objects.filter(answer=Decision.Answer.PENDING, reply_by__isnull=False)
