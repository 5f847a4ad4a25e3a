"""While a second person is asked whether a pitch is to be hidden, its text is covered; no vote is affected.

The cover ends with the request, also without an answer. A text is covered once: after that, no single person
can keep it off the pages by asking again.
"""

from datetime import datetime

from django.db import transaction
from django.utils.translation import gettext as _

from accounts.actors import Actor
from accounts.audit_log import log_act
from accounts.audit_words import NAME
from confbox.kit.clock import DatabaseNow, database_now
from confbox.kit.outcomes import Change
from conferences.models import Membership
from voting.elections.models import Pitch
from voting.elections.moderation.emails import (
    notify_author_of_covered_pitch,
    notify_author_of_uncovered_pitch,
)


def cover_pitch(*, membership: Membership, until: datetime, reason: str, by: Actor) -> Change:
    """Its author is notified, with the reason. No change if this text has been covered before."""
    with transaction.atomic():
        found = Pitch.objects.filter(membership=membership, covered_until=None)
        covered = Change.of(found.update(covered_until=until))
        if covered is Change.MADE:
            _log("cover pitch", membership, by, _("Pitch covered: %(name)s."))
            notify_author_of_covered_pitch(membership=membership, until=until, reason=reason)
    return covered


def uncover_pitch(*, membership: Membership, until: datetime, by: Actor) -> Change:
    """Ends the cover that was to last until then, and notifies the author. No change if it has been ended."""
    with transaction.atomic():
        found = Pitch.objects.filter(membership=membership, covered_until=until)
        uncovered = Change.of(found.update(covered_until=database_now()))
        if uncovered is Change.MADE:
            _log("uncover pitch", membership, by, _("Pitch no longer covered: %(name)s."))
            notify_author_of_uncovered_pitch(membership=membership)
    return uncovered


def end_cover(membership: Membership) -> None:
    """A part of the verb that hides the pitch."""
    Pitch.objects.covered().filter(membership=membership).update(covered_until=database_now())


def forget_ended_cover(membership: Membership) -> None:
    """A part of the verb that changes the text: the new one can be covered, unless the old one still is."""
    Pitch.objects.filter(membership=membership, covered_until__lte=DatabaseNow()).update(covered_until=None)


def can_be_covered(membership: Membership) -> bool:
    """Whether its text is covered as soon as a second person is asked, or is so already."""
    found = Pitch.objects.filter(membership=membership)
    return not found.filter(covered_until__lte=DatabaseNow()).exists()


def pitch_of(membership: Membership) -> Pitch | None:
    """The pitch that was loaded with the member."""
    return getattr(membership, "pitch", None)


def has_covered_pitch(membership: Membership) -> bool:
    pitch = pitch_of(membership)
    return pitch is not None and pitch.is_covered


def shown_pitch(membership: Membership) -> Pitch | None:
    """What the other members see of it: None also if it is hidden or covered."""
    is_kept_back = membership.is_pitch_hidden or has_covered_pitch(membership)
    return None if is_kept_back else pitch_of(membership)


def _log(act: str, membership: Membership, by: Actor, what: str) -> None:
    what %= {"name": NAME}
    log_act(by=by, act=act, target=membership, what=what, about=membership, is_personal=True)
