"""The emails of the timetable that ask the team to act: to those of it who may."""

from datetime import datetime, timedelta
from typing import Any, ClassVar

from django.conf import settings
from django.db.models import Exists, F, OuterRef, Q, QuerySet
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext, override

from accounts.languages import language_of
from accounts.models import User
from conferences.local_times import in_zone
from conferences.models import Membership
from conferences.teams.organisers import organisers_of
from voting.elections.election.models import Election
from voting.elections.models import Decision
from voting.timetable.kinds.kind import HORIZON, Draft, NoticeKind, Occasion, Reason, Text, running, untold
from voting.timetable.models import Notice

MAY_DECIDE = "voting.add_decision"


class TeamNotice(NoticeKind):
    permission: ClassVar[str]
    # With the conference filled in.
    subject: ClassVar[Text]
    template: ClassVar[str]
    # The page on which to act.
    page: ClassVar[str] = "admin:voting_election_decision"

    def facts(self, election: Election) -> dict[str, Any]:
        """What the text shows besides the conference and the page."""
        return {}

    def people(self, election: Election) -> list[User]:
        return organisers_of(election.conference, self.permission)

    def recipients_in_words(self, election: Election) -> str:
        return people_in_words(len(self.people(election)))

    def draft(self, election: Election, viewer: User) -> Draft:
        return self.write_to(viewer, election, None)

    def write_to(self, person: User, election: Election, late: datetime | None) -> Draft:
        url = settings.SITE_URL + reverse(self.page, args=[election.conference.pk])
        context = {"conference": election.conference, "person": person, "url": url}
        with override(language_of(person)):
            context |= {"late": in_zone(election.conference, late), **self.facts(election)}
            subject = str(self.subject) % {"conference": election.conference}
            return Draft(subject, render_to_string(self.template, context))


def is_due(occasions: list[Occasion], election: Election) -> bool:
    return any(occasion.due_at <= election.now for occasion in occasions)


def people_in_words(number: int) -> str:
    return ngettext("%(n)d person of the team", "%(n)d people of the team", number) % {"n": number}


class NoCandidates(TeamNotice):
    """A vote that was set up later than that has a day until it is asked after its candidates."""

    code = "no_candidates"
    label: ClassVar[Text] = gettext_lazy("No candidate yet")
    audience: ClassVar[Text] = gettext_lazy("Those of the team who can change the conference")
    when: ClassVar[Text] = gettext_lazy("Three days before voting opens, if no member has written a pitch")
    never: ClassVar[Text] = gettext_lazy("Not planned: voting was set up too late for it")
    permission = "conferences.change_conference"
    subject: ClassVar[Text] = gettext_lazy("No one has written a pitch for %(conference)s yet")
    template = "voting/timetable/emails/no_candidates.txt"
    page = "admin:voting_election_candidates"
    BEFORE, AFTER_RULES = timedelta(days=3), timedelta(days=1)

    def due(self, now: datetime) -> QuerySet[Election]:
        near = running().filter(opens_at__lte=now + self.BEFORE, opens_at__gt=now - HORIZON)
        set_up = near.filter(rules_set_at__lte=now - self.AFTER_RULES)
        return untold(set_up.filter(rules_set_at__lt=F("opens_at") - self.AFTER_RULES), self.code)

    def occasions(self, election: Election) -> list[Occasion]:
        if not election.opens_at or not election.rules_set_at:
            return []
        due_at = max(election.opens_at - self.BEFORE, election.rules_set_at + self.AFTER_RULES)
        return [Occasion(due_at)] if due_at < election.opens_at else []

    def too_late_from(self, election: Election, due_at: datetime) -> datetime:
        assert election.opens_at
        return election.opens_at

    def unneeded(self, election: Election, due_at: datetime) -> str:
        candidates = Membership.objects.candidates().filter(conference=election.pk, pitch__isnull=False)
        return Reason.PITCHED if candidates.exists() else Reason.NONE

    def facts(self, election: Election) -> dict[str, Any]:
        return {"opens": in_zone(election.conference, election.opens_at)}


class Undecided(TeamNotice):
    """Voting has closed, and no speaker has been chosen."""

    audience: ClassVar[Text] = gettext_lazy("Those of the team who can choose the speaker")
    permission = MAY_DECIDE
    subject: ClassVar[Text] = gettext_lazy("Voting at %(conference)s has closed: please choose the speaker")
    template = "voting/timetable/emails/undecided.txt"
    after: ClassVar[timedelta]
    until: ClassVar[timedelta]

    def due(self, now: datetime) -> QuerySet[Election]:
        closed = running().filter(closes_at__lte=now - self.after, closes_at__gt=now - HORIZON)
        return untold(closed, self.code)

    def occasions(self, election: Election) -> list[Occasion]:
        return [Occasion(election.closes_at + self.after)] if election.closes_at else []

    def too_late_from(self, election: Election, due_at: datetime) -> datetime:
        """Once the next one is due, or the conference is over."""
        assert election.closes_at
        return min(election.closes_at + self.until, election.conference.ends_at)

    def unneeded(self, election: Election, due_at: datetime) -> str:
        return Reason.DECIDED if election.decided_at or election.speaker_id else Reason.NONE

    def facts(self, election: Election) -> dict[str, Any]:
        return {"closed": in_zone(election.conference, election.closes_at)}


class ClosedUndecided(Undecided):
    code = "undecided"
    label: ClassVar[Text] = gettext_lazy("Voting has closed: choose the speaker")
    when: ClassVar[Text] = gettext_lazy("When voting closes")
    after, until = timedelta(), timedelta(days=2)


class StillUndecided(Undecided):
    code = "undecided_2"
    label: ClassVar[Text] = gettext_lazy("No speaker chosen after two days")
    when: ClassVar[Text] = gettext_lazy("Two days after voting closed, if no speaker has been chosen")
    after, until = timedelta(days=2), timedelta(days=7)


class LongUndecided(Undecided):
    code = "undecided_7"
    label: ClassVar[Text] = gettext_lazy("No speaker chosen after seven days")
    when: ClassVar[Text] = gettext_lazy("Seven days after voting closed, if no speaker has been chosen")
    after, until = timedelta(days=7), timedelta(days=14)


class Unanswered(TeamNotice):
    """Once for each member who was chosen and has not answered, unless they were asked to answer sooner."""

    code = "unanswered"
    label: ClassVar[Text] = gettext_lazy("The chosen member has not answered")
    audience: ClassVar[Text] = gettext_lazy("Those of the team who can choose the speaker")
    when: ClassVar[Text] = gettext_lazy("Three days after a member was chosen who has not answered")
    is_repeated = True
    permission = MAY_DECIDE
    subject: ClassVar[Text] = gettext_lazy("The member chosen to speak at %(conference)s has not answered")
    template = "voting/timetable/emails/unanswered.txt"
    AFTER = timedelta(days=3)

    def due(self, now: datetime) -> QuerySet[Election]:
        asked = Decision.objects.filter(answer=Decision.Answer.PENDING, decided_at__lte=now - self.AFTER)
        asked = asked.filter(decided_at__gt=now - HORIZON)
        told = Notice.objects.filter(kind=self.code, conference=OuterRef("election"), occasion=OuterRef("pk"))
        return running().filter(pk__in=self._in_time(asked).filter(~Exists(told)).values("election"))

    def _in_time(self, decisions: QuerySet[Decision]) -> QuerySet[Decision]:
        """Without those for which the team is notified earlier, when the time to answer has passed."""
        has_longer = Q(reply_by=None) | Q(reply_by__gt=F("decided_at") + self.AFTER)
        return decisions.filter(has_longer)

    def occasions(self, election: Election) -> list[Occasion]:
        pending = self._in_time(self._pending(election))
        return [Occasion(each.decided_at + self.AFTER, each.pk) for each in pending]

    def too_late_from(self, election: Election, due_at: datetime) -> datetime:
        return election.conference.ends_at

    def unneeded(self, election: Election, due_at: datetime) -> str:
        """They have answered since it was due."""
        return Reason.NONE if is_due(self.occasions(election), election) else Reason.DECIDED

    def facts(self, election: Election) -> dict[str, Any]:
        decision = self._pending(election).first()
        asked = decision.decided_at if decision else election.now - self.AFTER
        return {
            "name": decision.speaker_name if decision else _("The member"),
            "asked": in_zone(election.conference, asked),
            "until": in_zone(election.conference, decision.reply_by if decision else None),
        }

    def _pending(self, election: Election) -> QuerySet[Decision]:
        return Decision.objects.filter(election=election.pk, answer=Decision.Answer.PENDING)
