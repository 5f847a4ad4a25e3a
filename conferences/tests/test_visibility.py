"""Who may open the page of a conference, and who finds it in lists."""

import pytest
from django.contrib.auth.models import AnonymousUser
from django.utils import timezone

from accounts.tests.factories import make_user
from confbox.kit.tests.page import parse
from conferences.models import Conference, Membership, Role, RosterEntry
from conferences.tests.admission import code_for, confirm, only
from conferences.tests.factories import make_conference, make_membership
from conferences.tests.rosters.entries import make_entry
from conferences.tests.teams import make_team_member

EMAIL = "ada@example.org"
PEOPLE = {
    "anonymous": lambda _conference, _organiser: AnonymousUser(),
    "stranger": lambda _conference, _organiser: make_user(EMAIL),
    "member": lambda conference, _organiser: make_membership(conference).user,
    "former member": lambda conference, _organiser: make_membership(conference, left_at=timezone.now()).user,
    "on the roster": lambda conference, _organiser: on_roster(conference),
    "organiser": lambda _conference, organiser: organiser,
    "other staff": lambda _conference, _organiser: make_user(EMAIL, is_staff=True),
}
MAY_OPEN_SECRET = {"member", "on the roster", "organiser"}
# Visibility and status; who may open the page; who finds it in lists.
RULES = [
    ("public", "active", set(PEOPLE), set(PEOPLE)),
    ("unlisted", "active", set(PEOPLE), {"member"}),
    ("members_only", "active", MAY_OPEN_SECRET, {"member"}),
    *[(visibility, "inactive", {"member"}, set()) for visibility in Conference.Visibility],
    *[(visibility, "draft", set(), set()) for visibility in Conference.Visibility],
]


def on_roster(conference):
    make_entry(conference, EMAIL)
    return make_user(EMAIL)


@pytest.mark.parametrize("name", PEOPLE)
@pytest.mark.parametrize(("visibility", "status", "opening", "finding"), RULES)
def test_visibility_decides_who_opens_and_who_finds(organiser, name, visibility, status, opening, finding):
    conference = make_conference(visibility=visibility, status=status)
    person = PEOPLE[name](conference, organiser)
    assert Conference.objects.visible_to(person).exists() == (name in opening)
    assert Conference.objects.listed_for(person).exists() == (name in finding)


@pytest.fixture
def secret(db):
    return make_conference(title="Quiet Conf", slug="quiet-conf", visibility="members_only")


NOT_THEIRS = {
    "of an address that is not confirmed": (EMAIL, {"confirmed": False}, {"name": ""}),
    "of another address": ("grace@example.org", {}, {"name": ""}),
    "removed": (EMAIL, {}, {"removed_at": timezone.now()}),
}


@pytest.mark.parametrize("name", NOT_THEIRS)
def test_entry_that_is_not_theirs_opens_nothing(client, secret, name):
    address, account, columns = NOT_THEIRS[name]
    make_entry(secret, EMAIL)
    RosterEntry.objects.update(**columns)
    person = make_user(address, **account)
    if not account.get("confirmed", True):
        confirm(person, address, verified=False)
    client.force_login(person)
    assert client.get("/conferences/quiet-conf/").status_code == 404
    assert not parse(client.get("/me/")).has("#offered")


def test_entry_with_which_another_joined_opens_nothing(client, secret):
    make_entry(secret, EMAIL)
    RosterEntry.objects.update(membership=make_membership(secret))
    client.force_login(make_user(EMAIL))
    assert client.get("/conferences/quiet-conf/").status_code == 404


def test_person_on_the_roster_joins_from_their_page(client, secret):
    client.force_login(on_roster(secret))
    offered = parse(client.get("/me/")).part("#offered")
    assert "You are on the list of participants of Quiet Conf." in offered.text
    assert offered.actions == ["/conferences/quiet-conf/join/"]
    client.post(offered.actions[0])
    assert Membership.objects.current().filter(user__email=EMAIL, conference=secret).exists()
    assert not parse(client.get("/me/")).has("#offered")


def test_who_has_a_join_code_joins_a_conference_for_members_only_by_its_link(as_stranger, secret):
    link = f"/j/{code_for(secret).code}/"
    assert "Quiet Conf" in parse(as_stranger.get(link)).text
    assert as_stranger.get("/conferences/quiet-conf/").status_code == 404
    assert as_stranger.post(link, follow=True).redirect_chain == [("/conferences/quiet-conf/", 302)]
    assert as_stranger.get("/conferences/quiet-conf/").status_code == 200


@pytest.mark.parametrize("page", ["join/", "join/code/", "join/request/"])
def test_door_of_a_conference_for_members_only_is_closed_without_its_link(as_stranger, secret, page):
    only(secret, approval=True)
    code = code_for(secret).code
    sent = {"code": code, "sentence": "Please let me in."}
    assert as_stranger.post(f"/conferences/quiet-conf/{page}", sent).status_code == 404
    assert not Membership.objects.exists()


def test_conference_that_is_over_is_not_offered(client, db):
    conference = make_conference(starts_in_days=-30)
    client.force_login(on_roster(conference))
    assert not parse(client.get("/me/")).has("#offered")


def test_who_left_and_is_on_the_roster_can_come_back(client, secret):
    client.force_login(on_roster(secret))
    client.post("/conferences/quiet-conf/join/")
    page = parse(client.post("/conferences/quiet-conf/leave/", follow=True))
    assert "Join again" in page.buttons
    client.post("/conferences/quiet-conf/join/")
    assert Membership.objects.current().filter(conference=secret).exists()


def test_who_left_a_conference_for_members_only_is_a_stranger_there(client, secret):
    client.force_login(make_membership(secret).user)
    question = parse(client.get("/conferences/quiet-conf/")).part("#membership").text
    assert "To come back, you will need an invitation or a join code" in question
    page = parse(client.post("/conferences/quiet-conf/leave/", follow=True))
    assert page.messages == ["You left Quiet Conf."]
    assert "Join again" not in page.buttons
    assert client.get("/conferences/quiet-conf/").status_code == 404


@pytest.mark.parametrize(
    ("visibility", "words"),
    [
        ("public", []),
        ("unlisted", ["Unlisted"]),
        ("members_only", ["Members only"]),
    ],
)
def test_page_and_card_of_a_conference_say_who_finds_it(as_alice, conference, visibility, words):
    Conference.objects.update(visibility=visibility)
    page = parse(as_alice.get("/conferences/open-conf/"))
    assert page.texts(".conference-head .badge-cb") == words
    assert parse(as_alice.get("/")).texts(".conference-card .badge-cb")[2:] == words


def previews(page):
    return page.has('meta[property^="og:"]') or page.has('script[type="application/ld+json"]')


def test_unlisted_page_opens_with_its_link_and_asks_search_engines_to_stay_away(client, conference):
    assert previews(parse(client.get("/conferences/open-conf/")))
    Conference.objects.update(visibility="unlisted")
    page = parse(client.get("/conferences/open-conf/"))
    assert page.heading == "Open Conf"
    assert page.attributes("meta[name=robots]", "content") == ["noindex"]
    assert not previews(page)
    assert client.get("/conferences/open-conf/card.png").status_code == 404
    assert client.get("/conferences/open-conf.ics").headers["X-Robots-Tag"] == "noindex"


def test_visitor_who_is_not_logged_in_is_led_back_to_the_page_after_logging_in(client, secret):
    member = make_membership(secret).user
    missing = client.get("/conferences/quiet-conf/")
    assert missing.status_code == 404
    assert "/accounts/login/?next=/conferences/quiet-conf/" in parse(missing).links
    client.force_login(member)
    assert client.get("/conferences/quiet-conf/").status_code == 200
    assert "Log in" not in parse(client.get("/conferences/other-conf/")).buttons


@pytest.mark.parametrize("rehearses", [False, True])
@pytest.mark.parametrize("runs", [False, True])
@pytest.mark.parametrize("visibility", Conference.Visibility)
@pytest.mark.parametrize("status", Conference.Status)
@pytest.mark.django_db
def test_member_opens_the_pages_of_members_of_what_is_visible_to_them(
    client, visibility, status, runs, rehearses
):
    of = make_conference(slug="real") if rehearses else None
    stopped_at = timezone.now() if status == "cancelled" else None
    columns = {"visibility": visibility, "status": status, "stopped_at": stopped_at}
    conference = make_conference(slug="quiet", rehearses=of, **columns)
    member = make_membership(conference).user
    if runs:
        make_team_member(conference, Role.ORGANISER, user=member)
    client.force_login(member)
    visible = Conference.objects.visible_to(member).filter(pk=conference.pk).exists()
    assert client.get("/conferences/quiet/members/").status_code == (200 if visible else 404)
