from itertools import pairwise

import pytest
from django.contrib.admin.models import LogEntry
from django.contrib.auth.models import Permission
from django.db import connection
from django.test.utils import CaptureQueriesContext

from accounts.actors import Actor
from accounts.tests.factories import log_in_freshly, make_organiser, make_user
from confbox.kit.tests.page import parse
from conferences.models import Conference
from conferences.tests.factories import make_conference, make_membership
from voting.campaigns.models import Campaign
from voting.elections import actions
from voting.elections.election.models import Election
from voting.elections.models import Decision
from voting.elections.tally import tally_of
from voting.tests.factories import close_and_decide, close_by_clock, make_pitch, make_vote

pytestmark = pytest.mark.django_db
LIST = "/admin/voting/votes/"
REASON = {"reason": "The hall is booked for Friday."}


def turnout_of(conference):
    return f"{LIST}{conference.pk}/turnout/"


def candidates_of(conference):
    return f"{LIST}{conference.pk}/candidates/"


def result_of(conference):
    return f"{LIST}{conference.pk}/result/"


def desk_of(conference):
    """The page of the decision."""
    return f"{LIST}{conference.pk}/decision/"


def deciding(candidate):
    return f"{LIST}{candidate.conference.pk}/decide/{candidate.pk}/"


def deciding_after_voting(candidate):
    """The page on which to choose this member, once voting has closed."""
    close_by_clock(candidate.conference)
    return deciding(candidate)


def closing(conference):
    return f"{LIST}{conference.pk}/close/"


def text(answer):
    return " ".join(answer.content.decode().split())


@pytest.fixture
def live(conference):
    """An open vote whose rules let organisers see the tally live."""
    Election.objects.update(organisers_see_tally="live")


@pytest.fixture
def tie(live, alice, bob, carol):
    make_vote(alice, bob)
    make_vote(bob, alice)
    return alice.conference


def test_list_shows_members_votes_and_turnout(as_organiser, tie):
    page = parse(as_organiser.get(LIST))
    shown = [page.part(f".field-{column}").text for column in ("members", "votes", "turnout")]
    assert shown == ["Members: 3", "Votes: 2", "Turnout: 67%"]


def test_drafts_have_no_tally(as_organiser):
    make_conference(title="Secret plans", status="draft")
    assert "Secret plans" not in text(as_organiser.get(LIST))


def test_pages_of_the_vote_show_candidates_pitch_and_turnout(as_organiser, alice, bob):
    make_vote(alice, bob)
    make_pitch(bob, headline="Databases at night")
    shown = text(as_organiser.get(candidates_of(bob.conference)))
    assert "<strong>Bob</strong>" in shown
    assert "Databases at night" in shown
    assert "50.0%" in text(as_organiser.get(turnout_of(bob.conference)))


def test_desk_marks_ties(as_organiser, tie):
    shown = text(as_organiser.get(result_of(tie)))
    assert shown.count('<span class="desk-mark">tie</span>') == 2
    assert "There is currently a tie." in shown
    assert "You choose one of them" not in shown


@pytest.mark.parametrize(
    ("query", "leads_to"),
    [("", "turnout/"), ("?q=Bob", "candidates/?q=Bob"), ("?q=Bob&page=2", "candidates/?q=Bob&page=2")],
)
def test_address_of_the_old_page_leads_to_the_new_ones(as_organiser, conference, query, leads_to):
    answer = as_organiser.get(f"{LIST}{conference.pk}/change/{query}")
    assert (answer.status_code, answer.url) == (302, f"{LIST}{conference.pk}/{leads_to}")


@pytest.mark.parametrize("name", ["turnout", "candidates", "decision", "result"])
def test_page_of_the_vote_has_one_title_and_marks_its_tab(as_organiser, conference, name):
    page = parse(as_organiser.get(f"{LIST}{conference.pk}/{name}/"))
    assert page.texts('.tabs [aria-current="page"]') == [name.capitalize()]
    assert page.texts("#content > h2") == [name.capitalize()]
    assert page.texts("title")[0].startswith(f"{name.capitalize()} | {conference}")


def test_once_voting_is_closed_the_organisers_decide_a_tie(as_organiser, tie):
    as_organiser.post(closing(tie), REASON)
    page = parse(as_organiser.get(desk_of(tie)))
    assert "2 members are tied for the lead. You choose one of them, or another member" in page.text
    assert {deciding(each.candidate) for each in tally_of(tie).standings} <= {*page.links}


@pytest.mark.parametrize(("ties", "also_others"), [("any_member", True), ("tied_only", False)])
def test_only_members_who_can_be_chosen_under_the_rules_have_a_button(
    as_organiser, tie, alice, bob, carol, ties, also_others
):
    dave, erin = (make_membership(tie, name=name) for name in ("Dave", "Erin"))
    make_vote(carol, bob)
    make_vote(dave, alice)
    make_vote(erin, carol)
    Election.objects.update(ties=ties)
    close_by_clock(tie)
    page = parse(as_organiser.get(desk_of(tie)))
    assert {deciding(alice), deciding(bob)} <= {*page.links}
    assert (deciding(carol) in page.links) == also_others
    assert ("one of them, or another member" in page.text) == also_others
    found = parse(as_organiser.get(f"{desk_of(tie)}?q=Dave"))
    assert (deciding(dave) in found.links) == also_others


def test_a_leader_who_left_after_voting_has_no_button(as_organiser, tie, alice, bob):
    close_by_clock(tie)
    actions.leave_conference(membership=alice, by=Actor(alice.user))
    page = parse(as_organiser.get(desk_of(tie)))
    assert deciding(bob) in page.links
    assert deciding(alice) not in page.links


def test_of_those_who_are_tied_the_one_who_said_no_comes_last(as_organiser, organiser, tie, alice, bob):
    first = tally_of(tie).standings[0].candidate
    decision = close_and_decide(conference=tie, candidate=first, by=organiser, reason="The better talk")
    actions.answer_decision(decision=decision, accept=False, by=Actor(first.user))
    rows = parse(as_organiser.get(desk_of(tie))).texts("#list tbody tr strong")
    assert rows.index(str(first)) == 1


def test_a_decided_tie_asks_for_no_decision(as_organiser, organiser, tie, bob):
    close_and_decide(conference=tie, candidate=bob, by=organiser, reason="The better talk")
    assert "tied for the lead" not in text(as_organiser.get(desk_of(tie)))


def test_result_names_the_speaker_and_the_reason_once_they_have_accepted(as_organiser, organiser, tie, bob):
    decision = close_and_decide(conference=tie, candidate=bob, by=organiser, reason="A good talk")
    assert not parse(as_organiser.get(result_of(tie))).has("#speaker")
    actions.answer_decision(decision=decision, accept=True, by=Actor(bob.user))
    page = parse(as_organiser.get(result_of(tie)))
    assert "Bob is the speaker." in page.part("#speaker").text
    assert "A good talk" in page.part("#speaker").text
    [marks] = [text for text in page.texts("#list tbody tr") if "Bob" in text]
    assert "Speaker" in marks


def test_no_one_writes_a_second_email_about_the_result(as_organiser, organiser, alice, bob):
    make_vote(alice, bob)
    decision = close_and_decide(conference=bob.conference, candidate=bob, by=organiser)
    actions.answer_decision(decision=decision, accept=True, by=Actor(bob.user))
    assert Campaign.objects.get().kind == "result"
    page = parse(as_organiser.get(f"/admin/voting/campaign/?conference__id__exact={bob.conference_id}"))
    assert not [link for link in page.links if "/announce/" in link]
    path = f"/admin/voting/campaign/announce/{bob.conference_id}/result/"
    assert as_organiser.get(path).status_code == 404


def test_desk_never_shows_who_voted(as_organiser, alice, bob):
    make_vote(alice, bob)
    for page in (turnout_of, candidates_of, desk_of, result_of):
        assert "Alice" not in text(as_organiser.get(page(bob.conference)))


def test_votes_are_not_in_the_admin(as_organiser):
    assert as_organiser.get("/admin/voting/vote/").status_code == 404


def test_desk_finds_candidates_and_members_without_votes(as_organiser, live, alice, bob, carol):
    make_vote(alice, bob)
    close_by_clock(bob.conference)
    page = as_organiser.get(desk_of(bob.conference), {"q": "o"})
    assert [s.candidate for s in page.context["page"]] == [bob]
    assert page.context["others"] == [carol]


@pytest.mark.parametrize("query", ["page=-1", "page=abc", "page=999999999", "q=%00", "q=" + "x" * 9000])
def test_odd_addresses_of_the_desk_are_answered(as_organiser, tie, query):
    pages = [turnout_of, candidates_of, desk_of, result_of]
    assert [as_organiser.get(f"{page(tie)}?{query}").status_code for page in pages] == [200] * 4


def fill(conference, voters):
    candidates = [make_membership(conference) for _ in range(voters)]
    for voter, candidate in pairwise(candidates):
        make_pitch(candidate)
        make_vote(voter, candidate)


@pytest.mark.parametrize("page", [turnout_of, candidates_of, desk_of, result_of])
def test_page_of_the_vote_costs_the_same_queries_with_more_rows(as_organiser, live, conference, page):
    fill(conference, 3)
    with CaptureQueriesContext(connection) as few:
        as_organiser.get(page(conference))
    fill(conference, 30)
    with CaptureQueriesContext(connection) as many:
        as_organiser.get(page(conference))
    assert len(many) == len(few) <= 12


def test_list_costs_the_same_queries_with_more_rows(as_organiser):
    fill(make_conference(voting="open"), 3)
    with CaptureQueriesContext(connection) as few:
        as_organiser.get(LIST)
    fill(make_conference(voting="open"), 3)
    fill(make_conference(voting="closed"), 3)
    with CaptureQueriesContext(connection) as many:
        as_organiser.get(LIST)
    assert len(many) == len(few)


def test_deciding_asks_first_and_names_the_consequences(as_organiser, alice, bob):
    make_vote(alice, bob)
    shown = text(as_organiser.get(deciding_after_voting(bob)))
    assert "Choose Bob as the speaker?" in shown
    assert "Until they answer, you can withdraw the decision" in shown
    assert not Decision.objects.exists()


def test_a_current_decision_says_that_it_can_be_taken_back(as_organiser, organiser, tie, bob):
    close_and_decide(conference=tie, candidate=bob, by=organiser, reason="The better talk")
    assert "or if you withdraw the" in text(as_organiser.get(deciding(bob)))


@pytest.mark.parametrize("method", ["get", "post"])
def test_no_one_is_chosen_while_voting_is_open(as_organiser, alice, bob, method):
    make_vote(alice, bob)
    answer = getattr(as_organiser, method)(deciding(bob), {"reason": "Now."}, follow=True)
    assert "Voting is open. You can choose the speaker once it has closed." in text(answer)
    assert not Decision.objects.exists()
    assert Conference.objects.get().election.is_open()


@pytest.mark.parametrize("seen", ["after_close", "live"])
def test_while_voting_is_open_no_one_is_offered_to_be_chosen(as_organiser, alice, bob, seen):
    make_vote(alice, bob)
    Election.objects.update(organisers_see_tally=seen)
    assert deciding(bob) not in text(as_organiser.get(desk_of(bob.conference)))
    close_by_clock(bob.conference)
    assert deciding(bob) in text(as_organiser.get(desk_of(bob.conference)))


def test_deciding_shows_the_statement_as_members_read_it(as_organiser, alice, bob):
    make_vote(alice, bob)
    make_pitch(bob, statement="I talk about **bread**.\n\n<script>x</script>")
    shown = text(as_organiser.get(deciding_after_voting(bob)))
    assert "<strong>bread</strong>" in shown
    assert "<script>x" not in shown


def test_leader_is_decided_without_a_reason(as_organiser, organiser, alice, bob):
    make_vote(alice, bob)
    as_organiser.post(deciding_after_voting(bob))
    decision = Decision.objects.get()
    assert (decision.speaker, decision.decided_by) == (bob, organiser)
    assert decision.tally["standings"] == [{"rank": 1, "member": bob.pk, "name": "Bob", "votes": 1}]


def test_closing_to_decide_leads_to_the_sole_leader(as_organiser, alice, bob):
    make_vote(alice, bob)
    answer = as_organiser.post(f"{LIST}{bob.conference.pk}/close-and-decide/", REASON)
    assert answer.url == deciding(bob)
    assert not Conference.objects.get().election.is_open()
    assert "Choose Bob as the speaker?" in text(as_organiser.get(answer.url))


def test_closing_to_decide_a_tie_leads_to_the_tally(as_organiser, tie):
    assert as_organiser.post(f"{LIST}{tie.pk}/close-and-decide/", REASON).url == desk_of(tie)


@pytest.mark.parametrize("page", [turnout_of, desk_of])
@pytest.mark.parametrize("needs_two", [False, True])
def test_closing_to_decide_is_offered_to_those_who_close_alone(as_organiser, conference, page, needs_two):
    Election.objects.update(window_needs_consent=needs_two)
    offered = parse(as_organiser.get(page(conference))).texts(".desk-actions a")
    assert ("Close voting and decide" in offered) is not needs_two
    assert "Close voting now" in offered or not needs_two


def test_old_link_to_close_and_decide_promises_no_decision_that_a_second_person_delays(
    as_organiser, conference
):
    Election.objects.update(window_needs_consent=True)
    page = parse(as_organiser.get(f"{LIST}{conference.pk}/close-and-decide/")).part("#close")
    assert page.part("h2").text == "Close voting now?"


@pytest.mark.parametrize("page", ["close", "close-and-decide"])
def test_closing_early_needs_a_reason(as_organiser, conference, page):
    answer = as_organiser.post(f"{LIST}{conference.pk}/{page}/", {"reason": "  "})
    assert "Please give a reason. All members will read it." in text(answer)
    assert Conference.objects.get().election.is_open()


@pytest.mark.parametrize("reason", ["", "   "])
def test_shared_lead_needs_a_reason(as_organiser, tie, bob, reason):
    page = as_organiser.post(deciding_after_voting(bob), {"reason": reason})
    assert "Please give a reason: this member is not the sole leader." in text(page)
    assert not Decision.objects.exists()


def test_page_to_choose_names_all_that_is_wrong_at_once(as_organiser, tie, bob):
    typed = {"reason": "", "reply_by": "2020-01-01T09:00"}
    page = parse(as_organiser.post(deciding_after_voting(bob), typed))
    for words in ("Please give a reason", "at least an hour for the answer"):
        assert any(words in said for said in page.errors)


def test_shared_lead_is_decided_with_a_reason(as_organiser, tie, bob):
    as_organiser.post(deciding_after_voting(bob), {"reason": "Bob spoke first."})
    assert Decision.objects.get().reason == "Bob spoke first."


def test_member_without_votes_needs_a_reason(as_organiser, tie, carol):
    assert "Please give a reason" in text(as_organiser.post(deciding_after_voting(carol)))


def test_second_organiser_is_notified_that_it_is_decided(client, as_organiser, tie, alice, bob, roles):
    as_organiser.post(deciding_after_voting(bob), {"reason": "First."})
    log_in_freshly(client, make_organiser("second@example.org"))
    page = client.post(deciding(alice), {"reason": "Second."})
    assert "A speaker has already been chosen for this conference." in text(page)
    assert Decision.objects.get().speaker == bob


def test_after_a_decline_the_organiser_decides_again(as_organiser, tie, alice, bob):
    as_organiser.post(deciding_after_voting(bob), {"reason": "First."})
    actions.answer_decision(
        decision=Decision.objects.get(), accept=False, by=Actor(Decision.objects.get().speaker.user)
    )
    as_organiser.post(deciding(alice), {"reason": "Second."})
    assert Decision.objects.current().get().speaker == alice
    assert "Declined" in text(as_organiser.get(desk_of(tie)))


def test_who_chooses_again_reads_who_declined_and_why(as_organiser, tie, alice, bob):
    as_organiser.post(deciding_after_voting(bob), {"reason": "First."})
    decision, abroad = Decision.objects.get(), "I am abroad that week."
    actions.answer_decision(decision=decision, accept=False, reason=abroad, by=Actor(bob.user))
    page = parse(as_organiser.get(f"{LIST}{tie.pk}/decision/"))
    again = parse(as_organiser.get(deciding(bob)))
    for shown in (page, again):
        assert "Bob declined." in shown.part(".desk-warning").text
        assert abroad in shown.part(".desk-warning").text
    assert page.texts("#list .desk-mark").count("declined") == 1
    assert not parse(as_organiser.get(deciding(alice))).has(".desk-warning")


def test_a_member_who_left_cannot_be_picked(as_organiser, tie, carol):
    actions.leave_conference(membership=carol, by=Actor(carol.user))
    assert as_organiser.post(deciding(carol), {"reason": "x"}).status_code == 404


def test_member_of_another_conference_cannot_be_picked(as_organiser, tie):
    other = make_membership(make_conference())
    path = f"{LIST}{tie.pk}/decide/{other.pk}/"
    assert as_organiser.post(path, {"reason": "x"}).status_code == 404


def test_closing_asks_first(as_organiser, conference):
    page = parse(as_organiser.get(closing(conference)))
    assert "The count is final and voting cannot be opened again." in page.texts("#close li")
    assert Conference.objects.get(pk=conference.pk).election.is_open()


def test_closing_ends_voting_now(as_organiser, conference):
    as_organiser.post(closing(conference), REASON)
    assert not Conference.objects.get(pk=conference.pk).election.is_open()


def test_closing_twice_answers_the_same_and_keeps_the_first_time(as_organiser, conference):
    first = as_organiser.post(closing(conference), REASON)
    closed_at = Conference.objects.get(pk=conference.pk).election.closes_at
    again = as_organiser.post(closing(conference), REASON)
    assert (again.status_code, again.url) == (first.status_code, first.url)
    assert Conference.objects.get(pk=conference.pk).election.closes_at == closed_at


def test_closing_what_another_organiser_closed_says_so(as_organiser, conference):
    close_by_clock(conference)
    answer = as_organiser.post(closing(conference), REASON)
    assert "Voting is over and the count is final" in text(answer)


def test_closing_and_deciding_stand_in_the_history(as_organiser, tie, bob):
    as_organiser.post(closing(tie), REASON)
    as_organiser.post(deciding(bob), {"reason": "x"})
    shown = list(LogEntry.objects.order_by("pk").values_list("change_message", flat=True))
    assert [said.partition(":")[0] for said in shown] == ["Voting closed early", "Chosen as the speaker"]
    assert "a member" in shown[1]


@pytest.mark.parametrize("number", ["0", "999999999", "9" * 18])
def test_unknown_tally_is_missing(as_organiser, number):
    for path in (
        "change/",
        "turnout/",
        "candidates/",
        "decision/",
        "result/",
        "close/",
        "close-and-decide/",
        "move-deadline/",
        "decide/1/",
    ):
        assert as_organiser.get(f"{LIST}{number}/{path}").status_code == 404


@pytest.mark.parametrize("number", ["-1", "1e3", "１２", "9223372036854775808", "x"])
def test_what_is_not_an_id_is_missing(as_organiser, number):
    assert as_organiser.get(f"{LIST}{number}/change/").status_code == 404


def paths_of(candidate):
    conference = candidate.conference
    tabs = [turnout_of, candidates_of, desk_of, result_of]
    return [LIST, *(page(conference) for page in tabs), closing(conference), deciding(candidate)]


def test_no_one_enters_without_logging_in(client, bob):
    assert {client.post(path).status_code for path in paths_of(bob)} == {302}
    assert Conference.objects.get().election.is_open()


@pytest.mark.parametrize("who", ["as_alice", "as_stranger"])
def test_members_and_strangers_do_not_enter(request, who, bob):
    browser = request.getfixturevalue(who)
    assert {browser.post(path).status_code for path in paths_of(bob)} == {302}
    assert Conference.objects.get().election.is_open()


def test_staff_without_permission_do_not_enter(client, bob):
    client.force_login(make_user("staff@example.org", is_staff=True))
    assert [client.get(path).status_code for path in paths_of(bob)] == [403] * 7


def staff_who_may(*codenames):
    user = make_user("staff@example.org", is_staff=True)
    user.user_permissions.set(Permission.objects.filter(codename__in=codenames))
    return user


def test_staff_who_may_only_look_cannot_close_or_decide(client, alice, bob):
    make_vote(alice, bob)
    client.force_login(staff_who_may("view_election"))
    shown = client.get(desk_of(bob.conference))
    assert "Pick Bob" not in text(shown)
    assert "Close voting now" not in text(shown)
    assert client.post(closing(bob.conference)).status_code == 403
    assert client.post(deciding(bob)).status_code == 403


def test_staff_who_may_decide_but_not_see_the_tally_do_not_enter(client, bob):
    client.force_login(staff_who_may("add_decision", "change_conference"))
    assert client.post(deciding(bob)).status_code == 403
    assert client.post(closing(bob.conference)).status_code == 403


def test_organisers_enter(as_organiser, bob):
    close_by_clock(bob.conference)
    assert [as_organiser.get(path).status_code for path in paths_of(bob)] == [200] * 7


def test_decisions_and_pitches_can_only_be_read(as_organiser, alice, bob):
    make_pitch(bob)
    close_by_clock(bob.conference)
    as_organiser.post(deciding(bob), {"reason": "x"})
    decision = f"/admin/voting/decision/{Decision.objects.get().pk}/change/"
    for path in (decision, f"/admin/voting/pitch/{bob.pk}/change/"):
        assert as_organiser.get(path).status_code == 200
        assert as_organiser.post(path, {"reason": "y"}).status_code == 403


@pytest.mark.parametrize("model", ["decision", "pitch", "tally"])
def test_nothing_is_added_or_deleted_by_hand(as_organiser, bob, model):
    make_pitch(bob)
    assert as_organiser.get(f"/admin/voting/{model}/add/").status_code in (403, 404)
    assert as_organiser.post(f"/admin/voting/{model}/{bob.pk}/delete/").status_code in (302, 403, 404)


def test_organisers_cannot_make_themselves_more(as_organiser, organiser):
    everything = {"is_superuser": "on", "is_staff": "on", "groups": [1], "user_permissions": [1, 2, 3]}
    paths = [
        f"/admin/accounts/user/{organiser.pk}/change/",
        "/admin/accounts/user/add/",
        "/admin/auth/group/1/change/",
        "/admin/auth/group/add/",
    ]
    assert {as_organiser.post(path, everything).status_code for path in paths} <= {403, 404}
    organiser.refresh_from_db()
    assert not organiser.is_superuser
    assert organiser.user_permissions.count() == 0


def test_desk_repeats_no_link_of_the_tabs_or_the_overview(as_organiser, conference):
    desk = parse(as_organiser.get(turnout_of(conference)))
    overview = parse(as_organiser.get(f"/admin/conferences/conference/{conference.pk}/"))
    own, tabs = (desk.attributes(f"{part} a", "href") for part in (".desk-tools", ".tabs"))
    more = overview.attributes(".overview-more a", "href")
    assert f"{LIST}{conference.pk}/rules/" in own
    assert f"{LIST}{conference.pk}/fraud/" in more
    assert not {*own} & {*tabs, *more}
