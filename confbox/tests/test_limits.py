"""Everything that is expensive has a limit at the place where a person can cause it."""

import sys

import pytest
import time_machine
from django.conf import settings
from django.core.cache import cache
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse

from accounts.tests.factories import log_in_freshly
from confbox.kit import limits
from confbox.kit.tests.page import parse

pytestmark = [pytest.mark.django_db, pytest.mark.any_database]

APPS = {"confbox", "accounts", "conferences", "voting"}
OF_TESTS = {"few made up", "few", "few of a person", "once", "often"}
NOON = "2026-11-26 12:00:00Z"
BALLOT = "/conferences/open-conf/ballot/"
ASK = "/conferences/open-conf/campaigns/new/"
PREVIEW = "/conferences/open-conf/campaigns/preview/"
TEXT = {"subject": "Vote for Alice", "message": "I will *talk*."}


@pytest.fixture(autouse=True)
def _fresh_counts():
    cache.clear()


def words_of(answer):
    return parse(answer).raw_text


def answers(number, ask):
    with time_machine.travel(NOON, tick=False):
        return [ask() for _ in range(number)]


@pytest.mark.slow
def test_search_is_limited_for_a_person(as_alice, bob):
    found = answers(91, lambda: as_alice.get(BALLOT, {"q": "bob"}))
    assert [answer.status_code for answer in found] == [200] * 90 + [429]
    assert found[-1].headers["Retry-After"] == "60"
    assert "Too many requests" in words_of(found[-1])


def test_page_without_a_search_is_not_counted(as_alice, bob):
    assert {a.status_code for a in answers(95, lambda: as_alice.get("/", {"q": " "}))} == {200}


@pytest.mark.slow
def test_search_of_strangers_is_limited_for_a_network(client, conference):
    found = [answer.status_code for answer in answers(601, lambda: client.get("/", {"q": "open"}))]
    assert (found[599], found[600]) == (200, 429)


def test_search_looks_for_eight_words(as_alice, bob):
    page = as_alice.get(BALLOT, {"q": "b o b b o b b o zzz zzz"})
    assert page.context["q"] == "b o b b o b b o"


def test_preview_beyond_the_limit_says_so_and_keeps_the_text(as_alice):
    found = answers(61, lambda: as_alice.post(ASK, TEXT | {"preview": "yes"}))
    assert [answer.status_code for answer in found] == [200] * 60 + [429]
    assert "Too many requests" in words_of(found[-1])
    assert TEXT["message"] in words_of(found[-1])


def test_previews_while_typing_count_as_well(as_alice):
    found = answers(61, lambda: as_alice.post(PREVIEW, TEXT))
    assert (found[59].status_code, found[60].status_code) == (200, 429)
    assert parse(found[60]).has("section#preview")


def test_a_person_who_has_previewed_too_often_can_still_ask(as_alice, alice):
    answers(60, lambda: as_alice.post(PREVIEW, TEXT))
    with time_machine.travel(NOON, tick=False):
        assert as_alice.get(ASK).status_code == 200


HEAVY = {
    "own data": ("alice", "get", "/people/export/"),
    "tally as a sheet": ("organiser", "get", "/admin/voting/votes/{pk}/export.xlsx"),
    "signals": ("organiser", "get", "/admin/voting/votes/{pk}/fraud/"),
}


@pytest.mark.parametrize("kind", HEAVY)
def test_heavy_work_is_asked_to_come_back_while_other_is_done(request, client, conference, kind):
    role, method, path = HEAVY[kind]
    client = request.getfixturevalue(f"as_{role}")
    if role == "alice":
        log_in_freshly(client, request.getfixturevalue("alice").user)
    path = path.format(pk=conference.pk)
    assert getattr(client, method)(path).status_code in (200, 302)
    with limits.heavy_work_lock:
        answer = getattr(client, method)(path)
    assert (answer.status_code, answer.headers["Retry-After"]) == (503, "3")
    assert "try again in a few seconds" in words_of(answer)


def test_import_is_asked_to_come_back_while_other_work_is_done(as_organiser):
    with limits.heavy_work_lock:
        answer = as_organiser.post("/admin/conferences/conference/import/", {"status": "draft"})
        assert as_organiser.get("/admin/conferences/conference/import/").status_code == 200
    assert answer.status_code == 503


def test_confirming_an_import_is_asked_to_come_back_while_other_work_is_done(as_organiser):
    row = b'[{"name": "Summit", "startDate": "2027-05-01", "endDate": "2027-05-02"}]'
    sent = {"status": "draft", "file": SimpleUploadedFile("one.json", row)}
    preview = as_organiser.post("/admin/conferences/conference/import/", sent).url
    with limits.heavy_work_lock:
        assert as_organiser.get(preview).status_code == 503
        assert as_organiser.post(preview).status_code == 503
    assert as_organiser.post(preview).status_code == 302


def test_checks_of_receipts_are_limited_and_keep_the_receipt(as_alice):
    path, sent = "/conferences/open-conf/results/receipt/", {"receipt": "my <receipt>"}
    last = answers(31, lambda: as_alice.post(path, sent))[-1]
    assert last.status_code == 429
    assert parse(last).has("textarea[name=receipt]")
    assert "my <receipt>" in words_of(last)


def limits_of_the_code():
    """Every limit that a module of the three apps has."""
    modules = [module for name, module in list(sys.modules.items()) if name.split(".")[0] in APPS]
    found = [
        value for module in modules for value in vars(module).values() if isinstance(value, limits.Limit)
    ]
    return {limit.name: (limit.person, limit.network) for limit in found if limit.name not in OF_TESTS}


def limits_of_the_page():
    lines = (settings.BASE_DIR / "docs/limits.md").read_text().splitlines()
    rows = [[cell.strip() for cell in line.strip("|").split("|")] for line in lines if line.count("|") == 7]
    return {row[0]: row for row in rows[2:]}


def test_page_of_limits_names_each_with_its_figures():
    reverse("conferences")
    page = {name: (row[1], row[2]) for name, row in limits_of_the_page().items()}
    assert {name: page.get(name) for name in limits_of_the_code()} == limits_of_the_code()


def test_page_of_limits_names_tests_that_are_there():
    tests = {row[5].strip("`") for row in limits_of_the_page().values()}
    assert [name for name in tests if not (settings.BASE_DIR / name).is_file()] == []
