"""A person's request to be let in: whether they may ask the organisers, and what has become of it."""

from dataclasses import dataclass

from django.utils.translation import gettext as _

from accounts.models import User
from confbox.kit.coded import coded
from conferences.admission.rules import rules_of, way_in
from conferences.local_times import in_zone
from conferences.models import Conference, JoinRequest, Membership

# A person who was declined may ask once more.
MOST_DECLINED = 2


@dataclass(frozen=True)
class OwnRequest:
    """The last request of one person, if there is one, and how often they were declined."""

    conference: Conference
    last: JoinRequest | None
    times_declined: int

    @property
    def is_waiting(self) -> bool:
        return self.last is not None and self.last.is_waiting

    @property
    def is_declined(self) -> bool:
        return self.last is not None and self.last.answer == JoinRequest.Answer.DECLINED

    @property
    def is_final(self) -> bool:
        """Whether they were declined for good."""
        return self.is_declined and self.times_declined >= MOST_DECLINED

    @property
    def in_words(self) -> str:
        """For the person: since when it waits, or why it was declined and whether they can ask again."""
        if self.last and self.is_waiting:
            asked = in_zone(self.conference, self.last.asked_at)
            return _("You asked to be let in on %(time)s. The organisers will answer by email.") % {
                "time": asked
            }
        if self.last is None or not self.is_declined:
            return ""
        can_ask = _("You cannot ask again.") if self.is_final else _("You can ask once more.")
        answered = in_zone(self.conference, self.last.answered_at)
        return _(
            "The organisers declined your request on %(time)s. Their reason: “%(reason)s” %(can_ask)s"
        ) % {
            "time": answered,
            "reason": self.last.reason,
            "can_ask": can_ask,
        }

    @property
    def link(self) -> str:
        """The words of the link to the page of the request."""
        if self.is_waiting:
            return _("Your request to be let in")
        if self.is_final:
            return _("The organisers’ answer")
        return _("Ask once more to be let in") if self.is_declined else _("Ask to be let in")


def own_request(*, conference: Conference, user: User) -> OwnRequest:
    asked = list(JoinRequest.objects.filter(conference=conference, user=user).order_by("pk"))
    declined = sum(each.answer == JoinRequest.Answer.DECLINED for each in asked)
    return OwnRequest(conference, asked[-1] if asked else None, declined)


def refusal_to_ask(*, conference: Conference, user: User) -> str:
    """Why this person cannot ask now; empty if they can."""
    if not conference.is_joinable():
        return coded(
            "joining_closed", _("%(conference)s is not open to new members.") % {"conference": conference}
        )
    if Membership.objects.current().filter(conference=conference, user=user).exists():
        return coded("already_joined", _("You are a member of %(conference)s.") % {"conference": conference})
    if way_in(user=user, conference=conference):
        return coded(
            "can_join", _("You can join %(conference)s without asking.") % {"conference": conference}
        )
    if not rules_of(conference).approval:
        return coded(
            "requests_not_accepted",
            _("The organisers of %(conference)s do not accept requests to join.")
            % {"conference": conference},
        )
    if own_request(conference=conference, user=user).is_final:
        return coded(
            "requests_not_accepted", _("The organisers have declined twice, so you cannot ask again.")
        )
    return ""
