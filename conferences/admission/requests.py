"""Whether a person may ask the organisers to be let in."""

from django.utils.translation import gettext as _

from accounts.models import User
from conferences.admission.rules import rules_of, way_in
from conferences.models import Conference, JoinRequest, Membership

# A person who was declined may ask once more.
MOST_DECLINED = 2


def last_request(*, conference: Conference, user: User) -> JoinRequest | None:
    return JoinRequest.objects.filter(conference=conference, user=user).order_by("pk").last()


def is_declined_for_good(*, conference: Conference, user: User) -> bool:
    declined = JoinRequest.objects.filter(
        conference=conference, user=user, answer=JoinRequest.Answer.DECLINED
    )
    return declined.count() >= MOST_DECLINED


def refusal_to_ask(*, conference: Conference, user: User) -> str:
    """Why this person cannot ask now; empty if they can."""
    if not conference.is_joinable():
        return _("%(conference)s is not open to new members.") % {"conference": conference}
    if Membership.objects.current().filter(conference=conference, user=user).exists():
        return _("You are a member of %(conference)s.") % {"conference": conference}
    if way_in(user=user, conference=conference):
        return _("You can join %(conference)s without asking.") % {"conference": conference}
    if not rules_of(conference).approval:
        return _("The organisers of %(conference)s do not accept requests to join.") % {
            "conference": conference
        }
    if is_declined_for_good(conference=conference, user=user):
        return _("The organisers have declined twice, so you cannot ask again.")
    return ""
