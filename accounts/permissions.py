"""Permissions that apply to the whole site: those of staff, by their groups. Teams have theirs besides."""

from django.contrib.auth.backends import ModelBackend
from django.contrib.auth.models import AnonymousUser

from accounts.models import User

Viewer = User | AnonymousUser
GROUPS = ModelBackend()


def site_permissions(user: Viewer) -> set[str]:
    """The names of the permissions that this person has everywhere; without access to the admin, none."""
    if not isinstance(user, User) or not user.is_active or not user.is_staff:
        return set()
    found: set[str] = GROUPS.get_all_permissions(user)
    return found


def runs_something(user: Viewer) -> bool:
    """Whether they may enter the admin, where each page then asks for the permission it needs.

    A superuser does so only as staff.
    """
    if not isinstance(user, User) or not user.is_active:
        return False
    return user.is_staff or (bool(user.is_in_team) and not user.is_superuser)


def has_site_permission(user: Viewer, permission: str) -> bool:
    return permission in site_permissions(user)
