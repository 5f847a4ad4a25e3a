"""What the desk shows beyond the tally: charts, files, a part that polls, rules, withdrawing a decision."""

from datetime import UTC, datetime, timedelta
from io import BytesIO

import pytest
from django.utils import timezone
from openpyxl import load_workbook

from accounts.actors import Actor
from accounts.tests.factories import make_user
from confbox.kit.charts import bar_chart, curve
from confbox.kit.tests.page import parse
from conferences.models import Conference
from conferences.tests.factories import make_conference, make_membership
from voting.campaigns.models import Campaign
from voting.desk.timeline import timeline_of
from voting.elections import actions
from voting.elections.election.models import Election
from voting.elections.models import Decision, Vote
from voting.tests.factories import close_and_decide, close_by_clock, make_pitch, make_vote

pytestmark = pytest.mark.django_db
LIST = "/admin/voting/votes/"


@pytest.fixture
def tally(alice, bob):
    """The tally of an open vote whose rules let organisers see it live."""
    Election.objects.update(organisers_see_tally="live")
    make_vote(alice, bob)
    return f"{LIST}{bob.conference.pk}/"


def test_bars_are_as_long_as_their_share_of_the_longest():
    chart = bar_chart([("Bob", 8, True), ("Carol", 4, False)])
    assert [bar.share for bar in chart.bars] == [100, 50]
    assert bar_chart([]).bars == []


def test_curve_grows_from_start_to_end():
    starts, middle, ends = (datetime(2030, 1, day, tzinfo=UTC) for day in (1, 2, 3))
    drawn = curve([(middle, 5)], starts, ends)
    assert drawn.line == "8.0,172.0 360.0,172.0 360.0,8.0 712.0,8.0"
    assert curve([], starts, starts).total == 0


def test_days_are_those_of_the_conferences_zone():
    conference = make_conference(voting="closed", time_zone="Pacific/Auckland")
    voter, candidate = make_membership(conference), make_membership(conference)
    make_vote(voter, candidate)
    when = datetime(2030, 7, 1, 13, 30, tzinfo=UTC)
    Vote.objects.update(cast_at=when)
    assert [str(day) for day, _, _ in timeline_of(conference).days] == ["2030-07-02"]


def test_desk_draws_charts_beside_their_tables(as_organiser, tally, conference, bob):
    for _ in range(4):
        make_vote(make_membership(conference), bob)
    Vote.objects.update(cast_at=timezone.now() - timedelta(hours=3))
    for _ in range(5):
        make_vote(make_membership(conference), bob)
    shown = parse(as_organiser.get(f"{tally}result/"))
    assert "Bob" in shown.texts("svg text")
    turnout = parse(as_organiser.get(f"{tally}turnout/"))
    assert turnout.has("#timeline svg")
    assert turnout.has("#timeline table")


@pytest.mark.parametrize("name", ["<script>alert(1)</script>Eve", "=1+1 Eve", 'Eve & "friends"'])
def test_names_in_charts_are_harmless(as_organiser, conference, alice, name):
    make_vote(alice, make_membership(conference, name=name))
    page = parse(as_organiser.get(f"{LIST}{conference.pk}/result/"))
    assert not any("alert" in script for script in page.texts("script"))


@pytest.mark.parametrize("name", ["turnout", "result"])
def test_figures_of_an_open_vote_renew_themselves(as_organiser, tally, name):
    assert parse(as_organiser.get(f"{tally}{name}/")).has('[data-hx-trigger="every 10s"]')
    part = as_organiser.get(f"{tally}{name}/", HTTP_HX_REQUEST="true")
    assert parse(part).has("body > #live:first-child")
    assert "HX-Request" in part["Vary"]


@pytest.mark.parametrize("name", ["turnout", "result"])
def test_figures_of_a_closed_vote_stop_renewing_themselves(as_organiser, tally, conference, name):
    actions.close_voting(conference=conference)
    page = parse(as_organiser.get(f"{tally}{name}/", HTTP_HX_REQUEST="true"))
    assert not page.mentions("data-hx-trigger")


@pytest.mark.parametrize("name", ["turnout", "candidates", "decision", "result"])
def test_nothing_on_the_desk_is_inline(as_organiser, tally, name):
    shown = parse(as_organiser.get(f"{tally}{name}/"))
    assert not shown.has("style, [style], script:not([src])")
    assert not [name for name in shown.attribute_names if name.startswith("on")]


def test_campaigns_stand_beside_the_votes(as_organiser, tally, bob, organiser):
    columns = {"conference": bob.conference, "candidate": bob, "requested_by": bob.user, "subject": "Hear me"}
    Campaign.objects.create(status="sent", **columns)
    Campaign.objects.create(status="refused", **columns)
    assert [n for _, n in as_organiser.get(f"{tally}result/").context["rows"]] == [1]


def test_tally_is_exported_as_csv(as_organiser, tally, bob):
    make_pitch(bob, headline="=cmd|' /C calc'!A0")
    answer = as_organiser.get(f"{tally}export.csv")
    rows = answer.content.decode("utf-8-sig").splitlines()
    assert rows[0] == "Rank,Candidate,Votes,Tie,Pitch"
    assert rows[1].startswith("1,Bob,1,no,")
    assert ",=cmd" not in rows[1]


@pytest.mark.parametrize("headline", ["=1+1", "+1", "-1", "@SUM(A1)", " =1+1", "\t=1+1", "bell \x07"])
def test_exported_workbook_has_no_formulas(as_organiser, tally, bob, headline):
    make_pitch(bob, headline=headline)
    sheet = load_workbook(BytesIO(as_organiser.get(f"{tally}export.xlsx").content)).active
    assert {cell.data_type for row in sheet.iter_rows() for cell in row} <= {"s", "n"}
    assert sheet["B2"].value == "Bob"


def test_export_is_filtered_like_the_page(as_organiser, tally, bob, alice):
    make_vote(bob, alice)
    rows = as_organiser.get(f"{tally}export.csv?q=ali").content.decode().splitlines()
    assert len(rows) == 2
    assert "Alice" in rows[1]


def test_rules_are_set_on_the_desk(as_organiser, organiser):
    conference = make_conference(voting="open", rules_set_at=None)
    page = f"{LIST}{conference.pk}/"
    assert "The rules of this vote have not been set" in parse(as_organiser.get(f"{page}turnout/")).text
    chosen = {"results_visibility": "after_close", "late_joiners": "may_vote", "ties": "tied_only"}
    assert as_organiser.post(f"{page}rules/", chosen).status_code == 302
    stored = Conference.objects.get(pk=conference.pk)
    assert (stored.election.is_open(), stored.election.ties) == (True, "tied_only")


def test_laxer_rules_are_refused_on_the_page(as_organiser, conference):
    chosen = {"results_visibility": "live", "late_joiners": "may_vote", "ties": "any_member"}
    page = as_organiser.post(f"{LIST}{conference.pk}/rules/", chosen)
    assert "Voting has opened, so this rule can only become stricter." in parse(page).text
    assert Conference.objects.get().election.results_visibility == "after_decision"


@pytest.mark.parametrize("chosen", [{}, {"results_visibility": "x", "late_joiners": "", "ties": "\0"}])
def test_odd_rules_are_shown_again(as_organiser, conference, chosen):
    page = as_organiser.post(f"{LIST}{conference.pk}/rules/", chosen)
    assert page.status_code == 200
    assert page.context["form"].errors


def decided(candidate, by):
    return close_and_decide(conference=candidate.conference, candidate=candidate, by=by, reason="x")


def test_a_decision_without_an_answer_is_taken_back(as_organiser, tally, bob, organiser):
    decision = decided(bob, organiser)
    page = f"{tally}take-back/{decision.pk}/"
    assert "Withdraw the decision for Bob?" in parse(as_organiser.get(page)).text
    as_organiser.post(page)
    decision.refresh_from_db()
    assert (decision.answer, Conference.objects.get().election.decided_at) == ("taken_back", None)
    assert "Withdrawn by the organisers" in parse(as_organiser.get(f"{tally}decision/")).text


def test_an_accepted_decision_is_not_taken_back(as_organiser, tally, bob, organiser):
    decision = decided(bob, organiser)
    actions.answer_decision(decision=decision, accept=True, by=Actor(decision.speaker.user))
    answer = as_organiser.post(f"{tally}take-back/{decision.pk}/", follow=True)
    assert "already answered, so nothing was changed" in parse(answer).text
    assert Conference.objects.get().election.speaker == bob


def test_the_chosen_member_is_notified_by_email(as_organiser, tally, bob, mailoutbox, settings):
    close_by_clock(bob.conference)
    as_organiser.post(f"{tally}decide/{bob.pk}/", {"reason": "x"})
    message = mailoutbox[0]
    assert message.to == [bob.user.email]
    assert f"{settings.SITE_URL}/conferences/open-conf/results/" in message.body


def paths_of(tally, decision):
    return [f"{tally}{page}" for page in ("rules/", f"take-back/{decision.pk}/", "export.csv", "export.xlsx")]


@pytest.mark.parametrize(("who", "status"), [("client", 302), ("as_alice", 302), ("as_stranger", 302)])
def test_wrong_people_do_not_enter(request, who, status, tally, bob, organiser):
    decision = decided(bob, organiser)
    browser = request.getfixturevalue(who)
    assert {browser.get(path).status_code for path in paths_of(tally, decision)} == {status}
    assert {browser.post(path).status_code for path in paths_of(tally, decision)} == {status}
    assert Decision.objects.get().answer == "pending"


def test_staff_without_permission_do_not_enter(client, tally, bob, organiser):
    client.force_login(make_user("staff@example.org", is_staff=True))
    paths = paths_of(tally, decided(bob, organiser))
    assert {client.get(path).status_code for path in paths} == {403}


def test_a_decision_of_another_conference_is_missing(as_organiser, tally, bob, organiser):
    other = make_conference(decided_at=timezone.now())
    decision = decided(bob, organiser)
    assert as_organiser.post(f"{LIST}{other.pk}/take-back/{decision.pk}/").status_code == 404
