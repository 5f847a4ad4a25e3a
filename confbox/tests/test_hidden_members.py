"""A member who chose not to be listed does not exist for the others, on any route."""

from dataclasses import replace

import pytest
from django.core.cache import cache
from django.db import transaction

from accounts.tests.factories import make_user
from confbox.tests import operations, routes
from conferences.models import Conference, Membership
from conferences.tests.factories import make_membership
from voting.elections.models import Vote
from voting.tests.factories import make_pitch

pytestmark = [pytest.mark.slow, pytest.mark.any_database]
NAME = "Hypatia Unseen"
# Of one length, as a page may name the ID it was requested with.
HIDDEN, MISSING = 700_001, 700_002
OTHERS = ("anonymous", "stranger", "member", "elsewhere", "staff")
BASE = "/conferences/open-conf/"
SEARCHES = [f"{BASE}members/?q=hypatia", f"{BASE}ballot/?q=hypatia", f"{BASE}ballot/?page=2", "/?q=hypatia"]
OPERATIONS = [f"/api/v1{BASE}members/", f"/api/v1{BASE}members/?q=hypatia"]


@pytest.fixture
def cast(roles, settings, tmp_path):
    cache.clear()
    settings.MEDIA_ROOT = tmp_path
    found = routes.set_up()
    person = make_user("hypatia@example.org", name=NAME, pk=HIDDEN)
    make_membership(Conference.objects.get(slug="open-conf"), user=person, pk=HIDDEN, is_listed=False)
    return found


def routes_with(cast, number):
    found = routes.routes(replace(cast, samples=cast.samples | {"member_id": number, "user_id": number}))
    return [route for route in found if "member_id" in route.pattern or "user_id" in route.pattern]


def request(client, method, path, samples, **sent):
    if operations.is_of_api(path):
        return operations.send(client, method, path, samples)
    return getattr(client, method.lower())(path, **sent)


def answered(cast, role, method, path, samples=None, **sent):
    with transaction.atomic():
        answer = request(cast.client(role), method, path, samples, **sent)
        there = answer.headers.get("Location", "").replace(str(HIDDEN), str(MISSING))
        found = answer.status_code, there, len(answer.content)
        transaction.set_rollback(True)
    return found


def differing(cast, role):
    pairs = zip(routes_with(cast, HIDDEN), routes_with(cast, MISSING), strict=True)
    return {
        there.pattern
        for there, missing in pairs
        for method in operations.methods(there.pattern)
        if not there.path.startswith("/admin/")
        and answered(cast, role, method, there.path) != answered(cast, role, method, missing.path)
    }


def telling(cast, role):
    paths = [route.path for route in routes.routes(cast) if not route.path.startswith("/admin/")]
    return [path for path in [*paths, *SEARCHES, *OPERATIONS] if is_telling(cast.client(role), path)]


def is_telling(client, path):
    said = routes.content_of(client, path)
    return any(word.encode() in said for word in (NAME, f"/{HIDDEN}/", f'":{HIDDEN}'))


@pytest.mark.parametrize("role", OTHERS)
def test_no_route_distinguishes_a_hidden_member_from_none(cast, role):
    assert differing(cast, role) == set()


@pytest.mark.parametrize("role", OTHERS)
def test_no_page_list_or_search_names_a_hidden_member(cast, role):
    assert telling(cast, role) == []


def by_pitch():
    make_pitch(Membership.objects.get(pk=HIDDEN))


def by_choice():
    Membership.objects.filter(pk=HIDDEN).update(is_listed=True)


@pytest.mark.parametrize("shown", [by_pitch, by_choice])
def test_control_a_candidate_and_a_listed_member_are_found(cast, shown):
    shown()
    member = "conferences/<slug:slug>/members/<row:member_id>/"
    operation = "api/v1/conferences/<slug>/members/<member_id>/"
    routes_of_people = {member, f"{member}report/", "people/<row:user_id>/", operation, f"{operation}report/"}
    assert differing(cast, "member") == routes_of_people
    assert {f"{BASE}members/", *SEARCHES[:2], *OPERATIONS} <= set(telling(cast, "member"))
    assert telling(cast, "stranger") == []


def test_vote_for_a_hidden_member_is_answered_as_one_for_no_member(cast):
    votes = [
        answered(cast, "member", "POST", f"{BASE}vote/", data={"candidate": n}) for n in (HIDDEN, MISSING)
    ]
    assert votes[0] == votes[1]
    client = cast.client("member")
    client.post(f"{BASE}vote/", {"candidate": HIDDEN})
    assert not is_telling(client, f"{BASE}ballot/")
    assert not Vote.objects.filter(candidate=HIDDEN).exists()


def test_vote_of_a_program_for_a_hidden_member_is_answered_as_one_for_no_member(cast):
    path = f"/api/v1{BASE}vote/"
    votes = [answered(cast, "member", "POST", path, samples={"member_id": n}) for n in (HIDDEN, MISSING)]
    bob = answered(cast, "member", "POST", path, samples=cast.samples)
    assert votes[0] == votes[1]
    assert (votes[0][0], bob[0]) == (409, 200)
