"""Where the roster says who votes, the roll is the roster at the opening, joined or not."""

from datetime import timedelta

import pytest
from django.core.exceptions import ValidationError
from django.core.management import call_command
from django.core.management.base import CommandError
from django.db import connection
from django.utils import timezone

from accounts.actors import Actor
from accounts.models import AdminAct
from accounts.my_data.actions import delete_account
from accounts.tests.factories import make_user
from confbox.kit.outcomes import Change
from confbox.kit.tests.page import parse
from conferences.actions import join_conference
from conferences.matching import claim_entry
from conferences.models import Membership, RosterEntry
from conferences.roster import listing
from conferences.roster.actions import add_entry, change_entry, remove_entry, restore_entry
from conferences.tests.factories import make_conference, make_membership, update_elections
from conferences.tests.rosters.entries import BY_COMMAND, imported, make_entry
from voting.elections import actions
from voting.elections.election.electorate import ENTITLED
from voting.elections.election.models import Election
from voting.elections.eligibility import conditions, first_refusal
from voting.elections.exclusions import exclude_member, readmit_member
from voting.elections.models import Vote
from voting.elections.receipts.models import PublishedBallots
from voting.elections.receipts.verify import check_people
from voting.elections.roll.actions import add_to_roll, freeze_roll
from voting.elections.roll.models import RollChange, RollEntry
from voting.elections.roll.publication import not_joined, roll_changes, roll_csv
from voting.elections.roll.roster import add_listed_to_roll
from voting.elections.rules.actions import set_rules
from voting.elections.rules.registry import rules_in_words
from voting.elections.tally import tally_of

pytestmark = pytest.mark.django_db
RULES = {"results_visibility": "after_close", "late_joiners": "may_not_vote", "ties": "any_member"}


@pytest.fixture
def conference(db):
    """Voting is open; Ada and Ben were on the roster when it opened, Ada has joined."""
    conference = make_conference(voting="scheduled", who_votes="roster", late_joiners="may_not_vote")
    imported(conference, "ada@example.org\nben@example.org")
    opens = timezone.now() - timedelta(hours=1)
    RosterEntry.objects.update(listed_at=opens - timedelta(hours=1))
    make_member(conference, "ada@example.org", joined_at=opens - timedelta(hours=1))
    update_elections(conference, opens_at=opens)
    conference.refresh_from_db()
    return conference


def make_member(conference, email, **columns):
    membership = join_conference(conference=conference, by=Actor(make_user(email)))
    Membership.objects.filter(pk=membership.pk).update(**columns)
    membership.refresh_from_db()
    return membership


@pytest.fixture
def ada(conference):
    return Membership.objects.get(user__email="ada@example.org")


@pytest.fixture
def frozen(conference):
    freeze_roll(conference=conference)
    conference.refresh_from_db()
    return conference


@pytest.fixture
def chair(organiser):
    return Actor(organiser)


def entry_of(email):
    return RosterEntry.objects.get(mailbox=email)


def on_roll(conference):
    return sorted(RollEntry.objects.current().filter(election=conference.pk).values_list("email", flat=True))


def cast(voter, candidate):
    return actions.cast_vote(by=Actor(voter.user), slug=voter.conference.slug, candidate_id=candidate.pk)


def test_roll_is_the_roster_at_the_opening(conference, ada):
    assert freeze_roll(conference=conference) is Change.MADE
    assert on_roll(conference) == ["ada@example.org", "ben@example.org"]
    owners = dict(RollEntry.objects.values_list("email", "membership"))
    assert owners == {"ada@example.org": ada.pk, "ben@example.org": None}
    assert Election.objects.get(pk=conference.pk).roll_size == 2


def test_members_who_are_not_on_the_roster_are_not_on_the_roll(conference):
    before = conference.election.opens_at - timedelta(hours=1)
    carol = make_member(conference, "carol@example.org", joined_at=before)
    freeze_roll(conference=conference)
    assert not RollEntry.objects.filter(membership=carol).exists()


def test_entries_that_were_removed_are_not_on_the_roll(conference):
    opens = conference.election.opens_at
    RosterEntry.objects.create(
        conference=conference, email="x@example.org", mailbox="x@example.org", removed_at=opens
    )
    freeze_roll(conference=conference)
    assert on_roll(conference) == ["ada@example.org", "ben@example.org"]


def test_a_roster_that_is_imported_before_the_rules_are_set_is_the_roll(organiser):
    """The time of the opening had passed, but voting opens only once there are rules."""
    conference = make_conference(voting="open", rules_set_at=None)
    imported(conference, "ada@example.org")
    set_rules(conference=conference, by=Actor(organiser), who_votes="roster", **RULES)
    freeze_roll(conference=conference)
    assert on_roll(conference) == ["ada@example.org"]


def test_a_change_of_the_roster_after_the_opening_freezes_the_roll_first(conference):
    make_entry(conference, "late@example.org")
    assert Election.objects.get(pk=conference.pk).roll_size == 2
    assert on_roll(conference) == ["ada@example.org", "ben@example.org"]


def test_who_joins_after_the_opening_with_an_entry_of_the_roll_may_vote(frozen, ada):
    ben = make_member(frozen, "ben@example.org")
    cast(ben, ada)
    assert RollEntry.objects.get(email="ben@example.org").membership == ben
    assert RollEntry.objects.get(email="ben@example.org").kind == RollEntry.Kind.FROZEN


def test_who_joins_after_the_opening_without_an_entry_may_not_vote(frozen, ada):
    carol = make_member(frozen, "carol@example.org")
    with pytest.raises(ValidationError, match="none of your confirmed email addresses is on it"):
        cast(carol, ada)


def test_a_member_who_claims_an_entry_while_voting_is_open_may_vote(frozen, ada):
    carol = make_member(frozen, "carol@example.org")
    claim_entry(membership=carol, entry=entry_of("ben@example.org"))
    cast(carol, ada)
    assert Vote.objects.valid().filter(voter=carol).exists()


def test_a_removed_entry_of_the_member_gives_way_to_another(conference):
    ben = make_member(conference, "ben@example.org")
    other = make_entry(conference, "ticket@example.org")
    remove_entry(entry=entry_of("ben@example.org"), reason="Typed wrongly", by=BY_COMMAND)
    assert claim_entry(membership=ben, entry=other) == other
    assert entry_of("ticket@example.org").membership == ben


def test_removal_from_the_roster_removes_from_the_roll_for_a_reason_that_members_read(frozen, chair):
    remove_entry(entry=entry_of("ben@example.org"), reason="The ticket was refunded.", by=chair)
    assert on_roll(frozen) == ["ada@example.org"]
    change = RollChange.objects.get()
    assert (change.act, change.reason, change.by) == ("removed", "The ticket was refunded.", chair.person)
    assert AdminAct.objects.filter(act="roll removed", by=chair.person).exists()


def test_voter_who_is_removed_from_the_roster_may_not_vote_and_reads_why(frozen, ada, chair):
    ben = make_member(frozen, "ben@example.org")
    remove_entry(entry=entry_of("ben@example.org"), reason="The ticket was refunded.", by=chair)
    with pytest.raises(ValidationError, match="Their reason: The ticket was refunded"):
        cast(ben, ada)


def test_vote_of_who_is_removed_from_the_roster_goes_when_voting_closes_and_not_before(frozen, ada, chair):
    ben = make_member(frozen, "ben@example.org")
    cast(ben, ada)
    cast(ada, ben)
    before = tally_of(frozen)
    remove_entry(entry=entry_of("ben@example.org"), reason="The ticket was refunded.", by=chair)
    after = tally_of(frozen)
    assert (after.votes, after.members) == (before.votes, before.members)
    actions.close_voting(conference=frozen)
    result = PublishedBallots.objects.get().result
    assert (result["participants"], result["electorate"]) == (1, 1)


def test_an_import_that_removes_many_makes_one_public_change_of_them(frozen, chair):
    imported(frozen, "carol@example.org", removes_missing=True, by=chair)
    assert on_roll(frozen) == []
    [changed] = roll_changes(frozen.election)
    assert (changed.change.act, changed.number) == ("removed", 2)
    assert "pasted list" not in changed.change.reason


def test_the_command_line_may_remove_voters_too(frozen):
    remove_entry(entry=entry_of("ben@example.org"), reason="The ticket was refunded.", by=BY_COMMAND)
    assert RollChange.objects.get().by is None


def test_an_entry_that_is_added_or_listed_again_while_voting_is_open_is_not_on_the_roll(frozen, chair):
    add_entry(conference=frozen, email="late@example.org", name="", reference="", by=chair)
    remove_entry(entry=entry_of("ben@example.org"), reason="Refunded", by=chair)
    restore_entry(entry=entry_of("ben@example.org"), by=chair)
    assert on_roll(frozen) == ["ada@example.org"]


def test_organiser_adds_an_entry_to_the_roll_with_a_reason_and_its_owner_votes(frozen, ada, chair):
    late = make_entry(frozen, "late@example.org")
    assert add_listed_to_roll(listed=late, by=chair, reason="Paid at the door.") is Change.MADE
    assert add_listed_to_roll(listed=late, by=chair, reason="Again.") is Change.NONE
    owner = make_member(frozen, "late@example.org")
    cast(owner, ada)
    entry = RollEntry.objects.get(email="late@example.org")
    assert (entry.kind, entry.membership) == (RollEntry.Kind.ADDED, owner)


def test_a_removed_voter_whom_an_organiser_adds_again_votes_as_before(frozen, ada, chair):
    ben = make_member(frozen, "ben@example.org")
    cast(ben, ada)
    remove_entry(entry=entry_of("ben@example.org"), reason="A mistake.", by=chair)
    restore_entry(entry=entry_of("ben@example.org"), by=chair)
    listed = entry_of("ben@example.org")
    assert add_listed_to_roll(listed=listed, by=chair, reason="It was a mistake.") is Change.MADE
    assert Vote.objects.valid().filter(voter=ben).exists()


def test_an_entry_is_not_added_to_the_roll_where_members_vote_or_once_it_is_removed(frozen, chair):
    elsewhere = make_conference(voting="open")
    freeze_roll(conference=elsewhere)
    removed = make_entry(frozen, "late@example.org")
    remove_entry(entry=removed, reason="Refunded", by=chair)
    for listed, sentence in (
        (make_entry(elsewhere), "all members may vote"),
        (removed, "List it again first"),
    ):
        with pytest.raises(ValidationError, match=sentence):
            add_listed_to_roll(listed=listed, by=chair, reason="Why not.")


def test_member_with_a_late_entry_is_added_with_it(frozen, ada, chair):
    late = make_entry(frozen, "late@example.org")
    owner = make_member(frozen, "late@example.org")
    with pytest.raises(ValidationError, match="put on the list of participants after voting had opened"):
        cast(owner, ada)
    add_to_roll(membership=owner, by=chair, reason="Paid at the door.")
    cast(owner, ada)
    assert RollEntry.objects.get(membership=owner).roster_entry == late


def test_a_member_added_without_the_roster_is_on_the_roll_once_when_they_claim_an_entry(frozen, ada, chair):
    carol = make_member(frozen, "carol@example.org")
    add_to_roll(membership=carol, by=chair, reason="Paid at the door.")
    claim_entry(membership=carol, entry=entry_of("ben@example.org"))
    cast(carol, ada)
    assert RollEntry.objects.filter(membership=carol).count() == 1


def test_address_of_an_entry_on_the_roll_cannot_be_changed(frozen, chair):
    entry = entry_of("ben@example.org")
    with pytest.raises(ValidationError, match="on the list of voters"):
        change_entry(entry=entry, email="bob@example.org", name="", reference="", by=chair)
    change_entry(entry=entry, email="Ben@example.org", name="Benjamin", reference="", by=chair)
    assert entry_of("ben@example.org").name == "Benjamin"


def test_excluded_member_of_the_roster_is_added_when_readmitted(conference, ada, chair):
    exclude_member(membership=ada, by=chair, reason="Twice here.")
    earlier = conference.election.opens_at - timedelta(minutes=1)
    Membership.objects.filter(pk=ada.pk).update(excluded_at=earlier)
    freeze_roll(conference=conference)
    assert on_roll(conference) == ["ben@example.org"]
    readmit_member(membership=ada, by=chair, reason="Once here.")
    assert RollEntry.objects.get(membership=ada).roster_entry == entry_of("ada@example.org")


def test_entry_of_a_deleted_account_is_free_for_the_next_with_its_address(frozen, ada):
    ben = make_member(frozen, "ben@example.org")
    delete_account(by=Actor(ben.user))
    assert on_roll(frozen) == ["", "ada@example.org"]


def test_electorate_counts_those_who_have_not_joined(frozen, ada):
    assert (tally_of(frozen).members, not_joined(frozen.election)) == (2, 1)
    make_member(frozen, "ben@example.org")
    assert (tally_of(frozen).members, not_joined(frozen.election)) == (2, 0)


def test_before_the_opening_the_members_on_the_roster_are_entitled():
    conference = make_conference(voting="scheduled", who_votes="roster")
    make_entry(conference, "ada@example.org")
    ada, bob = (make_member(conference, email) for email in ("ada@example.org", "bob@example.org"))
    assert list(Membership.objects.filter(ENTITLED)) == [ada]
    found = conditions(user=bob.user, conference=conference, membership=bob)
    assert [c.name for c in found if not c.holds] == ["on-roster", "open"]
    refusal = first_refusal(user=ada.user, conference=conference, membership=ada)
    assert "It opens on" in refusal


def test_joining_late_keeps_no_one_from_voting_where_the_roster_votes(frozen, client):
    client.force_login(make_user("ben@example.org"))
    page = parse(client.get(f"/conferences/{frozen.slug}/"))
    assert "members who join now cannot vote" not in page.text


def test_the_rule_is_on_the_ballot_and_in_the_signed_result(frozen, ada, client):
    assert any("organisers’ list of participants" in rule for rule in rules_in_words(frozen))
    client.force_login(ada.user)
    assert "organisers’ list of participants" in parse(client.get(f"/conferences/{frozen.slug}/ballot/")).text
    cast(make_member(frozen, "ben@example.org"), ada)
    actions.close_voting(conference=frozen)
    assert PublishedBallots.objects.get().result["who_votes"] == "roster"
    call_command("recount", frozen.slug)


def test_verifier_finds_late_joiners_in_a_vote_of_the_roster(frozen, ada):
    ben = make_member(frozen, "ben@example.org")
    cast(ben, ada)
    RollEntry.objects.filter(membership=ben).update(kind=RollEntry.Kind.LATE)
    actions.close_voting(conference=frozen)
    result = PublishedBallots.objects.get().file
    assert any("only people on the roster" in problem for problem in check_people(result))
    with pytest.raises(CommandError):
        call_command("recount", frozen.slug)


def test_roll_of_a_roster_names_no_address(frozen):
    assert "@" not in roll_csv(frozen.election)


@pytest.mark.parametrize(("before", "after"), [("members", "roster"), ("roster", "members")])
def test_who_votes_cannot_be_changed_after_the_opening(before, after, organiser):
    conference = make_conference(voting="open", who_votes=before, **RULES)
    with pytest.raises(ValidationError) as refusal:
        set_rules(conference=conference, by=Actor(organiser), who_votes=after, **RULES)
    assert list(refusal.value.message_dict) == ["who_votes"]


def test_organiser_chooses_who_votes_before_the_opening(as_organiser):
    conference = make_conference(voting="scheduled")
    answer = as_organiser.post(
        f"/admin/voting/votes/{conference.pk}/rules/",
        RULES | {"who_votes": "roster", "organisers_see_tally": "after_close"},
    )
    assert answer.status_code == 302
    assert Election.objects.get(pk=conference.pk).only_roster_votes()


def test_desk_shows_who_has_not_joined_and_adds_late_entries(as_organiser, frozen):
    path = f"/admin/voting/votes/{frozen.pk}/roll/"
    make_entry(frozen, "late@example.org")
    waiting = parse(as_organiser.get(f"{path}?show=waiting"))
    assert waiting.texts(".desk-table tbody bdi") == ["ben@example.org"]
    [link] = parse(as_organiser.get(f"{path}?show=listed")).attributes(".desk-table tbody a", "href")
    assert as_organiser.post(link, {"reason": "Paid at the door."}).status_code == 302
    assert on_roll(frozen) == ["ada@example.org", "ben@example.org", "late@example.org"]


def test_desk_and_roster_show_how_many_who_may_vote_have_not_joined(as_organiser, frozen):
    desk = parse(as_organiser.get(f"/admin/voting/votes/{frozen.pk}/turnout/"))
    assert "1 of 2 who may vote have not joined" in desk.part(".desk-facts").text
    roster = parse(as_organiser.get(f"/admin/conferences/conference/{frozen.pk}/roster/"))
    assert "1 of 2 on the roster have not joined." in roster.part("#who-votes").text
    assert "only members who are on the roster can vote" in roster.part("#who-votes").text


def test_roster_shows_who_was_listed_after_the_opening_and_leads_to_the_roll(as_organiser, frozen):
    path = f"/admin/conferences/conference/{frozen.pk}/roster/"
    assert not parse(as_organiser.get(path)).has("#listed-too-late")
    late = make_entry(frozen, "late@example.org")
    page = parse(as_organiser.get(path))
    assert "1 entry was added after voting had opened." in page.part("#listed-too-late").text
    add = f"/admin/voting/votes/{frozen.pk}/roll/listed/{late.pk}/"
    assert [link for link in page.links if "/roll/listed/" in link] == [add]
    as_organiser.post(add, {"reason": "Paid at the door."})
    assert not parse(as_organiser.get(path)).has("#listed-too-late")


@pytest.mark.skipif(connection.vendor != "mysql", reason="on SQLite, no roster is large")
def test_a_large_roster_leads_to_those_who_were_listed_too_late(as_organiser, frozen, monkeypatch):
    monkeypatch.setattr(listing, "MOST_WHOLE", 1)
    late = make_entry(frozen, "late@example.org")
    page = parse(as_organiser.get(f"/admin/conferences/conference/{frozen.pk}/roster/"))
    [listed] = page.part("#listed-too-late").links
    add = f"/admin/voting/votes/{frozen.pk}/roll/listed/{late.pk}/"
    assert any(link.startswith(add) for link in parse(as_organiser.get(listed)).links)


def test_entry_of_a_member_who_is_on_the_roll_already_changes_nothing(frozen, chair):
    carol = make_member(frozen, "carol@example.org")
    add_to_roll(membership=carol, by=chair, reason="Paid at the door.")
    late = make_entry(frozen, "carol@example.org")
    assert RosterEntry.objects.get(pk=late.pk).membership == carol
    assert add_listed_to_roll(listed=late, by=chair, reason="Again.") is Change.NONE


def test_desk_of_a_vote_of_all_members_shows_no_one_who_has_not_joined(as_organiser, conference):
    update_elections(conference, who_votes="members")
    page = parse(as_organiser.get(f"/admin/voting/votes/{conference.pk}/turnout/"))
    assert "who may vote" not in page.part(".desk-facts").text


def test_late_joiners_rule_has_no_effect_where_the_roster_votes(frozen):
    update_elections(frozen, late_joiners="may_vote")
    carol = make_member(frozen, "carol@example.org")
    assert not RollEntry.objects.filter(membership=carol).exists()
    assert make_membership(frozen).pk
    assert RollEntry.objects.count() == 2
