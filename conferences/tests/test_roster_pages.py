"""The roster's pages for organisers: the list, one person, export; and that no one else sees them."""

import re
from datetime import timedelta

import pytest
from django.contrib.auth.models import Permission
from django.core.cache import cache
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from accounts.models import AdminAct
from accounts.tests.factories import log_in_freshly, make_user
from confbox.kit import limits
from confbox.kit.tests.page import parse
from conferences.local_times import in_zone
from conferences.models import RosterEntry
from conferences.roster.actions import remove_entry
from conferences.roster.reading import read_text
from conferences.tests.factories import make_conference, make_membership
from conferences.tests.rosters.entries import BY_COMMAND, imported, make_entry

pytestmark = pytest.mark.django_db


@pytest.fixture
def conference(db):
    return make_conference(title="Conf 26", slug="conf-26")


@pytest.fixture
def url(conference):
    return f"/admin/conferences/conference/{conference.pk}/roster/"


def content(answer):
    """The page without what is around every page of the admin."""
    return parse(answer).part("#content")


def emails(answer):
    return [row[0] for row in content(answer).rows[1:]]


def test_the_page_of_a_conference_leads_to_its_roster(as_organiser, conference, url):
    make_entry(conference)
    page = parse(as_organiser.get(f"/admin/conferences/conference/{conference.pk}/change/"))
    assert page.links.count(url) == 3  # The tab, the menu of a phone, and the text.
    assert "1 person is on it." in page.text


def test_an_empty_roster_says_what_to_do(as_organiser, url):
    page = content(as_organiser.get(url))
    assert "No one is on the roster now." in page.text
    assert {f"{url}import/", f"{url}add/"} <= set(page.links)
    assert not page.has("table")


def test_each_person_is_listed_with_state_and_what_can_be_done(as_organiser, conference, url):
    ada = make_entry(conference, name="Ada", reference="T-1")
    grace = make_entry(conference, "grace@example.org")
    remove_entry(entry=grace, reason="Ticket returned", by=BY_COMMAND)
    page = content(as_organiser.get(url))
    first, second = page.rows[1:]
    assert first[:3] == ["ada@example.org", "Ada", "T-1"]
    assert (first[3].startswith("listed"), first[4]) == (True, "Edit Remove")
    assert (second[3].endswith("Ticket returned"), second[4]) == (True, "List again")
    assert {f"{url}{ada.pk}/change/", f"{url}{grace.pk}/restore/"} <= set(page.links)


def test_a_time_that_is_the_same_for_all_is_shown_once(as_organiser, conference, url):
    listed = timezone.now() - timedelta(days=3)
    for name in ("ada", "ben"):
        make_entry(conference, f"{name}@example.org")
    RosterEntry.objects.update(listed_at=listed)
    page, time = parse(as_organiser.get(url)), in_zone(conference, listed)
    assert page.texts("#since") == [f"Everyone below has been in their state since {time}."]
    assert page.text.count(time) == 1
    make_entry(conference, "cleo@example.org")
    page = parse(as_organiser.get(url))
    assert not page.has("#since")
    assert page.text.count(time) == 2


def test_each_state_is_counted_and_is_a_filter(as_organiser, conference, url):
    for name in ("listed", "invited", "joined", "removed"):
        make_entry(conference, f"{name}@example.org")
    RosterEntry.objects.exclude(email="listed@example.org").update(invited_at=timezone.now())
    RosterEntry.objects.filter(email="joined@example.org").update(membership=make_membership(conference))
    remove_entry(entry=RosterEntry.objects.get(email="removed@example.org"), reason="x", by=BY_COMMAND)
    page = parse(as_organiser.get(url))
    assert page.texts("dl.desk-facts dd") == ["3", "1", "1", "1", "1"]
    for name in ("listed", "invited", "joined", "removed"):
        assert emails(as_organiser.get(url, {"state": name})) == [f"{name}@example.org"]


def test_a_second_address_of_a_mailbox_is_counted_and_explained(as_organiser, conference, url):
    make_entry(conference)
    assert len(parse(as_organiser.get(url)).texts("dl.desk-facts dd")) == 5
    make_entry(conference, "ada+1@example.org")
    page = parse(as_organiser.get(url))
    assert page.texts("dl.desk-facts dd") == ["2", "1", "0", "1", "0", "0"]
    [row] = [row for row in page.rows if row[0] == "ada+1@example.org"]
    assert "Same mailbox as ada@example.org, so it is not invited a second time." in row[3]
    assert "1 of 2 on the roster have not joined." in page.part("#who-votes").text
    assert emails(as_organiser.get(url, {"state": "shared"})) == ["ada+1@example.org"]


def test_search_finds_names_and_addresses_and_keeps_the_state(as_organiser, conference, url):
    make_entry(conference, "ada@example.org", name="Ada Lovelace")
    make_entry(conference, "grace@example.org", name="Grace Hopper")
    answer = as_organiser.get(url, {"q": "lovelace", "state": "listed"})
    assert emails(answer) == ["ada@example.org"]
    assert parse(answer).field("q")["value"] == "lovelace"
    assert f"{url}export.csv?q=lovelace&state=listed" in parse(answer).links


@pytest.mark.parametrize("query", [{"q": "nobody"}, {"state": "removed"}, {"q": "\0", "state": "nonsense"}])
def test_a_search_in_vain_and_nonsense_are_answered(as_organiser, conference, url, query):
    make_entry(conference)
    answer = as_organiser.get(url, query)
    assert answer.status_code == 200
    assert url in parse(answer).links or emails(answer) == ["ada@example.org"]


def test_a_long_roster_has_pages_and_costs_no_more_queries(as_organiser, conference, url):
    make_entry(conference)
    few = queries(as_organiser, url)
    imported(conference, "\n".join(f"person{number:04}@example.org" for number in range(250)))
    assert queries(as_organiser, url) == few
    # On MariaDB, one of them asks whether the roster is large.
    assert few <= 14
    page = parse(as_organiser.get(url, {"page": 3, "state": "listed"}))
    assert "Page 3 of 3" in page.text
    assert "?q=&state=listed&page=2" in page.links


def queries(client, url):
    with CaptureQueriesContext(connection) as captured:
        assert client.get(url).status_code == 200
    return len(captured)


def test_a_person_is_added(as_organiser, organiser, conference, url):
    answer = as_organiser.post(f"{url}add/", {"email": "Ada@Example.org", "name": "Ada"}, follow=True)
    assert parse(answer).messages == ["Added: Ada@Example.org."]
    entry = RosterEntry.objects.get()
    assert (entry.mailbox, entry.name, entry.created_by) == ("ada@example.org", "Ada", organiser)
    assert AdminAct.objects.get().by == organiser


@pytest.mark.parametrize(
    ("data", "error"),
    [
        ({}, "This field is required."),
        ({"email": "nowhere"}, "This is not an email address."),
        ({"email": "ada@example.org"}, "This email address is already on the roster."),
        ({"email": "x" * 5000 + "@example.org"}, "This can have 254 characters at most"),
        ({"email": "b@example.org", "reference": "7" * 101}, "This can have 100 characters at most"),
    ],
)
def test_a_person_that_cannot_be_added_is_refused_and_what_was_typed_stays(
    as_organiser, conference, url, data, error
):
    make_entry(conference)
    page = parse(as_organiser.post(f"{url}add/", {"name": "Typed"} | data))
    assert [each for each in page.errors if each.startswith(error)]
    assert page.field("email").get("value", "") == data.get("email", "")
    assert RosterEntry.objects.count() == 1


def test_adding_a_removed_person_says_that_they_are_listed_again(as_organiser, conference, url):
    remove_entry(entry=make_entry(conference), reason="x", by=BY_COMMAND)
    answer = as_organiser.post(f"{url}add/", {"email": "ada@example.org"}, follow=True)
    assert parse(answer).messages == ["Previously removed, now listed again: ada@example.org."]


def test_a_person_is_changed(as_organiser, conference, url):
    entry = make_entry(conference)
    path = f"{url}{entry.pk}/change/"
    assert parse(as_organiser.get(path)).field("email")["value"] == "ada@example.org"
    words = {"email": "ada@example.org", "name": "Ada", "reference": "T-1"}
    said = [parse(as_organiser.post(path, words, follow=True)).messages for _ in range(2)]
    assert said == [["The entry is changed."], ["Nothing was changed."]]
    entry.refresh_from_db()
    assert (entry.name, entry.reference) == ("Ada", "T-1")


def test_a_refused_change_says_why_at_the_address(as_organiser, conference, url):
    entry = make_entry(conference)
    RosterEntry.objects.update(membership=make_membership(conference))
    page = parse(as_organiser.post(f"{url}{entry.pk}/change/", {"email": "other@example.org"}))
    assert page.errors[0].startswith("A member has joined with this email address")


def test_a_person_is_removed_with_a_reason_only(as_organiser, conference, url):
    entry = make_entry(conference)
    path = f"{url}{entry.pk}/remove/"
    assert "Remove ada@example.org from the roster?" in parse(as_organiser.get(path)).text
    assert "Please give a reason." in parse(as_organiser.post(path, {"reason": " "})).errors
    answer = as_organiser.post(path, {"reason": "Ticket returned"}, follow=True)
    assert parse(answer).messages == ["Removed from the roster: ada@example.org."]
    assert RosterEntry.objects.removed().get().removal_reason == "Ticket returned"
    again = as_organiser.post(path, {"reason": "Another"}, follow=True)
    assert parse(again).messages == ["Already removed: ada@example.org."]


def test_the_removal_of_a_member_says_that_they_stay_one(as_organiser, conference, url):
    entry = make_entry(conference)
    RosterEntry.objects.update(membership=make_membership(conference, name="Ada"))
    page = parse(as_organiser.get(f"{url}{entry.pk}/remove/"))
    assert "Ada has joined with this email address and stays a member." in page.text


def test_a_removed_person_is_listed_again(as_organiser, conference, url):
    entry = make_entry(conference)
    remove_entry(entry=entry, reason="Ticket returned", by=BY_COMMAND)
    path = f"{url}{entry.pk}/restore/"
    assert "Ticket returned" in parse(as_organiser.get(path)).text
    assert RosterEntry.objects.removed().exists()
    said = [parse(as_organiser.post(path, follow=True)).messages for _ in range(2)]
    assert said == [["Listed again: ada@example.org."], ["It had not been removed: ada@example.org."]]
    assert RosterEntry.objects.listed().exists()


PLACE = "?q=example&state=listed&page=2"


@pytest.fixture
def found_on_page_2(conference, monkeypatch):
    monkeypatch.setattr("conferences.roster.views.PER_PAGE", 1)
    return [make_entry(conference, f"{name}@example.org") for name in ("ada", "grace")][1]


@pytest.mark.parametrize(
    ("act", "words"),
    [("change", {"email": "grace@example.org", "name": "Grace"}), ("remove", {"reason": "Ticket returned"})],
)
def test_what_is_done_from_a_search_leads_back_to_it(as_organiser, found_on_page_2, url, act, words):
    links = content(as_organiser.get(url + PLACE)).links
    path = f"{url}{found_on_page_2.pk}/{act}/{PLACE}"
    assert path in links
    asked = parse(as_organiser.get(path))
    assert url + PLACE in asked.part("form .desk-actions").links
    assert as_organiser.post(path, words).url == url + PLACE


def test_listing_again_from_a_search_leads_back_to_it(as_organiser, conference, url):
    entry = make_entry(conference)
    remove_entry(entry=entry, reason="Ticket returned", by=BY_COMMAND)
    path = f"{url}{entry.pk}/restore/?q=ada&state=removed"
    assert path in content(as_organiser.get(f"{url}?q=ada&state=removed")).links
    assert f"{url}?q=ada&state=removed" in parse(as_organiser.get(path)).part("form .desk-actions").links
    assert as_organiser.post(path).url == f"{url}?q=ada&state=removed"


def test_a_search_that_cannot_be_is_not_carried_on(as_organiser, conference, url):
    path = f"{url}{make_entry(conference).pk}/remove/"
    strange = {"q": "\0", "state": "//evil.example", "page": "-1", "next": "https://evil.example/"}
    answer = as_organiser.post(path, {"reason": "x"}, query_params=strange)
    assert answer.url == url


PAGES = ["", "add/", "import/", f"import/{'a' * 32}/", "export.csv", "export.xlsx"]
OF_ENTRY = ["change/", "remove/", "restore/"]


@pytest.mark.parametrize("page", [*PAGES, *OF_ENTRY])
def test_a_role_that_may_not_change_conferences_sees_nothing(client, conference, url, page):
    entry = make_entry(conference)
    staff = make_user("staff@example.org", is_staff=True)
    codes = ["view_conference", "view_membership", "view_election"]
    staff.user_permissions.set(Permission.objects.filter(codename__in=codes))
    log_in_freshly(client, staff)
    path = url + (f"{entry.pk}/{page}" if page in OF_ENTRY else page)
    assert (client.get(path).status_code, client.post(path).status_code) in [(403, 403), (403, 405)]
    assert "Roster" not in parse(client.get(f"{url}../change/")).texts("ul.object-tools a")


@pytest.mark.parametrize("page", [*PAGES, "1/change/"])
def test_a_member_is_led_to_the_log_in(client, conference, url, page):
    client.force_login(make_membership(conference).user)
    assert "login" in client.get(url + page).url


@pytest.mark.parametrize("page", OF_ENTRY)
def test_an_entry_is_a_page_of_its_own_conference_alone(as_organiser, conference, url, page):
    other = make_entry(make_conference())
    assert as_organiser.get(f"{url}{other.pk}/{page}").status_code == 404
    assert as_organiser.post(f"{url}{other.pk}/{page}", {"reason": "x"}).status_code == 404


def test_an_unknown_conference_is_not_found(as_organiser):
    assert as_organiser.get("/admin/conferences/conference/999999/roster/").status_code == 404


def exported(client, url, kind="csv", **query):
    answer = client.get(f"{url}export.{kind}", query)
    assert answer.status_code == 200
    return answer


def test_export_has_what_the_page_shows_and_is_logged(as_organiser, conference, url):
    make_entry(conference, name="Ada")
    make_entry(conference, "grace@example.org")
    lines = exported(as_organiser, url, q="ada").content.decode("utf-8-sig").splitlines()
    head = "Name,Reference,Status,Listed,Invited,Joined,Removed,Reason for the removal"
    assert lines[0].endswith(f"mail address,{head}")
    assert lines[1].startswith("ada@example.org,Ada,,listed,")
    assert len(lines) == 2
    act = AdminAct.objects.get(act="export")
    assert (act.target, act.what) == ("Conf 26", "Roster exported: 1 entry.")


def test_no_cell_of_an_export_is_a_formula(as_organiser, conference, url):
    make_entry(conference, "=cmd@example.org", name='=HYPERLINK("x")', reference="@SUM(1)")
    cells = exported(as_organiser, url).content.decode("utf-8-sig").splitlines()[1]
    assert cells.startswith('\'=cmd@example.org,"\'=HYPERLINK(""x"")",\'@SUM(1),')


def test_an_export_is_imported_again_without_the_removed(as_organiser, conference, url):
    make_entry(conference, name="Ada", reference="T-1")
    remove_entry(entry=make_entry(conference, "grace@example.org"), reason="x", by=BY_COMMAND)
    text = exported(as_organiser, url).content.decode("utf-8-sig")
    listing = read_text(text, "export")
    assert [(row.email, row.name, row.reference) for row in listing.rows] == [
        ("ada@example.org", "Ada", "T-1")
    ]
    assert [row.text for row in listing.left_out] == ["grace@example.org"]


def test_a_workbook_is_exported(as_organiser, conference, url):
    make_entry(conference)
    assert exported(as_organiser, url, "xlsx").content.startswith(b"PK")


def test_an_export_asks_once_more_who_is_there(client, organiser, conference, url):
    client.force_login(organiser)
    assert "reauthenticate" in client.get(f"{url}export.csv").url


def test_exports_are_limited(as_organiser, conference, url):
    cache.clear()
    found = [as_organiser.get(f"{url}export.csv").status_code for _ in range(31)]
    assert found == [200] * 30 + [429]
    cache.clear()
    with limits.heavy_work_lock:
        assert as_organiser.get(f"{url}export.csv").status_code == 503


def test_a_conference_with_a_long_roster_can_be_deleted_and_lists_a_few(as_organiser, conference):
    imported(conference, "\n".join(f"person{number}@example.org" for number in range(60)))
    path = f"/admin/conferences/conference/{conference.pk}/delete/"
    page = parse(as_organiser.get(path))
    assert re.search("and 4[0-2] more", page.text)
    as_organiser.post(path, {"post": "yes"})
    assert RosterEntry.objects.count() == 0
