from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils.translation import gettext as _

from accounts.actors import Actor
from accounts.audit_log import log_change
from confbox.kit.outcomes import Change
from conferences.models import Conference
from voting.elections.election.actions import lock_election
from voting.timetable.kinds.registry import KINDS
from voting.timetable.models import Notice, SwitchedOffNotice


def switch_notice(*, conference: Conference, kind: str, by: Actor, is_on: bool) -> Change:
    """Organisers switch an email of the timetable off or on. The same again changes nothing.

    Raises:
        ValidationError: there is no such email, or it has been dealt with.
    """
    if kind not in KINDS:
        raise ValidationError(_("There is no such email."), code="gone")
    label = KINDS[kind].label
    with transaction.atomic():
        election = lock_election(conference.pk)
        off = SwitchedOffNotice.objects.filter(conference=conference, kind=kind)
        if off.exists() is not is_on:
            return Change.NONE
        told = Notice.objects.filter(conference=conference, kind=kind)
        if told.exists() and not KINDS[kind].is_repeated:
            raise ValidationError(
                _("This email was due already, so nothing was changed."), code="already_sent"
            )
        if is_on:
            off.delete()
            what = _("Email “%(name)s” switched on.") % {"name": label}
        else:
            SwitchedOffNotice.objects.create(conference=conference, kind=kind)
            what = _("Email “%(name)s” switched off.") % {"name": label}
        log_change(by=by, target=election, what=what)
    return Change.MADE
