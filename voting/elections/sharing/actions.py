from django.utils import timezone

from conferences.models import Membership
from voting.elections.models import Pitch


def share_pitch(*, membership: Membership) -> bool:
    """Lets everybody see name and headline. False if they could already, or there is no pitch."""
    return bool(Pitch.objects.filter(membership=membership, shared_at=None).update(shared_at=timezone.now()))


def unshare_pitch(*, membership: Membership) -> bool:
    """False if the pitch was not shared."""
    shared = Pitch.objects.filter(membership=membership, shared_at__isnull=False)
    return bool(shared.update(shared_at=None))
