"""Every search finds the same on both databases, ignoring composition, case and accents."""

import re
import unicodedata

import pytest
from allauth.usersessions.models import UserSession
from django.contrib import admin
from django.urls import reverse

from accounts.audited_admin import AuditedAdmin
from accounts.models import User
from accounts.tests.factories import make_user
from confbox.kit.search import LONGEST_WORD, MOST_WORDS, has_words, pattern_of
from confbox.kit.sorting import Alphabetical
from conferences.models import Conference, Membership
from conferences.tests.factories import make_conference, make_membership
from voting.elections.election.models import Election
from voting.tests.factories import make_pitch, make_vote

pytestmark = pytest.mark.django_db


def decomposed(text):
    return unicodedata.normalize("NFD", text)


FOUND = [
    *(("hemi", "Hēmi"), ("lukasz", "Łukasz"), ("łukasz", "Lukasz"), ("munchen", "München")),
    *(("münchen", "München"), ("muenchen", "München"), ("münchen", "Muenchen"), ("MÜNCHEN", "münchen")),
    *(("munchen", decomposed("München")), ("münchen", decomposed("München"))),
    *((decomposed("münchen"), "München"), ("muenchen", decomposed("München"))),
    *(("конференция", "Конференция"), ("елка", "Ёлка"), ("þórunn", "Þórunn"), ("thorunn", "Þórunn")),
    *(("übersicht", "Übersicht"), ("strasse", "Straße"), ("straße", "STRASSE"), ("oslo", "ØSLO")),
    *(("aarhus", "Århus"), ("istanbul", "İstanbul"), ("ISTANBUL", "ıstanbul"), ("o'brien", "O’Brien")),
    *(("αθηνα", "Αθήνα"), ("οσ", "ΠΛΟΣ".replace("ΠΛ", "")), ("nguyen", "Nguyễn"), ("dvorak", "Dvořák")),
    *(
        ("한국", "한국"),
        ("한국", decomposed("한국")),
        ("が", decomposed("が")),
        ("हिन्दी", "हिन्दी"),
        ("\u095b", "\u091c\u093c"),
    ),
    *(("Ａda", "ada"), ("fine", "ﬁne"), ("מלך", "מֶלֶךְ"), ("100%", "100%"), ("a_b", "a_b"), ("c:\\x", "C:\\X")),
    *(("[x]", "a [X]"), ("(a|b)", "(a|b)"), ("🎤", "a 🎤"), ("x-y", "x–y"), ("e" * 150, "e" * 150)),
]
FOUND += [(decomposed("münchen"), "Muenchen"), (decomposed("が"), "が"), (decomposed("한국"), "한국")]
NOT_FOUND = [("100%", "1000"), ("a_b", "axb"), ("a.b", "axb"), ("a|b", "a"), ("x\\", "x"), ("हन", "हिन")]
NOT_FOUND += [(".*", "abc"), ("^a", "abc"), ("конференция", "Konferenz"), ("ue", "u"), ("\\d", "1")]


@pytest.mark.parametrize(("words", "title"), FOUND)
def test_conference_is_found(words, title):
    found = make_conference(title=title)
    make_conference(title="Something else")
    assert list(Conference.objects.search(words)) == [found]
    assert has_words(title, words)


@pytest.mark.parametrize(("words", "title"), NOT_FOUND)
def test_words_are_no_patterns(words, title):
    make_conference(title=title)
    assert not Conference.objects.search(words).exists()
    assert not has_words(title, words)


@pytest.mark.parametrize("column", ["title", "place", "agenda"])
def test_conference_is_found_by_title_place_and_agenda(client, column):
    make_conference(**{"title": "One", column: f"Zürich, {'x' * 150}"})
    page = client.get("/", {"q": "ZURICH"}).context["page"]
    assert len(page.object_list) == 1


@pytest.mark.parametrize("column", ["name", "profession"])
def test_member_is_found_among_members_and_on_the_ballot(as_alice, alice, conference, column):
    hemi = make_membership(conference, user=make_user("hemi@example.org", **{"name": "X", column: "Hēmi"}))
    make_pitch(hemi)
    for page in ("members", "ballot"):
        found = as_alice.get(f"/conferences/open-conf/{page}/", {"q": "hemi"}).context["page"]
        assert [m.pk for m in found.object_list] == [hemi.pk]


def test_candidate_is_found_on_the_desk(as_organiser, conference, alice, bob):
    User.objects.filter(pk=bob.user.pk).update(name="Łukasz Münch")
    Election.objects.update(results_visibility="live")
    make_vote(alice, bob)
    page = as_organiser.get(f"/admin/voting/votes/{conference.pk}/candidates/", {"q": "lukasz muench"})
    assert list(page.context["page"].object_list) == [bob]


def rows_of(client, path, words):
    return [row.pk for row in client.get(path, {"q": words}).context["cl"].result_list]


LISTS = ["accounts/user", "conferences/membership", "conferences/conference", "voting/votes", "voting/pitch"]


def searched():
    """The lists of the admin that have a search; allauth's list of sessions is not served."""
    pages = admin.site._registry.items()
    return {model: page for model, page in pages if page.search_fields and model is not UserSession}


@pytest.mark.parametrize("path", LISTS)
def test_lists_of_the_admin_are_searched_alike(as_organiser, conference, bob, alice, path):
    User.objects.filter(pk=bob.user.pk).update(name=decomposed("Łukasz Münch"))
    Conference.objects.update(title="Łukasz Münch")
    make_pitch(bob)
    assert len(rows_of(as_organiser, f"/admin/{path}/", "LUKASZ muench")) >= 1
    assert rows_of(as_organiser, f"/admin/{path}/", "lukaszz") == []


def test_every_search_of_the_admin_folds():
    assert [model for model, page in searched().items() if not isinstance(page, AuditedAdmin)] == []


@pytest.mark.parametrize("model", searched())
def test_every_search_of_the_admin_works(admin_client, model):
    path = reverse(f"admin:{model._meta.app_label}_{model._meta.model_name}_changelist")
    assert admin_client.get(path, {"q": "Ünal % [x"}).status_code == 200


@pytest.mark.parametrize("query", ["a " * 5000, "e" * 10_000, "[(" * 500, "ü" * 200, "%" * 200, "\\" * 200])
def test_long_search_is_answered(client, conference, query):
    assert client.get("/", {"q": query}).status_code == 200


def test_search_reads_a_number_of_words_and_of_letters(conference):
    query = Conference.objects.search("ue " * 100).query
    assert str(query).count("REGEXP") == 3 * MOST_WORDS
    assert len(pattern_of("e" * 1000)) == len(pattern_of("e" * LONGEST_WORD))


def test_pattern_compiles_for_every_character():
    codes = [*range(0x20, 0xC00), *range(0x1D00, 0x2300), *range(0x3040, 0x3100), 0xFB01, 0xFF21, 0x1F3A4]
    patterns = {chr(code): pattern_of(chr(code)) for code in codes}
    assert [c for c, pattern in patterns.items() if pattern and not re.search(pattern, c)] == []


ORDER = [
    *("2", "Ada", "Änne", "Anton", "Ann-Bo", "Ann Zed", "Anna", "Øre", "Orf", "Łukasz", "Lydia", "lu", "Zoe"),
    *(
        "zack",
        "Þor",
        "Thor",
        "Æsa",
        "Aeta",
        "Ďan",
        "Dao",
        "éa",
        "eb",
        "O'Brien",
        "OBrian",
        "Müller",
        "Mullet",
    ),
    *("Ёлка", "Ель", "Жук", "Йов", "яна", "Αθήνα", "ώρα", "שלום", "أحمد", "हिन्दी", "日本", "한국", "_x"),
]
IN_ORDER = [
    *(
        "_x",
        "2",
        "Ada",
        "Æsa",
        "Aeta",
        "Ann Zed",
        "Ann-Bo",
        "Anna",
        "Änne",
        "Anton",
        "Ďan",
        "Dao",
        "éa",
        "eb",
    ),
    *("lu", "Łukasz", "Lydia", "Müller", "Mullet", "O'Brien", "OBrian", "Øre", "Orf", "Thor", "zack", "Zoe"),
    *("Þor", "Αθήνα", "ώρα", "Ёлка", "Ель", "Жук", "Йов", "яна", "שלום", "أحمد", "हिन्दी", "日本", "한국"),
]


def test_order_of_names_is_the_same_on_both_databases(conference):
    for name in ORDER:
        make_membership(conference, name=name)
    names = Membership.objects.order_by(Alphabetical("user__name"), "pk").values_list("user__name", flat=True)
    assert list(names) == IN_ORDER


def test_members_and_people_are_listed_in_that_order(as_organiser, organiser, conference):
    for name in ("Zoe", "Änne", "anton", "Ada"):
        make_membership(conference, name=name)
    wanted = ["Ada", "Änne", "anton", "Zoe"]
    User.objects.filter(pk=organiser.pk).update(name="zz")
    people = as_organiser.get("/admin/accounts/user/").context["cl"].result_list
    assert [p.name for p in people] == [*wanted, "zz"]
    by_name = as_organiser.get("/admin/conferences/membership/", {"o": "-1"}).context["cl"].result_list
    assert [str(m) for m in by_name] == wanted[::-1]
    make_membership(conference, user=organiser)
    page = as_organiser.get("/conferences/open-conf/members/").context["page"]
    assert [str(m) for m in page.object_list] == [*wanted, "zz"]


def test_candidates_of_an_open_vote_are_listed_in_that_order(as_organiser, conference):
    for name in ("Zoe", "Änne", "anton", "Ada"):
        make_pitch(make_membership(conference, name=name))
    page = as_organiser.get(f"/admin/voting/votes/{conference.pk}/candidates/").context["page"]
    assert [str(m) for m in page.object_list] == ["Ada", "Änne", "anton", "Zoe"]
