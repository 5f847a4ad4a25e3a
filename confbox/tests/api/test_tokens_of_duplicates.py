"""What becomes of tokens for a conference that is merged into another one."""

from functools import partial

import pytest

from confbox.tests.api.calls import Program
from conferences.api_access.models import ApiToken, Scope
from conferences.tests.duplicates import (
    make_duplicate,
    make_one_that_stays,
    merge_duplicate,
    page_of_merging,
)
from conferences.tests.factories import make_conference, make_membership
from conferences.tests.teams import make_team_member

pytestmark = pytest.mark.django_db


@pytest.fixture
def stays(db):
    return make_one_that_stays()


@pytest.fixture
def duplicate(stays):
    return make_duplicate()


@pytest.fixture
def merge(duplicate, stays, organiser):
    return partial(merge_duplicate, duplicate, stays, organiser)


def chosen_by():
    return [*ApiToken.objects.get().conferences.values_list("slug", flat=True)]


def test_token_of_a_member_for_the_duplicate_goes_on_with_the_one_that_stays(merge, duplicate):
    program = Program(make_membership(duplicate).user, Scope.READ, conferences=[duplicate])
    merge()
    assert program.get("conferences/open-conf/members/").status_code == 200
    there = program.get("conferences/open-conf-2/members/")
    assert (there.status_code, there["Location"]) == (301, "/api/v1/conferences/open-conf/members/")


def test_token_of_a_member_for_both_is_for_the_one_that_stays_once(merge, duplicate, stays):
    Program(make_membership(duplicate).user, Scope.READ, conferences=[duplicate, stays])
    merge()
    assert chosen_by() == ["open-conf"]


def test_token_for_another_conference_is_for_no_more_after_a_merge(merge, duplicate):
    program = Program(
        make_membership(duplicate).user, Scope.READ, conferences=[make_conference(slug="other")]
    )
    merge()
    assert chosen_by() == ["other"]
    assert program.get("conferences/open-conf/members/").status_code == 403
    assert program.get("conferences/open-conf-2/members/").status_code == 403


def test_token_of_an_organiser_runs_no_conference_that_they_have_not_chosen(merge, duplicate, stays):
    owner = make_team_member(duplicate).person
    make_team_member(stays, user=owner)
    program = Program(owner, Scope.READ, Scope.ORGANISE_READ, conferences=[duplicate])
    merge()
    assert chosen_by() == []
    assert program.get("conferences/open-conf/organise/team/").status_code == 403


def test_page_of_merging_counts_tokens_of_organisers_for_the_duplicate(duplicate, stays, organiser):
    Program(make_membership(duplicate).user, Scope.READ, conferences=[duplicate])
    Program(make_team_member(stays).person, Scope.ORGANISE_READ, conferences=[stays])
    assert "API token" not in page_of_merging(duplicate, stays, organiser)
    Program(make_team_member(duplicate).person, Scope.ORGANISE_READ, conferences=[duplicate])
    sentence = "1 API token of an organiser is for Open Conf 2. It is not for Open Conf"
    assert sentence in page_of_merging(duplicate, stays, organiser)
