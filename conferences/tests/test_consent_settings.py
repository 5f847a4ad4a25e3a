"""The owners of a series choose what a second person confirms."""

import pytest
from django.core import mail
from django.core.exceptions import ValidationError

from accounts.models import AdminAct
from accounts.tests.factories import log_in_freshly, make_organiser
from confbox.kit.outcomes import Change
from confbox.kit.tests.page import parse
from conferences.consent.acts import with_switch
from conferences.consent.settings import set_consent
from conferences.models import Role, Series
from conferences.tests.teams import acting, make_series, make_team_member

pytestmark = pytest.mark.django_db


@pytest.fixture
def owner(db):
    return make_team_member(make_series(name="Guild"), Role.OWNER, name="Olga")


@pytest.fixture
def second(owner):
    return make_team_member(owner.series, Role.ORGANISER, name="Oscar")


def url_of(series):
    return f"/admin/conferences/series/{series.pk}/second-person/"


def stored():
    return Series.objects.get().needs_consent


def test_owner_sets_what_needs_a_second_person(client, owner, second):
    browser = log_in_freshly(client, owner.person)
    assert len(parse(browser.get(url_of(owner.series))).texts("fieldset label")) == len(with_switch()) == 4
    browser.post(url_of(owner.series), {"acts": ["exclusion", "window"]})
    assert stored() == ["window", "exclusion"]
    shown = parse(browser.get(f"/admin/conferences/series/{owner.series.pk}/change/"))
    assert "Closing voting early" in shown.text
    assert url_of(owner.series) in shown.attributes("a", "href")


def test_team_of_one_cannot_set_it(client, owner):
    browser = log_in_freshly(client, owner.person)
    answer = parse(browser.post(url_of(owner.series), {"acts": ["exclusion"]}))
    assert "needs two people in the team" in answer.text
    assert stored() == []


@pytest.mark.parametrize("role", [Role.REVIEWER, Role.HELP_DESK, Role.OBSERVER])
def test_role_that_may_not_confirm_does_not_count(owner, role):
    make_team_member(owner.series, role)
    with pytest.raises(ValidationError, match="needs two people"):
        set_consent(series=owner.series, acts=["roll"], by=acting(owner))


def test_disabled_account_does_not_count(owner, second):
    second.person.is_active = False
    second.person.save()
    with pytest.raises(ValidationError, match="needs two people"):
        set_consent(series=owner.series, acts=["roll"], by=acting(owner))


def test_what_is_set_can_be_kept_and_lifted_by_a_team_of_one(owner, second):
    set_consent(series=owner.series, acts=["roll", "window"], by=acting(owner))
    second.delete()
    assert set_consent(series=owner.series, acts=["roll"], by=acting(owner)) is Change.MADE
    assert set_consent(series=owner.series, acts=["roll"], by=acting(owner)) is Change.NONE
    assert stored() == ["roll"]


def test_other_owners_are_notified_and_it_is_in_the_audit_log(owner, second):
    other = make_team_member(owner.series, Role.OWNER)
    set_consent(series=owner.series, acts=["decision"], by=acting(owner))
    assert [message.to for message in mail.outbox] == [[other.person.email]]
    assert "Choosing the speaker" in mail.outbox[0].body
    assert AdminAct.objects.filter(kind="series", what__contains="Choosing the speaker").exists()


def test_unknown_act_is_refused(client, owner, second):
    log_in_freshly(client, owner.person).post(url_of(owner.series), {"acts": ["everything"]})
    assert stored() == []


ROLES = [(Role.ORGANISER, 403), (Role.REVIEWER, 403), (Role.HELP_DESK, 403), (Role.OBSERVER, 403)]


@pytest.mark.parametrize(("role", "status"), ROLES)
def test_only_owners_find_and_open_the_switches(client, owner, role, status):
    browser = log_in_freshly(client, make_team_member(owner.series, role).person)
    answers = [browser.get(url_of(owner.series)), browser.post(url_of(owner.series), {"acts": []})]
    assert [answer.status_code for answer in answers] == [status] * 2
    page = parse(browser.get(f"/admin/conferences/series/{owner.series.pk}/change/"))
    assert url_of(owner.series) not in page.attributes("a", "href")


def test_series_of_another_team_does_not_exist(client, owner):
    browser = log_in_freshly(client, make_team_member(make_series(), Role.OWNER).person)
    assert browser.get(url_of(owner.series)).status_code == 404
    assert browser.post(url_of(owner.series), {"acts": []}).status_code == 404


def test_site_organiser_sets_it_too(client, owner, second, roles):
    browser = log_in_freshly(client, make_organiser("site@example.org"))
    browser.post(url_of(owner.series), {"acts": ["decision"]})
    assert stored() == ["decision"]


def test_owner_who_lost_the_role_meanwhile_sets_nothing(owner, second):
    actor = acting(owner)
    type(owner).objects.filter(pk=owner.pk).update(role=Role.ORGANISER)
    with pytest.raises(ValidationError, match="can no longer change this team"):
        set_consent(series=owner.series, acts=["decision"], by=actor)
