"""Hiding a pitch: it leaves every page of others, its votes are free again, and its author reads why."""

import pytest
from django.core import mail
from django.core.exceptions import ValidationError
from django.utils import timezone

from accounts.actors import Actor
from accounts.models import AdminAct
from accounts.tests.factories import log_in_freshly
from confbox.kit.outcomes import Change
from confbox.kit.tests.page import parse
from conferences.consent.actions import confirm_request, do_or_ask
from conferences.consent.acts import ConsentNeeded
from conferences.models import Membership, Role
from conferences.tests.factories import make_conference, make_membership
from conferences.tests.teams import make_team_member
from voting.campaigns.actions import announce
from voting.campaigns.models import Campaign
from voting.desk.exports import _rows
from voting.elections import actions, pitches
from voting.elections.models import Pitch, Vote
from voting.elections.moderation.hiding import (
    ask_to_show_pitch,
    hide_pitch,
    keep_pitch_hidden,
    restore_pitch,
)
from voting.elections.sharing.actions import share_pitch
from voting.elections.tally import tally_of, votes_per_candidate
from voting.tests.campaigns import approve, dispatch_due, make_campaign
from voting.tests.consent import make_team
from voting.tests.factories import close_by_clock, make_pitch, make_vote

pytestmark = pytest.mark.django_db
REASON = "It insults another member."


@pytest.fixture
def reviewer(conference):
    return make_team_member(conference, Role.REVIEWER, name="Rita Reviewer").person


@pytest.fixture
def pitched(alice):
    make_pitch(alice, headline="Rude words")
    return alice


def hide(member, by=None, reason=REASON):
    done = hide_pitch(membership=member, reason=reason, by=by or Actor.of_command())
    member.refresh_from_db()
    return done


def emails_to(person):
    return [message for message in mail.outbox if message.to == [person.email]]


def cast(voter, candidate):
    actions.cast_vote(by=Actor(voter.user), slug="open-conf", candidate_id=candidate.pk)


# --- what it does ------------------------------------------------------------------------------


PAGES = ["ballot/", "ballot/?q=alice", "members/{0}/", "candidates/{0}/"]


@pytest.mark.parametrize("path", PAGES)
def test_hidden_pitch_is_on_no_page_of_another_member(client, pitched, bob, path):
    Pitch.objects.update(shared_at=timezone.now())
    client.force_login(bob.user)
    url = f"/conferences/open-conf/{path.format(pitched.pk)}"
    assert parse(client.get(url)).mentions("Rude words")
    hide(pitched)
    shown = parse(client.get(url))
    assert not shown.mentions("Rude words")
    assert not shown.has("[name=candidate]")


def test_hidden_candidate_who_is_not_listed_is_no_longer_on_any_page(client, pitched, bob):
    Membership.objects.filter(pk=pitched.pk).update(is_listed=False)
    hide(pitched)
    client.force_login(bob.user)
    assert client.get(f"/conferences/open-conf/members/{pitched.pk}/").status_code == 404
    assert not parse(client.get("/conferences/open-conf/members/")).mentions("Alice")


def test_preview_card_of_a_hidden_pitch_does_not_exist(client, pitched):
    Pitch.objects.update(shared_at=timezone.now())
    hide(pitched)
    assert client.get(f"/conferences/open-conf/candidates/{pitched.pk}/card.png").status_code == 404


def test_hidden_pitch_is_not_made_public(pitched):
    hide(pitched)
    with pytest.raises(ValidationError, match="hidden your pitch"):
        share_pitch(membership=pitched, by=Actor(pitched.user))


def test_hidden_pitch_is_not_in_the_exported_tally(conference, pitched, bob):
    make_vote(bob, pitched)
    close_by_clock(conference)
    hide(pitched)
    assert [row[-1] for row in _rows(tally_of(conference).standings)] == [""]


def test_author_sees_the_pitch_with_the_reason_and_can_ask_for_it_to_be_shown(client, pitched):
    hide(pitched)
    client.force_login(pitched.user)
    page = parse(client.get(f"/conferences/open-conf/members/{pitched.pk}/"))
    assert "Rude words" in page.text
    assert REASON in page.part("#hidden-pitch").text
    client.post("/conferences/open-conf/pitch/ask/")
    page = parse(client.get("/conferences/open-conf/pitch/"))
    assert "You have asked" in page.part("#hidden-pitch").text


def test_changed_pitch_stays_hidden(pitched, bob):
    hide(pitched)
    pitches.save_pitch(
        membership=pitched, headline="Kind words", statement="", accepts_votes=True, by=Actor(pitched.user)
    )
    assert pitched not in Membership.objects.candidates()


# --- votes -------------------------------------------------------------------------------------


def test_votes_for_the_author_are_void_and_only_their_voters_are_told(pitched, bob, carol):
    make_vote(bob, pitched)
    make_vote(carol, bob)
    hide(pitched)
    assert dict(Vote.objects.values_list("voter", "voided_because")) == {
        bob.pk: "candidate_hidden",
        carol.pk: "",
    }
    assert [len(emails_to(person.user)) for person in (bob, carol)] == [1, 0]


def test_no_figure_changes_until_voting_closes(conference, pitched, bob):
    make_vote(bob, pitched)
    before = votes_per_candidate(conference)
    hide(pitched)
    assert votes_per_candidate(conference) == before


def test_voter_reads_why_they_have_to_vote_again(client, pitched, bob):
    make_vote(bob, pitched)
    hide(pitched)
    client.force_login(bob.user)
    assert "the organisers hid the pitch of Alice" in parse(client.get("/conferences/open-conf/")).text


def test_page_of_the_reviewer_is_the_same_with_and_without_votes(client, conference, pitched, bob, reviewer):
    hide(pitched)
    log_in_freshly(client, reviewer)
    url = f"/admin/conferences/conference/{conference.pk}/moderation/{pitched.pk}/pitch/"
    without = parse(client.get(url)).part("#moderation").text
    make_vote(bob, pitched)
    assert parse(client.get(url)).part("#moderation").text == without


def test_closed_count_stays(conference, pitched, bob):
    make_vote(bob, pitched)
    close_by_clock(conference)
    assert hide(pitched) is Change.MADE
    assert tally_of(conference).standings[0].votes == 1
    assert not emails_to(bob.user)


# --- the author, and the log -------------------------------------------------------------------


def test_author_gets_one_email_with_the_reason_and_whom_to_write_to(conference, pitched):
    type(conference).objects.update(contact_name="The Desk", contact_email="desk@example.org")
    pitched.refresh_from_db()
    hide(pitched)
    assert hide(pitched, reason="Another.") is Change.NONE
    [email] = emails_to(pitched.user)
    assert REASON in email.body
    assert "desk@example.org" in email.body
    assert pitched.pitch_hidden_reason == REASON


def test_author_who_answers_for_the_organisers_is_not_told_to_write_to_themselves(conference, pitched):
    type(conference).objects.update(contact_name="Alice", contact_email=pitched.user.email)
    pitched.refresh_from_db()
    hide(pitched)
    [email] = emails_to(pitched.user)
    assert pitched.user.email not in email.body


def test_it_is_in_the_audit_log_as_an_act_about_a_person(conference, pitched, reviewer):
    hide(pitched, Actor(reviewer))
    act = AdminAct.objects.get(act="hide pitch")
    assert (act.by, act.kind, act.target, act.reason) == (reviewer, "membership", "Alice", REASON)
    assert act.of_conference == conference.pk


@pytest.mark.parametrize("reason", ["", " \n"])
def test_hiding_needs_a_reason(pitched, reason):
    with pytest.raises(ValidationError, match="Please give a reason"):
        hide(pitched, reason=reason)


def test_member_without_a_pitch_has_nothing_to_hide(alice):
    with pytest.raises(ValidationError, match="has no pitch"):
        hide(alice)


# --- showing it again --------------------------------------------------------------------------


def test_shown_again_brings_back_the_candidate_and_not_the_votes(pitched, bob, carol, reviewer):
    make_vote(bob, pitched)
    hide(pitched)
    assert restore_pitch(membership=pitched, by=Actor(reviewer)) is Change.MADE
    cast(carol, pitched)
    assert list(Vote.objects.valid().values_list("voter", flat=True)) == [carol.pk]
    assert restore_pitch(membership=pitched, by=Actor(reviewer)) is Change.NONE
    assert len(emails_to(pitched.user)) == 2


def test_request_to_show_it_goes_to_the_reviewers_once(pitched, reviewer):
    hide(pitched)
    asked = [ask_to_show_pitch(membership=pitched, by=Actor(pitched.user)) for _ in range(2)]
    assert asked == [Change.MADE, Change.NONE]
    assert len(emails_to(reviewer)) == 1


@pytest.mark.parametrize("headline", ["Rude words", "Kind words"])
def test_request_shows_whether_the_pitch_was_changed_since_it_was_hidden(client, pitched, reviewer, headline):
    hide(pitched)
    author = Actor(pitched.user)
    text = pitched.pitch.statement
    pitches.save_pitch(membership=pitched, headline=headline, statement=text, accepts_votes=True, by=author)
    ask_to_show_pitch(membership=pitched, by=author)
    log_in_freshly(client, reviewer)
    page = parse(client.get(f"/admin/conferences/conference/{pitched.conference_id}/moderation/"))
    is_said = "The text has not changed since it was hidden." in page.text
    assert is_said == (headline == "Rude words")


def test_request_waits_on_the_dashboard_until_it_is_answered(client, pitched, reviewer):
    hide(pitched)
    ask_to_show_pitch(membership=pitched, by=Actor(pitched.user))
    log_in_freshly(client, reviewer)
    assert "1 hidden pitch to look at again" in parse(client.get("/admin/")).text
    keep_pitch_hidden(membership=pitched, reason="Still rude.", by=Actor(reviewer))
    assert "to look at again" not in parse(client.get("/admin/")).text
    assert "Still rude." in emails_to(pitched.user)[-1].body


# --- who may -----------------------------------------------------------------------------------


def test_candidate_does_not_hide_the_pitch_of_a_rival(conference, pitched, reviewer):
    make_membership(conference, user=reviewer)
    for by in (Actor(reviewer), Actor(make_team_member(conference).person, asked_by=reviewer)):
        with pytest.raises(ValidationError, match="You can be voted for yourself"):
            hide(pitched, by)


def test_candidate_whose_own_pitch_is_hidden_hides_no_rival(conference, pitched, reviewer):
    make_membership(conference, user=reviewer, pitch_hidden_at=timezone.now())
    with pytest.raises(ValidationError, match="You can be voted for yourself"):
        hide(pitched, Actor(reviewer))


def test_member_who_opted_out_hides_a_pitch(conference, pitched, reviewer):
    make_membership(conference, user=reviewer, accepts_votes=False)
    assert hide(pitched, Actor(reviewer)) is Change.MADE


def test_no_one_shows_their_own_pitch_again(conference, reviewer):
    own = make_membership(conference, user=reviewer)
    make_pitch(own)
    hide(own)
    with pytest.raises(ValidationError, match="your own page"):
        restore_pitch(membership=own, by=Actor(reviewer))


def test_while_voting_is_open_a_second_person_confirms_it_where_exclusions_need_one(conference, pitched):
    first, second = make_team(conference, "exclusion", second=Role.REVIEWER)
    with pytest.raises(ConsentNeeded):
        hide(pitched, Actor(first))
    by = Actor(first)
    asked = do_or_ask(lambda: hide_pitch(membership=pitched, reason=REASON, by=by), reason=REASON, by=by)
    confirm_request(asked=asked, by=Actor(second))
    pitched.refresh_from_db()
    assert (pitched.is_pitch_hidden, pitched.pitch_hidden_reason) == (True, REASON)


def test_before_voting_opens_one_person_is_enough(roles):
    conference = make_conference(voting="scheduled")
    first, _second = make_team(conference, "exclusion")
    member = make_membership(conference)
    make_pitch(member)
    assert hide(member, Actor(first)) is Change.MADE


# --- pages of the team -------------------------------------------------------------------------


def test_reviewer_hides_a_pitch_and_shows_it_again(client, conference, pitched, reviewer):
    log_in_freshly(client, reviewer)
    start = f"/admin/conferences/conference/{conference.pk}/moderation/"
    [link] = [link for link in parse(client.get(start)).links if link.endswith(f"/{pitched.pk}/pitch/")]
    page = parse(client.post(link, {"act": "hide", "reason": REASON}, follow=True))
    assert "is hidden" in page.part(".messagelist").text
    page = parse(client.post(link, {"act": "show"}, follow=True))
    assert "is shown again" in page.part(".messagelist").text


def test_refusal_is_on_the_page_and_keeps_the_reason(client, conference, pitched, reviewer):
    make_membership(conference, user=reviewer)
    log_in_freshly(client, reviewer)
    url = f"/admin/conferences/conference/{conference.pk}/moderation/{pitched.pk}/pitch/"
    page = parse(client.post(url, {"act": "hide", "reason": REASON}))
    assert "You can be voted for yourself" in page.text
    assert page.part("textarea").text.strip() == REASON


# --- campaigns ---------------------------------------------------------------------------------


@pytest.fixture
def meet(conference, organiser, pitched, bob):
    """An email with all pitches, approved for later."""
    make_pitch(bob)
    found = meet_candidates(conference, organiser)
    return approve(found, make_team_member(conference).person, send_at=timezone.now())


def meet_candidates(conference, organiser):
    return announce(conference=conference, kind="candidates", subject="S", message="M", by=Actor(organiser))


def test_approved_email_with_a_hidden_pitch_is_not_sent(pitched, meet):
    hide(pitched)
    mail.outbox.clear()
    dispatch_due()
    meet.refresh_from_db()
    assert (meet.status, mail.outbox) == (Campaign.Status.STOPPED, [])


def test_new_email_about_the_candidates_is_without_it(conference, organiser, pitched, bob):
    make_pitch(bob)
    hide(pitched)
    assert [p["member"] for p in meet_candidates(conference, organiser).pitches] == [bob.pk]


def test_approved_campaign_of_the_author_is_not_sent(conference, organiser, pitched):
    campaign = approve(make_campaign(pitched), organiser, send_at=timezone.now())
    hide(pitched)
    dispatch_due()
    campaign.refresh_from_db()
    assert campaign.status == Campaign.Status.STOPPED


# --- after voting has closed -------------------------------------------------------------------


@pytest.fixture
def hidden_after_the_vote(client, conference, pitched, reviewer):
    close_by_clock(conference)
    hide(pitched)
    log_in_freshly(client, reviewer)
    return f"/admin/conferences/conference/{conference.pk}/moderation/{pitched.pk}/pitch/"


def test_page_of_a_hidden_pitch_promises_no_votes_after_the_vote(client, hidden_after_the_vote):
    said = parse(client.get(hidden_after_the_vote)).part("#moderation form").text
    assert "The published count does not change." in said
    assert "can vote for them" not in said


def test_emails_to_its_author_promise_no_votes_after_the_vote(client, hidden_after_the_vote, pitched):
    client.post(hidden_after_the_vote, {"act": "show"})
    hidden, shown = (message.body for message in emails_to(pitched.user))
    assert all("Voting has closed, and its count does not change." in said for said in (hidden, shown))
    assert "still vote" not in hidden
    assert "vote for you" not in shown
