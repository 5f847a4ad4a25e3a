"""A link to the ballot or to the members redirects non-members to the conference, which says why."""

import pytest

from confbox.kit.tests.page import parse
from conferences.models import Conference, Membership
from conferences.tests.factories import make_conference

BALLOT, MEMBERS = "/conferences/open-conf/ballot/", "/conferences/open-conf/members/"


@pytest.mark.parametrize(
    ("path", "sentence"),
    [
        (BALLOT, "The ballot is for members. Join this conference to vote."),
        (MEMBERS, "The list of members is for members of this conference."),
    ],
)
def test_a_stranger_is_led_to_the_conference_and_told_why(as_stranger, conference, path, sentence):
    answer = as_stranger.get(path, follow=True)
    assert answer.redirect_chain == [("/conferences/open-conf/", 302)]
    assert parse(answer).messages == [sentence]


def test_after_the_close_a_stranger_is_not_asked_to_join(as_stranger):
    make_conference(slug="old-conf", voting="closed")
    page = parse(as_stranger.get("/conferences/old-conf/ballot/", follow=True))
    assert "The ballot is for members. Voting closed on" in page.text


def test_a_member_who_left_is_led_there_too(as_alice, alice):
    as_alice.post("/conferences/open-conf/leave/")
    assert as_alice.get(BALLOT).url == "/conferences/open-conf/"


@pytest.mark.parametrize("status", ["draft", "inactive"])
@pytest.mark.parametrize("path", [BALLOT, MEMBERS])
def test_a_conference_that_one_may_not_see_is_missing(as_stranger, conference, status, path):
    Conference.objects.update(status=status)
    assert as_stranger.get(path).status_code == 404


def test_a_draft_is_missing_even_to_its_members(as_alice, conference):
    Conference.objects.update(status="draft")
    assert as_alice.get(BALLOT).status_code == 404


@pytest.mark.parametrize("page", ["pitch/", "results/", "campaigns/new/", "vote/receipt/"])
def test_every_other_page_for_members_is_missing(as_stranger, conference, page):
    assert as_stranger.get(f"/conferences/open-conf/{page}").status_code == 404


def test_a_member_s_page_is_missing(as_stranger, bob):
    assert as_stranger.get(f"{MEMBERS}{bob.pk}/").status_code == 404


def test_a_vote_of_a_stranger_is_missing(as_stranger, bob, stranger):
    assert as_stranger.post("/conferences/open-conf/vote/", {"candidate": bob.pk}).status_code == 404
    assert not Membership.objects.filter(user=stranger).exists()


@pytest.mark.parametrize("path", [BALLOT, MEMBERS])
def test_a_person_who_is_not_logged_in_comes_back_after_the_log_in(client, conference, path):
    assert client.get(path).url == f"/accounts/login/?next={path}"
