"""A rehearsal is in no list, feed, count, search and dashboard of the site, and for others it does not exist.

Every page that is not about one conference, and those of the conference itself, are requested before and
during a rehearsal, and compared.
"""

import re
from dataclasses import replace

import pytest
from django.core.cache import cache
from django.db import transaction
from django.test import Client

from accounts.actors import Actor
from accounts.models import AdminAct
from accounts.tests.factories import log_in_freshly
from confbox.kit.limits import here
from confbox.kit.tests.page import parse
from confbox.tests import routes
from confbox.tests.page_text import masked
from conferences.models import Conference, Role
from conferences.tests.factories import make_membership
from conferences.tests.teams import make_series, make_team_member
from voting.campaigns.sending.dispatch import begin_campaign
from voting.elections.receipts.actions import publish_closed_ballots
from voting.elections.roll.actions import freeze_opened_rolls
from voting.rehearsal.actions import start_rehearsal
from voting.rehearsal.playing import play_rehearsals
from voting.tests.timetable import MINUTE, pass_time
from voting.timetable.sending import send_due_notices

pytestmark = [pytest.mark.slow, pytest.mark.any_database]
OTHERS = ("anonymous", "stranger", "elsewhere", "staff")
VOTES = "/admin/voting/votes/"
EMAILS = "/admin/voting/campaign/?status__exact=all"
SEARCHES = (
    *("/?q=rehearsal", "/?show=past", "/?show=mine", "/admin/?q=rehearsal"),
    *("/admin/conferences/conference/?q=rehearsal", "/admin/conferences/membership/?q=Okafor"),
    *("/admin/accounts/user/?q=Okafor", f"{VOTES}?q=rehearsal", EMAILS),
)
# It shows the rehearsal; the person's own data; a file that differs by the time of its making; the state of
# this host, which differs from one second to the next.
OWN = ("/rehearsal/", "/people/export/", "export.xlsx", "/doctor/")
# Refuses to merge a conference that is being rehearsed, and says so to those who could.
MERGING = re.compile(r"/merge/\d+/$")


@pytest.fixture
def cast(roles, settings, tmp_path):
    cache.clear()
    settings.MEDIA_ROOT = tmp_path
    found = routes.set_up()
    series = make_series()
    Conference.objects.filter(slug="open-conf").update(series=series)
    owner = make_team_member(series, Role.OWNER).person
    make_membership(Conference.objects.get(slug="other-conf"), user=owner)
    # What is due in the conference itself is not the rehearsal's.
    send_due_notices()
    session = log_in_freshly(Client(), owner).session.session_key
    return replace(
        found,
        cookies=found.cookies | {"owner": session},
        samples=found.samples | {"conferences/series/<path:object_id>": series.pk, "owner": owner},
    )


def rehearse(cast):
    """A whole rehearsal, up to a decision that is still to be answered."""
    conference = Conference.objects.get(slug="open-conf")
    start_rehearsal(conference=conference, by=Actor(cast.samples["owner"]))
    twin = Conference.objects.get(rehearses=conference)
    for minutes in (0.9, 1, 1, 1.5):
        pass_time(twin, minutes * MINUTE)
        freeze_opened_rolls()
        play_rehearsals()
        publish_closed_ballots()
        send_due_notices()
    for campaign in twin.campaigns.all():
        begin_campaign(campaign=campaign)
    return twin


def pages_of(cast, role):
    about_all = [r.path for r in routes.routes(cast) if not routes.is_about_one(r)]
    own = ["/conferences/open-conf/", "/conferences/open-conf/members/"]
    found = [path for path in (*about_all, *own, *SEARCHES) if not path.endswith(OWN)]
    return {path: shown(cast, role, path) for path in found if not MERGING.search(path)}


def shown(cast, role, path):
    # A walk sends more requests in a minute than a program may.
    here.clear()
    with transaction.atomic():
        answer = cast.client(role).get(path)
        body = b"".join(answer) if answer.streaming else answer.content
        transaction.set_rollback(True)
    return answer.status_code, masked(body.decode(errors="replace"))


@pytest.mark.parametrize("role", ["anonymous", "elsewhere", "organiser", "owner"])
def test_no_page_shows_that_there_is_a_rehearsal(cast, role):
    before = pages_of(cast, role)
    twin = rehearse(cast)
    forget_that_it_was_started()
    after = pages_of(cast, role)
    assert twin.memberships.count() > 20
    assert [path for path in before if before[path] != after[path]] == []


def forget_that_it_was_started():
    AdminAct.objects.filter(act="start rehearsal").delete()


def test_control_a_real_conference_with_the_same_rows_is_shown(cast):
    before = pages_of(cast, "owner")
    twin = rehearse(cast)
    Conference.objects.filter(pk=twin.pk).update(rehearses=None)
    after = pages_of(cast, "owner")
    differing = {path for path in before if before[path] != after[path]}
    lists = {"/me/", "/admin/", "/admin/conferences/conference/", "/admin/conferences/membership/"}
    assert lists <= differing
    assert {VOTES, EMAILS, "/admin/accounts/adminact/"} <= differing


@pytest.mark.parametrize("role", OTHERS)
def test_for_others_its_pages_are_missing(cast, role):
    twin = rehearse(cast)
    for slug, method in [(twin.slug, "GET"), (twin.slug, "POST")]:
        there = {r.pattern: answered(cast, role, method, r) for r in of_slug(cast, slug)}
        missing = {r.pattern: answered(cast, role, method, r) for r in of_slug(cast, "absent-conf")}
        assert there == missing


def of_slug(cast, slug):
    found = routes.routes(replace(cast, samples=cast.samples | {"slug": slug}))
    return [route for route in found if routes.is_about_one(route)]


def answered(cast, role, method, route):
    return routes.asked_and_undone(cast.client(role), method, route.path)


def test_every_page_of_it_says_that_it_is_a_rehearsal(cast):
    twin = rehearse(cast)
    person = twin.memberships.filter(pitch__isnull=False).first()
    own = {name: twin.pk for name in cast.samples if cast.samples[name] == cast.samples["conference_id"]}
    paths = ("conferences/membership", "voting/pitch")
    members = {f"{path}/<path:object_id>": person.pk for path in paths} | {"member_id": person.pk}
    found = routes.routes(replace(cast, samples=cast.samples | own | members | {"slug": twin.slug}))
    pages = {route.path for route in found if f"/{twin.slug}/" in route.path or is_of(route, twin, person)}
    lists = {f"{at}?{column}={twin.pk}" for at, column in LISTS}
    silent = [path for path in sorted(pages | lists) if not says_it(cast, path)]
    assert len(pages) > 40
    assert not silent, silent


LISTS = (
    ("/admin/conferences/membership/", "conference__id__exact"),
    ("/admin/voting/campaign/", "conference__id__exact"),
    ("/admin/accounts/adminact/", "of_conference"),
)


def is_of(route, twin, person):
    of_twin = (f"/admin/conferences/conference/{twin.pk}/", f"/admin/voting/votes/{twin.pk}/")
    of_person = (f"/admin/conferences/membership/{person.pk}/", f"/admin/voting/pitch/{person.pk}/")
    # The history of a member is Django's own page, which is under that of the member.
    is_history = route.path.endswith("/history/") and route.path.startswith(of_person)
    return any(part in route.path for part in (*of_twin, *of_person)) and not is_history


def says_it(cast, path):
    """True of what shows no page, such as a file or a redirect."""
    with transaction.atomic():
        answer = cast.client("owner").get(path)
        is_page = answer.status_code == 200 and answer.headers["Content-Type"].startswith("text/html")
        found = not is_page or parse(answer).has(".team-strip")
        transaction.set_rollback(True)
    return found
