"""A role that is lost while a form is open: the refusal says so and keeps what was typed."""

import pytest
from django.core import mail
from django.core.cache import cache

from accounts.tests.factories import log_in_freshly, make_user
from confbox.kit.tests.page import parse
from conferences.models import RosterEntry, TeamInvitation, TeamMember
from conferences.tests.admission import only
from conferences.tests.factories import make_conference
from conferences.tests.teams import make_series, make_team_member

pytestmark = pytest.mark.django_db
ONE = "/admin/conferences/conference/{}/".format
TYPED = {
    "team/": {"email": "new@example.org", "role": "reviewer"},
    "roster/add/": {"email": "new@example.org", "name": "New Person"},
    "copy/": {"title": "Conference of next year"},
    "joining/code/add/": {"name": "For the newsletter"},
}


@pytest.fixture(autouse=True)
def _fresh_limits():
    cache.clear()


@pytest.fixture
def conference(conference):
    conference.series = make_series()
    conference.save()
    return only(conference, approval=True)


@pytest.fixture
def owner(conference):
    return make_team_member(conference.series, "owner")


@pytest.fixture
def as_owner(client, owner):
    return log_in_freshly(client, owner.person)


def send(client, url, typed):
    return client.post(url, typed, headers={"referer": f"http://testserver{url}"})


@pytest.mark.usefixtures("owner")
@pytest.mark.parametrize("form", TYPED)
def test_who_has_just_lost_the_role_reads_so_and_keeps_what_was_typed(as_owner, conference, form):
    url, typed = ONE(conference.pk) + form, TYPED[form]
    assert as_owner.get(url).status_code == 200
    TeamMember.objects.update(role="observer")
    answer = send(as_owner, url, typed)
    assert answer.status_code == 403
    shown = parse(answer)
    assert "your role may have changed" in shown.text
    assert {name: shown.field(name)["value"] for name in typed} == typed
    assert not mail.outbox
    assert not RosterEntry.objects.exists()


@pytest.mark.usefixtures("owner")
def test_what_was_typed_can_be_sent_again_with_the_role(as_owner, conference):
    url, typed = f"{ONE(conference.pk)}team/", TYPED["team/"]
    TeamMember.objects.update(role="observer")
    shown = parse(send(as_owner, url, typed))
    assert url in shown.actions
    TeamMember.objects.update(role="owner")
    send(as_owner, url, {name: shown.field(name)["value"] for name in typed})
    assert TeamInvitation.objects.get().email == "new@example.org"


@pytest.mark.usefixtures("owner")
def test_who_may_no_longer_read_the_page_is_answered_as_if_it_did_not_exist(as_owner, conference):
    TeamMember.objects.all().delete()
    make_team_member(make_conference(), "owner", user=make_user("other@example.org"))
    log_in_freshly(as_owner, TeamMember.objects.get().person)
    answers = [send(as_owner, f"{ONE(pk)}team/", TYPED["team/"]) for pk in (conference.pk, 10**6)]
    assert [answer.status_code for answer in answers] == [404, 404]
    assert not any(parse(answer).mentions("new@example.org") for answer in answers)
