"""Who is asked to act for a conference, by email: those of its team who may."""

from django.db.models import Exists, OuterRef, QuerySet

from accounts.models import User
from conferences.models import Conference, TeamMember


def organisers_of(conference: Conference, *permissions: str, but: User | None = None) -> list[User]:
    """Those in the team who have all these permissions; if there is none, the site's organisers who do."""
    people = User.objects.active().exclude(pk=but.pk if but else None).order_by("pk")
    roles = TeamMember.objects.running(conference).filter(person=OuterRef("pk"))
    team = _permitted(people.filter(Exists(roles)), conference, permissions)
    return team or _permitted(people.filter(is_staff=True), conference, permissions)


def _permitted(people: QuerySet[User], conference: Conference, permissions: tuple[str, ...]) -> list[User]:
    return [person for person in people if person.has_perms(permissions, conference)]
