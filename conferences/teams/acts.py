"""The part of the audit log that a team reads: what concerns its conferences or its series."""

from collections.abc import Iterable
from typing import Any
from zoneinfo import ZoneInfo

from django.db.models import Exists, OuterRef, Q, QuerySet, Value
from django.utils.translation import gettext as _

from accounts.audit_words import NAME
from accounts.models import AdminAct, AdminActQuerySet, User
from accounts.permissions import Viewer, has_site_permission
from confbox.kit.dates import datetime_in_words
from conferences.models import Conference, roles_of
from conferences.teams.act_names import Names, names_of
from conferences.teams.scopes import with_conference

READ, READ_MEMBERS = "accounts.view_adminact", "conferences.view_membership"
# Their names, or their texts, are those of a member.
OF_PEOPLE = ("user", "membership", "rosterentry", "rollentry", "joinrequest", "pitch")
PERSONAL = AdminActQuerySet.IS_OWN | Q(is_personal=True) | Q(kind__in=OF_PEOPLE)


def acts_managed_by(acts: QuerySet[AdminAct], user: Viewer) -> QuerySet[Any]:
    """Each with `with_names`: whether the person reads it as it is, or without the members in it."""
    if has_site_permission(user, READ):
        of_site: QuerySet[Any] = with_conference(acts).annotate(with_names=Value(True))
        return of_site
    series = [str(pk) for pk in roles_of(user).series_with(READ)]
    of_conferences = Q(of_conference__in=Conference.objects.managed_by(user, READ).values("pk"))
    reads_members = Conference.objects.managed_by(user, READ_MEMBERS).filter(pk=OuterRef("of_conference"))
    found = acts.filter(of_conferences | Q(kind="series", target_id__in=series))
    found = with_conference(found)
    read: QuerySet[Any] = found.annotate(with_names=~PERSONAL | Exists(reads_members))
    return read


def reads_all_names(user: Viewer) -> bool:
    """Whether there is no entry that the person reads without the members in it."""
    roles = roles_of(user)
    names = (roles.conferences_with(READ_MEMBERS), roles.series_with(READ_MEMBERS))
    acts = (roles.conferences_with(READ), roles.series_with(READ))
    return has_site_permission(user, READ) or all(
        set(one) <= set(other) for one, other in zip(acts, names, strict=True)
    )


def as_read(acts: Iterable[Any], user: User) -> list[AdminAct]:
    """The entries in words, as this person reads them: an observer reads what is not personal."""
    acts = list(acts)
    names = names_of(acts, user)
    return [_as_read(act, user, names) for act in acts]


def _as_read(act: Any, user: User, names: Names) -> AdminAct:
    found: AdminAct = act
    zone = act.zone_name or user.time_zone
    act.when = datetime_in_words(found.at.astimezone(ZoneInfo(zone)), zone)
    name = names.get((found.about_kind, found.about_id))
    if name:
        found.what = found.what.replace(NAME, name)
    if found.about_kind:
        # The sentence names the person.
        found.target = act.title or found.target
    if act.with_names:
        return found
    if act.is_own:
        act.by = User(name=_("a member"))
    if act.kind in OF_PEOPLE:
        act.target = act.title or _("a person")
    act.reason = ""
    return found
