"""Who may do what: permissions of the whole site, and those of a role in a team."""

from typing import Any

from allauth.account.auth_backends import AuthenticationBackend
from django.db.models import Exists, OuterRef

from accounts.models import User
from accounts.permissions import Viewer, site_permissions
from confbox.kit.email_addresses import is_invented
from conferences.models import Series, TeamMember, roles_of
from conferences.teams.scopes import conference_of

# The annotation of `get_user`, for people who are read with their session.
IS_IN_TEAM = "EXISTS (SELECT 1 FROM conferences_teammember t WHERE t.person_id = accounts_user.id)"


class TeamBackend(AuthenticationBackend):  # type: ignore[misc]
    """Log-in as before; `has_perm(permission, row)` asks for the permission in the row's conference.

    Without a row, it is asked whether the person has the permission anywhere. Lists then start from
    `managed_by`.
    """

    def get_user(self, user_id: Any) -> User | None:
        """The person of a request, with the answer to whether they are in a team, in one query."""
        team = TeamMember.objects.filter(person=OuterRef("pk"))
        found = User.objects.annotate(is_in_team=Exists(team)).filter(pk=user_id).first()
        return found if found and self.user_can_authenticate(found) else None

    def user_can_authenticate(self, user: User) -> bool:
        return bool(super().user_can_authenticate(user)) and not is_invented(user.email)

    def get_all_permissions(self, user_obj: Viewer, obj: Any = None) -> set[str]:
        return site_permissions(user_obj) | team_permissions(user_obj, obj)


def team_permissions(user: Viewer, row: Any = None) -> set[str]:
    """What the person's roles permit in the conference or series of this row; without one, anywhere."""
    roles = roles_of(user)
    if not roles.in_series and not roles.in_conferences:
        return set()
    if row is None:
        return roles.anywhere()
    if isinstance(row, Series):
        return roles.permissions_in(conference_id=None, series_id=row.pk)
    conference = conference_of(row)
    if conference is None:
        return set()
    return roles.permissions_in(conference_id=conference.pk, series_id=conference.series_id)
