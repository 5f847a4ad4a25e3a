"""The overview of a conference: what is next, what is settled, what keeps voting from opening."""

from datetime import timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from accounts.models import AdminAct
from accounts.tests.factories import log_in_freshly, make_organiser
from confbox.kit.tests.mail_servers import serving
from confbox.kit.tests.page import parse
from conferences.health.models import EmailTest, WorkerTurn
from conferences.health.worker import note_turn
from conferences.models import Conference, Role
from conferences.overview.email_tests import deliver_test_email
from conferences.tests.admission import only
from conferences.tests.factories import make_conference, make_membership
from conferences.tests.rosters.entries import make_entry
from conferences.tests.teams import make_series, make_team_member
from voting.campaigns.models import Campaign
from voting.elections.election.models import Election
from voting.tests.campaigns import send
from voting.tests.factories import close_and_decide, make_pitch, make_vote
from voting.tests.invitations import write

pytestmark = pytest.mark.django_db
STATES = ("done", "to_do", "refuses", "not_needed", "unknown")


@pytest.fixture
def scheduled():
    return make_conference(title="Bread Conf", voting="scheduled", place="Athens", agenda="Bread")


def url_of(conference):
    return f"/admin/conferences/conference/{conference.pk}/"


def shown(client, conference):
    return parse(client.get(url_of(conference)))


def state_of(page, line):
    return next(state for state in STATES if page.has(f"#line-{line}.is-{state}"))


def as_role(client, scope, role=Role.ORGANISER):
    return log_in_freshly(client, make_team_member(scope, role).person)


# --- the checklist -----------------------------------------------------------------------------


def test_conference_that_is_ready_has_no_line_that_refuses_the_opening(as_organiser, scheduled):
    page = shown(as_organiser, scheduled)
    assert not page.has(".checklist .is-refuses")
    assert not page.has(".overview-missing")
    settled = ("details", "window", "joining", "rules", "published")
    assert {state_of(page, line) for line in settled} == {"done"}


def without_rules(conference):
    Election.objects.update(rules_set_at=None)


def unscheduled(conference):
    Election.objects.update(opens_at=None, closes_at=None)


def draft(conference):
    Conference.objects.update(status="draft")


def empty_roster(conference):
    Election.objects.update(who_votes="roster")


def shut(conference):
    only(conference)


REFUSALS = [
    (without_rules, "rules", "the rules are not set"),
    (unscheduled, "window", "no time is set for the vote"),
    (draft, "published", "the conference is not published"),
    (empty_roster, "roster", "only people on the roster vote, and it is empty"),
    (shut, "joining", "no one can join, so no one could vote"),
]


@pytest.mark.parametrize(("act", "line", "refusal"), REFUSALS)
def test_line_that_refuses_the_opening_is_named_and_is_the_next_step(
    as_organiser, scheduled, act, line, refusal
):
    act(scheduled)
    page = shown(as_organiser, scheduled)
    assert state_of(page, line) == "refuses"
    assert page.part(".overview-missing").text == f"Voting will not open yet: {refusal}."
    if line != "rules":
        link = page.attributes(f"#line-{line} a", "href")
        assert page.attributes(".overview-step .button", "href") == link


def test_vote_that_has_opened_is_refused_by_nothing(as_organiser, conference):
    assert not shown(as_organiser, conference).has(".overview-missing")


def test_lines_link_only_to_pages_that_the_person_may_open(client, scheduled):
    client = as_role(client, scheduled, Role.REVIEWER)
    page = shown(client, scheduled)
    for link in {*page.attributes(".checklist a", "href"), *page.attributes(".tabs a", "href")}:
        assert client.get(link.partition("#")[0]).status_code == 200, link
    assert not page.has("#line-rules a")


def test_overview_of_another_team_does_not_exist(client, scheduled):
    client = as_role(client, make_series(), Role.OWNER)
    assert client.get(url_of(scheduled)).status_code == 404


def test_two_people_in_the_team_settle_its_line(client, scheduled):
    client = as_role(client, scheduled)
    assert state_of(shown(client, scheduled), "team") == "to_do"
    make_team_member(scheduled, Role.OBSERVER)
    assert state_of(shown(client, scheduled), "team") == "done"


def test_pitch_settles_the_line_of_candidates(as_organiser, scheduled):
    assert state_of(shown(as_organiser, scheduled), "candidates") == "to_do"
    make_pitch(make_membership(scheduled))
    assert state_of(shown(as_organiser, scheduled), "candidates") == "done"


def test_worker_is_alive_if_it_was_seen_in_the_last_minutes(as_organiser, scheduled):
    assert state_of(shown(as_organiser, scheduled), "worker") == "unknown"
    note_turn()
    note_turn()
    assert state_of(shown(as_organiser, scheduled), "worker") == "done"
    WorkerTurn.objects.update(seen_at=timezone.now() - timedelta(minutes=10))
    assert state_of(shown(as_organiser, scheduled), "worker") == "to_do"


# --- the test email ----------------------------------------------------------------------------


def test_test_email_goes_to_the_person_who_asks_and_is_accepted(
    as_organiser, organiser, scheduled, mailoutbox
):
    as_organiser.post(f"{url_of(scheduled)}test-email/")
    assert [email.to for email in mailoutbox] == [[organiser.email]]
    assert scheduled.title in mailoutbox[0].subject
    page = shown(as_organiser, scheduled)
    assert state_of(page, "test_email") == "done"
    assert "It was accepted by the mail server at" in page.part("#line-test_email").text
    assert AdminAct.objects.filter(act="send test email", of_conference=scheduled.pk).exists()


def test_refusal_of_the_mail_server_is_shown(as_organiser, organiser, scheduled, settings):
    settings.EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
    settings.EMAIL_HOST, settings.EMAIL_PORT = "127.0.0.1", 1
    asked = EmailTest.objects.create(conference=scheduled, asked_at=timezone.now())
    deliver_test_email.func(test_id=asked.pk, person_id=organiser.pk)
    page = shown(as_organiser, scheduled)
    assert state_of(page, "test_email") == "to_do"
    assert "The mail server did not accept it" in page.part("#line-test_email").text


class RefusesAll:
    async def handle_RCPT(self, server, session, envelope, address, options):
        return "550 5.1.1 No such user here"


def test_refusal_is_shown_in_the_words_of_the_mail_server(as_organiser, organiser, scheduled, settings):
    asked = EmailTest.objects.create(conference=scheduled, asked_at=timezone.now())
    with serving(RefusesAll(), settings):
        deliver_test_email.func(test_id=asked.pk, person_id=organiser.pk)
    asked.refresh_from_db()
    assert asked.problem == "550 5.1.1 No such user here"


def test_test_email_that_waits_is_not_called_accepted(as_organiser, scheduled):
    EmailTest.objects.create(conference=scheduled, asked_at=timezone.now())
    assert state_of(shown(as_organiser, scheduled), "test_email") == "unknown"


# --- what is said after saving -----------------------------------------------------------------


def test_rules_that_are_saved_while_no_time_is_set_are_no_green_message(as_organiser, scheduled):
    unscheduled(scheduled)
    choices = {
        "who_votes": "members",
        "results_visibility": "after_close",
        "organisers_see_tally": "after_close",
        "late_joiners": "may_vote",
        "ties": "any_member",
    }
    answer = as_organiser.post(f"/admin/voting/votes/{scheduled.pk}/rules/", choices, follow=True)
    page = parse(answer)
    assert page.texts(".messagelist .success") == []
    [said] = page.texts(".messagelist .warning")
    assert "Voting will not open yet: no time is set for the vote." in said


def test_roster_says_why_a_planned_vote_will_not_open(as_organiser, scheduled):
    without_rules(scheduled)
    typed = {"email": "ada@example.org", "name": "Ada"}
    page = parse(as_organiser.post(f"{url_of(scheduled)}roster/add/", typed, follow=True))
    said = (
        "Added: ada@example.org. Voting will not open yet: the rules are not set. Set the rules of the vote"
    )
    assert page.messages == [said]


def test_nothing_more_is_said_if_voting_will_open(as_organiser, scheduled):
    typed = {"email": "ada@example.org", "name": "Ada"}
    page = parse(as_organiser.post(f"{url_of(scheduled)}roster/add/", typed, follow=True))
    assert page.messages == ["Added: ada@example.org."]


# --- the invitations ---------------------------------------------------------------------------


def of_roster(conference, *mailboxes):
    Election.objects.update(who_votes="roster")
    for mailbox in mailboxes:
        make_entry(conference, mailbox)


def test_inviting_the_roster_is_the_next_step_of_a_published_conference(as_organiser, scheduled):
    Conference.objects.update(agenda="")
    of_roster(scheduled, "ada@example.org", "bea@example.org")
    page = shown(as_organiser, scheduled)
    assert state_of(page, "invitations") == "to_do"
    assert "2 people on the roster have not joined" in page.part("#line-invitations").text
    page_to_write = f"/admin/voting/campaign/announce/{scheduled.pk}/invitation/"
    assert page.attributes(".overview-step .button", "href") == [page_to_write]


def test_roster_of_a_draft_is_invited_once_it_is_published(as_organiser, scheduled):
    of_roster(scheduled, "ada@example.org")
    draft(scheduled)
    page = shown(as_organiser, scheduled)
    assert "Publish it, then invite." in page.part("#line-invitations").text
    assert page.part(".overview-step .button").text == "Publish it"


@pytest.mark.parametrize(("voting", "is_asked_for"), [("scheduled", True), ("closed", False)])
def test_an_agenda_is_asked_for_as_long_as_it_helps_to_vote(as_organiser, voting, is_asked_for):
    page = shown(as_organiser, make_conference(voting=voting, place="Athens", agenda=""))
    assert ("Still missing: the agenda" in page.part("#line-details").text) == is_asked_for


def test_invitation_that_waits_is_opened_and_one_that_was_sent_is_done(as_organiser, scheduled, organiser):
    of_roster(scheduled, "ada@example.org")
    written = write(scheduled, organiser)
    page = shown(as_organiser, scheduled)
    assert page.attributes("#line-invitations a", "href") == [f"/admin/voting/campaign/{written.pk}/change/"]
    assert "is sent once you send it" in page.part("#line-invitations").text
    send(Campaign.objects.select_related("conference__election").get(), organiser)
    assert state_of(shown(as_organiser, scheduled), "invitations") == "done"


def test_invitation_in_ones_own_words_waits_for_the_others_and_is_no_step(as_organiser, scheduled, organiser):
    of_roster(scheduled, "ada@example.org")
    for name in ("bea", "cy"):
        make_organiser(f"{name}@example.org", name=name.title())
    write(scheduled, organiser)
    Campaign.objects.update(is_standard_text=False)
    page = shown(as_organiser, scheduled)
    assert "The email waits for Bea or Cy." in page.part("#line-invitations").text
    written = Campaign.objects.get()
    assert f"/admin/voting/campaign/{written.pk}/change/" not in step_of(page)


def test_invitation_that_no_one_else_can_approve_is_opened_by_its_author(as_organiser, scheduled, organiser):
    of_roster(scheduled, "ada@example.org")
    written = write(scheduled, organiser)
    Campaign.objects.update(is_standard_text=False)
    assert step_of(shown(as_organiser, scheduled)) == [f"/admin/voting/campaign/{written.pk}/change/"]


def test_no_one_is_asked_to_invite_a_roster_on_which_nothing_depends(as_organiser, scheduled):
    make_entry(scheduled, "ada@example.org")
    assert not shown(as_organiser, scheduled).has("#line-invitations")


def test_those_who_may_not_invite_are_led_nowhere(client, scheduled):
    of_roster(scheduled, "ada@example.org")
    page = shown(as_role(client, scheduled, Role.REVIEWER), scheduled)
    assert not page.has("#line-invitations a")


# --- once voting is open -------------------------------------------------------------------------


def step_of(page):
    return page.attributes(".overview-step .button", "href")


@pytest.fixture
def opened():
    return make_conference(title="Bread Conf", voting="open", place="Athens", agenda="Bread")


def settled(conference):
    """Nothing on its checklist is left to do."""
    for _ in range(2):
        make_team_member(conference, Role.OBSERVER)
    now = timezone.now()
    EmailTest.objects.create(conference=conference, asked_at=now, accepted_at=now)
    make_pitch(make_membership(conference))


def line_of_times(client, conference):
    line = shown(client, conference).part("#line-window")
    return [text.partition(":")[0] for text in line.texts("a")], line.links


def test_times_of_the_vote_lead_to_where_they_are_changed(as_organiser, scheduled, opened, client):
    assert line_of_times(as_organiser, scheduled)[0] == ["Set when voting opens"]
    move = f"/admin/voting/votes/{opened.pk}/move-deadline/"
    assert line_of_times(as_organiser, opened) == (["Move the deadline"], [move])
    assert as_organiser.get(move).status_code == 200
    as_observer = as_role(client, opened, Role.OBSERVER)
    turnout = f"/admin/voting/votes/{opened.pk}/turnout/"
    assert line_of_times(as_observer, opened) == (["Open the turnout"], [turnout])


@pytest.mark.parametrize(("status", "is_own"), [("draft", False), ("active", True), ("inactive", True)])
def test_overview_leads_to_the_page_of_members_or_to_its_preview(as_organiser, scheduled, status, is_own):
    Conference.objects.update(status=status)
    links = shown(as_organiser, scheduled).part(".overview-state").links
    preview = f"{url_of(scheduled)}preview/"
    assert links == [scheduled.get_absolute_url() if is_own else preview]


def test_inviting_the_roster_is_the_next_step_of_an_open_vote(as_organiser, opened):
    of_roster(opened, "ada@example.org")
    page = shown(as_organiser, opened)
    assert step_of(page) == [f"/admin/voting/campaign/announce/{opened.pk}/invitation/"]
    assert not page.mentions("Nothing is left")


def test_open_vote_without_candidates_leads_to_them_before_the_rest(as_organiser, opened):
    page = shown(as_organiser, opened)
    assert state_of(page, "team") == "to_do"
    assert step_of(page) == [f"/admin/voting/votes/{opened.pk}/candidates/"]


def test_open_vote_names_what_else_is_left_to_do(as_organiser, opened):
    settled(opened)
    Conference.objects.update(agenda="")
    assert step_of(shown(as_organiser, opened)) == [f"{url_of(opened)}change/"]


def test_open_vote_with_nothing_left_to_do_says_when_it_closes_and_what_follows(as_organiser, opened):
    settled(opened)
    said = shown(as_organiser, opened).part(".overview-step").text
    assert "Nothing is left for you to do at present. Voting closes on " in said
    assert "You choose the speaker after that." in said


def test_vote_that_is_ahead_with_nothing_left_to_do_says_when_it_opens(as_organiser, scheduled):
    settled(scheduled)
    assert "present. Voting opens on " in shown(as_organiser, scheduled).part(".overview-step").text


def test_role_that_can_do_nothing_more_learns_who_chooses(client, opened):
    settled(opened)
    page = shown(as_role(client, opened, Role.REVIEWER), opened)
    assert "The organisers choose after that." in page.part(".overview-step").text


def test_decision_is_hidden_from_those_who_may_not_read_it(client, organiser):
    closed = make_conference(voting="closed", place="Athens", agenda="Bread")
    settled(closed)
    close_and_decide(conference=closed, candidate=closed.memberships.get(), by=organiser, reason="Best")
    page = shown(as_role(client, closed, Role.HELP_DESK), closed)
    assert not page.mentions("has not answered")


# --- tabs --------------------------------------------------------------------------------------

MAIN = ["Overview", "Members", "Roster", "Candidates", "Turnout", "Campaigns", "Decision", "Result"]
ROW, MENU = ".tabs > ul a", ".tabs details li:not(.tab-narrow) a"
TABBED = {
    "": "Overview",
    "change/": "Details",
    "joining/": "Who may join",
    "roster/": "Roster",
    "team/": "Team",
}


@pytest.mark.parametrize(("path", "label"), TABBED.items())
def test_pages_of_a_conference_share_tabs_and_mark_the_current_one(as_organiser, scheduled, path, label):
    page = parse(as_organiser.get(f"{url_of(scheduled)}{path}"))
    assert page.texts('.tabs [aria-current="page"]') == [label]
    assert page.texts(ROW)[0] == "Overview"


def test_title_of_each_page_says_first_which_page_it_is(as_organiser, scheduled):
    def title(path):
        return parse(as_organiser.get(f"{url_of(scheduled)}{path}")).title.split(" | ")[:2]

    name = title("")[0]
    assert {path: title(path) for path in TABBED if path} == {
        path: [label, name] for path, label in TABBED.items() if path
    }
    assert title("copy/") == ["Copy", name]


def test_row_of_tabs_has_the_main_pages_and_the_current_one(as_organiser, scheduled):
    assert shown(as_organiser, scheduled).texts(ROW) == MAIN
    page = parse(as_organiser.get(f"{url_of(scheduled)}team/"))
    assert sorted(page.texts(ROW)) == sorted([*MAIN, "Team"])
    assert "Team" not in page.texts(MENU)


def test_menu_of_tabs_has_the_other_pages(as_organiser, scheduled):
    in_menu = shown(as_organiser, scheduled).texts(MENU)
    others = ["Details", "Who may join", "Moderation", "Team", "Webhooks and chat", "Audit log"]
    assert in_menu == [*others, "Copy, move or cancel"]


def test_menu_leads_to_the_acts_only_those_who_may_perform_them(client, scheduled):
    reader = as_role(client, scheduled, Role.OBSERVER)
    assert "Copy, move or cancel" not in shown(reader, scheduled).texts(MENU)


def test_each_tab_leads_to_a_page_that_marks_it(as_organiser, scheduled):
    tabs = shown(as_organiser, scheduled)
    links = [*zip(tabs.attributes(ROW, "href"), tabs.texts(ROW), strict=True)]
    links += zip(tabs.attributes(MENU, "href"), tabs.texts(MENU), strict=True)
    for link, label in links[:-1]:
        page = parse(as_organiser.get(link))
        assert page.texts('.tabs [aria-current="page"]') == [label], link
        assert page.texts("h1") == ["Bread Conf"]
    overview, _, part = links[-1][0].partition("#")
    assert parse(as_organiser.get(overview)).has(f"#{part}")


# --- the turnout and the queries ---------------------------------------------------------------


def test_turnout_is_shown_once_voting_has_opened(as_organiser, conference, alice, bob, scheduled):
    make_vote(alice, bob)
    assert "1 of" in shown(as_organiser, conference).part(".overview-turnout").text
    assert not shown(as_organiser, scheduled).has(".overview-turnout")


def test_overview_says_nothing_of_whom_members_chose(as_organiser, conference, alice, bob):
    make_vote(alice, bob)
    assert not shown(as_organiser, conference).mentions(bob.user.name)


def queries(client, conference):
    with CaptureQueriesContext(connection) as captured:
        assert client.get(url_of(conference)).status_code == 200
    return [query["sql"] for query in captured.captured_queries]


def test_overview_costs_one_flat_number_of_queries(client, conference):
    client = as_role(client, conference)
    queries(client, conference)
    few = queries(client, conference)
    for _ in range(5):
        make_pitch(make_membership(conference))
        make_team_member(conference, Role.OBSERVER)
    many = queries(client, conference)
    assert len(many) == len(few), many
    assert len(few) <= 26, few
