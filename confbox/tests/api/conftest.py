"""The team of the conference, for tests of what it runs."""

import pytest

from confbox.tests.api.organising import program_of
from conferences.models import Role


@pytest.fixture
def desk(conference):
    return f"conferences/{conference.slug}/organise/"


@pytest.fixture
def owner(conference):
    return program_of(conference)


@pytest.fixture
def observer(conference):
    return program_of(conference, Role.OBSERVER)
