"""Publishing a conference: the page names what follows, and nothing is green while voting will not open."""

import pytest

from accounts.models import AdminAct
from accounts.tests.factories import log_in_freshly
from confbox.kit.tests.page import parse
from conferences.models import Conference, Role
from conferences.tests.factories import make_conference
from conferences.tests.rosters.entries import make_entry
from conferences.tests.teams import make_series, make_team_member
from voting.elections.election.models import Election

pytestmark = pytest.mark.django_db


@pytest.fixture
def draft():
    return make_conference(title="Bread Conf", voting="scheduled", status="draft", place="Athens", agenda="x")


def url_of(conference, end=""):
    return f"/admin/conferences/conference/{conference.pk}/{end}"


def status_of(conference):
    return Conference.objects.get(pk=conference.pk).status


def consequences(client, conference):
    return parse(client.get(url_of(conference, "publish/"))).texts(".desk-panel li")


def test_publishing_is_the_next_step_once_the_rest_is_settled(as_organiser, draft):
    page = parse(as_organiser.get(url_of(draft)))
    assert page.attributes(".overview-step .button", "href") == [url_of(draft, "publish/")]


def test_page_names_who_sees_it_and_when_voting_opens(as_organiser, draft):
    said = consequences(as_organiser, draft)
    assert said[0].startswith("Everyone can open its page")
    assert any(sentence.startswith("Voting opens on ") for sentence in said)
    assert status_of(draft) == "draft"


def test_page_counts_the_people_on_the_roster_who_can_be_invited(as_organiser, draft):
    make_entry(draft)
    assert any(
        "1 person on the roster has not joined yet" in text for text in consequences(as_organiser, draft)
    )


def test_page_names_what_keeps_voting_from_opening_even_then(as_organiser, draft):
    Election.objects.update(rules_set_at=None)
    assert consequences(as_organiser, draft)[-1] == "Voting will not open yet: the rules are not set."


def test_publishing_twice_publishes_once(as_organiser, draft, mailoutbox):
    for _ in range(2):
        assert as_organiser.post(url_of(draft, "publish/")).status_code == 302
    assert status_of(draft) == "active"
    assert AdminAct.objects.filter(what="Published.").count() == 1
    assert mailoutbox == []


def test_nothing_is_green_while_voting_will_not_open(as_organiser, draft):
    Election.objects.update(rules_set_at=None)
    page = parse(as_organiser.post(url_of(draft, "publish/"), follow=True))
    assert page.texts(".messagelist .success") == []
    assert status_of(draft) == "active"


def test_cancelled_conference_is_not_published(as_organiser, draft):
    Conference.objects.update(status="cancelled", stopped_at=draft.starts_at)
    page = parse(as_organiser.post(url_of(draft, "publish/")))
    assert "This conference is cancelled." in page.part(".desk-panel").text
    assert status_of(draft) == "cancelled"


@pytest.mark.parametrize(("role", "status"), [(Role.ORGANISER, 302), (Role.REVIEWER, 403)])
def test_only_those_who_may_change_it_publish_it(client, draft, role, status):
    log_in_freshly(client, make_team_member(draft, role).person)
    assert client.post(url_of(draft, "publish/")).status_code == status


def test_another_teams_draft_does_not_exist(client, draft):
    log_in_freshly(client, make_team_member(make_series(), Role.OWNER).person)
    assert client.post(url_of(draft, "publish/")).status_code == 404
    assert status_of(draft) == "draft"


def test_deleting_is_offered_to_those_who_may(client, as_organiser, draft):
    link = url_of(draft, "delete-with-team/")
    assert link in parse(as_organiser.get(url_of(draft))).links
    log_in_freshly(client, make_team_member(draft, Role.ORGANISER).person)
    assert link not in parse(client.get(url_of(draft))).links
