"""What people of a team see and do on the desk of their conference, by their role."""

import csv

import pytest
from django.contrib.auth.models import Permission
from django.core import mail

from accounts.tests.factories import log_in_freshly, make_organiser, make_user
from confbox.kit.tests.page import parse
from conferences.models import Conference, JoinCode, JoinRequest, Role
from conferences.series.consent.models import PERMISSIONS_OF_ACTS
from conferences.teams.organisers import organisers_of
from conferences.tests.admission import ask, code_for, is_member, only
from conferences.tests.factories import make_conference, make_membership, update_elections
from conferences.tests.rosters.entries import make_entry
from conferences.tests.teams import make_series, make_team_member
from voting.campaigns.models import Campaign, Delivery
from voting.desk.campaign_access import TO_ROSTER
from voting.elections.results import may_see_tally
from voting.tests.campaigns import make_campaign
from voting.tests.factories import close_and_decide, make_pitch
from voting.tests.timetable import turn

pytestmark = pytest.mark.django_db

# The pages of one conference, and the roles that open them.
PAGES = {
    "/admin/conferences/conference/{pk}/change/": set(Role.values),
    "/admin/conferences/conference/{pk}/history/": {"owner", "organiser", "help_desk"},
    "/admin/conferences/conference/{pk}/joining/": {"owner", "organiser", "help_desk"},
    "/admin/conferences/conference/{pk}/joining/code/add/": {"owner", "organiser", "help_desk"},
    "/admin/conferences/conference/{pk}/joining/code/{code}/renew/": {"owner", "organiser", "help_desk"},
    "/admin/conferences/conference/{pk}/joining/request/{asked}/": {"owner", "organiser", "help_desk"},
    "/admin/conferences/conference/{pk}/delete/": {"owner"},
    "/admin/conferences/conference/{pk}/second-person/": set(Role.values),
    "/admin/conferences/conference/second-person/": set(Role.values),
    "/admin/conferences/conference/{pk}/roster/": {"owner", "organiser", "help_desk"},
    "/admin/conferences/conference/{pk}/roster/export.csv": {"owner", "organiser", "help_desk"},
    "/admin/conferences/conference/{pk}/roster/import/": {"owner", "organiser", "help_desk"},
    "/admin/conferences/membership/": {"owner", "organiser", "help_desk"},
    "/admin/conferences/membership/{member}/change/": {"owner", "organiser", "help_desk"},
    "/admin/voting/votes/": {"owner", "organiser", "observer"},
    "/admin/voting/votes/{pk}/turnout/": {"owner", "organiser", "observer"},
    "/admin/voting/votes/{pk}/candidates/": {"owner", "organiser", "observer"},
    "/admin/voting/votes/{pk}/decision/": {"owner", "organiser", "observer"},
    "/admin/voting/votes/{pk}/result/": {"owner", "organiser", "observer"},
    "/admin/voting/votes/{pk}/export.csv": {"owner", "organiser", "observer"},
    "/admin/voting/votes/{pk}/rules/": {"owner", "organiser"},
    "/admin/voting/votes/{pk}/close/": {"owner", "organiser"},
    "/admin/voting/votes/{pk}/fraud/": {"owner", "organiser"},
    "/admin/voting/votes/{pk}/exclude/{member}/": {"owner", "organiser"},
    "/admin/voting/votes/{pk}/roll/": {"owner", "organiser"},
    "/admin/voting/campaign/": set(Role.values),
    "/admin/voting/campaign/{campaign}/change/": {"owner", "organiser", "reviewer", "observer"},
    "/admin/voting/campaign/{campaign}/approve/": {"owner", "organiser", "reviewer"},
    "/admin/voting/campaign/announce/{pk}/reminder/": {"owner", "organiser", "reviewer"},
    "/admin/voting/campaign/announce/{pk}/invitation/": {"owner", "organiser", "reviewer", "help_desk"},
    "/admin/voting/campaign/{invitation}/change/": set(Role.values),
    "/admin/voting/campaign/{invitation}/approve/": {"owner", "organiser", "reviewer", "help_desk"},
    "/admin/voting/pitch/": {"owner", "organiser", "reviewer", "observer"},
    "/admin/voting/decision/": {"owner", "organiser", "observer"},
    "/admin/accounts/adminact/": {"owner", "organiser", "observer"},
    "/admin/accounts/user/": set(),
    "/admin/voting/undeliverableaddress/": set(),
    "/admin/conferences/conference/import/": set(),
    "/admin/conferences/conference/add/": set(),
}


@pytest.fixture
def places(conference, alice):
    make_pitch(alice)
    asked, code = ask(only(conference, approval=True), make_user("asks@example.org")), code_for(conference)
    return {
        "pk": conference.pk,
        "member": alice.pk,
        "campaign": make_campaign(alice).pk,
        "invitation": make_invitation(conference).pk,
        "asked": asked.pk,
        "code": code.pk,
    }


def make_invitation(conference):
    """An email to the roster, written by the site's own text, that waits for review."""
    by = make_user(f"writes{conference.pk}@example.org")
    columns = {"subject": "Join us", "message": "Please.", "is_standard_text": True}
    return Campaign.objects.create(conference=conference, kind="invitation", requested_by=by, **columns)


@pytest.mark.parametrize("role", Role.values)
def test_role_opens_exactly_the_pages_of_the_table(client, conference, places, role):
    update_elections(conference, organisers_see_tally="live")
    log_in_freshly(client, make_team_member(conference, role).person)
    opened = {path for path in PAGES if client.get(path.format(**places)).status_code == 200}
    assert opened == {path for path, roles in PAGES.items() if role in roles}


def test_owner_of_a_series_creates_conferences_in_it(client):
    series = make_series()
    log_in_freshly(client, make_team_member(series, Role.OWNER).person)
    assert client.get("/admin/conferences/conference/add/").status_code == 200


def test_who_is_in_two_teams_acts_in_each_by_their_role_there(client, conference, alice):
    other = make_conference(voting="open")
    member = make_membership(other)
    person = make_team_member(conference, Role.ORGANISER).person
    make_team_member(other, Role.OBSERVER, user=person)
    log_in_freshly(client, person)
    paths = "/admin/voting/votes/{}/rules/", "/admin/voting/votes/{}/turnout/"
    answers = [client.get(path.format(c.pk)).status_code for c in (conference, other) for path in paths]
    assert answers == [200, 200, 403, 200]
    campaigns = [make_campaign(of).pk for of in (alice, member)]
    approve = [client.get(f"/admin/voting/campaign/{pk}/approve/").status_code for pk in campaigns]
    assert approve == [200, 403]


def test_observer_finds_no_button_that_changes_something(client, conference, alice):
    log_in_freshly(client, make_team_member(conference, Role.OBSERVER).person)
    desk = parse(client.get(f"/admin/voting/votes/{conference.pk}/turnout/"))
    links = desk.attributes("#content a", "href")
    assert not [link for link in links if link.endswith(("/rules/", "/close/", "/move-deadline/", "/fraud/"))]


def test_what_waits_is_counted_in_ones_own_conferences(client, conference, alice, roles):
    other = make_conference(voting="closed", title="Elsewhere")
    make_campaign(make_membership(other))
    make_campaign(alice)
    JoinRequest.objects.create(conference=other, user=make_user("asks@example.org"), sentence="Please.")
    log_in_freshly(client, make_team_member(conference, Role.ORGANISER).person)
    found = parse(client.get("/admin/"))
    assert found.part("#waiting").text == "1 thing is waiting for you."
    assert "1 campaign to review" in found.part("#dashboard").text
    log_in_freshly(client, make_organiser("site@example.org"))
    assert parse(client.get("/admin/")).part("#waiting").text == "4 things are waiting for you."


def test_second_organiser_is_one_of_the_team(conference, roles):
    site = make_organiser("site@example.org")
    asking = make_team_member(conference, Role.ORGANISER).person
    make_team_member(conference, Role.HELP_DESK)
    make_team_member(make_conference(), Role.OWNER)
    assert organisers_of(conference, *PERMISSIONS_OF_ACTS["window"], but=[asking]) == [site]
    second = make_team_member(conference, Role.OWNER).person
    assert organisers_of(conference, *PERMISSIONS_OF_ACTS["window"], but=[asking]) == [second]


def test_organiser_of_the_site_is_asked_as_one_of_the_team_by_their_role_alone(conference, roles):
    site = make_organiser("site@example.org")
    member = make_team_member(conference, Role.OBSERVER, user=site)
    owner = make_team_member(conference, Role.OWNER).person
    assert organisers_of(conference, "conferences.admit_membership") == [owner]
    type(member).objects.filter(pk=member.pk).update(role=Role.OWNER)
    assert organisers_of(conference, "conferences.admit_membership") == [site, owner]


def test_export_of_members_has_no_phone_numbers(client, conference, alice):
    alice.user.phone = "+49 555 0199"
    alice.user.save()
    log_in_freshly(client, make_team_member(conference, Role.HELP_DESK).person)
    sent = {"action": "export_selected", "_selected_action": alice.pk}
    sheet = client.post("/admin/conferences/membership/", sent).content.decode()
    _heads, row = csv.reader(sheet.splitlines())
    assert alice.user.email in row
    assert [cell for cell in row if "0199" in cell] == []


def test_audit_log_of_a_team_has_no_ip_addresses(client, conference, alice):
    log_in_freshly(client, make_team_member(conference, Role.OWNER).person)
    make_entry(conference)
    client.post("/admin/conferences/conference/", {"action": "publish_selected", "_selected_action": 1})
    log = parse(client.get("/admin/accounts/adminact/"))
    assert log.texts("#result_list tbody tr")
    assert not log.has(".column-address, .field-address")
    assert mail.outbox == []


def test_no_page_links_to_an_account_that_the_person_may_not_open(client, conference, places, organiser):
    conference.created_by = organiser
    conference.save()
    decided = make_conference(voting="open")
    decision = close_and_decide(
        conference=decided, candidate=make_membership(decided), by=organiser, reason="Only one"
    )
    pages = [
        f"/admin/conferences/conference/{conference.pk}/change/",
        f"/admin/conferences/membership/{places['member']}/change/",
        f"/admin/voting/decision/{decision.pk}/change/",
    ]

    def links():
        found = [parse(client.get(page)).attributes("#content a", "href") for page in pages]
        return [any("/accounts/user/" in link for link in on_page) for on_page in found]

    log_in_freshly(client, organiser)
    assert links() == [True, True, True]
    owner = make_team_member(conference, Role.OWNER).person
    make_team_member(decided, Role.OWNER, user=owner)
    log_in_freshly(client, owner)
    assert links() == [False, False, False]
    assert str(organiser) in parse(client.get(pages[0])).text


@pytest.fixture
def as_help_desk(client, conference):
    return log_in_freshly(client, make_team_member(conference, Role.HELP_DESK).person)


def test_help_desk_lets_people_in_and_makes_codes(as_help_desk, conference):
    person = make_user("asks@example.org")
    asked, page = (
        ask(only(conference, approval=True), person),
        f"/admin/conferences/conference/{conference.pk}/joining/",
    )
    as_help_desk.post(f"{page}request/{asked.pk}/", {"answer": "accepted", "reason": ""})
    as_help_desk.post(f"{page}code/add/", {"most_uses": "3", "expires_at": ""})
    assert is_member(conference, person)
    assert list(JoinCode.objects.filter(conference=conference).values_list("most_uses", flat=True)) == [3]


def test_help_desk_reads_the_rules_for_joining_and_does_not_change_them(as_help_desk, conference):
    page = f"/admin/conferences/conference/{conference.pk}/joining/"
    shown = parse(as_help_desk.get(page))
    assert not shown.has("#rules")
    assert "Everyone" in shown.part("#content").text
    assert as_help_desk.post(page, {"who": "some", "approval": "on"}).status_code == 403
    assert conference.admission.everyone


def test_help_desk_is_asked_to_answer_requests_to_join(as_help_desk, conference):
    ask(only(conference, approval=True), make_user("asks@example.org"))
    assert "1 request to join" in parse(as_help_desk.get("/admin/")).part("#dashboard").text
    [email] = turn()
    assert email.to == [as_help_desk.get("/").context["user"].email]


def test_help_desk_sends_invitations_and_no_other_emails(as_help_desk, conference, alice):
    make_entry(conference, "guest@example.org")
    invitation, campaign = make_invitation(conference), make_campaign(alice)
    listed = parse(as_help_desk.get("/admin/voting/campaign/?status__exact=requested")).texts(
        ".field-subject"
    )
    assert listed == ["Join us"]
    for each in (invitation, campaign):
        as_help_desk.post(
            f"/admin/voting/campaign/{each.pk}/approve/", {"version": each.version, "when": "now"}
        )
    found = dict(Campaign.objects.values_list("kind", "status"))
    assert (found["invitation"] != "requested", found["promotion"]) == (True, "requested")
    assert as_help_desk.get(f"/admin/voting/campaign/{campaign.pk}/change/").status_code == 404


def test_help_desk_finds_the_invitations_on_the_roster(as_help_desk, conference):
    make_entry(conference, "guest@example.org")
    page = parse(as_help_desk.get(f"/admin/conferences/conference/{conference.pk}/roster/"))
    links = page.attributes("#invitations a", "href")
    assert links == [f"/admin/voting/campaign/announce/{conference.pk}/invitation/"]


def test_emails_to_the_roster_are_those_that_the_help_desk_sends():
    assert TO_ROSTER == ["invitation", "joinreminder"]


@pytest.mark.parametrize(
    ("role", "sees"),
    [("owner", True), ("organiser", True), ("reviewer", False), ("observer", False)],
)
def test_only_who_sees_the_members_reads_to_whom_an_email_failed(client, conference, alice, role, sees):
    campaign = make_campaign(alice, status="sending", trouble=f"550 {alice.user.email} unknown", failures=2)
    Delivery.objects.create(campaign=campaign, recipient=alice, status="failed", error="550 unknown")
    log_in_freshly(client, make_team_member(conference, role).person)
    page = parse(client.get(f"/admin/voting/campaign/{campaign.pk}/change/"))
    assert page.mentions(alice.user.email) is sees


@pytest.fixture
def read_only(conference):
    """A conference that the person only reads, who owns another one."""
    person = make_team_member(make_conference(), Role.OWNER).person
    make_team_member(conference, Role.OBSERVER, user=person)
    return person


def test_who_is_in_two_teams_changes_the_form_of_one(client, conference, read_only):
    log_in_freshly(client, read_only)
    page = f"/admin/conferences/conference/{conference.pk}/change/"
    assert not parse(client.get(page)).has("input[name=_save]")
    assert client.post(page, {"title": "Taken over"}).status_code == 403


def test_desk_offers_what_the_role_there_permits(client, conference, alice, read_only):
    log_in_freshly(client, read_only)
    page = f"/admin/voting/votes/{conference.pk}/turnout/"
    offered = ("/close/", "/move-deadline/", "/announce/")

    def links():
        return [
            href
            for href in parse(client.get(page)).attributes("#content a", "href")
            if any(o in href for o in offered)
        ]

    assert links() == []
    make_team_member(conference.series or make_series(), Role.OWNER)
    log_in_freshly(client, make_team_member(conference, Role.OWNER).person)
    assert links()


def test_buttons_on_the_roster_are_those_of_the_role_there(client, conference):
    """A staff member who may read every roster, and sends the invitations of another conference."""
    staff = make_user("staff@example.org", is_staff=True)
    staff.user_permissions.add(Permission.objects.get(codename="view_rosterentry"))
    make_team_member(make_conference(), Role.REVIEWER, user=staff)
    make_entry(conference, "guest@example.org")
    log_in_freshly(client, staff)
    assert not parse(client.get(f"/admin/conferences/conference/{conference.pk}/roster/")).has("#invitations")


def test_who_does_not_see_the_roster_sends_to_none_of_its_entries(client, conference):
    entry = make_entry(conference, "guest@example.org")
    log_in_freshly(client, make_team_member(conference, Role.REVIEWER).person)
    answer = client.post(f"/admin/voting/campaign/invitations/{conference.pk}/{entry.pk}/")
    assert answer.status_code == 403


def test_tally_on_the_result_page_is_for_the_team(conference, alice):
    update_elections(conference, organisers_see_tally="live", results_visibility="after_decision")
    of_team = make_team_member(conference, Role.OBSERVER).person
    of_others = make_team_member(make_conference(), Role.OWNER).person
    seen = [
        may_see_tally(person, Conference.objects.as_of_now().get(pk=conference.pk))
        for person in (of_team, of_others)
    ]
    assert seen == [True, False]


@pytest.mark.parametrize(("role", "is_linked"), [("owner", True), ("observer", False), ("reviewer", False)])
def test_speaker_is_linked_for_who_sees_the_members(client, conference, alice, role, is_linked):
    update_elections(conference, speaker=alice)
    log_in_freshly(client, make_team_member(conference, role).person)
    page = parse(client.get(f"/admin/conferences/conference/{conference.pk}/change/"))
    assert alice.user.name in page.text
    links = page.attributes("#content a", "href")
    assert any("/conferences/membership/" in link and "/change/" in link for link in links) is is_linked
