"""An organiser lists ticket holders and invites them; they come, vote and check the roll.

With scripts and without. axe looks at every page on the way.
"""

import re
from datetime import timedelta

import pytest
from django.core import mail
from django.utils import timezone
from playwright.sync_api import expect

from accounts.tests.factories import make_user
from confbox.tests.browser.axe import violations
from conferences.models import JoinCode, Membership, RosterEntry
from conferences.tests.factories import make_conference, update_elections
from voting.elections.models import Vote
from voting.tests.campaigns import dispatch_due
from voting.tests.factories import make_pitch
from voting.tests.invitations import invitations_to, link_in

pytestmark = pytest.mark.browser

PASSWORD = "a-long-and-odd-phrase"
LISTED = 312
LIST = "\n".join(f"Person {number} <person{number}@tickets.example>" for number in range(1, LISTED + 1))


@pytest.fixture
def conference(db):
    return make_conference(title="Ticket Conf", slug="ticket-conf", voting="scheduled")


@pytest.fixture
def look(has_scripts):
    """Asks axe, which needs scripts."""
    return lambda page: violations(page) if has_scripts else []


def list_ticket_holders(desk, conference):
    """They alone may join and vote."""
    desk.goto(f"/admin/conferences/conference/{conference.pk}/roster/")
    desk.get_by_role("link", name="Import a list").click()
    desk.get_by_label("Paste a list").fill(LIST)
    desk.get_by_role("button", name="Show what would happen").click()
    expect(desk.locator(".desk-facts")).to_contain_text("312")
    desk.get_by_role("button", name="Import").click()
    expect(desk.get_by_text("312 people added.")).to_be_visible()
    pages = desk.get_by_role("navigation", name="Pages of this conference")
    pages.get_by_text("More", exact=True).click()
    pages.get_by_role("link", name="Who may join").click()
    desk.get_by_label("Only people").check()
    desk.get_by_label("People on the roster").check()
    desk.get_by_role("button", name="Save").click()
    desk.goto(f"/admin/voting/votes/{conference.pk}/rules/")
    desk.get_by_label("Members who are on the roster").check()
    desk.get_by_role("button", name="Set the rules").click()


def invite_them(desk, conference):
    desk.goto(f"/admin/conferences/conference/{conference.pk}/roster/")
    desk.get_by_role("link", name="Invite 312 people").click()
    desk.get_by_role("button", name="Continue to the preview").click()
    desk.get_by_role("link", name="Send", exact=True).click()
    desk.get_by_role("button", name="Send to").click()
    for _turn in range(4):
        dispatch_due()
    assert len(mail.outbox) == LISTED


def join_by_link(page, number):
    page.goto(link_in(invitations_to(f"person{number}@tickets.example")[0]))
    page.get_by_label("Name").fill(f"Guest {number}")
    page.get_by_label("Password").fill(PASSWORD)
    page.get_by_role("button", name="Join this conference").click()
    expect(page.locator("#messages")).to_contain_text("Ticket Conf")


def claim_ticket(page, email):
    page.goto("/conferences/ticket-conf/")
    ways = page.get_by_role("region", name="Take part")
    ways.get_by_role("link", name="My ticket is under another email address").click()
    page.get_by_label("Email address").fill(email)
    page.get_by_role("button", name="Send the code").click()
    expect(page.get_by_label("Code")).to_be_visible()
    page.get_by_label("Code").fill(re.search(r"\b\d{6}\b", invitations_to(email)[-1].body)[0])
    page.get_by_role("button", name="Confirm").click()


def come_with_a_code(page, code):
    """Someone with an account, and without a ticket, scans the code of the slide."""
    page.goto(f"/j/{code}/")
    page.get_by_role("button", name="Join this conference").click()
    expect(page.locator("#messages")).to_contain_text("Ticket Conf")


def make_code(desk, conference):
    desk.goto(f"/admin/conferences/conference/{conference.pk}/joining/")
    desk.get_by_role("button", name="Create a join code").click()
    expect(desk.locator(".join-codes svg")).to_be_visible()
    return JoinCode.objects.get().code


def open_voting(conference):
    now = timezone.now()
    update_elections(conference, opens_at=now, closes_at=now + timedelta(hours=1))


def cast_vote(page, candidate):
    page.goto("/conferences/ticket-conf/ballot/")
    page.get_by_role("button", name=f"Vote for {candidate}").click()
    expect(page.get_by_role("heading", name="Your vote is in")).to_be_visible()


def add_late(desk, conference, reason):
    desk.goto(f"/admin/conferences/conference/{conference.pk}/roster/")
    desk.get_by_role("link", name="Add a person").click()
    desk.get_by_label("Email address").fill("late@tickets.example")
    desk.get_by_role("button", name="Add").click()
    desk.goto(f"/admin/voting/votes/{conference.pk}/roll/?show=listed")
    desk.get_by_role("link", name="Add late@tickets.example").click()
    desk.get_by_label("Reason").fill(reason)
    desk.get_by_role("button", name="Add").click()


def test_those_on_the_roster_come_and_vote_and_check_the_roll(
    conference, organiser, page_of, look, has_scripts
):
    desk = page_of(organiser)
    list_ticket_holders(desk, conference)
    faults = look(desk)
    invite_them(desk, conference)
    faults += look(desk)
    guests = []
    for number in (1, 2):
        guests.append(page_of())
        join_by_link(guests[-1], number)
    faults += look(guests[-1])

    claimer = page_of(make_user("claimer@example.org", name="Claimer"))
    # Another one with and without scripts, as each address gets a code once a minute.
    claim_ticket(claimer, f"person{3 + has_scripts}@tickets.example")
    faults += look(claimer)
    code = make_code(desk, conference)
    faults += look(desk)
    walker = page_of(make_user("walker@example.org", name="Walker"))
    come_with_a_code(walker, code)

    make_pitch(Membership.objects.get(user__name="Guest 2"), headline="Bread")
    open_voting(conference)
    cast_vote(guests[0], "Guest 2")
    cast_vote(claimer, "Guest 2")
    faults += look(claimer)
    walker.goto("/conferences/ticket-conf/ballot/")
    expect(walker.get_by_role("button", name="Vote for")).to_have_count(0)
    faults += look(walker)
    add_late(desk, conference, "The ticket shop forgot one.")
    faults += look(desk)

    update_elections(conference, closes_at=timezone.now())
    guests[1].goto("/conferences/ticket-conf/roll/")
    main = guests[1].get_by_role("main")
    expect(main.get_by_text("312", exact=True)).to_be_visible()
    expect(main).to_contain_text("One voter was added.")
    expect(main).to_contain_text("The ticket shop forgot one.")
    faults += look(guests[1])
    assert Vote.objects.count() == 2
    assert Membership.objects.count() == 4
    assert RosterEntry.objects.joined().count() == 3
    assert faults == []
