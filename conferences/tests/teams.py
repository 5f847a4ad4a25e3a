"""Series and teams, for tests."""

from datetime import timedelta
from itertools import count

from django.utils import timezone

from accounts.actors import Actor
from accounts.tests.factories import make_user
from conferences.models import Role, Series, TeamInvitation, TeamMember
from conferences.series.models import scope_columns
from conferences.teams.tokens import digest_of

numbers = count(1)
TEAM_TOKEN = "t" * 43


def make_series(**columns):
    number = next(numbers)
    return Series.objects.create(**{"name": f"Series {number}", "slug": f"series-{number}"} | columns)


def make_team_member(scope, role=Role.ORGANISER, *, user=None, **columns):
    user = user or make_user(f"team{next(numbers)}@example.org", **columns)
    return TeamMember.objects.create(person=user, role=role, **scope_columns(scope))


def make_team_invitation(scope, email, role=Role.OBSERVER):
    """Its link has TEAM_TOKEN in it."""
    later, digest = timezone.now() + timedelta(days=14), digest_of(TEAM_TOKEN)
    return TeamInvitation.objects.create(
        email=email, role=role, token_digest=digest, expires_at=later, **scope_columns(scope)
    )


def acting(member):
    return Actor(member.person, "127.0.0.1")
