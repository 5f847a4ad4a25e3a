"""The pages of a team in the admin, and the page to which an invitation leads."""

import datetime as dt
import re

import pytest
from django.core import mail
from django.core.cache import cache
from django.test import Client

from accounts.models import AdminAct
from accounts.tests.factories import log_in_freshly, make_organiser, make_user
from confbox.kit.tests.page import parse
from conferences.models import Conference, Role, Series, TeamInvitation, TeamMember
from conferences.teams.actions import invite_to_team
from conferences.tests.factories import make_conference
from conferences.tests.teams import acting, make_series, make_team_member

pytestmark = pytest.mark.django_db


@pytest.fixture(params=["series", "conference"])
def scope(request, conference):
    return {"series": make_series(name="Guild"), "conference": conference}[request.param]


@pytest.fixture
def url(scope):
    return f"/admin/conferences/{scope._meta.model_name}/{scope.pk}/team/"


@pytest.fixture
def owner(scope):
    return make_team_member(scope, Role.OWNER, name="Olga Owner")


@pytest.fixture
def as_owner(client, owner):
    return log_in_freshly(client, owner.person)


def logged_in(member):
    return log_in_freshly(Client(), member.person)


def test_team_lists_its_people_with_their_roles(as_owner, scope, url):
    make_team_member(scope, Role.REVIEWER, name="Rita Reader")
    page = parse(as_owner.get(url))
    names, roles = page.texts(".team strong bdi"), page.texts(".team .desk-mark")
    assert list(zip(names, roles, strict=True)) == [("Olga Owner", "Owner"), ("Rita Reader", "Reviewer")]


def test_times_are_in_the_zone_of_the_conference_and_of_a_series_in_utc(as_owner, scope, url, owner):
    type(owner).objects.update(joined_at=dt.datetime(2030, 7, 1, 12, tzinfo=dt.UTC))
    Conference.objects.update(time_zone="Asia/Kolkata")
    expected = {Series: "12:00 (UTC)", Conference: "17:30 (Asia/Kolkata)"}[type(scope)]
    assert parse(as_owner.get(url)).mentions(f"Joined: 1 July 2030, {expected}")


def test_team_of_a_conference_lists_those_of_its_series():
    series = make_series(name="Guild")
    conference = make_conference(series=series)
    make_team_member(series, Role.OWNER, name="Sara Series")
    owner = make_team_member(conference, Role.OWNER)
    page = parse(logged_in(owner).get(f"/admin/conferences/conference/{conference.pk}/team/"))
    [row] = [row for row in page.texts(".team > li") if "Sara Series" in row]
    assert "Through the series Guild" in row
    assert "Change or remove" not in row


def test_team_says_what_its_roles_cover_and_leads_to_that_of_the_series():
    series = make_series(name="Guild")
    of_series, alone = (make_conference(series=each) for each in (series, None))
    in_series = make_team_member(series, Role.OBSERVER)
    make_team_member(alone, Role.OBSERVER, user=in_series.person)
    only_here = make_team_member(of_series, Role.OBSERVER)
    path, to_series = "/admin/conferences/{}/{}/team/".format, f"/admin/conferences/series/{series.pk}/team/"

    page = parse(logged_in(in_series).get(path("conference", of_series.pk)))
    assert "Those of the series Guild are for all its conferences." in page.text
    assert to_series in page.links
    assert "for all conferences of the series" in parse(logged_in(in_series).get(to_series)).text
    page = parse(logged_in(in_series).get(path("conference", alone.pk)))
    assert "A role here is for this conference only." in page.text
    assert to_series not in parse(logged_in(only_here).get(path("conference", of_series.pk))).links


@pytest.mark.parametrize("role", [role for role in Role.values if role != "owner"])
def test_others_in_the_team_read_it_without_addresses_and_buttons(scope, owner, url, role):
    client = logged_in(make_team_member(scope, role))
    page = parse(client.get(url))
    assert "Olga Owner" in page.text
    assert not page.mentions(owner.person.email)
    assert not page.has("form[novalidate]")
    assert client.post(url, {"email": "guest@example.org", "role": "owner"}).status_code == 403
    assert client.get(f"{url}{owner.pk}/").status_code == 403


def test_team_of_others_does_not_exist(scope, owner, url):
    client = logged_in(make_team_member(make_series(), Role.OWNER))
    absent = url.replace(f"/{scope.pk}/", "/999999/")
    for path in ("", f"{owner.pk}/", "leave/"):
        answers = [client.get(where + path) for where in (url, absent)]
        assert [answer.status_code for answer in answers] == [404, 404]
        assert parse(answers[0]).text_but_for_its_id == parse(answers[1]).text_but_for_its_id


def test_owner_invites_a_person(as_owner, scope, url):
    answer = as_owner.post(url, {"email": "Guest@example.org", "role": "reviewer"})
    assert answer.url == url
    assert [email.to for email in mail.outbox] == [["guest@example.org"]]
    page = parse(as_owner.get(url))
    assert "guest@example.org" in page.part("#invitations-title ~ ul").text


@pytest.mark.parametrize("sent", [{"email": "", "role": "owner"}, {"email": "x@y", "role": "king"}, {}])
def test_invitation_that_is_refused_keeps_what_was_typed(as_owner, url, sent):
    page = parse(as_owner.post(url, sent))
    assert page.errors
    assert page.attributes("[name=email]", "value") == ([sent["email"]] if sent.get("email") else [])
    assert not TeamInvitation.objects.exists()


def test_inviting_has_a_limit(as_owner, url, monkeypatch):
    from confbox.kit.limits import Limit
    from conferences.teams import admin_views

    cache.clear()
    monkeypatch.setattr(admin_views, "INVITATIONS", Limit("few invitations to teams", person="2/h"))
    for number in range(3):
        page = as_owner.post(url, {"email": f"guest{number}@example.org", "role": "reviewer"})
    assert "Too many requests" in parse(page).text
    assert TeamInvitation.objects.count() == 2


def test_owner_withdraws_an_invitation(as_owner, scope, owner, url):
    sent = invite_to_team(scope=scope, email="guest@example.org", role="reviewer", by=acting(owner))
    withdraw = f"{url}invited/{sent.pk}/"
    assert as_owner.get(withdraw).status_code == 405
    assert "is withdrawn" in parse(as_owner.post(withdraw, follow=True)).text
    assert "no longer open" in parse(as_owner.post(withdraw, follow=True)).text


def test_owner_changes_a_role_and_removes_a_person(as_owner, scope, url):
    member = make_team_member(scope, Role.REVIEWER)
    page = f"{url}{member.pk}/"
    assert parse(as_owner.get(page)).attributes("[name=role][checked]", "value") == ["reviewer"]
    assert as_owner.post(page, {"role": "observer", "act": "change"}).url == url
    assert TeamMember.objects.get(pk=member.pk).role == "observer"
    assert as_owner.post(page, {"act": "remove"}).url == url
    assert not TeamMember.objects.filter(pk=member.pk).exists()


def test_last_owner_reads_why_they_cannot_go(as_owner, owner, url):
    for path, sent in (
        (f"{owner.pk}/", {"act": "remove"}),
        (f"{owner.pk}/", {"role": "observer"}),
        ("leave/", {}),
    ):
        assert "Olga Owner is the last owner" in parse(as_owner.post(url + path, sent, follow=True)).text
    assert TeamMember.objects.filter(pk=owner.pk).exists()


def test_removal_is_asked_about_first(as_owner, scope, url):
    member = make_team_member(scope, Role.REVIEWER, name="Rita Reader")
    page = parse(as_owner.get(f"{url}{member.pk}/"))
    assert "Remove from the team" not in page.texts("#content button")
    assert "?remove" in page.links
    asked = parse(as_owner.get(f"{url}{member.pk}/?remove"))
    assert "Remove Rita Reader from the team of" in asked.text
    assert asked.texts("#content button") == ["Remove from the team"]
    assert TeamMember.objects.filter(pk=member.pk).exists()


def test_last_owner_reads_that_they_cannot_leave_in_place_of_the_link(as_owner, scope, url):
    before = parse(as_owner.get(url))
    assert "Olga Owner is the last owner of" in before.text
    assert f"{url}leave/" not in before.links
    make_team_member(scope, Role.OWNER)
    after = parse(as_owner.get(url))
    assert "is the last owner of" not in after.text
    assert f"{url}leave/" in after.links


def test_row_of_a_person_of_the_series_leads_to_its_team_for_those_who_may_see_it():
    conference = make_conference(series=make_series(name="Guild"))
    in_series = make_team_member(conference.series, Role.OWNER)
    only_here = make_team_member(conference, Role.OBSERVER)
    url = f"/admin/conferences/conference/{conference.pk}/team/"
    pages = [parse(logged_in(member).get(url)) for member in (in_series, only_here)]
    to_series = f"/admin/conferences/series/{conference.series_id}/team/"
    assert [to_series in page.attributes(".team a", "href") for page in pages] == [True, False]


def test_an_owner_of_a_series_reads_that_they_can_delete_its_conferences(as_owner, scope, url):
    what = "its conferences" if isinstance(scope, Series) else "the conference"
    page = parse(as_owner.get(url))
    assert f"deleting {what}." in page.texts(".team > li")[0]
    assert f"deleting {what}." in page.part("form[novalidate]").text


def test_each_error_is_between_the_label_and_the_field(as_owner, url):
    page = parse(as_owner.post(url, {}))
    assert page.texts(".desk-field.has-errors > .errorlist") == ["This field is required."]
    assert page.texts("fieldset > legend + .errorlist") == ["This field is required."]


def test_who_chooses_a_role_reads_that_owners_are_shown_as_contact(as_owner, owner, url):
    for page in (url, f"{url}{owner.pk}/"):
        assert "Owners are the contact" in parse(as_owner.get(page)).part("form[novalidate]").text


@pytest.mark.parametrize(("role", "is_there"), [("owner", True), ("organiser", False)])
def test_who_is_made_an_owner_is_told_that_they_are_shown_as_contact(as_owner, scope, url, role, is_there):
    member = make_team_member(scope, Role.REVIEWER)
    as_owner.post(f"{url}{member.pk}/", {"role": role, "act": "change"})
    [email] = [each for each in mail.outbox if each.to == [member.person.email]]
    assert ("shows your name" in email.body) is is_there


def test_person_leaves_a_team(scope, owner, url):
    member = make_team_member(scope, Role.REVIEWER)
    client = logged_in(member)
    assert client.get(f"{url}leave/").status_code == 200
    assert client.post(f"{url}leave/").url == "/me/"
    assert not TeamMember.objects.filter(pk=member.pk).exists()
    assert client.get("/admin/").status_code == 302


def test_owner_who_takes_themselves_out_is_led_to_their_own_page(as_owner, scope, owner, url):
    make_team_member(scope, Role.OWNER)
    assert as_owner.post(f"{url}{owner.pk}/", {"act": "remove"}).url == "/me/"


def test_site_organiser_creates_a_series_and_owns_it(client, roles):
    organiser = make_organiser("site@example.org")
    log_in_freshly(client, organiser)
    answer = client.post("/admin/conferences/series/add/", {"name": "Guild", "slug": "guild"})
    series = Series.objects.get()
    assert answer.url == f"/admin/conferences/series/{series.pk}/team/"
    assert AdminAct.objects.filter(kind="series").count() == 1
    again = parse(client.post("/admin/conferences/series/add/", {"name": "Guild", "slug": "guild"}))
    assert again.errors
    assert Series.objects.count() == 1


def test_owner_of_a_series_creates_no_other(client):
    log_in_freshly(client, make_team_member(make_series(), Role.OWNER).person)
    assert client.get("/admin/conferences/series/add/").status_code == 403


def test_owner_of_a_series_imports_no_conferences(client):
    log_in_freshly(client, make_team_member(make_series(), Role.OWNER).person)
    assert not parse(client.get("/admin/conferences/conference/")).mentions("Import conferences")
    assert client.get("/admin/conferences/conference/import/").status_code == 403


def test_owner_of_a_series_creates_a_conference_in_it_and_none_outside(client):
    series = make_series()
    log_in_freshly(client, make_team_member(series, Role.OWNER).person)
    page = parse(client.get("/admin/conferences/conference/add/"))
    assert page.attributes("#id_series option[value]:not([value=''])", "value") == [str(series.pk)]
    assert page.has("#id_series[required]")


@pytest.mark.parametrize("role", ["reviewer", "help_desk", "observer"])
def test_who_only_reads_a_conference_sees_its_times_in_its_zone(client, role):
    columns = {"starts_at": "2027-06-01T22:00Z", "ends_at": "2027-06-02T21:59Z"}
    conference = make_conference(time_zone="Europe/Berlin", **columns)
    log_in_freshly(client, make_team_member(conference, role).person)
    page = parse(client.get(f"/admin/conferences/conference/{conference.pk}/change/"))
    assert page.part(".field-starts .readonly").text == "2 June 2027, 00:00 (Europe/Berlin)"
    assert page.part(".field-ends .readonly").text == "2 June 2027, 23:59 (Europe/Berlin)"


# --- where an invitation leads ---------------------------------------------------------------


@pytest.fixture
def link(scope, owner):
    invite_to_team(scope=scope, email="guest@example.org", role="reviewer", by=acting(owner))
    url = next(line for line in mail.outbox[-1].body.splitlines() if "/team-invitations/" in line)
    return "/team-invitations/" + url.rpartition("/team-invitations/")[2]


def test_reading_the_page_changes_nothing(client, link):
    log_in_freshly(client, make_user("guest@example.org"))
    page = parse(client.get(link))
    assert "Your role: Reviewer" in page.text
    assert not TeamInvitation.objects.exclude(accepted_at=None).exists()


@pytest.mark.parametrize(("role", "is_there"), [("owner", True), ("observer", False)])
def test_who_becomes_an_owner_reads_that_their_address_is_shown(client, scope, owner, role, is_there):
    invite_to_team(scope=scope, email="other@example.org", role=role, by=acting(owner))
    link = re.search(r"/team-invitations/\S+", mail.outbox[-1].body)[0]
    log_in_freshly(client, make_user("other@example.org"))
    assert ("Owners are the contact" in parse(client.get(link)).text) is is_there


def test_owner_of_the_address_accepts_and_enters_the_admin(client, link, scope):
    guest = make_user("guest@example.org")
    log_in_freshly(client, guest)
    assert client.post(link).url == "/admin/"
    assert TeamMember.objects.of_team(scope).get(person=guest).role == "reviewer"
    assert client.get("/admin/").status_code == 200
    assert "You are in the team" in parse(client.get(link)).text


def test_stranger_is_led_through_sign_up_and_back(client, link):
    page = parse(client.get(link))
    assert f"/accounts/signup/?next={link}" in page.attributes("a", "href")
    assert client.post(link).url == f"/accounts/login/?next={link}"


@pytest.mark.parametrize("way", ["login", "signup"])
def test_links_of_the_header_lead_back_to_the_invitation(client, link, way):
    target = f"/accounts/{way}/?next={link}"
    assert target in parse(client.get(link)).attributes("#main-links a", "href")
    # There, a person may still change their mind.
    links = parse(client.get(target)).attributes("#main-links a", "href")
    assert {f"/accounts/{each}/?next={link}" for each in ("login", "signup")} <= set(links)


def test_who_has_an_account_is_led_through_the_log_in(client, link):
    make_user("guest@example.org")
    assert f"/accounts/login/?next={link}" in parse(client.get(link)).attributes("a.btn", "href")


def test_another_person_reads_whose_it_is_and_cannot_accept(as_stranger, link, stranger):
    page = parse(as_stranger.get(link))
    assert "guest@example.org" in page.text
    assert stranger.email in page.text
    answer = as_stranger.post(link, follow=True)
    assert "not a confirmed email address of yours" in parse(answer).text
    assert not TeamMember.objects.filter(person=stranger).exists()


def test_withdrawn_invitation_says_so(client, link):
    TeamInvitation.objects.update(withdrawn_at="2026-01-01T00:00Z")
    assert "withdrawn or replaced" in parse(client.get(link)).text


@pytest.mark.parametrize("token", ["x", "x" * 43, "a" * 2000])
def test_invitation_that_does_not_exist_is_not_found(client, as_stranger, token):
    for method in ("get", "post"):
        answer = getattr(as_stranger, method)(f"/team-invitations/{token}/")
        assert answer.status_code == 404
        assert "does not exist" in parse(answer).text


def test_where_a_second_factor_is_required_the_page_leads_to_it(client, link, settings):
    settings.STAFF_MFA_REQUIRED = True
    log_in_freshly(client, make_user("guest@example.org"))
    assert f"/accounts/2fa/?next={link}" in parse(client.get(link)).attributes("a.btn", "href")
    client.post(link)
    assert not TeamMember.objects.filter(person__email="guest@example.org").exists()


def rename_of(series):
    return f"/admin/conferences/series/{series.pk}/rename/"


def test_owner_renames_a_series_and_its_url_name_stays(client):
    series = make_series(name="Gild", slug="guild")
    log_in_freshly(client, make_team_member(series, Role.OWNER).person)
    assert rename_of(series) in parse(
        client.get(f"/admin/conferences/series/{series.pk}/change/")
    ).attributes(".object-tools a", "href")
    for _again in range(2):
        assert client.post(rename_of(series), {"name": " Guild "}).status_code == 302
    series.refresh_from_db()
    assert (series.name, series.slug) == ("Guild", "guild")
    assert list(AdminAct.objects.filter(kind="series").values_list("what", flat=True)) == ["Renamed: Guild"]


@pytest.mark.parametrize("name", ["", " ", "x" * 201, "Two\nlines"])
def test_series_keeps_its_name_if_the_new_one_is_invalid(client, name):
    series = make_series(name="Guild")
    log_in_freshly(client, make_team_member(series, Role.OWNER).person)
    assert parse(client.post(rename_of(series), {"name": name})).has(".errorlist, [aria-invalid]")
    series.refresh_from_db()
    assert series.name == "Guild"


@pytest.mark.parametrize("role", [role for role in Role.values if role != "owner"])
def test_only_owners_rename_a_series(client, role):
    series = make_series(name="Guild")
    log_in_freshly(client, make_team_member(series, role).person)
    assert client.post(rename_of(series), {"name": "Mine"}).status_code == 403
    assert not parse(client.get(f"/admin/conferences/series/{series.pk}/change/")).mentions("/rename/")


def test_owner_of_another_team_changes_nothing_where_they_observe(client, scope, url):
    person = make_team_member(make_series(), Role.OWNER).person
    make_team_member(scope, Role.OBSERVER, user=person)
    log_in_freshly(client, person)
    assert client.get(url).status_code == 200
    assert client.post(url, {"email": "friend@example.org", "role": "owner"}).status_code == 403
    assert not TeamInvitation.objects.exists()


def test_role_in_one_conference_gives_no_link_to_its_series(client):
    conference = make_conference(series=make_series(name="Guild"))
    page = f"/admin/conferences/conference/{conference.pk}/change/"
    for role in (Role.OWNER, Role.OBSERVER):
        log_in_freshly(client, make_team_member(conference, role).person)
        answer = parse(client.get(page))
        assert "Guild" in answer.text
        assert not answer.has("#content a[href*='/series/']")
    log_in_freshly(client, make_team_member(conference.series, Role.OBSERVER).person)
    assert parse(client.get(page)).has("#content a[href*='/series/']")


def test_person_who_is_in_no_team_any_more_is_told_so_and_what_to_do(client, conference):
    member = make_team_member(conference, Role.ORGANISER)
    log_in_freshly(client, member.person)
    assert client.get("/admin/").status_code == 200
    member.delete()
    answer = client.get("/admin/", follow=True)
    page = parse(answer)
    assert answer.status_code == 403
    assert page.texts("main h1") == ["You are not in any team now"]
    assert "ask one of its owners to invite you" in page.part("main").text
    assert "/me/" in page.attributes("main a", "href")
