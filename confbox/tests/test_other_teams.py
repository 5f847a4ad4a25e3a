"""A conference of another team answers exactly like one that does not exist, through every door of the admin.

Every route of the admin is requested by a person of each role, who runs a conference of their own: once with
the IDs of another team's rows, once with IDs that no row has. The responses have to be the same.
"""

import re
from itertools import count

import pytest
from django.contrib.admin.models import CHANGE, LogEntry
from django.contrib.contenttypes.models import ContentType
from django.db import transaction
from django.test import Client

from accounts.actors import Actor
from accounts.audit_log import log_act
from accounts.tests.factories import log_in_freshly, make_organiser
from confbox.kit.tests.page import parse
from confbox.tests import routes
from conferences.models import Conference, Role
from conferences.teams.actions import invite_to_team
from conferences.tests.factories import make_conference, make_membership, update_elections
from conferences.tests.rosters.entries import make_entry
from conferences.tests.teams import acting, make_series, make_team_member
from voting.tests.campaigns import make_campaign
from voting.tests.factories import close_and_decide, make_pitch

pytestmark = pytest.mark.django_db

# In every text of the other team's rows, and in nothing else.
MARK = "Zyxomma"
ROLES = Role.values
ADMIN = [pattern for pattern in routes.patterns() if pattern.startswith("admin/")]
PLAIN = [pattern for pattern in ADMIN if "<" not in pattern]
# Their parameter is not a row of a conference: parts of pages, people, groups, kinds of emails.
OF_ROWS = re.compile(
    r"conferences/(conference|membership|series)/|voting/(tally|campaign|decision|pitch)/|/r/"
)


def fill(conference, organiser, text, ids=None):
    """Rows of every kind in this conference, with the text in them."""
    member = make_membership(conference, name=f"{text} Member", pk=ids and next(ids))
    make_pitch(member, headline=f"{text} pitch")
    campaign = make_campaign(member, subject=f"{text} subject", pk=ids and next(ids))
    entry = make_entry(conference, f"{text.lower()}@example.org", name=f"{text} Entry")
    log_act(by=Actor(organiser, "127.0.0.1"), act="change", target=conference, reason=f"{text} reason")
    return member, campaign, entry


def renumbered(row, number):
    type(row).objects.filter(pk=row.pk).update(id=number)
    return number


@pytest.fixture
def people(organiser):
    """A person of each role, with a conference of their own that has rows of every kind."""
    found = {}
    for role in ROLES:
        own = make_conference(
            title=f"Own Conference {role}", slug=f"own-{role.replace('_', '-')}", voting="open"
        )
        fill(own, organiser, f"Own{role.replace('_', '')}")
        found[role] = make_team_member(own, role).person
        series = make_series(name=f"Own Series {role}")
        make_team_member(series, role, user=found[role])
    return found


@pytest.fixture
def other(people):
    """The IDs of another team's rows: a conference with rows of every kind, and one with a decision."""
    organiser, ids = make_organiser("zyx@example.org", name=f"{MARK} Organiser"), count(81_000_001)
    conference = make_conference(
        pk=next(ids), title=f"{MARK} Conference", slug="zyx-open", voting="open", place=MARK
    )
    member, campaign, entry = fill(conference, organiser, MARK, ids)
    decided = make_conference(title=f"{MARK} Decided", slug="zyx-decided", voting="open")
    speaker = make_membership(decided, name=f"{MARK} Speaker")
    decision = close_and_decide(conference=decided, candidate=speaker, by=organiser, reason=MARK)
    series = make_series(pk=next(ids), name=f"{MARK} Series")
    owner = make_team_member(series, Role.OWNER, name=f"{MARK} Owner")
    invitation = invite_to_team(scope=series, email="zyxomma@example.org", role="owner", by=acting(owner))
    return {
        "conference_id": conference.pk,
        "conferences/conference/<path:object_id>": conference.pk,
        "conferences/conference/<row:pk>": conference.pk,
        "admin/r/<path:content_type_id>/<path:object_id>": conference.pk,
        "member_id": member.pk,
        "conferences/membership/<path:object_id>": member.pk,
        "voting/pitch/<path:object_id>": member.pk,
        "campaign_id": campaign.pk,
        "entry_id": renumbered(entry, next(ids)),
        "voting/tally/<path:object_id>": conference.pk,
        "voting/decision/<path:object_id>": renumbered(decision, next(ids)),
        "decision_id": 81_000_099,
        "conferences/series/<row:pk>": series.pk,
        "conferences/series/<path:object_id>": series.pk,
        "invitation_id": renumbered(invitation, next(ids)),
    }


def given():
    """The samples that are the same for both: kinds, and what the ID of `/admin/r/` is one of."""
    return {"kind": "reminder", "content_type_id": ContentType.objects.get_for_model(Conference).pk}


@pytest.fixture
def browse(people):
    """Browsers of a person with this role who has just logged in: each without messages of earlier pages."""

    def browse(role):
        key = log_in_freshly(Client(), people[role]).session.session_key

        def browser():
            client = Client()
            client.cookies["sessionid"] = key
            return client

        return browser

    return browse


def missing(samples):
    """IDs with as many digits that no row has."""
    return {name: value + 10_000_000 for name, value in samples.items()}


def shown(response, samples):
    """The response without what differs between any two requests, and without the IDs in the URL."""
    text = response.content.decode(errors="replace") if not response.streaming else ""
    text = re.sub(r'name="csrfmiddlewaretoken" value="[^"]*"|nonce="[^"]*"', "", text)
    there = response.headers.get("Location", "")
    ids = re.compile("|".join(str(value) for value in samples.values()))
    text, there = ids.sub("ID", text), ids.sub("ID", there)
    return response.status_code, there, text


def difference(foreign, absent):
    """Where the responses begin to differ."""
    parts = [(one, other) for one, other in zip(foreign, absent, strict=True) if one != other]
    one, other = map(str, parts[0])
    start = next(n for n, (a, b) in enumerate(zip(one + "^", other + "$", strict=False)) if a != b)
    return one[max(0, start - 40) : start + 60], other[max(0, start - 40) : start + 60]


def asked_and_undone(client, method, path):
    with transaction.atomic():
        response = client.generic(method, path)
        if response.status_code in (301, 302) and response.headers["Location"].startswith("/admin/"):
            followed = client.get(response.headers["Location"])
            response.content += followed.content
        transaction.set_rollback(True)
    return response


@pytest.mark.parametrize("role", ROLES)
@pytest.mark.parametrize("method", ["GET", "POST"])
def test_rows_of_another_team_answer_like_rows_that_do_not_exist(browse, other, role, method):
    browser, wrong = browse(role), []
    for pattern in filter(OF_ROWS.search, set(ADMIN) - set(PLAIN)):
        foreign, absent = (
            shown(
                asked_and_undone(browser(), method, routes.filled(pattern, samples | given())),
                samples,
            )
            for samples in (other, missing(other))
        )
        if foreign != absent:
            wrong.append((pattern, *difference(foreign, absent)))
    assert wrong == []


@pytest.mark.parametrize("role", ROLES)
def test_no_page_of_the_admin_names_anything_of_another_team(browse, other, role):
    client = browse(role)()
    pages = {pattern: client.get(f"/{pattern}") for pattern in PLAIN}
    assert [p for p, page in pages.items() if MARK.lower() in page.content.decode().lower()] == []
    assert sum(page.status_code == 200 for page in pages.values()) > 2


def test_control_a_site_organiser_sees_them(browse, other, organiser):
    client = log_in_freshly(Client(), organiser)
    naming = [p for p in PLAIN if MARK in client.get(f"/{p}").content.decode()]
    assert {"admin/conferences/conference/", "admin/voting/campaign/", "admin/voting/pitch/"} <= set(naming)


DOORS = [
    "conferences/conference/?q=Conference",
    "conferences/conference/?status__exact=active&q=conf",
    "conferences/conference/?starts_at__year=2026&all=",
    "conferences/conference/?when=upcoming",
    "conferences/conference/?visibility__exact=public",
    "conferences/conference/?id__exact={conference_id}",
    "conferences/series/?q=Series",
    "conferences/conference/?series__id__exact=1",
    "conferences/membership/?q=Member",
    "conferences/membership/?conference__id__exact={conference_id}",
    "conferences/membership/?conference__title__startswith=Z",
    "conferences/membership/?user__email__startswith=z",
    "conferences/membership/?accepts_votes__exact=1",
    "voting/campaign/?status__exact=requested&q=subject",
    "voting/campaign/?conference__id__exact={conference_id}",
    "voting/campaign/?kind__exact=promotion",
    "voting/decision/?q=Decided",
    "voting/decision/?answer__exact=pending",
    "voting/pitch/?q=pitch",
    "voting/tally/?q=Conference",
    "voting/tally/?voting=open",
    "voting/tally/?when=upcoming",
    "accounts/adminact/?q=reason",
    "accounts/adminact/?q=example.org",
    "accounts/adminact/?act=change",
    "accounts/adminact/?who=organisers",
    "accounts/adminact/?at__year=2026",
    "autocomplete/?app_label=conferences&model_name=membership&field_name=conference&term=o",
    "autocomplete/?app_label=conferences&model_name=conference&field_name=series&term=o",
    "autocomplete/?app_label=voting&model_name=campaign&field_name=conference&term=o",
]


@pytest.mark.parametrize("role", ROLES)
def test_no_search_filter_or_look_up_finds_anything_of_another_team(browse, other, role):
    browser = browse(role)
    pages = {door: browser().get(f"/admin/{door.format(**other)}", follow=True) for door in DOORS}
    assert [d for d, page in pages.items() if MARK.lower() in page.content.decode().lower()] == []


def test_control_a_site_organiser_finds_it_through_most_of_these_doors(other, organiser):
    client = log_in_freshly(Client(), organiser)
    pages = {door: client.get(f"/admin/{door.format(**other)}", follow=True) for door in DOORS}
    found = [d for d, page in pages.items() if MARK.lower() in page.content.decode().lower()]
    assert len(found) > len(DOORS) // 2


@pytest.mark.parametrize("role", ROLES)
@pytest.mark.parametrize("across", ["0", "1"])
@pytest.mark.parametrize(
    ("path", "act"),
    [
        ("conferences/conference", "deactivate_selected"),
        ("conferences/conference", "publish_selected"),
        ("conferences/membership", "export_selected"),
    ],
)
def test_no_action_reaches_another_team(browse, other, role, across, path, act):
    selected = other["member_id" if "membership" in path else "conference_id"]
    sent = {"action": act, "_selected_action": selected, "select_across": across, "index": "0"}
    Conference.objects.filter(pk=other["conference_id"]).update(status="active")
    before = list(Conference.objects.filter(slug__startswith="zyx").values())
    answer = browse(role)().post(f"/admin/{path}/", sent, follow=True)
    assert MARK.lower() not in answer.content.decode().lower() if not answer.streaming else True
    assert list(Conference.objects.filter(slug__startswith="zyx").values()) == before


def test_who_only_reads_a_conference_does_not_change_it_with_the_others_in_the_list(people, browse, other):
    """An organiser of one conference who observes another selects both."""
    read = Conference.objects.get(pk=other["conference_id"])
    make_team_member(read, Role.OBSERVER, user=people["organiser"])
    own = Conference.objects.get(slug="own-organiser")
    update_elections(read, own, opens_at=None, closes_at=None)
    sent = {"action": "deactivate_selected", "_selected_action": [read.pk, own.pk], "select_across": "1"}
    browse("organiser")().post("/admin/conferences/conference/", sent | {"index": "0"})
    found = Conference.objects.filter(pk__in=[read.pk, own.pk])
    assert dict(found.values_list("slug", "status")) == {"own-organiser": "inactive", "zyx-open": "active"}


@pytest.mark.parametrize("role", ROLES)
def test_recent_actions_name_nothing_of_a_team_that_the_person_has_left(people, browse, other, role):
    conference = Conference.objects.get(pk=other["conference_id"])
    LogEntry.objects.log_actions(people[role].pk, [conference], CHANGE, "Changed.", single_object=True)
    assert MARK not in browse(role)().get("/admin/").content.decode()


def test_series_of_another_team_are_not_offered(browse, people):
    series = make_series(name=f"{MARK} series")
    own = make_series(name="Own series")
    make_team_member(own, Role.OWNER, user=people["owner"])
    page = browse("owner")().get("/admin/conferences/conference/add/")
    names = parse(page).texts("#id_series option")
    assert "Own series" in names
    assert str(series) not in names
