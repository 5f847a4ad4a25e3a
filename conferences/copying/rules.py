"""Who may copy a conference, and what of it."""

from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _

from accounts.models import User
from accounts.permissions import Viewer, has_site_permission
from confbox.kit.coded import coded_error
from conferences.models import Conference, Series
from conferences.rehearsal_words import why_not_in_rehearsal
from conferences.teams.rules import stored_actor
from conferences.teams.series_field import CREATE

CHANGE = "conferences.change_conference"
READ_ROSTER, GIVE_ROLES = "conferences.view_rosterentry", "conferences.change_teammember"


def may_copy(user: Viewer, source: Conference) -> bool:
    """Whether they may change it, and create conferences in some series; which one, they choose later."""
    if source.is_rehearsal:
        return False
    return bool(user.has_perm(CHANGE, source) and user.has_perm(CREATE))


def may_in(user: Viewer, permission: str, series: Series | None) -> bool:
    """Whether they have the permission in this series; only the site has conferences without one."""
    if series is None:
        return has_site_permission(user, permission)
    return bool(user.has_perm(permission, series))


def gives_roles(user: User | None, series: Series | None) -> bool:
    """Whether the team is copied: only owners give roles."""
    return user is None or may_in(user, GIVE_ROLES, series)


def refuse_actor(
    person: User | None, *, source: Conference, series: Series | None, with_roster: bool
) -> User | None:
    """Returns the person as stored; None for the command line.

    Raises:
        ValidationError: this person may not copy the conference, or not to there, or it is a rehearsal.
    """
    if source.is_rehearsal:
        raise ValidationError(why_not_in_rehearsal(), code="not_in_rehearsal")
    if person is None:
        return None
    refusal = _("You can no longer change the conference that you copy.")
    current = stored_actor(person, CHANGE, scope=source, refusal=refusal)
    if not may_in(current, CREATE, series):
        raise ValidationError(
            {"series": coded_error(_("You cannot create conferences there."), code="role_needed")}
        )
    if with_roster and not current.has_perm(READ_ROSTER, source):
        raise ValidationError(
            {"with_roster": coded_error(_("You can no longer read this roster."), code="role_needed")}
        )
    return current
