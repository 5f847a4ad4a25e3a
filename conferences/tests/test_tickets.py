"""“My ticket is under another email address”: a code to that address shows that it is the person's."""

import re

import pytest
from django.core.cache import cache
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from accounts.actors import Actor
from accounts.linked_addresses import link_address
from accounts.models import AdminAct, LinkedAddress
from accounts.tests.factories import make_user
from confbox.kit.tests.page import parse
from confbox.kit.tests.panels import states_of
from conferences.actions import join_conference
from conferences.matching import claim_entry
from conferences.models import Conference, Membership, RosterEntry
from conferences.roster.actions import remove_entry
from conferences.tests.factories import make_conference
from conferences.tests.rosters.entries import BY_COMMAND, imported, make_entry
from conferences.tickets.actions import Claim, claim_ticket
from conferences.tickets.panels import TICKET_PANEL

pytestmark = pytest.mark.django_db
PAGE = "/conferences/open-conf/ticket/"
CODE = PAGE + "code/"
TICKET = "ticket@example.org"


@pytest.fixture(autouse=True)
def _fresh_limits():
    cache.clear()


@pytest.fixture
def conference(db):
    return make_conference(title="Open Conf", slug="open-conf", voting="open")


@pytest.fixture
def ada(db):
    return make_user("ada@example.org")


@pytest.fixture
def as_ada(client, ada):
    client.force_login(ada)
    return client


@pytest.fixture
def entry(conference):
    return make_entry(conference, TICKET)


def code_in(message):
    return re.search(r"\b\d{6}\b", message.body)[0]


def ask(client, email=TICKET):
    return client.post(PAGE, {"email": email})


def claim(client, mailoutbox, email=TICKET):
    assert ask(client, email).url == CODE
    return client.post(CODE, {"code": code_in(mailoutbox[-1])}, follow=True)


def owner_of(entry):
    return RosterEntry.objects.get(pk=entry.pk).membership


def test_owner_of_the_address_joins_with_its_ticket(as_ada, ada, entry, mailoutbox):
    page = parse(claim(as_ada, mailoutbox))
    assert owner_of(entry) == Membership.objects.get(user=ada)
    assert "Your ticket was found, and you have joined Open Conf." in page.text
    assert LinkedAddress.objects.get(user=ada).email == TICKET
    assert [message.to for message in mailoutbox] == [[TICKET]]


def test_a_member_claims_a_ticket(as_ada, ada, conference, entry, mailoutbox):
    membership = join_conference(conference=conference, by=Actor(ada))
    claim(as_ada, mailoutbox)
    assert owner_of(entry) == membership
    assert AdminAct.objects.filter(act="claim ticket", by=ada).count() == 1


def test_address_is_compared_as_on_the_roster(as_ada, entry, mailoutbox):
    claim(as_ada, mailoutbox, " Ticket@EXAMPLE.org ")
    assert owner_of(entry)


def test_a_wrong_code_claims_nothing(as_ada, entry, mailoutbox):
    ask(as_ada)
    wrong = f"{(int(code_in(mailoutbox[0])) + 1) % 10**6:06d}"
    page = parse(as_ada.post(CODE, {"code": wrong}))
    assert "That is not the code." in page.text
    assert owner_of(entry) is None
    assert not LinkedAddress.objects.exists()


def test_a_code_works_once_and_in_one_browser(as_ada, entry, mailoutbox):
    ask(as_ada)
    other = Client()
    other.force_login(make_user("eve@example.org"))
    assert other.post(CODE, {"code": code_in(mailoutbox[0])}).url == PAGE
    assert owner_of(entry) is None


def test_address_without_a_ticket_is_linked_and_joins_nothing(as_ada, ada, conference, mailoutbox):
    page = parse(claim(as_ada, mailoutbox, "nothing@example.org"))
    assert "There is no unclaimed ticket under your confirmed email addresses." in page.text
    assert LinkedAddress.objects.filter(user=ada).exists()
    assert not Membership.objects.exists()


def test_ticket_of_another_member_or_a_removed_one_is_not_found(as_ada, conference, entry, mailoutbox):
    first = make_user(TICKET)
    join_conference(conference=conference, by=Actor(first))
    assert "There is no unclaimed ticket" in parse(claim(as_ada, mailoutbox)).text
    gone = make_entry(conference, "gone@example.org")
    remove_entry(entry=gone, reason="Returned", by=BY_COMMAND)
    assert "There is no unclaimed ticket" in parse(claim(as_ada, mailoutbox, "gone@example.org")).text


def test_ticket_under_an_address_of_one_s_own_needs_no_code(as_ada, ada, conference, mailoutbox):
    entry = make_entry(conference, "ada@example.org")
    assert as_ada.get(PAGE).context["panel"].state == "found"
    as_ada.post(PAGE + "claim/")
    assert owner_of(entry).user == ada
    assert mailoutbox == []


def test_typing_an_address_of_one_s_own_needs_no_code(as_ada, conference, mailoutbox):
    entry = make_entry(conference, "ada@example.org")
    ask(as_ada, "ada@example.org")
    assert owner_of(entry)
    assert mailoutbox == []


def test_a_linked_address_finds_tickets_of_later_imports(ada, conference):
    link_address(email=TICKET, by=Actor(ada))
    membership = join_conference(conference=conference, by=Actor(ada))
    imported(conference, f"Ada <{TICKET}>")
    assert RosterEntry.objects.get().membership == membership


def test_a_linked_address_on_the_roster_opens_a_conference_for_members_only(as_ada, ada, conference, entry):
    Conference.objects.update(visibility="members_only")
    assert as_ada.get(PAGE).status_code == 404
    link_address(email=TICKET, by=Actor(ada))
    assert as_ada.get(PAGE).context["panel"].state == "found"


def test_who_has_a_ticket_keeps_it(ada, conference):
    entry = make_entry(conference, "ada@example.org")
    assert claim_ticket(conference=conference, by=Actor(ada)) is Claim.JOINED
    assert claim_ticket(conference=conference, by=Actor(ada)) is Claim.HAD_ONE
    assert owner_of(entry).user == ada


def test_who_loses_the_race_for_a_ticket_does_not_join_without_it(ada, conference, entry, monkeypatch):
    """Between the look at the roster and the claim, another person claims the entry."""
    other = join_conference(conference=conference, by=Actor(make_user("other@example.org")))
    link_address(email=TICKET, by=Actor(ada))

    def looking_too_early(**_asked):
        claim_entry(membership=other, entry=entry)
        return entry

    monkeypatch.setattr("conferences.tickets.actions.free_entry", looking_too_early)
    assert claim_ticket(conference=conference, by=Actor(ada)) is Claim.NOT_FOUND
    assert not Membership.objects.filter(user=ada).exists()


def test_conference_that_is_not_open_to_new_members_refuses_in_words(as_ada, conference, entry, mailoutbox):
    Conference.objects.update(starts_at="2020-01-01T00:00Z", ends_at="2020-01-02T00:00Z")
    assert "is over. You can no longer join it." in parse(claim(as_ada, mailoutbox)).text
    assert owner_of(entry) is None


def test_asking_again_at_once_sends_no_second_email(as_ada, entry, mailoutbox):
    ask(as_ada)
    assert ask(as_ada).url == CODE
    assert len(mailoutbox) == 1


def test_emails_to_one_mailbox_are_limited_for_everyone(as_ada, entry, mailoutbox):
    ask(as_ada)
    other = Client()
    other.force_login(make_user("eve@example.org"))
    assert "We have just sent an email to this address" in parse(ask(other)).text
    assert len(mailoutbox) == 1


def test_resending_sends_another_code_and_ends_the_first(as_ada, entry, mailoutbox):
    ask(as_ada)
    first = code_in(mailoutbox[0])
    cache.clear()
    as_ada.post(CODE + "resend/")
    assert len(mailoutbox) == 2
    as_ada.post(CODE, {"code": first})
    assert first == code_in(mailoutbox[1]) or owner_of(entry) is None


@pytest.mark.parametrize("email", ["", "not an address", "a@b", "x" * 250 + "@b.org", "ada@\u212aelvin"])
def test_what_is_no_address_is_refused_and_stays_in_the_form(as_ada, conference, mailoutbox, email):
    answer = ask(as_ada, email)
    assert answer.status_code == 200
    assert parse(answer).has(".invalid-feedback, .errorlist")
    assert mailoutbox == []


def test_anonymous_people_are_led_to_the_log_in_and_a_draft_does_not_exist(client, as_ada, conference):
    assert "/accounts/login/" in Client().get(PAGE).url
    Conference.objects.update(status="draft")
    assert as_ada.get(PAGE).status_code == 404


def asked_of(client, email):
    """The queries of a request, without figures and addresses; the pages before and after; the email."""
    cache.clear()
    with CaptureQueriesContext(connection) as captured:
        answer = ask(client, email)
    page = client.get(answer.url).content.decode().replace(email, "…")
    statements = [re.sub(r"'[^']*'|\d+|X'\w+'", "…", query["sql"]) for query in captured]
    return statements, re.sub(r'value="[\w-]{64}"|\d+', "…", page)


def test_no_query_and_no_page_depends_on_whether_an_address_is_listed(as_ada, conference, entry, mailoutbox):
    asked_of(as_ada, "first@example.org")
    listed, unlisted = asked_of(as_ada, TICKET), asked_of(as_ada, "nobody@example.org")
    assert listed == unlisted
    assert not any("rosterentry" in statement for statement in listed[0])
    plain = [re.sub(r"\d{6}", "…", f"{m.subject} {m.body}") for m in mailoutbox]
    assert len(set(plain)) == 1


def test_control_a_page_that_asked_the_roster_first_would_show_it(as_ada, entry, monkeypatch):
    def asking(request, email):
        return RosterEntry.objects.filter(mailbox=email).exists() and real(request, email)

    from conferences.tickets import views

    real = views._send_code
    monkeypatch.setattr(views, "_send_code", asking)
    assert asked_of(as_ada, TICKET) != asked_of(as_ada, "nobody@example.org")


STATES = [
    ("claimed", "Your ticket was found"),
    ("found", "A ticket is waiting for you"),
    ("not_found", "None"),
]


@pytest.mark.parametrize(("state", "words"), STATES)
def test_page_of_the_ticket(as_ada, ada, conference, state, words):
    if state != "not_found":
        make_entry(conference, "ada@example.org")
    if state == "claimed":
        join_conference(conference=conference, by=Actor(ada))
    answer = as_ada.get(PAGE)
    assert answer.context["panel"].state == state
    page = parse(answer)
    assert words in page.part("main").text
    assert page.has("input[name=email]") == (state != "claimed")


def test_every_state_has_a_row_and_a_template():
    assert states_of(TICKET_PANEL) == {state for state, _ in STATES}
