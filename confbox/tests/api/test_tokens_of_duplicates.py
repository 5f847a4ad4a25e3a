"""What becomes of tokens for a conference that is merged into another one."""

import pytest
from django.test import Client

from accounts.actors import Actor
from accounts.tests.factories import log_in_freshly, make_organiser
from confbox.kit.tests.page import parse
from confbox.tests.api.calls import Program
from conferences.api_access.models import ApiToken, Scope
from conferences.merging.actions import merge_conferences
from conferences.tests.factories import make_conference, make_membership
from conferences.tests.teams import make_team_member

pytestmark = pytest.mark.django_db


@pytest.fixture
def organiser(roles):
    return make_organiser("organiser@example.org")


@pytest.fixture
def stays(db):
    return make_conference(title="Open Conf", slug="open-conf", voting="scheduled")


@pytest.fixture
def duplicate(stays):
    return make_conference(title="Open Conf 2", slug="open-conf-2", voting="scheduled")


@pytest.fixture
def merge(duplicate, stays, organiser):
    def merge():
        return merge_conferences(duplicate=duplicate, stays=stays, address="open-conf-2", by=Actor(organiser))

    return merge


def page_of_merging(duplicate, stays, organiser):
    url = f"/admin/conferences/conference/{duplicate.pk}/merge/{stays.pk}/"
    return parse(log_in_freshly(Client(), organiser).get(url)).text


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
