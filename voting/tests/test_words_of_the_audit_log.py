"""The audit log is written for its readers: names where they may see them, no IDs, columns or codes."""

import ast
import re
from itertools import chain
from pathlib import Path

import pytest
from django.apps import apps
from django.conf import settings
from django.test import Client

from accounts.actions import disable_user, enable_user, export_people, make_organiser
from accounts.actors import Actor
from accounts.audit_log import log_act
from accounts.audit_words import ACTS, NAME
from accounts.models import AdminAct, User
from accounts.my_data.export import everything_about
from accounts.tests.factories import log_in_freshly, make_user
from confbox.kit.tests.page import parse
from conferences.actions import deactivate_conference, export_members, publish_conference
from conferences.admission.actions import end_code, make_code, renew_code
from conferences.changes.actions import VERBS
from conferences.consent.actions import cancel_request, confirm_request
from conferences.joining.actions import answer_request
from conferences.local_times import in_zone
from conferences.models import Conference, Membership, Role, RosterEntry, TeamInvitation
from conferences.roster.actions import add_entry, change_entry, export_roster, remove_entry, restore_entry
from conferences.teams.actions import (
    accept_invitation,
    change_role,
    invite_to_team,
    remove_from_team,
    rename_series,
    withdraw_invitation,
)
from conferences.tests.admission import ask, only
from conferences.tests.copying import copied
from conferences.tests.factories import make_conference, make_membership
from conferences.tests.rosters.entries import make_entry
from conferences.tests.teams import make_series, make_team_member
from voting.campaigns.actions import announce, edit_campaign, refuse_campaign
from voting.elections.actions import decide_speaker
from voting.elections.answers import take_back_decision
from voting.elections.models import Decision
from voting.elections.rules.actions import set_rules
from voting.elections.tally_export import export_tally
from voting.tests.campaigns import approve, make_campaign
from voting.tests.consent import CASES, make_case
from voting.tests.factories import close_by_clock

pytestmark = pytest.mark.django_db
LOG = "/admin/accounts/adminact/"
CODES = {
    str(code)
    for model in apps.get_models()
    for field in model._meta.concrete_fields
    for code in [field.name, *(value for value, _label in field.flatchoices)]
    if "_" in str(code)
}
ROW = re.compile(r"(person|member|entry|invitation|request|conference|campaign) #?\d", re.IGNORECASE)


def read_by(person, query=""):
    return parse(log_in_freshly(Client(), person).get(LOG + query))


def texts(person):
    return read_by(person).texts("#result_list .field-done")


def raw_words_in(text):
    words = set(re.findall(r"\w+", text))
    return (words & {*CODES, "True", "False", "None"}) | set(ROW.findall(text)) | ({NAME} & {text})


@pytest.fixture
def owner(organiser, conference):
    """The owner of the series of the conference."""
    Conference.objects.filter(pk=conference.pk).update(series=make_series())
    conference.refresh_from_db()
    return make_team_member(conference.series, Role.OWNER, name="Olga Owner").person


def change_team(conference, by):
    guest = make_user("guest@example.org", name="Gita Guest")
    asked = invite_to_team(scope=conference, email=guest.email, role="help_desk", by=by)
    member = accept_invitation(invitation=asked, by=Actor(guest, "127.0.0.2"))
    change_role(member=member, role=Role.OBSERVER, by=by)
    remove_from_team(member=member, by=by)
    invite_to_team(scope=conference.series, email="other@example.org", role="help_desk", by=by)
    withdraw_invitation(invitation=TeamInvitation.objects.latest("pk"), by=by)
    rename_series(series=conference.series, name="Guild", by=by)
    copied(conference, by=conference.series.team.get())


def let_people_in(conference, by):
    for number, answer in enumerate(("accepted", "declined")):
        person = make_user(f"asks{number}@example.org", name="Ada Asks")
        asked = ask(only(conference, approval=True), person)
        answer_request(asked=asked, answer=answer, reason="We know you.", by=by)
    code = make_code(conference=conference, expires_at=None, most_uses=5, name="Slide", by=by)
    end_code(code=renew_code(code=code, expires_at=None, most_uses=None, by=by), by=by)
    export_members(memberships=Membership.objects.all(), by=by)


def change_roster(conference, by):
    entry, _new = add_entry(conference=conference, email="r@example.org", name="Rosa", reference="", by=by)
    change_entry(entry=entry, email="r@example.org", name="Rosa R.", reference="T-1", by=by)
    remove_entry(entry=entry, reason="Ticket returned", by=by)
    restore_entry(entry=entry, by=by)
    export_roster(conference=conference, entries=RosterEntry.objects.all(), by=by)


def run_the_vote(conference, by):
    set_rules(conference=make_conference(series=conference.series), by=by, who_votes="roster")
    member = make_membership(conference, name="Zora Zweig")
    edit_campaign(campaign=make_campaign(member), version=1, subject="S", message="M", by=by)
    refuse_campaign(campaign=member.campaigns.get(), by=by, reason="Too loud")
    approve(make_campaign(member), by.person)
    announce(conference=conference, kind="reminder", subject="Vote", message="Soon.", by=by)
    close_by_clock(conference)
    decide_speaker(conference=conference, candidate=member, by=by, reason="The best")
    take_back_decision(decision=Decision.objects.get(), by=by)
    export_tally(conference=conference, by=by, kind="csv")
    empty = make_conference(series=conference.series)
    deactivate_conference(conference=empty, by=by)
    publish_conference(conference=empty, by=by)


def look_after_the_site(conference, by):
    person = make_user("spam@example.org", name="Sam Spam")
    disable_user(user=person, by=by, reason="Spam")
    enable_user(user=person, by=by, reason="A mistake")
    make_organiser(email="new@example.org", name="New", by=by, password="correct horse 1")
    export_people(people=User.objects.all(), by=by)


@pytest.mark.parametrize(
    "acts", [change_team, let_people_in, change_roster, run_the_vote, look_after_the_site]
)
def test_no_entry_has_an_id_a_column_or_a_code_in_it(conference, organiser, owner, acts):
    acts(conference, Actor(organiser if acts is look_after_the_site else owner, "127.0.0.1"))
    observer = make_team_member(conference.series, Role.OBSERVER).person
    make_team_member(conference, Role.OBSERVER, user=observer)
    said = [text for reader in (organiser, owner, observer) for text in texts(reader)]
    assert len(said) > 2
    assert {text: raw_words_in(text) for text in said if raw_words_in(text)} == {}
    assert set(AdminAct.objects.values_list("act", flat=True)) <= ACTS.keys()


@pytest.mark.parametrize("name", CASES)
def test_requests_for_a_second_person_are_written_in_words(name, organiser):
    _conference, case, [first, second] = make_case(name)
    cancel_request(asked=case.ask(first), by=Actor(second))
    confirm_request(asked=case.ask(first), by=Actor(second))
    said = texts(first)
    assert {text: raw_words_in(text) for text in said if raw_words_in(text)} == {}
    assert any("Requested by First Person." in text for text in said)
    assert set(AdminAct.objects.values_list("act", flat=True)) <= ACTS.keys()


def test_every_act_in_the_code_has_words():
    files = (Path(settings.BASE_DIR, app).rglob("*.py") for app in ("accounts", "conferences", "voting"))
    assert set(VERBS.values()) <= ACTS.keys()
    calls = [
        call
        for file in chain(*files)
        if "tests" not in file.parts
        for call in ast.walk(ast.parse(file.read_text()))
        if isinstance(call, ast.Call) and getattr(call.func, "id", "") in ("log_act", "log_own_act")
    ]
    given = [key.value for call in calls for key in call.keywords if key.arg == "act"]
    literal = [each.value for act in given for each in ast.walk(act) if isinstance(each, ast.Constant)]
    assert len(literal) > 20
    assert {act for act in literal if act not in ACTS and act != "roll "} == set()


def test_owner_reads_the_names(conference, owner):
    change_team(conference, Actor(owner, "127.0.0.1"))
    let_people_in(conference, Actor(owner, "127.0.0.1"))
    said = texts(owner)
    assert "Joined the team as Help desk: Gita Guest." in said
    assert "Invited to the team as Help desk: guest@example.org." in said
    assert "Request to join accepted: Ada Asks. We know you." in said
    assert any(text.startswith("Copied to “Next Conf”.") for text in said)


def test_observer_reads_what_was_done_without_whom_it_was_about(conference, owner):
    by = Actor(owner, "127.0.0.1")
    change_team(conference, by)
    let_people_in(conference, by)
    change_roster(conference, by)
    page = read_by(make_team_member(conference, Role.OBSERVER).person)
    said = page.texts("#result_list .field-done")
    assert "Request to join accepted: a person." in said
    assert "Removed from the roster: a person on the roster." in said
    assert "Invited to the team as Help desk: a person." in said
    hidden = ("Ada", "Rosa", "r@example.org", "guest@example.org", "We know you", "Ticket returned")
    assert [word for word in hidden if word in page.part("#content").text] == []


def test_observer_reads_who_is_in_the_team(conference, owner):
    change_team(conference, Actor(owner, "127.0.0.1"))
    observer = make_team_member(conference, Role.OBSERVER).person
    assert "Joined the team as Help desk: Gita Guest." in texts(observer)


def test_name_that_the_reader_may_not_see_is_not_found_by_a_copy(conference, owner):
    copied(conference, by=conference.series.team.get())
    of_source = make_team_member(conference, Role.OWNER).person
    assert any(text.startswith("Copied to “another conference”.") for text in texts(of_source))


def test_no_text_of_an_organiser_names_anyone(conference, owner, alice):
    rename_series(series=conference.series, name=f"Guild {NAME}", by=Actor(owner, "127.0.0.1"))
    assert "Alice" not in " ".join(texts(owner))


def test_times_are_those_of_the_conference_with_its_zone(owner):
    conference = make_conference(time_zone="Asia/Tokyo")
    make_team_member(conference, Role.OWNER, user=owner)
    act = log_act(by=Actor(owner, "127.0.0.1"), act="rules", target=conference)
    assert read_by(owner).texts("#result_list .field-when") == [in_zone(conference, act.at)]


def test_times_of_no_conference_are_the_readers_own(organiser):
    User.objects.filter(pk=organiser.pk).update(time_zone="Asia/Tokyo")
    log_act(by=Actor(organiser, "127.0.0.1"), act="export", target=organiser)
    assert "(Asia/Tokyo)" in read_by(organiser).texts("#result_list .field-when")[0]


def test_time_and_what_was_done_come_first_and_the_heading_is_plain(conference, owner):
    log_act(by=Actor(owner, "127.0.0.1"), act="rules", target=conference)
    page = read_by(owner)
    assert page.texts("#content h1") == ["Audit log: who did what, and when"]
    assert page.texts("#result_list thead th .text")[:3] == ["When", "What was done", "Who"]


def test_filter_offers_acts_in_words(conference, owner):
    log_act(by=Actor(owner, "127.0.0.1"), act="rules", target=conference)
    page = read_by(owner)
    assert "Rules of the vote set" in page.texts("#changelist-filter li")
    assert "rules" not in page.texts("#changelist-filter li")


@pytest.mark.parametrize(
    ("query", "said"), [("", "Nothing has been done yet."), ("?q=x", "No entry matches.")]
)
def test_list_without_entries_says_so(conference, owner, query, said):
    assert said in read_by(owner, query).part("#changelist-form").text


def test_own_data_has_acts_in_words_and_no_one_else(conference, owner):
    change_team(conference, Actor(owner, "127.0.0.1"))
    acts = everything_about(owner)["account"]["own_acts"]
    assert "Joined the team as Help desk: a person." not in [act["what"] for act in acts]
    assert "Invited to the team as Help desk: a person." in [act["what"] for act in acts]
    assert not [act for act in acts if act.keys() & {"about_id", "asked_by_id"}]


def test_deleted_entry_of_a_roster_is_a_person_in_the_log(conference, owner):
    entry = make_entry(conference, "gone@example.org")
    remove_entry(entry=entry, reason="x", by=Actor(owner, "127.0.0.1"))
    RosterEntry.objects.all().delete()
    assert texts(owner)[0] == "Removed from the roster: a person on the roster. x"
