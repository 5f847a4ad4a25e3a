"""Who is asked to act for a conference, by email: those of its team who may."""

from collections.abc import Collection

from django.db.models import Exists, OuterRef, QuerySet

from accounts.models import User
from conferences.models import Conference, TeamMember


def organisers_of(conference: Conference, *permissions: str, but: Collection[User | None] = ()) -> list[User]:
    """Those in the team who have all these permissions; if there is none, the site's organisers who do."""
    left_out = [person.pk for person in but if person]
    people = User.objects.active().exclude(pk__in=left_out).order_by("pk")
    roles = TeamMember.objects.running(conference).filter(person=OuterRef("pk"))
    team = _permitted(people.filter(Exists(roles)), conference, permissions)
    return team or _permitted(people.filter(is_staff=True), conference, permissions)


def _permitted(people: QuerySet[User], conference: Conference, permissions: tuple[str, ...]) -> list[User]:
    return [person for person in people if person.has_perms(permissions, conference)]
