"""The electoral roll, for a member and on the desk, in each of its states."""

from datetime import timedelta

import pytest
from django.contrib.auth.models import Permission

from accounts.actors import Actor
from accounts.tests.factories import make_user
from confbox.kit.tests.page import parse
from confbox.kit.tests.panels import states_of
from conferences.actions import join_conference
from conferences.models import RosterEntry
from conferences.tests.factories import make_membership, update_elections
from conferences.tests.rosters.entries import make_entry
from voting.desk.roll_panels import MEMBERS_PANEL, ROLL_MARK
from voting.elections.panels.roll import ROLL_ENTRY
from voting.elections.roll.actions import add_to_roll, freeze_roll, remove_from_roll

pytestmark = pytest.mark.django_db


@pytest.fixture
def ada(conference):
    """The one member of the frozen roll; those who join later may not vote."""
    update_elections(conference, late_joiners="may_not_vote")
    conference.refresh_from_db()
    before = conference.election.opens_at - timedelta(hours=1)
    ada = make_membership(conference, name="Ada", joined_at=before)
    freeze_roll(conference=conference)
    return ada


def stay(ada, organiser):
    pass


def be_removed(ada, organiser):
    remove_from_roll(membership=ada, by=Actor(organiser), reason="By request")


def join_late(ada, organiser):
    make_membership(ada.conference, name="Ben")


ENTRIES = [
    ("on_roll", "You are on the list of voters", "Ada", stay),
    ("removed", "You are no longer on the list of voters", "Ada", be_removed),
    ("not_on_roll", "You are not on the list of voters", "Ben", join_late),
]


@pytest.mark.parametrize(("state", "heading", "reader", "arrange"), ENTRIES)
def test_entry_of_a_member(client, organiser, ada, state, heading, reader, arrange):
    arrange(ada, organiser)
    client.force_login(ada.conference.memberships.get(user__name=reader).user)
    answer = client.get(f"/conferences/{ada.conference.slug}/roll/")
    assert answer.context["entry"].state == state
    page = parse(answer)
    assert page.texts("#entry-title") == [heading]
    assert page.number_of("section[aria-labelledby=entry-title] code") == (2 if state == "on_roll" else 0)


MEMBERS = [
    ("on_roll", "?show=on", stay, "Remove Ada"),
    ("on_roll", "", join_late, "Remove Ada"),
    ("not_on_roll", "?show=off", join_late, "Add Ben"),
    ("not_on_roll", "?show=off", be_removed, "Add Ada"),
    ("none_found", "?q=nobody", stay, "No member here has this name."),
    ("none_found", "?q=nobody&show=off", stay, "No member here has this name."),
    ("everyone_on_roll", "?show=off", stay, "Every member is on the list."),
    ("nobody_on_roll", "", be_removed, "No one is on the list."),
]


@pytest.mark.parametrize(("state", "query", "arrange", "words"), MEMBERS)
def test_members_of_the_roll_on_the_desk(as_organiser, organiser, ada, state, query, arrange, words):
    arrange(ada, organiser)
    answer = as_organiser.get(f"/admin/voting/votes/{ada.conference_id}/roll/{query}")
    assert answer.context["members"].state == state
    page = parse(answer)
    assert words in page.texts("#content tbody a, #content > p")
    assert page.has("#content tbody") == (state in ("on_roll", "not_on_roll"))


@pytest.fixture
def listed(conference):
    """Voting is open to the roster, on which Ben was when it opened; he has not joined."""
    update_elections(conference, who_votes="roster")
    opens = conference.election.opens_at
    RosterEntry.objects.create(
        conference=conference, email="ben@example.org", mailbox="ben@example.org", listed_at=opens
    )
    freeze_roll(conference=conference)
    return conference


def be_listed_late(listed):
    make_entry(listed, "cleo@example.org")


def join_all(listed):
    join_conference(conference=listed, by=Actor(make_user("ben@example.org")))


LISTED = [
    ("not_joined", "?show=waiting", None, "Remove ben@example.org"),
    ("all_have_joined", "?show=waiting", join_all, "Everyone on the list has joined."),
    ("listed_later", "?show=listed", be_listed_late, "Add cleo@example.org"),
    ("none_listed_later", "?show=listed", None, "No one was put on the roster after voting had opened."),
    ("no_entry_found", "?show=waiting&q=nobody", None, "No one here has this name or email address."),
]


@pytest.mark.parametrize(("state", "query", "arrange", "words"), LISTED)
def test_people_on_the_roster_who_have_not_joined(as_organiser, listed, state, query, arrange, words):
    if arrange:
        arrange(listed)
    answer = as_organiser.get(f"/admin/voting/votes/{listed.pk}/roll/{query}")
    assert answer.context["members"].state == state
    assert words in parse(answer).texts("#content tbody a, #content > p")


def test_an_organiser_who_may_not_read_the_roster_does_not_see_it_on_the_roll(client, listed):
    person = make_user("helper@example.org", is_staff=True)
    codenames = ["view_election", "view_membership"]
    person.user_permissions.set(Permission.objects.filter(codename__in=codenames))
    client.force_login(person)
    page = parse(client.get(f"/admin/voting/votes/{listed.pk}/roll/?show=waiting"))
    assert not page.mentions("ben@example.org")


def be_added(ada, organiser):
    ben = make_membership(ada.conference, name="Ben")
    add_to_roll(membership=ben, by=Actor(organiser), reason="Paid at the door")


def join_with_a_vote(ada, organiser):
    update_elections(ada.conference, late_joiners="may_vote")
    join_conference(conference=ada.conference, by=Actor(make_user("ben@example.org")))


MARKS = [
    (None, stay, []),
    ("added", be_added, ["added by an organiser"]),
    ("late", join_with_a_vote, ["joined after voting opened"]),
]


@pytest.mark.parametrize(("state", "arrange", "marks"), MARKS)
def test_mark_of_those_who_came_after_the_freezing(as_organiser, organiser, ada, state, arrange, marks):
    arrange(ada, organiser)
    answer = as_organiser.get(f"/admin/voting/votes/{ada.conference_id}/roll/")
    states = [row.mark.state for row in answer.context["members"].facts["rows"] if row.mark]
    assert states == ([state] if state else [])
    assert parse(answer).texts(".desk-table .desk-mark") == marks


def test_next_page_of_the_roll_is_of_the_same_list(as_organiser, ada, monkeypatch):
    monkeypatch.setattr("voting.desk.roll_views.PER_PAGE", 1)
    for name in ("Ben", "Cleo"):
        make_membership(ada.conference, name=name)
    path = f"/admin/voting/votes/{ada.conference_id}/roll/"
    [following] = parse(as_organiser.get(f"{path}?show=off")).attributes("a.button[href*=page]", "href")
    page = parse(as_organiser.get(path + following))
    assert page.texts(".desk-table tbody a") == ["Add Cleo"]


def test_change_from_a_search_of_the_roll_leads_back_to_it(as_organiser, ada):
    path = f"/admin/voting/votes/{ada.conference_id}/roll/?q=ada&show=on"
    [link] = parse(as_organiser.get(path)).attributes(".desk-table tbody a", "href")
    assert path in parse(as_organiser.get(link)).part("form .desk-actions").links
    assert as_organiser.post(link, {"reason": "Ticket returned"}).url == path


def test_addition_from_a_search_of_the_roll_leads_back_to_it(as_organiser, organiser, ada):
    be_removed(ada, organiser)
    path = f"/admin/voting/votes/{ada.conference_id}/roll/?q=ada&show=off"
    [link] = parse(as_organiser.get(path)).attributes(".desk-table tbody a", "href")
    assert as_organiser.post(link, {"reason": "Ticket found"}).url == path


def test_every_state_has_a_row_and_a_template():
    listed = [row[:1] for row in LISTED]
    for folder, rows in {
        ROLL_ENTRY: ENTRIES,
        MEMBERS_PANEL: [*MEMBERS, *listed],
        ROLL_MARK: MARKS,
    }.items():
        assert states_of(folder) == {row[0] for row in rows if row[0]}, folder
