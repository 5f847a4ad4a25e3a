"""What a team reads in the audit log: its own conferences, and an observer nothing that is personal."""

import pytest
from django.test import Client

from accounts.actors import Actor
from accounts.audit_log import log_act, log_own_act
from accounts.models import AdminAct
from accounts.tests.factories import log_in_freshly, make_organiser
from confbox.kit.tests.page import parse
from conferences.joining.actions import answer_request
from conferences.models import Role
from conferences.roster.actions import remove_entry
from conferences.tests.admission import BY_COMMAND, ask, only
from conferences.tests.factories import make_conference, make_membership
from conferences.tests.rosters.entries import make_entry
from conferences.tests.teams import make_team_member
from voting.elections.exclusions import exclude_member

pytestmark = pytest.mark.django_db
LOG = "/admin/accounts/adminact/"
NAME, WORDS = "Zora Zweig", "Zanzibar"


@pytest.fixture
def acts(conference, organiser):
    """One of each kind that names a member, in its object, its author or its reason."""
    zora = make_membership(conference, name=NAME)
    by = Actor(organiser, "127.0.0.1")
    exclude_member(membership=zora, by=by, reason=WORDS)
    remove_entry(entry=make_entry(conference, "zora@example.org", name=NAME), reason=WORDS, by=by)
    asked = ask(only(conference, approval=True), make_membership(make_conference(), name=NAME).user)
    answer_request(asked=asked, answer="declined", reason=WORDS, by=by)
    log_act(by=by, act="edit", target=zora, reason=WORDS)
    log_own_act(by=Actor(zora.user), act="leave", target=conference)
    return list(AdminAct.objects.filter(of_conference=conference.pk))


def reading(conference, role):
    return log_in_freshly(Client(), make_team_member(conference, role).person)


def texts(client, *queries):
    return " ".join(parse(client.get(LOG + query)).part("#content").text for query in queries or ("",))


def test_observer_reads_of_no_member(acts, conference):
    client = reading(conference, Role.OBSERVER)
    found = texts(client)
    said = ("Excluded from the vote of Open Conf: a member.", "Removed from the roster: a person", "Left")
    assert all(words in found for words in (*said, "Request to join declined: a person."))
    details = [client.get(f"{LOG}{act.pk}/change/").content.decode() for act in acts]
    assert not [shown for shown in (found, *details) if NAME in shown or WORDS in shown]


def test_observer_reads_who_of_the_team_did_what_for_all(acts, conference, organiser):
    log_act(by=Actor(organiser, "127.0.0.1"), act="rules", target=conference, reason="Ties: by lot")
    found = texts(reading(conference, Role.OBSERVER))
    assert "Ties: by lot" in found
    assert str(organiser) in found


@pytest.mark.parametrize("role", [Role.OWNER, Role.ORGANISER])
def test_who_sees_the_members_reads_of_them(acts, conference, role):
    client = reading(conference, role)
    assert NAME in texts(client)
    assert WORDS in texts(client)
    assert NAME in texts(client, f"{next(a for a in acts if a.act == 'leave').pk}/change/")


def test_names_are_shown_by_the_role_in_the_conference_of_the_entry(acts, conference):
    client = reading(make_conference(), Role.OWNER)
    person = client.get("/").context["user"]
    make_team_member(conference, Role.OBSERVER, user=person)
    assert NAME not in texts(client)
    assert WORDS not in texts(client)


@pytest.mark.parametrize("words", [NAME, WORDS, "zora"])
def test_no_search_finds_for_an_observer_what_the_list_does_not_show(acts, conference, words):
    found = parse(reading(conference, Role.OBSERVER).get(LOG, {"q": words}))
    assert found.texts("#result_list tbody tr") == []
    assert parse(reading(conference, Role.OWNER).get(LOG, {"q": words})).texts("#result_list tbody tr")


def test_observer_cannot_sort_by_names(acts, conference):
    names = {"by", "target"}

    def sorted_by(role):
        client = reading(conference, role)
        return {name for name in names if parse(client.get(LOG)).has(f"th.column-{name}.sortable")}

    assert (sorted_by(Role.OBSERVER), sorted_by(Role.OWNER)) == (set(), names)


def test_only_who_sees_the_members_reads_the_history_of_a_conference(acts, conference):
    page = f"/admin/conferences/conference/{conference.pk}/"
    opened = {role: reading(conference, role).get(f"{page}history/").status_code for role in Role.values}
    assert {role for role, status in opened.items() if status == 200} == {"owner", "organiser", "help_desk"}
    assert f"{page}history/" not in parse(reading(conference, Role.OBSERVER).get(page)).links
    assert f"{page}history/" in parse(reading(conference, Role.OWNER).get(page)).links


def test_members_are_those_who_did_it_for_themselves(conference, organiser):
    owner = make_team_member(conference, Role.OWNER).person
    by = {"organiser": Actor(organiser, "127.0.0.1"), "owner": Actor(owner, "127.0.0.2")}
    for name, actor in (by | {"command": BY_COMMAND}).items():
        log_act(by=actor, act=f"act of {name}", target=conference)
    for name, actor in by.items():
        log_own_act(by=actor, act=f"own act of {name}", target=conference)
    client = reading(conference, Role.OWNER)
    found = {
        who: parse(client.get(LOG, {"who": who})).texts(".field-done") for who in ("members", "organisers")
    }
    assert sorted(found["members"]) == ["own act of organiser", "own act of owner"]
    assert sorted(found["organisers"]) == ["act of command", "act of organiser", "act of owner"]


def test_export_of_members_is_in_the_log_of_each_conference(client, conference, roles):
    other = make_conference()
    chosen = [make_membership(at).pk for at in (conference, conference, other)]
    log_in_freshly(client, make_organiser("site@example.org"))
    client.post("/admin/conferences/membership/", {"action": "export_selected", "_selected_action": chosen})
    found = AdminAct.objects.filter(act="export").order_by("of_conference")
    assert list(found.values_list("of_conference", "kind", "what")) == [
        (conference.pk, "conference", "2 members exported."),
        (other.pk, "conference", "1 member exported."),
    ]


def test_exclusion_is_in_the_log_of_its_conference_with_the_reason(acts, conference):
    assert f"{WORDS}" in AdminAct.objects.get(act="exclude", of_conference=conference.pk).reason


def test_entry_links_to_no_account_that_a_team_may_not_open(acts, conference, organiser):
    act = next(act for act in acts if act.act == "edit")
    as_owner, as_site = reading(conference, Role.OWNER), log_in_freshly(Client(), organiser)
    linked = [
        any(
            "/accounts/user/" in href
            for href in parse(c.get(f"{LOG}{act.pk}/change/")).attributes("#content a", "href")
        )
        for c in (as_owner, as_site)
    ]
    assert linked == [False, True]
