"""A conference stored without an election, for example from a fixture, has a vote that is not scheduled."""

from datetime import timedelta

import pytest
from django.core.management import call_command
from django.utils import timezone

from accounts.actors import Actor
from accounts.tests.factories import make_user
from conferences.actions import join_conference
from conferences.models import Conference
from voting.elections.election.actions import lock_election
from voting.elections.election.models import Election

PAGES = [
    "/",
    "/me/",
    "/conferences/bare/",
    "/conferences/bare/ballot/",
    "/conferences/bare/members/",
    "/conferences/bare/results/",
    "/conferences/bare.ics",
    "/feed/",
    "/sitemap.xml",
    "/admin/",
    "/admin/conferences/conference/",
    "/admin/conferences/conference/{pk}/change/",
    "/admin/voting/votes/",
]


@pytest.fixture
def bare(db):
    starts = timezone.now() + timedelta(days=9)
    return Conference.objects.create(
        title="Bare", slug="bare", status="active", starts_at=starts, ends_at=starts + timedelta(days=1)
    )


@pytest.fixture
def root(client, db):
    user = make_user("root@example.org", is_superuser=True, is_staff=True)
    client.force_login(user)
    return user


@pytest.mark.parametrize("path", PAGES)
def test_every_page_is_shown(client, bare, root, path):
    join_conference(conference=bare, by=Actor(root))
    assert client.get(path.format(pk=bare.pk)).status_code in (200, 302, 304)


def test_looking_at_it_stores_nothing(client, bare, root):
    client.get("/conferences/bare/")
    assert not Election.objects.exists()


def test_what_needs_a_stored_election_makes_one(bare):
    assert lock_election(bare.pk) == Election.objects.get()


def test_fixture_of_a_conference_alone_can_be_loaded(client, db, tmp_path):
    (tmp_path / "bare.json").write_text(
        '[{"model": "conferences.conference", "fields": {"title": "Bare", "slug": "bare", "status": "active",'
        ' "created_at": "2026-01-01T08:00:00Z", "updated_at": "2026-01-01T08:00:00Z",'
        ' "starts_at": "2060-05-01T08:00:00Z", "ends_at": "2060-05-02T16:00:00Z"}}]'
    )
    call_command("loaddata", tmp_path / "bare.json", verbosity=0)
    assert client.get("/conferences/bare/").status_code == 200
