"""While voting is open no one sees votes per candidate, in any role, unless the rules of the vote allow it.

Two states of one election, in which one member chose one or the other candidate, look the same to all
others.
"""

import re
from datetime import UTC, datetime

import pytest
from django.contrib.auth.models import AnonymousUser, Permission
from django.test import Client
from django.utils import timezone

from accounts.actions import disable_user
from accounts.actors import Actor
from accounts.models import AdminAct
from accounts.my_data.actions import delete_account
from accounts.tests.factories import log_in_freshly, make_user
from confbox.kit.tests.page import parse
from confbox.tests import operations, routes
from conferences.tests.factories import make_membership
from voting.desk.timeline import in_steps
from voting.elections import actions, pitches
from voting.elections.election.models import Election
from voting.elections.exclusions import exclude_member
from voting.elections.models import Decision, Pitch, Vote
from voting.elections.results import may_see_tally
from voting.tests.factories import close_and_decide, make_pitch, make_vote

# The year of a vote, and not a part of an ID.
TIME = re.compile(r"\b2019\b")
pytestmark = [pytest.mark.django_db, pytest.mark.slow, pytest.mark.any_database]
ROLES = ["organiser", "superuser", "reviewer", "tally_viewer", "member", "candidate", "stranger", "anonymous"]
LIVE = [{"organisers_see_tally": "live"}, {"results_visibility": "live"}]


@pytest.fixture
def people(roles, organiser, conference, alice, bob, carol, stranger):
    """A person in each role, each with a fresh log-in."""

    def staff(address, *permissions):
        user = make_user(address, is_staff=True)
        user.user_permissions.set(Permission.objects.filter(codename__in=permissions))
        return user

    return {
        "organiser": organiser,
        "superuser": make_user("root@example.org", is_staff=True, is_superuser=True),
        "reviewer": staff("reviewer@example.org", "view_campaign", "review_campaign"),
        "tally_viewer": staff("observer@example.org", "view_election"),
        "member": make_membership(conference, name="Member").user,
        "candidate": bob.user,
        "stranger": stranger,
        "anonymous": None,
    }


def client_of(user):
    return log_in_freshly(Client(), user) if user else Client()


def with_figures(conference, person):
    desk, own = f"/admin/voting/votes/{conference.pk}", f"/conferences/{conference.slug}"
    return [
        f"{own}/",
        f"{own}/ballot/",
        f"{own}/results/",
        f"{own}/members/{person.pk}/",
        "/admin/voting/votes/?o=-5.-4",
        *(f"{desk}/{tab}/" for tab in ("turnout", "candidates", "decision", "result")),
        f"{desk}/fraud/",
        f"/admin/voting/campaign/announce/{conference.pk}/reminder/",
    ]


# Pages below these show an election or its members; the table of routes has all of them.
PLACES = re.compile(
    r"(admin/|feed/|me/)?|conferences/<slug:slug>.*|admin/(conferences|voting)/.+|admin/accounts/(adminact|user)/.*"
    r"|api/v1/conferences/(<slug>/.*)?|api/v1/organise/(conferences|votes)/"
)
PARAMETER = re.compile(r"<(?:\w+:)?(\w+)>")
ROSTER = "admin/conferences/conference/<row:pk>/roster/"
LEFT_OUT = {
    f"{ROSTER}export.{kind}": "A download is in the audit log, which the next look would show."
    for kind in ("csv", "xlsx")
} | {"api/v1/conferences/<slug>/organise/roster/export/": "So is what a program downloads."}


def samples_of(conference, person):
    """Values for the parameters of URLs; a page about something else, such as a campaign, has another one."""
    return {
        "slug": conference.slug,
        "conference_id": conference.pk,
        "member_id": person.pk,
        "kind": "reminder",
        "conferences/conference/<row:pk>": conference.pk,
        "conferences/conference/<path:object_id>": conference.pk,
        "conferences/membership/<path:object_id>": person.pk,
        "accounts/user/<path:object_id>": person.user_id,
        "voting/pitch/<path:object_id>": person.pk,
    }


def can_be_filled(pattern, samples):
    found = list(PARAMETER.finditer(pattern))
    names = {name for name in samples if "/" not in name}
    return all(
        found_one[1] in names
        or any(pattern[: found_one.end()].endswith(name) for name in samples if "/" in name)
        for found_one in found
    )


def pages(conference, person):
    """The paths of all routes that show a page of this election or person to anyone."""
    samples = samples_of(conference, person)
    paths = {route.pattern: route.path for route in routes.routes(routes.Cast({}, samples))}
    return [
        paths[pattern]
        for pattern in routes.shown_to_some_role()
        if PLACES.fullmatch(pattern) and can_be_filled(pattern, samples) and pattern not in LEFT_OUT
    ]


def addresses(conference, person):
    own = f"/conferences/{conference.slug}"
    return [
        *pages(conference, person),
        "/conferences.ics",
        f"{own}/ballot/?q=bob",
        "/admin/voting/votes/?o=-5.-4",
        f"/admin/voting/votes/{conference.pk}/candidates/?q=bob",
        f"/admin/voting/campaign/announce/{conference.pk}/candidates/",
        f"{own}/candidates/{person.pk}/",
        f"{own}/candidates/{person.pk}/card.png",
        *not_yet(conference, person),
    ]


def not_yet(conference, person):
    """What exists once voting has closed, and what leads back to the desk until then."""
    own, desk = f"/conferences/{conference.slug}", f"/admin/voting/votes/{conference.pk}"
    return [
        *(f"{own}/results/{name}" for name in ("ballots.csv", "result.json", "voters/")),
        *(f"{desk}/{name}" for name in ("export.csv", "export.xlsx", f"decide/{person.pk}/")),
    ]


RANDOM = re.compile(
    r'name="csrfmiddlewaretoken" value="[^"]*"|nonce-[\w-]+|nonce="[^"]*"|\d\d:\d\d:\d\d|[\w.-]{64}'
    r'|id="request-id">[^<]*|"request_id": "[^"]*"'
)
# Some emails of the timetable are shown with an example, which is some days from now.
EXAMPLES = {"timetable": re.compile(r"\d\d:\d\d \(UTC\)")}
MINUTES = re.compile(r"\d+(,|\xa0|&nbsp;| )+(hours?|minutes?)[^<]{0,30}")


def shown_there(address, page):
    examples = EXAMPLES.get(address.strip("/").rpartition("/")[2])
    page = MINUTES.sub("", RANDOM.sub("", page))
    return examples.sub("", page) if examples else page


def looked_at(client, address, **options):
    if operations.is_of_api(address):
        return operations.send(client, "GET", address)
    return client.get(address, **options)


def seen(client, conference, person, where=addresses):
    """What this client sees there, without what differs from one request to the next."""
    client.get("/")
    answers = {address: looked_at(client, address, follow=True) for address in where(conference, person)}
    return {
        address: (
            answer.status_code,
            shown_there(address, b"".join(answer).decode(errors="replace")),
        )
        for address, answer in answers.items()
    }


def looks(people, role, conference, person, voter, candidates):
    """What this role sees when the voter chose the one, and when they chose the other."""
    # The first look of a voter at an open vote freezes who may vote, and pages show that; a preview does not.
    freezing = Client()
    freezing.force_login(voter.user)
    freezing.get(f"/conferences/{conference.slug}/ballot/")
    client = client_of(people[role])
    shown = []
    for candidate in candidates:
        Vote.objects.filter(voter=voter).update(candidate=candidate)
        shown.append(seen(client, conference, person))
    return shown


@pytest.fixture
def election(conference, alice, bob, carol):
    """Two candidates with pitches, and votes of which only Alice's will differ."""
    make_pitch(bob, "Bread")
    make_pitch(carol, "Wine")
    Pitch.objects.update(shared_at=timezone.now())
    voted = timezone.now() - timezone.timedelta(minutes=30)
    for voter, candidate in [(alice, bob), (bob, carol), (carol, bob), (make_membership(conference), carol)]:
        make_vote(voter, candidate)
    Vote.objects.update(cast_at=voted)
    return conference


@pytest.mark.slow
@pytest.mark.parametrize("role", ROLES)
def test_no_one_sees_whom_a_member_chose_or_when(people, election, alice, bob, carol, role):
    Vote.objects.filter(voter=alice).update(cast_at=timezone.now().replace(year=2019, month=3, day=17))
    one, other = looks(people, role, election, carol, alice, (bob, carol))
    for address, answer in one.items():
        assert other[address] == answer, address
        assert not TIME.search(answer[1]), address


@pytest.mark.slow
def test_each_page_that_is_compared_is_shown_to_someone(people, election, carol):
    compared, shown = addresses(election, carol), set()
    for role in ("organiser", "member", "candidate"):
        client = client_of(people[role])
        shown |= {address for address in compared if looked_at(client, address).status_code == 200}
    # The calendar of one's own conferences needs a key.
    assert set(compared) - shown == {*not_yet(election, carol), "/conferences.ics"}


@pytest.mark.parametrize("rule", LIVE)
def test_control_a_live_tally_shows_a_difference(people, election, alice, bob, carol, rule):
    Election.objects.update(**rule)
    one, other = looks(people, "organiser", election, carol, alice, (bob, carol))
    different = {address for address, answer in one.items() if other[address] != answer}
    assert f"/admin/voting/votes/{election.pk}/result/" in different
    assert f"/admin/voting/votes/{election.pk}/export.csv" in different
    assert f"/api/v1/conferences/{election.slug}/organise/result/" in different


def leave(member):
    actions.leave_conference(membership=member, by=Actor(member.user))


def opt_out(member):
    pitches.set_accepts_votes(membership=member, accepts_votes=False, by=Actor(member.user))


def exclude(member):
    exclude_member(membership=member, by=Actor.of_command(), reason="x")


def disable(member):
    disable_user(user=member.user, by=Actor.of_command(), reason="x")


def delete(member):
    delete_account(by=Actor(member.user))


@pytest.mark.parametrize("role", ["organiser", "member"])
@pytest.mark.parametrize("who", ["voter", "candidate"])
@pytest.mark.parametrize("go", [leave, opt_out, exclude, disable, delete])
def test_no_one_sees_it_after_a_member_is_gone(people, election, alice, bob, carol, role, who, go):
    """What is void depends on the choice, so the election is built twice, up to the act itself."""
    client, shown = client_of(people[role]), []
    for candidate in (bob, carol):
        Vote.objects.filter(voter=alice).update(candidate=candidate, voided_at=None, voided_because="")
        if candidate == bob:
            go(alice if who == "voter" else bob)
        elif who == "candidate":
            Vote.objects.filter(candidate=bob).update(
                voided_at=timezone.now(), voided_because="candidate_left"
            )
        shown.append(seen(client, election, carol, with_figures))
    one, other = shown
    for address, answer in one.items():
        assert other[address] == answer, address


@pytest.mark.parametrize("role", ["organiser", "superuser", "tally_viewer"])
def test_the_desk_of_an_open_vote_shows_turnout_and_candidates_by_name(people, election, role):
    client, desk = client_of(people[role]), f"/admin/voting/votes/{election.pk}"
    facts = parse(client.get(f"{desk}/turnout/")).texts("dd")
    assert (facts[1], facts[2].partition(" counted")[0], facts[3]) == ("5", "4", "80.0%")
    shown = parse(client.get(f"{desk}/candidates/"))
    assert [name for name in shown.texts("strong") if name in ("Bob", "Carol")] == ["Bob", "Carol"]
    result = parse(client.get(f"{desk}/result/"))
    assert "Votes per candidate are secret until voting closes on" in " ".join(result.texts("p"))
    for page in (shown, result, parse(client.get(f"{desk}/decision/"))):
        assert {"Rank", "Votes"}.isdisjoint(page.texts("#content th"))
        assert not any(link.startswith(f"{desk}/decide/") for link in page.links)
        assert not page.has(".desk-mark")


@pytest.mark.parametrize("kind", ["csv", "xlsx"])
@pytest.mark.parametrize("role", ["organiser", "superuser", "tally_viewer"])
def test_no_tally_is_exported_before_voting_closed(people, election, role, kind):
    client = client_of(people[role])
    answer = client.get(f"/admin/voting/votes/{election.pk}/export.{kind}", follow=True)
    assert answer["Content-Type"].startswith("text/html")
    assert "Votes per candidate are secret until voting closes on" in parse(answer).text
    assert not AdminAct.objects.filter(act="export").exists()


@pytest.mark.parametrize("kind", ["csv", "xlsx"])
def test_the_tally_is_exported_once_voting_closed(people, election, kind):
    actions.close_voting(conference=election)
    answer = client_of(people["organiser"]).get(f"/admin/voting/votes/{election.pk}/export.{kind}")
    assert answer["Content-Disposition"].startswith("attachment")


@pytest.mark.parametrize("role", ROLES)
def test_who_may_see_the_tally_of_an_open_vote(people, election, role):
    assert not may_see_tally(people[role] or AnonymousUser(), election)


@pytest.mark.parametrize("role", ROLES)
def test_who_may_see_the_tally_live_where_organisers_see_it(people, election, role):
    election.election.organisers_see_tally = "live"
    assert may_see_tally(people[role] or AnonymousUser(), election) == (
        role in ("organiser", "superuser", "tally_viewer")
    )


@pytest.mark.parametrize("role", ROLES)
def test_who_may_see_the_tally_live_where_members_see_it(people, election, role):
    election.election.results_visibility = "live"
    assert may_see_tally(people[role] or AnonymousUser(), election) == (
        role in ("organiser", "superuser", "tally_viewer", "member", "candidate")
    )


@pytest.mark.parametrize("role", ROLES)
def test_who_may_see_the_tally_of_a_closed_vote(people, election, role):
    actions.close_voting(conference=election)
    assert may_see_tally(people[role] or AnonymousUser(), election) == (
        role in ("organiser", "superuser", "tally_viewer")
    )


def test_a_decision_shows_its_tally_only_to_those_who_may_see_it(people, election, bob, organiser):
    actions.close_voting(conference=election)
    decision = close_and_decide(conference=election, candidate=bob, by=organiser, reason="x")
    viewer = make_user("viewer@example.org", is_staff=True)
    viewer.user_permissions.set(Permission.objects.filter(codename="view_decision"))
    address = f"/admin/voting/decision/{decision.pk}/change/"
    assert parse(client_of(organiser).get(address)).has(".field-counted")
    assert not parse(client_of(viewer).get(address)).mentions("field-counted")
    assert Decision.objects.count() == 1


def test_no_step_of_the_curve_is_fewer_than_five_votes():
    hours = [(datetime(2030, 1, 1, hour, tzinfo=UTC), votes) for hour, votes in enumerate([1, 4, 2, 7, 3])]
    assert [votes for _, votes in in_steps(hours)] == [5, 9]


@pytest.mark.slow
def test_the_time_of_a_vote_is_on_no_page_about_the_voter(people, election, alice, carol):
    """That no other page shows it is tested together with the choice."""
    Vote.objects.filter(voter=alice).update(cast_at=timezone.now().replace(year=2019, month=3, day=17))
    others = {*addresses(election, carol)}
    own = [address for address in addresses(election, alice) if address not in others]
    assert own
    for role in ROLES:
        shown = seen(client_of(people[role]), election, alice, lambda *_about: own)
        assert [address for address, (_, text) in shown.items() if TIME.search(text)] == [], role
