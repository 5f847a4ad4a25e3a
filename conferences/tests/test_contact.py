"""Who answers questions about a conference, and what is shown of them."""

import json
from email import message_from_bytes, policy
from email.header import decode_header, make_header
from email.utils import parseaddr

import pytest
from django.core import mail
from django.core.mail import EmailMessage
from icalendar import Calendar

from accounts.tests.factories import log_in_freshly, make_user
from confbox.kit.email_headers import sender_via
from confbox.kit.email_sending import send_email
from confbox.kit.tests.page import parse
from conferences.contact import Source, conference_email, contact_of
from conferences.models import Conference, Role, TeamMember
from conferences.tests.factories import make_conference
from conferences.tests.teams import make_series, make_team_member

pytestmark = pytest.mark.django_db
PAGE = "/conferences/open-conf/"


def entered(conference, **columns):
    Conference.objects.filter(pk=conference.pk).update(**columns)
    conference.refresh_from_db()
    return conference


@pytest.fixture
def owner(conference):
    return make_team_member(conference, Role.OWNER, name="Olga Owner").person


def headers_of(message):
    """As the recipient's program reads them, from the bytes that are sent."""
    return message_from_bytes(message.message().as_bytes(), policy=policy.default)


def name_in(header):
    """Decoded in one piece: Python's parser of addresses adds spaces between encoded words."""
    name, _address = parseaddr(header.replace("\n", ""))
    return str(make_header(decode_header(name)))


def test_contact_is_what_was_entered(conference, owner):
    found = contact_of(entered(conference, contact_name="Guild", contact_email="guild@example.org"))
    assert (found.name, found.email, found.source) == ("Guild", "guild@example.org", Source.ENTERED)


@pytest.mark.parametrize(
    ("columns", "expected"),
    [
        ({"contact_name": "Guild"}, ("Guild", "owner@example.org", Source.OWNER)),
        ({"contact_email": "guild@example.org"}, ("Olga", "guild@example.org", Source.ENTERED)),
    ],
)
def test_what_is_not_entered_is_the_owners(conference, columns, expected):
    person = make_user("owner@example.org", name="Olga")
    make_team_member(conference, Role.OWNER, user=person)
    found = contact_of(entered(conference, **columns))
    assert (found.name, found.email, found.source) == expected


def in_order(conference):
    """Each person who can be the contact, the one who is it first."""
    series = make_series()
    creator = make_user("creator@example.org", name="Creator")
    entered(conference, series=series, created_by=creator)
    of_series = make_team_member(series, Role.OWNER, name="Of series").person
    first, second = (make_team_member(conference, Role.OWNER, name=n).person for n in ("First", "Second"))
    make_team_member(conference, Role.ORGANISER, name="Organiser")
    return [first, second, of_series, creator]


def test_contact_is_the_first_owner_then_one_of_the_series_then_the_creator_then_the_site(
    conference, settings
):
    settings.DEFAULT_FROM_EMAIL, settings.SITE_NAME = "ConferenceBox <site@example.org>", "ConferenceBox"
    people, found = in_order(conference), []
    for person in people:
        found.append(contact_of(conference).email)
        type(person).objects.filter(pk=person.pk).update(is_active=False)
        conference = Conference.objects.get(pk=conference.pk)
    assert found == [person.email for person in people]
    assert contact_of(conference).reply_to == '"ConferenceBox" <site@example.org>'


@pytest.fixture
def owners_of_series(conference):
    """Of these, the organiser of the site has been an owner longest."""
    series = make_series()
    entered(conference, series=series)
    organiser = make_team_member(series, Role.OWNER, name="Site Organiser", is_staff=True).person
    return [organiser, *(make_team_member(series, Role.OWNER, name=n).person for n in ("First", "Second"))]


def test_contact_is_the_owner_of_the_series_who_created_the_conference(conference, owners_of_series):
    for creator in reversed(owners_of_series):
        assert contact_of(entered(conference, created_by=creator)).email == creator.email


def test_owner_of_the_conference_comes_before_the_owner_of_the_series_who_created_it(
    conference, owners_of_series
):
    entered(conference, created_by=owners_of_series[1])
    own = make_team_member(conference, Role.OWNER).person
    assert contact_of(Conference.objects.get(pk=conference.pk)).email == own.email


def test_organiser_who_created_the_conference_comes_before_the_owners_of_its_series(
    conference, owners_of_series
):
    creator = make_team_member(conference.series, Role.ORGANISER, name="Jonas").person
    entered(conference, created_by=creator)
    assert contact_of(conference).reply_to == f'"Jonas" <{creator.email}>'
    own = make_team_member(conference, Role.OWNER).person
    assert contact_of(Conference.objects.get(pk=conference.pk)).email == own.email


@pytest.mark.parametrize("role", [Role.REVIEWER, Role.HELP_DESK, Role.OBSERVER, None])
def test_creator_who_does_not_run_the_conference_any_more_is_no_contact(conference, owners_of_series, role):
    creator = make_user("creator@example.org")
    if role:
        make_team_member(conference.series, role, user=creator)
    _organiser, first, _second = owners_of_series
    assert contact_of(entered(conference, created_by=creator)).email == first.email


def test_organiser_of_the_site_is_no_contact_if_the_series_has_another_owner(conference, owners_of_series):
    organiser, first, _second = owners_of_series
    assert contact_of(entered(conference, created_by=None)).email == first.email
    TeamMember.objects.exclude(person=organiser).delete()
    assert contact_of(Conference.objects.get(pk=conference.pk)).email == organiser.email


def test_page_shows_everyone_the_address_that_was_entered(client, conference, owner):
    entered(conference, contact_name="Guild", contact_email="guild@example.org")
    page = parse(client.get(PAGE))
    assert page.texts('a[href="mailto:guild@example.org"]') == ["guild@example.org"]
    assert "Guild" in page.part("#facts").text


def test_page_shows_the_owners_own_address_only_to_people_who_are_logged_in(client, conference, owner):
    before = parse(client.get(PAGE))
    assert "Olga Owner" in before.part("#facts").text
    assert not before.mentions(owner.email)
    client.force_login(make_user("reader@example.org"))
    assert parse(client.get(PAGE)).has(f'a[href="mailto:{owner.email}"]')


def test_page_shows_no_contact_where_there_is_none_but_the_site(as_alice, conference):
    assert not parse(as_alice.get(PAGE)).has('#facts a[href^="mailto:"]')


def organiser_for_search_engines(client):
    scripts = parse(client.get(PAGE)).texts('script[type="application/ld+json"]')
    return json.loads(scripts[0])["organizer"]


def test_search_engines_get_the_contact_that_was_entered_and_never_the_owners(client, conference, owner):
    before = organiser_for_search_engines(client)
    entered(conference, contact_name="Guild", contact_email="guild@example.org")
    after = organiser_for_search_engines(client)
    assert (before["name"], "email" in before) == ("Open Conf", False)
    assert (after["name"], after["email"]) == ("Guild", "guild@example.org")


def contacts_in_calendar(client):
    events = Calendar.from_ical(client.get("/conferences/open-conf.ics").content).walk("VEVENT")
    return [str(event["CONTACT"]) for event in events if "CONTACT" in event]


def test_calendar_has_the_contact_that_was_entered_and_never_the_owners(client, conference, owner):
    before = contacts_in_calendar(client)
    entered(conference, contact_name="Guild", contact_email="guild@example.org")
    assert (before, contacts_in_calendar(client)) == ([], ["Guild, guild@example.org"])


def form_of(client, conference):
    return parse(client.get(f"/admin/conferences/conference/{conference.pk}/change/"))


def test_form_shows_what_is_used_where_a_field_is_empty(client, conference, owner):
    page = form_of(log_in_freshly(client, owner), conference)
    for name, default in {"contact_name": "Olga Owner", "contact_email": owner.email}.items():
        assert page.has(f'input[name="{name}"][placeholder="{default}"]')
        assert "If you leave it empty: the" in page.part(f"#id_{name}_helptext").text


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("contact_email", "not an address"),
        ("contact_email", "a@example.org, b@example.org"),
        ("contact_email", "a@example.org\nBcc: b@example.org"),
        ("contact_name", "Guild\u2028Bcc: b@example.org"),
        ("contact_name", "x" * 151),
    ],
)
def test_a_contact_that_no_header_can_have_is_refused(conference, name, value):
    setattr(conference, name, value)
    with pytest.raises(Exception, match=name):
        conference.full_clean()


NAMES = [
    "Open Conf",
    'The "Best", of all; <b@example.org> (really)',
    "Tag der Bücher e.V., Köln",
    "データベース会議" * 20,
    "Ünïcode " * 24,
    "Plain and long words, " * 9,
    "x" * 200,
    "back\\slash \\",
    "a@b.example",
]


@pytest.mark.parametrize("title", NAMES)
def test_sender_is_one_mailbox_of_the_site_whatever_the_title_is(conference, owner, settings, title):
    settings.DEFAULT_FROM_EMAIL = "ConferenceBox <site@example.org>"
    conference.title = title[:200].strip()
    sent = conference_email(conference, subject="Hello", text="Text", to="alice@example.org")
    [sender] = headers_of(sent)["From"].addresses
    name = name_in(message_from_bytes(sent.message().as_bytes())["From"])
    assert (sender.addr_spec, name[:8]) == ("site@example.org", title[:8])
    assert name.endswith(f" via {settings.SITE_NAME}")


@pytest.mark.parametrize("title", NAMES)
def test_no_line_of_a_header_is_too_long(conference, owner, title):
    entered(conference, contact_name=title[:150].strip())
    conference.title = title[:200].strip()
    sent = conference_email(conference, subject="Hello", text="Text", to="alice@example.org")
    head = sent.message().as_bytes().split(b"\n\n")[0]
    assert max(len(line) for line in head.split(b"\n")) <= 78
    [reply_to] = headers_of(sent)["Reply-To"].addresses
    assert reply_to.addr_spec == owner.email


BREAKING = {
    "lf": "\n",
    "crlf": "\r\n",
    "separator": "\u2028",
    "nel": "\x85",
    "null": "\x00",
    "bidi": "\u202e",
}


@pytest.mark.parametrize("breaking", BREAKING.values(), ids=BREAKING)
def test_no_title_breaks_a_header(settings, breaking):
    sent = EmailMessage("Hello", "Text", sender_via(f"Conf{breaking}Bcc: b@example.org"), ["a@example.org"])
    read = headers_of(sent)
    assert (read["Bcc"], len(read["From"].addresses)) == (None, 1)


def test_worker_keeps_where_replies_go(conference, owner, django_capture_on_commit_callbacks):
    with django_capture_on_commit_callbacks(execute=True):
        send_email(conference_email(conference, subject="Hello", text="Text", to="alice@example.org"))
    assert mail.outbox[-1].reply_to == [f'"Olga Owner" <{owner.email}>']


def test_contact_that_was_entered_costs_no_query(django_assert_num_queries):
    found = make_conference(contact_name="Guild", contact_email="guild@example.org")
    with django_assert_num_queries(0):
        contact_of(found)


def test_email_to_the_contact_does_not_refer_them_to_themselves(conference, owner):
    foot = "Questions? Reply to this email: Olga Owner answers for the organisers."
    to_owner, to_other = (
        conference_email(conference, subject="News", text="Hello", to=to).body
        for to in (owner.email.upper(), "other@example.org")
    )
    assert (foot in to_owner, foot in to_other) == (False, True)


def test_reply_to_an_email_to_the_contact_does_not_go_to_themselves(conference, owner):
    sent = conference_email(conference, subject="News", text="Hello", to=owner.email.upper())
    assert sent.reply_to == []
