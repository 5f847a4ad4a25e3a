"""Correcting the reason of a change: what was done stays, and no one gets a second email."""

from typing import Any

from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from accounts.actors import Actor
from accounts.audit_log import log_act, log_in_django
from confbox.kit.outcomes import Change
from conferences.actions import lock_conference
from conferences.models import Conference, ConferenceChange


def last_with_reason(conference: Conference, *, act: str = "") -> ConferenceChange | None:
    """The last change, of this act if one is given, if members read a reason for it."""
    found = ConferenceChange.objects.filter(conference=conference).exclude(act=ConferenceChange.Act.MERGED)
    found = (found.filter(act=act) if act else found).select_related("by")
    last = found.order_by("pk").last()
    return last if last and last.reason else None


def correct_reason(*, change: ConferenceChange, reason: str, by: Actor, before: str = "") -> Change:
    """Changes why something was done, as members read it. The audit log keeps both.

    No change if it is the reason already.

    `before` is the reason that the person read when they corrected it.

    Raises:
        ValidationError: there is no reason, or it was corrected since it was read.
    """
    with transaction.atomic():
        locked = lock_conference(change.conference_id)
        stored = ConferenceChange.objects.get(pk=change.pk)
        old = stored.reason
        corrected = correct(stored, reason=reason, before=before, by=by, conference=locked)
        if corrected is Change.MADE:
            if locked.stop_reason == old:
                locked.stop_reason = stored.reason
            locked.updated_at = timezone.now()
            locked.save(update_fields=["stop_reason", "updated_at"])
    return corrected


def correct(row: Any, *, reason: str, before: str, by: Actor, conference: Conference) -> Change:
    """Part of the verbs that correct a row's reason, which have locked it. Raises as they do."""
    wanted = reason.strip()
    if not wanted:
        raise ValidationError(_("Please give a reason. All members can read it."), code="reason_missing")
    if row.reason == wanted:
        return Change.NONE
    if before and before != row.reason:
        said = _("Another organiser has corrected it since you opened this page. It is now: “%(reason)s”")
        raise ValidationError(said % {"reason": row.reason}, code="outdated")
    what = _("Reason corrected. Before: “%(reason)s”") % {"reason": row.reason}
    row.reason = wanted
    row.save(update_fields=["reason"])
    log_act(by=by, act="correct reason", target=conference, what=what, reason=wanted)
    log_in_django(by=by, rows=[conference], what=_("Reason corrected."))
    return Change.MADE
