"""A member chooses whether the others see them; candidates and the speaker are always shown."""

import pytest
from django.core import mail

from accounts.actors import Actor
from confbox.kit.tests.page import parse
from confbox.kit.tests.panels import states_of
from conferences.models import Conference, Membership
from conferences.panels import LISTING_PANEL
from conferences.tests.factories import make_conference, make_membership, update_elections
from voting.elections.listing import set_listed
from voting.elections.models import Vote
from voting.tests.factories import close_and_decide, close_by_clock, make_pitch, make_vote

BASE = "/conferences/open-conf/"


def hide(member):
    set_listed(membership=member, is_listed=False, by=Actor(member.user))
    member.refresh_from_db()


def names(client, query=""):
    return parse(client.get(f"{BASE}members/{query}")).texts(".person-card .body a")


def test_hidden_member_is_in_no_list_and_no_search(as_alice, alice, bob, carol):
    hide(bob)
    assert names(as_alice) == ["Alice", "Carol"]
    assert names(as_alice, "?q=bob") == []
    assert parse(as_alice.get(f"{BASE}members/")).texts("#found-count") == ["2 members"]
    assert as_alice.get(f"{BASE}members/{bob.pk}/").status_code == 404
    assert as_alice.get(f"/people/{bob.user_id}/").status_code == 404


def test_hidden_member_is_seen_where_they_are_listed(as_alice, alice, bob):
    hide(bob)
    elsewhere = make_conference(title="Elsewhere")
    for member in (alice, bob):
        make_membership(elsewhere, user=member.user)
    assert parse(as_alice.get(f"/people/{bob.user_id}/")).texts("article li > a:first-child") == ["Elsewhere"]


def test_hidden_member_sees_themselves(as_alice, alice, bob):
    hide(alice)
    assert names(as_alice) == ["Alice", "Bob"]
    page = parse(as_alice.get(f"{BASE}members/{alice.pk}/"))
    assert "Only you see this page" in page.part("#vote-dock").text
    assert "Open Conf" in parse(as_alice.get(f"/people/{alice.user_id}/")).texts("article li a")


ONLY_YOU = "Only you see this"


def marks(client, alice):
    """Where the member finds that only they see themselves: in the list, on their page and their profile."""
    pages = {f"{BASE}members/": ".person-card", f"{BASE}members/{alice.pk}/": ".person-head"}
    pages[f"/people/{alice.user_id}/"] = "article li"
    return [ONLY_YOU in " ".join(parse(client.get(path)).texts(part)) for path, part in pages.items()]


def test_hidden_member_reads_that_only_they_see_their_row_and_page(as_alice, alice, bob):
    assert marks(as_alice, alice) == [False, False, False]
    hide(bob)
    hide(alice)
    assert marks(as_alice, alice) == [True, True, True]
    assert parse(as_alice.get(f"{BASE}members/")).texts(".person-card .badge-cb") == ["You", ONLY_YOU]


def test_member_hidden_by_the_default_of_the_conference_is_marked_too(as_alice, alice):
    Conference.objects.update(members_are_listed=False)
    assert marks(as_alice, alice) == [True, True, True]


def test_candidate_who_is_shown_all_the_same_is_not_marked(as_alice, alice):
    make_pitch(alice)
    hide(alice)
    assert marks(as_alice, alice) == [False, False, False]


def test_conference_can_hide_its_members_by_default(as_alice, conference, alice, bob, carol):
    Conference.objects.update(members_are_listed=False)
    set_listed(membership=carol, is_listed=True, by=Actor(carol.user))
    assert names(as_alice) == ["Alice", "Carol"]


def test_candidate_with_a_pitch_is_always_shown(as_alice, alice, bob):
    make_pitch(bob)
    hide(bob)
    assert names(as_alice) == ["Alice", "Bob"]
    assert "Bob" in parse(as_alice.get(f"{BASE}ballot/")).texts(".candidate h3")


@pytest.mark.parametrize("columns", [{"accepts_votes": False}, {"excluded_at": "2026-01-01T00:00Z"}])
def test_who_no_longer_stands_is_hidden_again(as_alice, alice, bob, columns):
    make_pitch(bob)
    hide(bob)
    Membership.objects.filter(pk=bob.pk).update(**columns)
    assert names(as_alice) == ["Alice"]


def test_speaker_is_always_shown(as_alice, conference, alice, bob, organiser):
    close_and_decide(conference=conference, candidate=bob, by=organiser, reason="Best")
    hide(bob)
    assert names(as_alice) == ["Alice"]
    update_elections(conference, speaker=bob)
    assert names(as_alice) == ["Alice", "Bob"]


def test_hiding_frees_the_votes_given_and_its_voters_are_notified(
    conference, alice, bob, django_capture_on_commit_callbacks
):
    make_vote(alice, bob)
    with django_capture_on_commit_callbacks(execute=True):
        hide(bob)
    assert Vote.objects.get(voter=alice).voided_because == "candidate_opted_out"
    assert [sent.to for sent in mail.outbox] == [[alice.user.email]]


def test_hiding_twice_changes_nothing_and_keeps_ones_own_vote(conference, alice, bob):
    make_vote(alice, bob)
    assert [set_listed(membership=alice, is_listed=False, by=Actor(alice.user)).name for _ in range(2)] == [
        "MADE",
        "NONE",
    ]
    assert Vote.objects.valid().count() == 1


def test_candidate_with_a_pitch_keeps_their_votes_when_hiding(conference, alice, bob):
    make_pitch(bob)
    make_vote(alice, bob)
    hide(bob)
    assert Vote.objects.valid().filter(candidate=bob).exists()


def test_hiding_after_the_close_changes_no_count(conference, alice, bob):
    make_vote(alice, bob)
    close_by_clock(conference)
    hide(bob)
    assert Vote.objects.valid().filter(candidate=bob).exists()


PANELS = [
    ("listed", "Other members see you", "no", lambda _member: None),
    ("hidden", "Other members do not see you", "yes", hide),
    ("always_shown", "Other members see you as a candidate", "no", make_pitch),
    ("always_shown", "Other members see you as a candidate", "yes", lambda m: (make_pitch(m), hide(m))),
]


@pytest.mark.parametrize(("state", "summary", "value", "arrange"), PANELS)
def test_choice_on_the_page_of_the_conference(as_alice, alice, state, summary, value, arrange):
    arrange(alice)
    answer = as_alice.get(BASE)
    assert answer.context["taking_part"].facts["listing"].state == state
    panel = parse(answer).part("#listing")
    assert panel.texts("summary") == [summary]
    assert panel.field("listed")["value"] == value
    page = parse(as_alice.post(panel.actions[0], {"listed": value}, follow=True))
    assert len(page.messages) == 1
    assert Membership.objects.get(pk=alice.pk).is_listed is (value == "yes")


def test_every_state_has_a_row_and_a_template():
    assert states_of(LISTING_PANEL) == {state for state, *_ in PANELS}


@pytest.mark.parametrize("sent", [{}, {"listed": ""}, {"listed": "perhaps"}, {"listed": "yes\0"}])
def test_choice_that_is_none_is_refused(as_alice, alice, sent):
    page = parse(as_alice.post(f"{BASE}members/listed/", sent, follow=True))
    assert page.messages == ["Please choose whether other members see you."]
    assert Membership.objects.get(pk=alice.pk).is_listed is None


def test_stranger_has_nothing_to_choose(as_stranger, conference):
    assert as_stranger.post(f"{BASE}members/listed/", {"listed": "no"}).status_code == 404


def test_panel_says_that_names_of_voters_are_published(as_alice, alice, conference):
    update_elections(conference, publishes_participants=True)
    assert "publish the names of those who voted" in parse(as_alice.get(BASE)).part("#listing").text


def test_hidden_member_without_a_pitch_cannot_ask_for_a_campaign(as_alice, alice):
    hide(alice)
    page = parse(as_alice.get(f"{BASE}campaigns/new/"))
    assert "You chose not to be shown to other members, so they cannot vote for you" in page.text
    make_pitch(alice)
    assert parse(as_alice.get(f"{BASE}campaigns/new/")).has_field("subject")


def test_pitch_form_says_that_candidates_are_shown(as_alice, alice):
    assert not parse(as_alice.get(f"{BASE}pitch/")).has("#shown")
    hide(alice)
    assert "With a pitch, members see you" in parse(as_alice.get(f"{BASE}pitch/")).part("#shown").text


@pytest.mark.parametrize(
    ("is_listed", "words"),
    [(True, "Other members will see you"), (False, "Other members will not see you, unless you stand")],
)
def test_who_joins_is_shown_what_others_will_see(as_stranger, conference, is_listed, words):
    Conference.objects.update(members_are_listed=is_listed)
    assert words in parse(as_stranger.get(BASE)).part("#membership").text
