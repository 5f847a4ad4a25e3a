"""What is specific to one email of the timetable: one object for each, with all its parts."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import ClassVar

from django.db.models import Exists, OuterRef, QuerySet
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy

from accounts.models import User
from conferences.models import Conference
from voting.campaigns.models import Campaign
from voting.elections.election.models import Election
from voting.timetable.models import Notice

Reason = Notice.Reason
# Lazy, so that each reader gets it in their own language.
Text = str | Promise
# What was due longer ago, such as in an imported conference, is not looked at.
HORIZON = timedelta(days=30)


@dataclass(frozen=True)
class Occasion:
    due_at: datetime
    # Tells apart those of one conference; 0 for what is sent once.
    number: int = 0


@dataclass(frozen=True)
class Draft:
    """The email as the person who looks at it would get it."""

    subject: str
    text: str


class NoticeKind:
    """When an email is due follows from the times of the conference, whenever it is asked."""

    code: ClassVar[str]
    label: ClassVar[Text]
    # To whom it goes, and when, in words.
    audience: ClassVar[Text]
    when: ClassVar[Text]
    # What the page says if the vote has no occasion for it.
    never: ClassVar[Text] = gettext_lazy("Not planned: voting is too short for it")
    # Whether it is sent whenever something happens, not once at a time that is known.
    is_repeated: ClassVar[bool] = False

    def is_for(self, election: Election) -> bool:
        """Never for drafts and inactive conferences, nor for a vote whose dates or rules are not set."""
        is_dated = election.opens_at is not None and election.closes_at is not None
        is_active = election.conference.status == Conference.Status.ACTIVE
        return is_active and is_dated and election.rules_set_at is not None

    def due(self, now: datetime) -> QuerySet[Election]:
        """Elections that may have an occasion that is due and has not been dealt with, found by an index."""
        raise NotImplementedError

    def occasions(self, election: Election) -> list[Occasion]:
        """All its occasions, past and to come, by the times as they are."""
        raise NotImplementedError

    def too_late_from(self, election: Election, due_at: datetime) -> datetime:
        raise NotImplementedError

    def unneeded(self, election: Election, due_at: datetime) -> str:
        """Why the occasion needs no email; empty if it needs one."""
        return Reason.NONE

    def send(self, election: Election, occasions: list[Occasion]) -> Campaign | None:
        """One email about all these occasions, to each member. Returns its campaign, if it is for members."""
        return None

    def people(self, election: Election) -> list[User]:
        """To whom it is written by name, if it is not a campaign."""
        return []

    def write_to(self, person: User, election: Election, late: datetime | None) -> Draft:
        """One of these people, in their language. `late` is when it was due, if the email has to say so."""
        raise NotImplementedError

    def recipients_in_words(self, election: Election) -> str:
        """How many would get it now; empty where that must not be shown."""
        raise NotImplementedError

    def reached_in_words(self, notice: Notice) -> str:
        """How many got it; empty where that is not known, or must not be shown."""
        return ""

    def draft(self, election: Election, viewer: User) -> Draft:
        raise NotImplementedError


def running() -> QuerySet[Election]:
    """As `NoticeKind.is_for`, for the database."""
    is_active = {"conference__status": Conference.Status.ACTIVE, "rules_set_at__isnull": False}
    return Election.objects.filter(opens_at__isnull=False, closes_at__isnull=False, **is_active)


def untold(elections: QuerySet[Election], code: str) -> QuerySet[Election]:
    """Those of which no notice of this kind has been stored."""
    return elections.filter(~Exists(Notice.objects.filter(kind=code, conference=OuterRef("pk"))))
