"""A closed count never changes, whatever happens to the people and memberships behind it."""

import io
import json
import re
import zipfile
from datetime import timedelta

import pytest
from django.core.cache import cache
from django.core.management import CommandError, call_command
from django.test import Client
from django.utils import timezone

from accounts.actions import change_own_account, disable_user
from accounts.actors import Actor
from accounts.my_data.actions import delete_account
from accounts.tests.factories import log_in_freshly
from confbox.kit.tests.page import parse
from conferences.actions import join_conference
from conferences.models import Conference, Membership
from conferences.tests.factories import make_membership
from voting.campaigns.models import Campaign
from voting.elections import actions
from voting.elections.election.models import Election
from voting.elections.exclusions import exclude_member
from voting.elections.models import Decision, Vote
from voting.elections.receipts.actions import ensure_published, forget_names, publish_closed_ballots
from voting.elections.receipts.models import PublishedBallots
from voting.elections.tally import tally_of
from voting.tests.factories import close_and_decide, make_pitch, make_vote

RESULTS = "/conferences/open-conf/results/"


@pytest.fixture
def people(conference, alice, bob, carol):
    """Nine who may vote and one excluded: seven voted, three for Bob, four for Carol, who did not vote."""
    Election.objects.update(publishes_participants=True)
    others = {name: make_membership(conference, name=name) for name in ("Dan", "Eve", "Fay", "Gil", "Hal")}
    members = {"Alice": alice, "Bob": bob, "Carol": carol, **others}
    members["Ira"] = make_membership(conference, name="Ira")
    members["Zoe"] = make_membership(conference, name="Zoe")
    make_pitch(carol)
    for name, candidate in {
        "Alice": bob, "Dan": bob, "Eve": bob, "Fay": carol, "Gil": carol, "Hal": carol, "Ira": carol,
    }.items():  # fmt: skip
        make_vote(members[name], candidate)
    exclude_member(membership=members["Zoe"], by=Actor.of_command(), reason="Twice")
    return members


@pytest.fixture
def closed(conference, people):
    Election.objects.update(closes_at=timezone.now(), results_visibility="after_close")
    conference.refresh_from_db()
    return conference


@pytest.fixture
def decided(conference, people, organiser):
    decision = close_and_decide(conference=conference, candidate=people["Carol"], by=organiser)
    actions.answer_decision(decision=decision, accept=True, by=Actor(decision.speaker.user))
    return decision


def looks(client, paths):
    cache.clear()
    return {path: content_of(client.get(path)) for path in paths}


def content_of(answer):
    assert answer.status_code == 200
    content = b"".join(answer.streaming_content) if answer.streaming else answer.content
    if "spreadsheet" in answer["Content-Type"]:
        book = zipfile.ZipFile(io.BytesIO(content))
        return "".join(
            book.read(name).decode() for name in sorted(book.namelist()) if "sheet" in name.lower()
        )
    text = re.sub(r'name="csrfmiddlewaretoken" value="\w+"', "", content.decode())
    # A picture or initials are those of the person today.
    return re.sub(r'<span class="avatar.*?</span>', "", text, flags=re.DOTALL)


def everything_shown(member, organiser, conference):
    """All that a member and an organiser see of the count."""
    client, desk = Client(), log_in_freshly(Client(), organiser)
    client.force_login(member.user)
    tally, decision = f"/admin/voting/votes/{conference.pk}", Decision.objects.get()
    shown = looks(client, [RESULTS, f"{RESULTS}ballots.csv", f"{RESULTS}result.json", f"{RESULTS}verify.py"])
    names = ("turnout/", "decision/", "result/", "export.csv", "export.xlsx")
    paths = [*(f"{tally}/{name}" for name in names), "/admin/voting/votes/"]
    shown |= looks(desk, [*paths, f"/admin/voting/decision/{decision.pk}/change/", "/admin/voting/decision/"])
    shown["email"] = Campaign.objects.get(kind="result").message
    shown["record"] = json.dumps(decision.tally)
    return shown


def delete_voter(people, **cast):
    delete_account(by=Actor(people["Fay"].user))


def disable_voter(people, organiser):
    disable_user(user=people["Dan"].user, by=Actor(organiser), reason="Rude")


def disable_who_did_not_vote(people, organiser):
    disable_user(user=people["Bob"].user, by=Actor(organiser), reason="Rude")


def rename_candidates_and_voter(people, **cast):
    for name in ("Bob", "Carol", "Dan"):
        change_own_account(by=Actor(people[name].user), columns={"name": f"{name} Newname"})


def leave_as_candidate(people, **cast):
    actions.leave_conference(membership=people["Bob"], by=Actor(people["Bob"].user))


def join_late(people, organiser):
    join_conference(conference=people["Bob"].conference, by=Actor(organiser))


def unlink(people, **cast):
    call_command("unlink_voters", "open-conf", early=True)


ACTS = [
    delete_voter,
    disable_voter,
    disable_who_did_not_vote,
    rename_candidates_and_voter,
    leave_as_candidate,
    join_late,
]


@pytest.mark.any_database
@pytest.mark.parametrize("act", ACTS, ids=lambda act: act.__name__)
def test_every_page_export_email_and_file_is_as_before(conference, people, decided, organiser, act):
    before = everything_shown(people["Alice"], organiser, conference)
    act(people, organiser=organiser)
    after = everything_shown(people["Alice"], organiser, conference)
    if act is delete_voter:
        after = {path: forgotten(text, before[path]) for path, text in after.items()}
    assert after == before


def forgotten(after, before):
    """The text as before, except for the name of the person who deleted their account."""
    if before == after or not before.lstrip().startswith("{"):
        return re.sub(", Deleted person", "", after).replace(
            "<bdi>Eve</bdi>,", "<bdi>Eve</bdi>, <bdi>Fay</bdi>,"
        )
    after, kept = json.loads(after), json.loads(before)
    names = {number: named for number, named in kept["names"].items() if number in after["names"]}
    return before if after == kept | {"names": names} else after


def test_control_a_change_of_the_count_would_be_seen(conference, people, decided, organiser):
    before = everything_shown(people["Alice"], organiser, conference)
    published = PublishedBallots.objects.get()
    PublishedBallots.objects.update(result=published.result | {"electorate": 8})
    after = everything_shown(people["Alice"], organiser, conference)
    changed = {path.rpartition("/admin/")[2] for path in before if before[path] != after[path]}
    assert changed == {
        RESULTS,
        f"{RESULTS}result.json",
        f"voting/votes/{conference.pk}/turnout/",
        "voting/votes/",
    }


def test_unlinking_takes_the_votes_and_no_figure(conference, people, decided, organiser):
    before = everything_shown(people["Alice"], organiser, conference)
    unlink(people)
    after = everything_shown(people["Alice"], organiser, conference)
    assert "was permanently removed on" in after[RESULTS]
    assert without_link(after) == without_link(before)


def without_link(shown):
    """Without what says until when voters are linked, and what only one who is linked sees."""
    note = r'<section class="desk-panel" id="link">.*?</section>|<(p|div) id="link-to-voters">.*?</\1>'
    receipt = r'<a href="/conferences/open-conf/vote/receipt/">My receipt</a>'
    return {
        key: re.sub(f"{note}|{receipt}", "", text, flags=re.DOTALL).split() for key, text in shown.items()
    }


def test_figures_are_those_of_the_close(closed, people, organiser):
    result = ensure_published(closed).result
    figures = {name: result[name] for name in ("electorate", "excluded", "participants", "tally")}
    tally = {str(people["Carol"].pk): 4, str(people["Bob"].pk): 3}
    assert figures == {"electorate": 9, "excluded": 1, "participants": 7, "tally": tally}


@pytest.mark.parametrize(("void", "published"), [(0, None), (1, None), (4, None), (5, 5)])
def test_fewer_than_five_void_votes_are_not_published(conference, people, void, published):
    """With one exclusion, one void vote would reveal that this member had voted."""
    for voter in list(Vote.objects.filter(election=conference.election).select_related("voter"))[:void]:
        exclude_member(membership=voter.voter, by=Actor.of_command(), reason="Another person")
    actions.close_voting(conference=conference)
    result = PublishedBallots.objects.get().result
    assert (result.get("void"), result["participants"]) == (published, 7 - void)


@pytest.mark.parametrize("act", [delete_voter, disable_voter], ids=lambda act: act.__name__)
def test_act_between_the_close_and_the_publication_does_not_change_the_count(closed, people, organiser, act):
    act(people, organiser=organiser)
    assert tally_of(closed).votes == 7
    assert tally_of(closed).members == 9


def test_name_that_changes_between_the_close_and_the_publication_is_that_of_the_close(closed, people):
    rename_candidates_and_voter(people)
    assert [s.name for s in tally_of(closed).standings] == ["Carol", "Bob"]


def test_name_changed_in_the_admin_before_the_publication_is_that_of_the_close(closed, people, admin_client):
    user = people["Bob"].user
    admin_client.post(f"/admin/accounts/user/{user.pk}/change/", {"name": "Robert", "is_staff": "on"})
    user.refresh_from_db()
    assert user.name == "Robert"
    assert [s.name for s in tally_of(closed).standings] == ["Carol", "Bob"]


def test_list_of_tallies_shows_the_published_figures(closed, people, as_organiser):
    ensure_published(closed)
    Membership.objects.filter(pk=people["Ira"].pk).update(left_at=closed.created_at)
    [row] = as_organiser.get("/admin/voting/votes/").context["cl"].result_list
    assert (row.member_count, row.vote_count) == (9, 7)


def test_result_page_is_shown_from_what_was_published(closed, people, client):
    client.force_login(people["Alice"].user)
    client.get(RESULTS)
    Membership.objects.filter(pk=people["Dan"].pk).update(joined_at=timezone.now() + timedelta(days=1))
    make_vote(people["Bob"], people["Carol"])
    page = parse(client.get(RESULTS))
    assert page.rows[1:] == [["1", "Carol", "4"], ["2", "Bob", "3"]]
    assert (
        page.part("#result dl").text
        == "Votes 7 Eligible to vote 9 Turnout 77.8% Excluded by the organisers 1"
    )


def test_forgetting_twice_changes_nothing(closed, people):
    ensure_published(closed)
    for _ in range(2):
        forget_names(members=[people["Bob"]])
    assert str(people["Bob"].pk) not in PublishedBallots.objects.get().names


def test_without_a_vote_nothing_is_published(conference, people, organiser):
    Election.objects.update(opens_at=None, closes_at=None)
    conference.refresh_from_db()
    assert ensure_published(conference) is None
    assert publish_closed_ballots() == []


def test_recount_finds_an_electorate_changed_behind_its_back(closed, people):
    published = ensure_published(closed)
    PublishedBallots.objects.update(result=published.result | {"electorate": 1})
    with pytest.raises(CommandError, match="2 problems"):
        call_command("recount", "open-conf")


def test_recount_finds_a_name_changed_behind_its_back(closed, people):
    published = ensure_published(closed)
    number = str(people["Bob"].pk)
    PublishedBallots.objects.update(names=published.names | {number: ("Mallory", published.names[number][1])})
    with pytest.raises(CommandError, match="1 problems"):
        call_command("recount", "open-conf")


def test_a_member_who_was_away_at_the_close_and_joins_again_is_not_in_the_electorate(
    conference, alice, bob, carol
):
    make_vote(alice, bob)
    actions.leave_conference(membership=carol, by=Actor(carol.user))
    Election.objects.update(closes_at=timezone.now())
    closed = Conference.objects.get()
    join_conference(conference=closed, by=Actor(carol.user))
    assert ensure_published(closed).result["electorate"] == 2
