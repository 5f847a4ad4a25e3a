from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from accounts.actors import Actor
from accounts.audit_log import log_own_act
from confbox.kit.outcomes import Change
from conferences.models import Conference, Membership
from voting.elections.models import Pitch


def share_pitch(*, membership: Membership, by: Actor) -> Change:
    """Shows name and headline to everyone. No change if they were already shown, or there is no pitch.

    Raises:
        ValidationError: only members may know of the conference, or organisers have hidden or covered
            the pitch.
    """
    if membership.conference.visibility == Conference.Visibility.MEMBERS_ONLY:
        raise ValidationError(
            _("Only members see this conference, so a pitch cannot be made public."), code="conference_secret"
        )
    if membership.is_pitch_hidden:
        raise ValidationError(
            _("The organisers have hidden your pitch, so it cannot be made public."), code="pitch_hidden"
        )
    if Pitch.objects.covered().filter(membership=membership).exists():
        raise ValidationError(
            _("The organisers are checking your pitch, so it cannot be made public for now."),
            code="pitch_being_checked",
        )
    unshared = Pitch.objects.filter(membership=membership, shared_at=None)
    with transaction.atomic():
        changed = Change.of(unshared.update(shared_at=timezone.now()))
        if changed is Change.MADE:
            log_own_act(by=by, act="share pitch", target=membership.conference)
    return changed


def unshare_pitch(*, membership: Membership, by: Actor) -> Change:
    """No change if the pitch was not shared."""
    shared = Pitch.objects.filter(membership=membership, shared_at__isnull=False)
    with transaction.atomic():
        changed = Change.of(shared.update(shared_at=None))
        if changed is Change.MADE:
            log_own_act(by=by, act="stop sharing pitch", target=membership.conference)
    return changed
