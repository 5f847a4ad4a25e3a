"""Another team's conference answers exactly like one that does not exist, through every door.

Every route with a row of a conference is requested by a person of each role in a team: once with the IDs of
another team's rows, once with IDs that no row has. Status, where it leads, the page and the statements sent
to the database have to be the same. Lists, with every search, filter, order and action, have to be the same
as if the other team did not exist at all.
"""

import pytest
from django.contrib.admin.models import CHANGE, LogEntry
from django.db import transaction

from confbox.kit.tests.page import parse
from confbox.tests import operations, routes
from confbox.tests.routes_of_teams import foreign_to_outsiders
from confbox.tests.two_teams import (
    FIRST_ID,
    FOREIGN,
    MARK,
    OUTSIDERS,
    OWN,
    TwoTeams,
    asked_and_undone,
    difference,
    filled,
    lists,
    patterns,
    shown,
)
from conferences.models import Conference, Role
from conferences.tests.factories import update_elections
from conferences.tests.teams import make_team_member

pytestmark = [pytest.mark.django_db, pytest.mark.any_database]
PLAIN = [p for p in routes.patterns() if p.startswith("admin/") and "<" not in p]


@pytest.fixture
def teams(roles):
    return TwoTeams()


@pytest.fixture
def two_teams(teams):
    return teams.add_other()


def distinguished(two_teams, role, method, found, *samples, table=None):
    """Where the two kinds of IDs do not get the same, or not what the table says."""
    wrong, known = [], {value for ids in samples for value in ids.values()}
    for pattern in (found_one for found_one in found if method in operations.methods(found_one)):
        foreign, absent = (
            shown(
                asked_and_undone(two_teams.browser(role), method, filled(pattern, ids), samples=ids),
                known,
            )
            for ids in samples
        )
        if foreign != absent:
            wrong.append((pattern, *difference(foreign, absent)))
        if table and routes.word_of(*foreign[:2]) != table[method, pattern, role]:
            wrong.append((pattern, foreign[0], f"the table says {table[method, pattern, role]}"))
    return wrong


@pytest.mark.parametrize("role", OUTSIDERS)
@pytest.mark.parametrize("method", operations.METHODS)
def test_rows_of_another_team_answer_like_rows_that_do_not_exist(two_teams, role, method):
    samples, table = (two_teams.foreign, two_teams.absent), foreign_to_outsiders()
    assert distinguished(two_teams, role, method, patterns(), *samples, table=table) == []


@pytest.mark.parametrize("role", [Role.OWNER, Role.HELP_DESK, "member"])
@pytest.mark.parametrize("method", operations.METHODS)
def test_rows_of_another_team_are_not_found_below_ones_own_conference(two_teams, role, method):
    samples = [two_teams.below_own(ids) for ids in (two_teams.foreign, two_teams.absent)]
    below = [p for p in patterns() if len({filled(p, ids) for ids in samples}) > 1]
    below += [p for p in patterns() if operations.has_rows_in_body(p) and p not in below]
    assert distinguished(two_teams, role, method, below, *samples) == []


def test_control_a_site_organiser_distinguishes_them(two_teams):
    asked = [pattern for pattern in patterns() if "GET" in operations.methods(pattern)]
    found = [
        [asked_and_undone(two_teams.browser("site"), "GET", filled(p, ids)).status_code]
        for p in asked
        for ids in (two_teams.foreign, two_teams.absent)
    ]
    differing = sum(one != other for one, other in zip(found[::2], found[1::2], strict=True))
    assert differing > len(asked) // 2


LISTS = lists()
REFUSED = (403, 404)
# Besides what a list offers itself.
TYPED_QUERIES = [
    f"?q={MARK}",
    "?q=o",
    "?q=example.org",
    "?all=",
    "?e=1",
    "?p=2",
    "?o=1.-2.3",
    "?_popup=1&_to_field=id",
    "?_to_field=email",
    f"?id__exact={FIRST_ID}",
    f"?pk__in={FIRST_ID},{FIRST_ID + 1}",
    f"?conference__id__exact={FIRST_ID + 1}",
    f"?series__id__exact={FIRST_ID}",
    "?conference__title__startswith=Zyx",
    "?title__startswith=Zyx",
    "?memberships__user__email__startswith=z",
    "?user__email__startswith=z",
    "?team__person__email__startswith=z",
    "?conference__team__role=owner",
    "?by__email__startswith=z",
    "?of_conference__gte=81000000",
]
AUTOCOMPLETE = [
    f"/admin/autocomplete/?app_label={app}&model_name={model}&field_name={field}&term=o"
    for app, model, field in (
        ("conferences", "membership", "conference"),
        ("conferences", "membership", "user"),
        ("conferences", "conference", "series"),
        ("voting", "campaign", "conference"),
        ("voting", "decision", "election"),
        ("accounts", "adminact", "by"),
    )
]


def offered_by(page, url):
    """The filters, orders, dates and pages to which a list links, and its actions."""
    queries = {href for href in page.attributes("a", "href") if href.startswith("?")}
    acts = page.attributes("select[name=action] option", "value")
    sent = {"_selected_action": FIRST_ID + 1, "index": "0"}
    posts = [(url, sent | {"action": act, "select_across": across}) for act in acts if act for across in "01"]
    return [(f"{url}{query}", None) for query in sorted(queries)] + posts


@pytest.fixture
def requests_of_lists(teams):
    """What can be asked of lists where both teams are: as the site's organiser is offered it."""
    with transaction.atomic():
        teams.add_other()
        found = [(f"/{path}", None) for path in PLAIN] + [(url, None) for url in AUTOCOMPLETE]
        for url in LISTS:
            found += offered_by(parse(teams.browser("site").get(url)), url)
            found += [(url + query, None) for query in TYPED_QUERIES]
        transaction.set_rollback(True)
    return found


def answers(teams, role, requests):
    """What was asked, with the answer. Where a role gets no list, one search and one action are enough."""
    found, refused = [], {}
    for url, data in requests:
        path, kind = url.partition("?")[0], "POST" if data else "GET"
        if kind in refused.get(path, ()):
            continue
        found.append(((url, data), shown(asked_and_undone(teams.browser(role), kind, url, data), set())))
        if path in refused:
            refused[path].add(kind)
        elif url == path and found[-1][1][0] in REFUSED:
            refused[path] = set()
    return found


@pytest.mark.slow
@pytest.mark.parametrize("role", Role.values)
def test_lists_searches_filters_and_actions_are_as_if_the_other_team_did_not_exist(
    teams, requests_of_lists, role
):
    without = answers(teams, role, requests_of_lists)
    found = answers(teams.add_other(), role, requests_of_lists)
    assert [request for request, _answer in found] == [request for request, _answer in without]
    pairs = [(request, one, other) for (request, one), (_, other) in zip(found, without, strict=True)]
    assert [(request, *difference(one, other)) for request, one, other in pairs if one != other] == []
    assert sum(one[0] == 200 for _request, one, _other in pairs) > 40


@pytest.mark.slow
def test_control_for_a_site_organiser_most_lists_are_others(teams, requests_of_lists):
    some = requests_of_lists[::5]
    without, found = answers(teams, "site", some), answers(teams.add_other(), "site", some)
    assert sum(one != other for one, other in zip(found, without, strict=True)) > len(found) // 3


@pytest.mark.parametrize("role", Role.values)
@pytest.mark.parametrize("across", ["0", "1"])
@pytest.mark.parametrize("act", ["deactivate_selected", "publish_selected"])
def test_no_action_changes_a_conference_of_another_team(two_teams, role, across, act):
    foreign = Conference.objects.filter(slug__startswith=FOREIGN)
    update_elections(*foreign, opens_at=None, closes_at=None)
    before = list(foreign.values())
    sent = {"action": act, "_selected_action": two_teams.foreign["conference_id"], "select_across": across}
    two_teams.browser(role).post("/admin/conferences/conference/", sent | {"index": "0"}, follow=True)
    assert list(foreign.values()) == before


def test_who_only_reads_a_conference_does_not_change_it_with_the_others_in_the_list(two_teams):
    """An organiser of one conference who observes another selects both."""
    read, own = Conference.objects.get(slug=FOREIGN), Conference.objects.get(slug=OWN)
    make_team_member(read, Role.OBSERVER, user=two_teams.people["organiser"])
    Conference.objects.filter(pk__in=[read.pk, own.pk]).update(status="inactive")
    sent = {"action": "publish_selected", "_selected_action": [read.pk, own.pk], "select_across": "1"}
    two_teams.browser("organiser").post("/admin/conferences/conference/", sent | {"index": "0"})
    found = Conference.objects.filter(pk__in=[read.pk, own.pk])
    assert dict(found.values_list("slug", "status")) == {OWN: "active", FOREIGN: "inactive"}


@pytest.mark.parametrize("role", Role.values)
def test_recent_actions_name_nothing_of_a_team_that_the_person_has_left(two_teams, role):
    conference = Conference.objects.get(slug=FOREIGN)
    LogEntry.objects.log_actions(
        two_teams.people[role].pk, [conference], CHANGE, "Changed.", single_object=True
    )
    assert MARK not in parse(two_teams.browser(role).get("/admin/")).text


def test_series_of_another_team_are_not_offered(two_teams):
    page = two_teams.browser("owner").get("/admin/conferences/conference/add/")
    names = parse(page).texts("#id_series option")
    assert "Own Series" in names
    assert f"{MARK} Series" not in names


# Columns that a list has no filter for: a URL that could filter by one would tell it letter by letter.
NOT_OFFERED = [
    "conferences/conference/?title__startswith={}",
    "conferences/conference/?memberships__user__email__startswith={}",
    "conferences/conference/?created_by__email__startswith={}",
    "conferences/membership/?user__email__startswith={}",
    "conferences/membership/?conference__team__person__email__startswith={}",
    "voting/campaign/?requested_by__email__startswith={}",
    "voting/decision/?election__conference__title__startswith={}",
    "accounts/adminact/?by__email__startswith={}",
]


@pytest.mark.parametrize("path", NOT_OFFERED)
@pytest.mark.parametrize("role", ["owner", "site"])
def test_no_look_up_that_a_list_does_not_offer_is_answered(teams, role, path):
    pages = [asked_and_undone(teams.browser(role), "GET", f"/admin/{path.format(start)}") for start in "aoz"]
    assert {page.status_code for page in pages} <= {302, 400}
    assert len({page.headers.get("Location", "") for page in pages}) == 1
