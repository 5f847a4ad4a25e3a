"""Who is asked to act for a conference, by email: those of its team who may."""

from collections.abc import Collection

from django.db.models import Exists, OuterRef

from accounts.models import User
from conferences.models import Conference, TeamMember
from conferences.teams.backend import team_permissions


def organisers_of(conference: Conference, *permissions: str, but: Collection[User | None] = ()) -> list[User]:
    """Those in the team whose roles give all these permissions; if there is none, the site's organisers.

    A site organiser is among the first by a role alone, not by what they may do on the whole site. A
    rehearsal concerns none of them but the one who started it.
    """
    left_out = [person.pk for person in but if person]
    people = User.objects.active().exclude(pk__in=left_out).order_by("pk")
    roles = TeamMember.objects.running(conference).filter(person=OuterRef("pk"))
    team = [
        person
        for person in people.filter(Exists(roles))
        if set(permissions) <= team_permissions(person, conference)
    ]
    of_site = people.filter(is_staff=True)
    if conference.is_rehearsal:
        of_site = of_site.filter(pk=conference.created_by_id)
    return team or [person for person in of_site if person.has_perms(permissions, conference)]
