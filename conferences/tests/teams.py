"""Series and teams, for tests."""

from itertools import count

from accounts.actors import Actor
from accounts.tests.factories import make_user
from conferences.models import Role, Series, TeamMember
from conferences.series.models import scope_columns

numbers = count(1)


def make_series(**columns):
    number = next(numbers)
    return Series.objects.create(**{"name": f"Series {number}", "slug": f"series-{number}"} | columns)


def make_team_member(scope, role=Role.ORGANISER, *, user=None, **columns):
    user = user or make_user(f"team{next(numbers)}@example.org", **columns)
    return TeamMember.objects.create(person=user, role=role, **scope_columns(scope))


def acting(member):
    return Actor(member.person, "127.0.0.1")
