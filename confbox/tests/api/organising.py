"""Programs of organisers, for tests."""

from confbox.tests.api.calls import Program
from conferences.models import Role
from conferences.tests.teams import make_series, make_team_member

SCOPES = ("organise:read", "organise:write")


def program_of(scope, role=Role.OWNER, **options):
    """Of a new person with this role in the team of the conference or series."""
    return Program(make_team_member(scope, role).person, *SCOPES, **options)


def owner_of_series(**columns):
    """A program of the owner of a new series, and the series."""
    series = make_series(**columns)
    return program_of(series), series


def program_of_stranger():
    """Of an owner of another series: who runs nothing has no token for it."""
    return program_of(make_series())
