"""What the owners of a series have a second person confirm."""

from collections.abc import Collection

from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils.translation import gettext as _

from accounts.actors import Actor
from accounts.audit_log import log_change
from confbox.kit.outcomes import Change
from conferences.consent.acts import ACTS, ConsentAct, with_switch
from conferences.consent.emails import notify_owners_of_setting
from conferences.models import Series, TeamMember
from conferences.series.roles.models import permissions_of
from conferences.teams.rules import refuse_actor


def set_consent(*, series: Series, acts: Collection[str], by: Actor) -> Change:
    """Sets which acts a second person has to confirm. The other owners are notified.

    Votes that have opened keep what was required when they opened.

    Raises:
        ValidationError: for an act that is new, fewer than two people of the team could confirm it; or the
            person who sets it may not.
    """
    with transaction.atomic():
        locked = Series.objects.select_for_update().get(pk=series.pk)
        refuse_actor(by.person, locked)
        chosen = [act.name for act in with_switch() if act.name in acts]
        if chosen == locked.needs_consent:
            return Change.NONE
        for name in chosen:
            if name not in locked.needs_consent and len(people_for(locked, ACTS[name])) < 2:
                raise ValidationError(_refusal(ACTS[name]), code="no_second_person")
        Series.objects.filter(pk=locked.pk).update(needs_consent=chosen)
        labels = "; ".join(str(ACTS[name].label) for name in chosen) or _("nothing")
        log_change(by=by, target=locked, what=_("A second person confirms: %(acts)s.") % {"acts": labels})
        locked.needs_consent = chosen
        notify_owners_of_setting(series=locked, by=by.person)
    return Change.MADE


def people_for(series: Series, act: ConsentAct) -> list[TeamMember]:
    """Those in the team of the series who can log in and may ask for the act or confirm it."""
    team = TeamMember.objects.of_team(series).filter(person__is_active=True).select_related("person")
    needed = set(act.permissions)
    return [member for member in team if needed <= permissions_of(member.role, in_series=True)]


def _refusal(act: ConsentAct) -> str:
    return _(
        "“%(act)s” needs two people in the team of this series who may do it, or no one could confirm it. "
        "Invite a second owner or organiser first."
    ) % {"act": act.label}
