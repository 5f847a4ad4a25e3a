"""The page “Copy this conference”, and what follows it."""

import pytest
from django.core.cache import cache
from django.test import Client

from accounts.tests.factories import log_in_freshly
from confbox.kit.limits import Limit
from confbox.kit.tests.page import parse
from conferences.copying import admin_views
from conferences.models import Conference, Role, RosterEntry
from conferences.tests.factories import make_conference, make_membership
from conferences.tests.rosters.entries import make_entry
from conferences.tests.teams import make_series, make_team_member

pytestmark = pytest.mark.django_db
LIST = "/admin/conferences/conference/"


@pytest.fixture
def source():
    series = make_series(name="Guild")
    return make_conference(title="Bread Conf", slug="bread", series=series, place="Athens", voting="closed")


@pytest.fixture
def owner(source):
    return make_team_member(source.series, Role.OWNER)


@pytest.fixture
def as_owner(owner):
    return browser_of(owner)


def browser_of(member):
    return log_in_freshly(Client(), member.person)


def url_of(conference):
    return f"{LIST}{conference.pk}/copy/"


def suggested(client, url):
    """What a browser sends if nothing is changed."""
    page = parse(client.get(url))
    kinds = ("text", "datetime-local")
    inputs = page.attributes(", ".join(f"form[novalidate] input[type={kind}]" for kind in kinds), "name")
    sent = {name: page.attributes(f"[name={name}]", "value")[0] for name in inputs}
    return sent | {"series": page.attributes("[name=series] option[selected]", "value")[0]}


def test_page_lists_what_is_copied_and_what_is_not(as_owner, source):
    make_team_member(source, Role.REVIEWER)
    page = parse(as_owner.get(url_of(source)))
    assert page.texts(".copy-parts details summary") == [
        "Topic, place, time zone, website, contact and agenda",
        "Who sees it and who may join",
        "Rules of the vote",
        "Campaign limits",
        "Team",
    ]
    assert "Athens" in page.part(".copy-parts details:first-of-type").text
    left = page.part("#left-title ~ ul").text
    assert "Votes, the list of voters, the result and the speaker" in left
    assert "Members, and who was excluded" in left


def test_page_says_that_dates_are_a_year_later_and_what_they_were(as_owner, source):
    page = parse(as_owner.get(url_of(source)))
    assert "52 weeks after the last ones, so on the same weekdays" in page.text
    assert "Last time:" in page.part("#id_starts_at_helptext").text


def test_suggested_values_make_a_copy_as_they_are(as_owner, source):
    answer = as_owner.post(url_of(source), suggested(as_owner, url_of(source)))
    copy = Conference.objects.exclude(pk=source.pk).get()
    assert answer.url == f"{LIST}{copy.pk}/"
    assert (copy.title, copy.status, copy.place) == ("Bread Conf", "draft", "Athens")
    page = parse(as_owner.get(answer.url))
    assert page.messages == ["“Bread Conf” has been created as a draft. Only its team sees it."]
    assert page.has("#line-published.is-refuses")


def test_same_form_again_leads_to_the_copy_and_says_so(as_owner, source):
    sent = suggested(as_owner, url_of(source))
    first, second = (as_owner.post(url_of(source), sent) for _ in range(2))
    assert first.url == second.url
    assert "You have made this copy before" in parse(as_owner.get(second.url)).text
    assert Conference.objects.count() == 2


def test_roster_is_offered_with_its_number_and_not_ticked(as_owner, source):
    make_entry(source)
    page = parse(as_owner.get(url_of(source)))
    assert "Copy the roster: 1 person" in page.text
    assert not page.has("[name=with_roster][checked]")
    sent = suggested(as_owner, url_of(source)) | {"with_roster": "on"}
    as_owner.post(url_of(source), sent)
    assert RosterEntry.objects.exclude(conference=source).count() == 1


def test_empty_roster_is_not_offered(as_owner, source):
    assert not parse(as_owner.get(url_of(source))).has("[name=with_roster]")


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"slug": "taken"}, "already exists"),
        ({"starts_at": "2020-01-01T10:00"}, "This time has passed."),
        ({"ends_at": "2020-01-01T10:00"}, "This time has passed."),
        ({"title": ""}, "This field is required."),
        ({"starts_at": "tomorrow"}, "Enter a valid date/time."),
        ({"voting_opens_at": ""}, "Voting needs both"),
        ({"series": ""}, "This field is required."),
        ({"title": "\0"}, "Null characters are not allowed."),
    ],
)
def test_refused_form_says_why_keeps_what_was_typed_and_copies_nothing(as_owner, source, changes, said):
    make_conference(slug="taken")
    sent = suggested(as_owner, url_of(source)) | {"title": "Typed Title"} | changes
    page = parse(as_owner.post(url_of(source), sent))
    assert any(said in error for error in page.errors)
    assert "Typed Title" in page.attributes("[name=title]", "value") or "title" in changes
    assert Conference.objects.count() == 2


def test_series_where_the_person_cannot_create_is_neither_offered_nor_taken(as_owner, owner, source):
    mine, other = make_series(name="Mine"), make_series(name="Other")
    make_team_member(mine, Role.ORGANISER, user=owner.person)
    make_team_member(other, Role.HELP_DESK, user=owner.person)
    page = parse(as_owner.get(url_of(source)))
    assert page.texts("[name=series] option") == ["Please choose", "Guild", "Mine"]
    for forged in (other.pk, 999_999, "x"):
        sent = suggested(as_owner, url_of(source)) | {"series": forged}
        assert parse(as_owner.post(url_of(source), sent)).errors
    assert Conference.objects.count() == 1


def test_site_organiser_copies_any_conference_also_outside_of_series(as_organiser, source):
    page = parse(as_organiser.get(url_of(source)))
    assert page.texts("[name=series] option")[0] == "None: only site organisers run it"
    sent = suggested(as_organiser, url_of(source)) | {"series": ""}
    assert as_organiser.post(url_of(source), sent).status_code == 302
    assert Conference.objects.exclude(pk=source.pk).get().series is None


def test_conference_of_others_answers_like_one_that_does_not_exist(source):
    client = browser_of(make_team_member(make_series(), Role.OWNER))
    for page in ("copy/", ""):
        answers = [client.get(f"{LIST}{pk}/{page}") for pk in (source.pk, 999_999)]
        assert [answer.status_code for answer in answers] == [404, 404]
        assert parse(answers[0]).text_but_for_its_id == parse(answers[1]).text_but_for_its_id
    assert client.post(url_of(source), {}).status_code == 404


def test_role_in_a_single_conference_offers_no_copy(source):
    client = browser_of(make_team_member(source, Role.OWNER))
    assert client.get(url_of(source)).status_code == 403
    page = parse(client.get(f"{LIST}{source.pk}/change/"))
    assert url_of(source) not in page.links


def test_role_that_only_reads_offers_no_copy(source):
    member = make_team_member(source.series, Role.OBSERVER)
    make_team_member(make_series(), Role.OWNER, user=member.person)
    assert browser_of(member).get(url_of(source)).status_code == 404


def test_overview_of_a_conference_leads_to_the_copy(as_owner, source):
    assert url_of(source) in parse(as_owner.get(f"/admin/conferences/conference/{source.pk}/")).links


def test_copying_asks_again_who_is_there(owner, source, client):
    client.force_login(owner.person)
    assert "reauthenticate" in client.get(url_of(source)).url


def test_copying_has_a_limit(as_owner, source, monkeypatch):
    cache.clear()
    monkeypatch.setattr(admin_views, "COPIES", Limit("few copies", person="2/h"))
    sent = suggested(as_owner, url_of(source))
    for number in range(3):
        page = as_owner.post(url_of(source), sent | {"slug": f"copy-{number}"})
    assert "Too many requests" in parse(page).text
    assert Conference.objects.count() == 3


def test_overview_of_a_copy_asks_for_rules_that_were_not_set(as_owner, source):
    type(source.election).objects.filter(pk=source.pk).update(rules_set_at=None)
    sent = suggested(as_owner, url_of(source))
    answer = as_owner.post(url_of(source), sent)
    assert parse(as_owner.get(answer.url)).has("#line-rules.is-refuses")


def test_copy_of_a_conference_with_members_has_none(as_owner, source):
    make_membership(source)
    as_owner.post(url_of(source), suggested(as_owner, url_of(source)))
    assert not Conference.objects.exclude(pk=source.pk).get().memberships.exists()
