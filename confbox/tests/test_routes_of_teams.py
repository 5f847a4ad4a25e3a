"""Who gets what from every route of a conference, in their own conference and in that of another team."""

import difflib
import os

import pytest

from confbox.tests import routes_of_teams
from confbox.tests.two_teams import OUTSIDERS, TwoTeams, patterns

pytestmark = [pytest.mark.slow, pytest.mark.any_database]
# The program that checks results, which has nothing of a conference in it.
SAME_FOR_ALL = {"conferences/<slug:slug>/results/verify.py"}


@pytest.mark.django_db
def test_each_role_gets_what_the_table_says(roles):
    is_written = bool(os.environ.get("WRITE_ROUTES"))
    foreign = {} if is_written else routes_of_teams.foreign_to_outsiders()
    found = routes_of_teams.table(TwoTeams().add_other(), foreign)
    if is_written:
        routes_of_teams.TABLE.write_text(found)
    known = routes_of_teams.TABLE.read_text()
    changed = difflib.unified_diff(known.splitlines(), found.splitlines(), "routes", "as it is", n=0)
    assert "\n".join(changed) == ""


def test_no_one_gets_anything_from_another_team():
    cells = [cell for cell in routes_of_teams.cells() if cell[2] in OUTSIDERS]
    assert {pattern for _method, pattern, _role, _own, foreign in cells if foreign == "200"} == SAME_FOR_ALL
    assert len(cells) > 1500


def test_no_answer_is_an_error():
    answers = {answer for *_route, own, foreign in routes_of_teams.cells() for answer in (own, foreign)}
    assert not [answer for answer in answers if answer.startswith("5")]


def test_every_route_has_its_lines():
    assert {pattern for _method, pattern, *_more in routes_of_teams.cells()} == set(patterns())


def test_roles_differ_in_what_they_open():
    opened = {}
    for method, pattern, role, own, _foreign in routes_of_teams.cells():
        if method == "GET" and own == "200" and pattern.startswith("admin/"):
            opened.setdefault(role, set()).add(pattern)
    assert opened["owner"] > opened["organiser"] > opened["observer"]
    assert {"member", "stranger", "anonymous"}.isdisjoint(opened)
