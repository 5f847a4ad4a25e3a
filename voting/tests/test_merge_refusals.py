"""All that keeps two conferences from being merged is named at once, each with the page that changes it."""

from datetime import timedelta

import pytest
from django.core.exceptions import ValidationError
from django.utils import timezone

from accounts.actors import Actor
from confbox.kit.tests.page import parse
from conferences.merging.actions import merge_conferences
from conferences.models import Conference
from conferences.tests.factories import make_conference, make_membership, update_elections
from conferences.tests.rosters.entries import make_entry
from conferences.tests.teams import make_series
from voting.tests.campaigns import make_campaign
from voting.tests.factories import make_vote

pytestmark = pytest.mark.django_db
ROOT = "/admin/conferences/conference"


@pytest.fixture
def stays():
    return make_conference(title="Kept", slug="kept", voting="scheduled")


@pytest.fixture
def duplicate():
    return make_conference(title="Twin", slug="twin", voting="scheduled")


@pytest.fixture
def shown(as_organiser, duplicate, stays):
    return lambda: parse(as_organiser.get(f"{ROOT}/{duplicate.pk}/merge/{stays.pk}/"))


def open_vote(conference):
    update_elections(conference, opens_at=timezone.now() - timedelta(hours=1))


def with_vote(conference):
    open_vote(conference)
    make_vote(make_membership(conference), make_membership(conference))


def rosters_differ(duplicate, stays):
    make_entry(stays, "listed@example.org")
    make_entry(duplicate, "only-there@example.org")


def links_of(page):
    return page.attributes(".merge-refusals a", "href")


def test_all_refusals_are_shown_at_once_with_links(shown, duplicate, stays):
    rosters_differ(duplicate, stays)
    make_campaign(make_membership(duplicate), status="requested")
    Conference.objects.filter(pk=stays.pk).update(status="draft")
    assert links_of(shown()) == [
        f"{ROOT}/{stays.pk}/publish/",
        f"/admin/voting/campaign/?conference__id__exact={duplicate.pk}",
        f"{ROOT}/{duplicate.pk}/roster/",
        f"{ROOT}/{stays.pk}/roster/import/",
    ]


def test_the_verb_names_all_of_them_too(duplicate, stays, organiser):
    rosters_differ(duplicate, stays)
    Conference.objects.filter(pk=stays.pk).update(status="draft")
    with pytest.raises(ValidationError) as refusal:
        merge_conferences(duplicate=duplicate, stays=stays, address="twin", by=Actor(organiser))
    assert len(refusal.value.messages) == 2


def test_one_that_is_found_by_two_rules_is_named_once(shown, duplicate, stays):
    rosters_differ(duplicate, stays)
    update_elections(stays, who_votes="roster")
    assert len(links_of(shown())) == 2


def test_what_no_one_can_remove_is_named_alone(shown, duplicate, stays):
    """An open vote whose new voters a second person confirms, and a roster that lacks people."""
    Conference.objects.update(series=make_series(needs_consent=["roll"]))
    make_membership(duplicate)
    rosters_differ(duplicate, stays)
    open_vote(stays)
    assert links_of(shown()) == [f"{ROOT}/{duplicate.pk}/cancel/"]


def test_no_way_is_advised_that_is_refused_as_well(shown, duplicate, stays):
    """Each has one who would become a voter of the other, and one of them has a vote."""
    Conference.objects.update(series=make_series(needs_consent=["roll"]))
    for each in (duplicate, stays):
        open_vote(each)
        make_membership(each)
    with_vote(duplicate)
    page = shown()
    assert "cannot be merged into it either" in page.part(".merge-refusals").text
    assert links_of(page) == [f"{ROOT}/{each.pk}/cancel/" for each in (duplicate, stays)]


def test_the_other_direction_is_offered_only_where_it_is_not_refused(shown, duplicate, stays):
    with_vote(duplicate)
    other_way = f"{ROOT}/{stays.pk}/merge/{duplicate.pk}/"
    assert other_way in shown().attributes("a", "href")
    with_vote(stays)
    assert other_way not in shown().attributes("a", "href")


def test_two_with_votes_lead_to_cancelling_either(shown, duplicate, stays):
    with_vote(duplicate)
    with_vote(stays)
    assert links_of(shown()) == [f"{ROOT}/{each.pk}/cancel/" for each in (duplicate, stays)]


def test_the_choice_says_at_once_that_one_with_votes_is_not_merged(as_organiser, duplicate, stays):
    with_vote(duplicate)
    page = parse(as_organiser.get(f"{ROOT}/{duplicate.pk}/merge/"))
    assert "merge the other conference into it instead" in page.part(".desk-warning").text
    assert links_of(page) == [f"{ROOT}/{duplicate.pk}/cancel/"]


def test_the_choice_warns_of_nothing_if_no_one_has_voted(as_organiser, duplicate, stays):
    open_vote(duplicate)
    assert not links_of(parse(as_organiser.get(f"{ROOT}/{duplicate.pk}/merge/")))
