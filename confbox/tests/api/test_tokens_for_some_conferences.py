"""A token for some conferences neither reads nor changes another one, in whatever way an operation names it.

Its owner may do everything everywhere: they organise the site, and are a member of both conferences.
"""

import re

import pytest
from django.test import Client

from confbox.kit.api.scopes import Scope
from confbox.tests import operations
from confbox.tests.api.answers import kind
from confbox.tests.two_teams import FOREIGN, MARK, OWN, TwoTeams, asked_and_undone, filled, shown
from conferences.models import Conference
from conferences.tests.api_tokens import make_api_token
from conferences.tests.factories import make_membership
from voting.tests.consent import make_request

pytestmark = pytest.mark.django_db
OPERATIONS = [
    (method.upper(), pattern) for pattern, found in operations.document()["paths"].items() for method in found
]
PATTERNS = {pattern: re.sub(r"\{(\w+)\}", r"<\1>", pattern).removeprefix("/") for _, pattern in OPERATIONS}
# The operations that have no conference in their path and are for every token; their lists leave others out.
OVER_SEVERAL = {
    ("GET", "/api/v1/me/"),
    ("GET", "/api/v1/conferences/"),
    ("GET", "/api/v1/organise/conferences/"),
    ("GET", "/api/v1/organise/second-person/"),
    ("GET", "/api/v1/organise/votes/"),
}


@pytest.fixture
def teams(roles):
    found = TwoTeams().add_other()
    for slug in (OWN, FOREIGN):
        make_membership(Conference.objects.get(slug=slug), user=found.site)
    return found


def holder(teams, *slugs):
    """Requests with a token for these conferences; without any, with one for all."""
    chosen = Conference.objects.filter(slug__in=slugs) if slugs else None
    text = make_api_token(teams.site, *Scope, conferences=chosen)
    return Client(headers={"Authorization": f"Bearer {text}"})


def asked(client, method, pattern, ids):
    return asked_and_undone(client, method, filled(PATTERNS[pattern], ids), samples=ids)


def is_refused(response):
    return response.status_code == 403 and kind(response) == "other-conference"


def with_a_row(teams):
    """The operations whose path or body names a row below the conference."""
    named = [(m, p) for m, p in OPERATIONS if "{slug}" in p]
    samples = (teams.below_own(teams.foreign), teams.below_own(teams.absent))
    differing = [(m, p) for m, p in named if len({filled(PATTERNS[p], ids) for ids in samples}) > 1]
    bodies = [(m, p) for m, p in named if m == "POST" and operations.has_rows_in_body(PATTERNS[p])]
    return list(dict.fromkeys(differing + bodies))


def test_every_operation_about_another_conference_or_about_all_is_refused(teams):
    client = holder(teams, OWN)
    found = {
        (method, pattern)
        for method, pattern in OPERATIONS
        if not is_refused(asked(client, method, pattern, teams.foreign))
    }
    assert found == OVER_SEVERAL


@pytest.mark.parametrize(("method", "pattern"), sorted(OVER_SEVERAL))
def test_list_over_several_conferences_shows_those_of_the_token(teams, method, pattern):
    member = Conference.objects.get(slug=OWN).memberships.get(user=teams.site)
    make_request(member, teams.people["owner"])
    tokens = (holder(teams, OWN), holder(teams))
    of_one, of_all = (asked(token, method, pattern, teams.own).content_read.decode() for token in tokens)
    assert MARK not in of_one
    # The control: a token for all conferences shows both.
    in_both = pattern != "/api/v1/me/"
    assert (OWN in of_one, OWN in of_all, MARK in of_all) == (in_both, in_both, in_both)


def test_rows_of_another_conference_are_not_found_below_ones_own(teams):
    client = holder(teams, OWN)
    foreign, absent = (teams.below_own(ids) for ids in (teams.foreign, teams.absent))
    known = {value for ids in (foreign, absent) for value in ids.values()}
    wrong = []
    for method, pattern in with_a_row(teams):
        answers = [asked(client, method, pattern, ids) for ids in (foreign, absent)]
        one, other = (shown(answer, known) for answer in answers)
        if one != other or answers[0].status_code < 400 or MARK in answers[0].content_read.decode():
            wrong.append((method, pattern, answers[0].status_code, one[2][:200], other[2][:200]))
    assert wrong == []
