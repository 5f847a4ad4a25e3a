"""A duplicate often has the same title as the conference that stays: pages and emails tell them apart."""

from datetime import timedelta

import pytest
from django.core import mail
from django.utils import timezone

from accounts.actors import Actor
from confbox.kit.tests.page import parse
from conferences.merging.actions import merge_conferences
from conferences.models import Role
from conferences.tests.factories import make_conference, make_membership, update_elections
from conferences.tests.teams import make_team_member
from voting.tests.campaigns import dispatch_due

pytestmark = pytest.mark.django_db
PAGE = "/admin/conferences/conference/{}/merge/"


@pytest.fixture
def stays(conference):
    now = timezone.now()
    update_elections(conference, closes_at=now + timedelta(days=9))
    update_elections(conference, opens_at=now + timedelta(days=1))
    conference.refresh_from_db()
    return conference


@pytest.fixture
def duplicate(stays):
    return make_conference(title=stays.title.upper(), slug="open-conf-2", voting="scheduled")


@pytest.fixture
def merge(duplicate, stays, organiser):
    return lambda: merge_conferences(
        duplicate=duplicate, stays=stays, address="open-conf-2", by=Actor(organiser)
    )


def test_the_page_names_both_by_their_web_addresses(as_organiser, duplicate, stays):
    make_membership(duplicate)
    page = parse(as_organiser.get(f"{PAGE.format(duplicate.pk)}{stays.pk}/"))
    assert "Merge OPEN CONF (open-conf-2) into Open Conf (open-conf)?" in page.part(".desk-panel h2").text
    for sentence in (
        "1 member of OPEN CONF (open-conf-2) becomes a member of Open Conf (open-conf)",
        "OPEN CONF (open-conf-2) is deleted",
        "Keep OPEN CONF (open-conf-2) instead",
        "Type open-conf-2 to confirm.",
    ):
        assert sentence in page.text


def test_the_choice_shows_the_web_address_of_the_one_that_is_merged(as_organiser, duplicate, stays):
    page = parse(as_organiser.get(PAGE.format(duplicate.pk)))
    assert duplicate.get_absolute_url() in page.part(".merge-address").text


def test_what_is_said_afterwards_names_both(as_organiser, duplicate, stays):
    url = f"{PAGE.format(duplicate.pk)}{stays.pk}/"
    page = parse(as_organiser.post(url, {"address": "open-conf-2"}, follow=True))
    assert "OPEN CONF (open-conf-2) is merged into Open Conf (open-conf)." in page.text


def test_a_refusal_names_the_one_that_it_is_about(as_organiser, duplicate, stays):
    url = f"{PAGE.format(duplicate.pk)}{stays.pk}/"
    stays.__class__.objects.filter(pk=stays.pk).update(status="draft")
    assert "Open Conf (open-conf) is not published." in parse(as_organiser.get(url)).text


def test_members_read_which_one_is_gone_and_when_voting_opens(merge, duplicate):
    make_membership(duplicate)
    merge()
    dispatch_due()
    body = " ".join(mail.outbox[0].body.split())
    for words in (
        "Open Conf was on this site twice",
        "Links to OPEN CONF (open-conf-2) lead to Open Conf (open-conf).",
        "Voting opens on ",
    ):
        assert words in body


def test_the_team_of_the_duplicate_reads_which_one_is_gone(
    merge, duplicate, django_capture_on_commit_callbacks
):
    make_team_member(duplicate, Role.OBSERVER)
    with django_capture_on_commit_callbacks(execute=True):
        merge()
    assert mail.outbox[0].subject == "OPEN CONF (open-conf-2) has been merged into Open Conf (open-conf)"
