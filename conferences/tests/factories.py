from datetime import timedelta
from itertools import count

from django.utils import timezone

from accounts.tests.factories import make_user
from conferences.actions import AFTER_JOINING, create_conferences
from conferences.models import Conference, Membership

numbers = count(1)
# Hours from now until voting opens and closes.
WINDOWS = {"open": (-1, 24), "closed": (-48, -24), "scheduled": (24, 48)}


def make_conference(*, voting=None, starts_in_days=30, status="active", **columns):
    number, now = next(numbers), timezone.now()
    starts_at = now + timedelta(days=starts_in_days)
    opens, closes = (now + timedelta(hours=h) for h in WINDOWS[voting]) if voting else (None, None)
    defaults = {
        "title": f"Conference {number}",
        "slug": f"conference-{number}",
        "status": status,
        "starts_at": starts_at,
        "ends_at": starts_at + timedelta(days=1),
    }
    election = {"opens_at": opens, "closes_at": closes, "rules_set_at": now}
    election |= {name: columns.pop(name) for name in [*columns] if not hasattr(Conference, name)}
    [conference] = create_conferences(conferences=[Conference(**defaults | columns)])
    update_elections(conference, **election)
    conference.refresh_from_db()
    return conference


def update_elections(*conferences, **columns):
    """Writes these columns of the elections of these conferences, or of all."""
    elections = Conference._meta.get_field("election").related_model.objects.all()
    found = elections.filter(conference__in=conferences) if conferences else elections
    found.update(**columns)


def make_membership(conference, *, name="", user=None, **columns):
    number = next(numbers)
    user = user or make_user(f"person{number}@example.org", name=name or f"Person {number}")
    membership = Membership.objects.create(conference=conference, user=user, **columns)
    for act in AFTER_JOINING:
        act(membership)
    return membership
