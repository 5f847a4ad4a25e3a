"""A conference for members only does not exist for others, on any route; an unlisted one is in no list.

Each route is requested for it and for a slug that does not exist, and the responses are compared.
"""

from dataclasses import replace

import pytest
from django.core.cache import cache
from django.db import connection, transaction
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from confbox.tests import operations, routes
from conferences.models import Conference
from conferences.tests.factories import make_conference, make_membership
from voting.elections.models import Pitch
from voting.elections.roll.actions import freeze_opened_rolls
from voting.tests.campaigns import make_campaign
from voting.tests.factories import make_pitch, make_vote

pytestmark = [pytest.mark.slow, pytest.mark.any_database]
# Of one length, as a page may name the slug it was requested with.
SLUG, MISSING = "hidden-conf", "absent-conf"
TITLE = "Zanzibar Gathering"
OTHERS = ("anonymous", "stranger", "elsewhere", "staff")
SEARCHES = ("/?q=zanzibar", "/?show=past&q=zanzibar", "/?show=mine", "/?page=2")


@pytest.fixture
def cast(roles, settings, tmp_path):
    cache.clear()
    settings.MEDIA_ROOT = tmp_path
    return routes.set_up()


@pytest.fixture
def hidden(cast):
    conference = make_conference(
        title=TITLE, slug=SLUG, voting="open", visibility="members_only", agenda=TITLE, place=TITLE
    )
    ada, grace = (make_membership(conference, name=name) for name in ("Ada Zanzibar", "Grace Zanzibar"))
    make_pitch(grace, headline="About Zanzibar")
    Pitch.objects.update(shared_at=timezone.now())
    make_vote(ada, grace)
    samples = {"member_id": grace.pk, "user_id": grace.user_id, "campaign_id": make_campaign(ada).pk}
    freeze_opened_rolls()
    return replace(cast, samples=cast.samples | samples)


def routes_with(cast, slug):
    found = routes.routes(replace(cast, samples=cast.samples | {"slug": slug}))
    return [route for route in found if routes.is_about_one(route)]


def answered(cast, role, method, path):
    """Status, where it leads, length, and how many queries it cost; nothing that it changes is kept."""
    sent = {"candidate": cast.samples["member_id"], "listed": "no", "code": "ABCDEFGH", "sentence": "Hello"}
    with transaction.atomic(), CaptureQueriesContext(connection) as queries:
        client = cast.client(role)
        if operations.is_of_api(path):
            answer = operations.send(client, method, path, cast.samples)
        else:
            answer = client.post(path, sent) if method == "POST" else client.generic(method, path)
        body = b"".join(answer) if answer.streaming else answer.content
        transaction.set_rollback(True)
    there = answer.headers.get("Location", "").replace(SLUG, MISSING)
    return answer.status_code, there, len(body), len(queries)


def differing(cast, role):
    """The routes that answer otherwise for the hidden conference than for none."""
    pairs = zip(routes_with(cast, SLUG), routes_with(cast, MISSING), strict=True)
    return [
        (method, there.pattern)
        for there, missing in pairs
        for method in operations.methods(there.pattern)
        if answered(cast, role, method, there.path) != answered(cast, role, method, missing.path)
    ]


@pytest.mark.parametrize("role", OTHERS)
def test_no_route_distinguishes_a_conference_for_members_only_from_none(hidden, role):
    assert differing(hidden, role) == []


def test_control_a_public_conference_is_distinguished(hidden):
    Conference.objects.filter(slug=SLUG).update(visibility="public")
    found = {pattern for _method, pattern in differing(hidden, "stranger")}
    base = "conferences/<slug:slug>/"
    pages = {base, "conferences/<slug:slug>.ics", f"{base}card.png", f"{base}join/", f"{base}ballot/"}
    candidates = {f"{base}candidates/<row:member_id>/", f"{base}candidates/<row:member_id>/card.png"}
    assert pages | candidates | {f"{base}members/", f"{base}roll/"} <= found
    operation = "api/v1/conferences/<slug>/"
    assert {operation, f"{operation}join/", f"{operation}ballot/", f"{operation}members/"} <= found


def telling(cast, role):
    """The pages outside of the conference that contain its name or its slug."""
    paths = [route.path for route in routes.routes(cast) if not routes.is_about_one(route)]
    return [path for path in [*paths, *SEARCHES] if is_telling(cast.client(role), path)]


def is_telling(client, path):
    said = routes.content_of(client, path)
    # The page of a search repeats the words that were searched for.
    return any(word in said for word in (TITLE.encode(), SLUG.encode(), b"Ada Zan", b"Grace Zan"))


@pytest.mark.parametrize("role", OTHERS)
@pytest.mark.parametrize("visibility", ["unlisted", "members_only"])
def test_no_list_feed_sitemap_or_search_contains_it(hidden, visibility, role):
    Conference.objects.filter(slug=SLUG).update(visibility=visibility)
    assert telling(hidden, role) == []


def test_control_a_public_conference_is_in_lists_feed_sitemap_and_search(hidden):
    Conference.objects.filter(slug=SLUG).update(visibility="public")
    lists = {"/", "/feed/", "/sitemap.xml", "/?q=zanzibar", "/api/v1/conferences/"}
    assert lists <= set(telling(hidden, "anonymous"))


def test_its_members_find_it_in_their_lists_and_open_it(hidden):
    member = Conference.objects.get(slug=SLUG).memberships.first()
    client = hidden.client("anonymous")
    client.force_login(member.user)
    lists = ["/", "/?show=mine", "/?q=zanzibar", "/me/"]
    assert [path for path in lists if is_telling(client, path)] == lists
    assert client.get(f"/conferences/{SLUG}/").status_code == 200
    # Stored by everyone who shares it, so the same for everyone.
    assert [path for path in ("/feed/", "/sitemap.xml") if is_telling(client, path)] == []


@pytest.mark.parametrize("page", ["", "card.png"])
def test_shared_pitch_of_a_conference_for_members_only_is_shown_to_no_one_else(hidden, page):
    candidate = f"/conferences/{SLUG}/candidates/{hidden.samples['member_id']}/{page}"
    assert hidden.client("anonymous").get(candidate).status_code == 404
    Conference.objects.filter(slug=SLUG).update(visibility="unlisted")
    assert hidden.client("anonymous").get(candidate).status_code == (404 if page else 200)
