"""Bad inputs get a clear answer, change nothing, and are never a server error."""

import pytest
from django.contrib.admin import site
from django.utils import timezone

from accounts.audited_admin import AuditedAdmin
from confbox.kit.tests.page import parse
from conferences.models import Conference, Membership
from conferences.tests.factories import make_conference, make_membership
from voting.elections.models import Pitch, Vote
from voting.tests.factories import close_and_decide, make_vote

pytestmark = pytest.mark.django_db

STRANGE_NUMBERS = [
    "",
    "-1",
    "9223372036854775807",
    "9223372036854775808",
    "99999999999999999999999999",
    "1e3",
    "１２",
    "1_000",
    " 5",
    "5 ",
    "+5",
    "0x5",
    "\0",
    "1\0",
    "1\n",
    "abc",
    "x" * 10_240,
]


VOTE = "/conferences/open-conf/vote/"


@pytest.mark.parametrize("number", ["0", "999999999999999999", "2147483648"])
def test_a_vote_for_an_unknown_id_is_refused_and_changes_nothing(as_alice, conference, number):
    page = parse(as_alice.post(VOTE, {"candidate": number}, follow=True))
    assert page.messages == ["There is no such member to vote for. Please choose another member."]
    assert Vote.objects.count() == 0


@pytest.mark.parametrize("form", [{}, *({"candidate": number} for number in STRANGE_NUMBERS)])
def test_a_vote_that_names_no_member_says_so_and_changes_nothing(as_alice, alice, bob, form):
    make_vote(alice, bob)
    status, page = said(as_alice, VOTE, form)
    assert (status, "Please choose one member to vote for." in page) == (200, True)
    assert Vote.objects.get().candidate == bob


def test_a_vote_that_names_two_members_is_for_neither(as_alice, bob, carol):
    _status, page = said(as_alice, VOTE, {"candidate": [bob.pk, carol.pk]})
    assert "Please choose one member to vote for." in page
    assert Vote.objects.count() == 0


def test_a_candidate_in_the_query_is_no_vote(as_alice, bob):
    as_alice.post(f"{VOTE}?candidate={bob.pk}")
    assert Vote.objects.count() == 0


@pytest.mark.parametrize("body", [b"candidate=%00", b"candidate=%FF%FE", b"\x00\xff", b"candidate[]=1"])
def test_a_vote_of_strange_bytes_is_refused(as_alice, conference, body):
    answer = as_alice.post(VOTE, body, content_type="application/x-www-form-urlencoded")
    assert answer.status_code in (302, 400)
    assert Vote.objects.count() == 0


def test_a_vote_for_oneself_says_so(as_alice, alice):
    _status, page = said(as_alice, VOTE, {"candidate": alice.pk})
    assert "You cannot vote for yourself." in page
    assert Vote.objects.count() == 0


def test_no_address_names_the_candidate_of_a_vote(as_alice, bob):
    assert as_alice.post(f"/conferences/open-conf/members/{bob.pk}/vote/").status_code == 404
    assert Vote.objects.count() == 0


@pytest.mark.parametrize("slug", ["nowhere", "%00", "Open Conf", "open-conf%0d%0a", "a" * 5000])
def test_a_vote_in_a_strange_conference_is_404(as_alice, bob, slug):
    assert as_alice.post(f"/conferences/{slug}/vote/", {"candidate": bob.pk}).status_code == 404
    assert as_alice.post(f"/conferences/{slug}/vote/").status_code == 404


def said(client, url, form):
    answer = client.post(url, form, follow=True)
    return answer.status_code, answer.content.decode()


def test_a_vote_for_a_member_who_left_says_so(as_alice, bob):
    Membership.objects.filter(pk=bob.pk).update(left_at=timezone.now())
    status, page = said(as_alice, VOTE, {"candidate": bob.pk})
    assert (status, "Bob is no longer a member" in page) == (200, True)


def test_a_vote_for_a_disabled_person_says_so(as_alice, bob):
    type(bob.user).objects.filter(pk=bob.user_id).update(is_active=False)
    _status, page = said(as_alice, VOTE, {"candidate": bob.pk})
    assert "Bob is no longer a member" in page


def test_a_vote_for_a_person_who_opted_out_says_so(as_alice, bob):
    Membership.objects.filter(pk=bob.pk).update(accepts_votes=False)
    _status, page = said(as_alice, VOTE, {"candidate": bob.pk})
    assert "Bob does not want to be voted for" in page


def test_a_vote_for_a_member_of_another_conference_says_so(as_alice):
    other = make_membership(make_conference(voting="open"))
    _status, page = said(as_alice, VOTE, {"candidate": other.pk})
    assert "There is no such member to vote for" in page


@pytest.mark.parametrize(("status", "answer"), [("draft", 404), ("inactive", 302)])
def test_a_vote_in_a_conference_that_is_not_active_is_refused(as_alice, bob, status, answer):
    Conference.objects.update(status=status)
    assert as_alice.post(VOTE, {"candidate": bob.pk}).status_code == answer
    assert Vote.objects.count() == 0


def test_a_stranger_cannot_vote(as_stranger, bob):
    assert as_stranger.post(VOTE, {"candidate": bob.pk}).status_code == 404
    assert Vote.objects.count() == 0


def test_a_vote_by_get_is_refused(as_alice, bob):
    assert as_alice.get(VOTE).status_code == 405


SEARCHES = ["%", "_", "\\", "'", '"', "x" * 10_240, "\0", "%00", "\U0001f600", "‮", "a\r\nb", "{{7*7}}"]  # noqa: PLE2502  # turns the direction of writing, on purpose
PAGES = ["/", "/conferences/open-conf/members/", "/conferences/open-conf/ballot/"]


@pytest.mark.parametrize("url", PAGES)
@pytest.mark.parametrize("words", SEARCHES)
def test_a_strange_search_is_answered(as_alice, bob, url, words):
    assert as_alice.get(url, {"q": words}).status_code == 200


@pytest.mark.parametrize(("words", "found"), [("%", False), ("_", False), ("50%", True), ("a_b", True)])
def test_wildcards_are_searched_as_they_are(as_alice, conference, words, found):
    if found:
        Conference.objects.update(title=f"We give {words} more")
    page = parse(as_alice.get("/", {"q": words}))
    assert ("We give" in page.text) is found
    assert not page.mentions("Open Conf")


@pytest.mark.parametrize("url", PAGES)
@pytest.mark.parametrize("page", ["-1", "0", "999999999", "abc", "", "1e9", "１"])
def test_a_strange_page_number_is_answered(as_alice, bob, url, page):
    assert as_alice.get(url, {"page": page}).status_code == 200


@pytest.mark.parametrize("show", ["nonsense", "mine", "PAST", "%00", "x" * 5000])
def test_a_strange_filter_is_answered(client, conference, show):
    assert client.get("/", {"show": show}).status_code == 200


TEXTS = [
    "<script>alert(1)</script>",
    "{% load x %}{{ settings.SECRET_KEY }}",
    "‮gnp.exe",  # noqa: PLE2502  # turns the direction of writing, on purpose
    "zero\u200bwidth",
    "ṫ" + "́" * 1000,
    "\U0001f3a4" * 100,
    "x" * 65_536,
    "   ",
    "a\r\nBcc: all@example.org",
    "nul\0byte",
]


@pytest.mark.parametrize("column", ["headline", "statement"])
@pytest.mark.parametrize("text", TEXTS)
def test_a_strange_pitch_is_stored_or_refused_but_never_an_error(as_alice, alice, column, text):
    sent = {"headline": "Fine", "statement": "Fine", "accepts_votes": "on", column: text}
    answer = as_alice.post("/conferences/open-conf/pitch/", sent)
    assert answer.status_code in (200, 302)
    assert Pitch.objects.filter(membership=alice).exists() is (answer.status_code == 302)
    page = parse(as_alice.get(f"/conferences/open-conf/members/{alice.pk}/"))
    assert not any("alert" in script for script in page.texts("script"))


def test_a_headline_of_two_lines_is_refused_and_kept(as_alice):
    sent = {"headline": "One\u2028Two", "statement": "Long thoughts", "accepts_votes": "on"}
    page = parse(as_alice.post("/conferences/open-conf/pitch/", sent))
    assert "Please use one line of ordinary characters." in page.text
    assert "Long thoughts" in page.text


@pytest.mark.parametrize("answer", ["", "maybe", "accept\0"])
def test_a_strange_answer_to_a_decision_changes_nothing(client, conference, alice, bob, organiser, answer):
    make_vote(alice, bob)
    decision = close_and_decide(conference=conference, candidate=bob, by=organiser)
    client.force_login(bob.user)
    client.post("/conferences/open-conf/results/answer/", {"answer": answer})
    decision.refresh_from_db()
    assert decision.answer == "pending"


@pytest.mark.parametrize("url", ["//admin", "/static/../confbox/settings.py", "/%2e%2e/", "/conferences//"])
def test_a_strange_path_is_no_server_error(client, db, url):
    assert client.get(url).status_code < 500


@pytest.mark.parametrize("method", ["trace", "put", "delete", "patch", "options"])
def test_a_strange_method_is_refused(as_alice, conference, method):
    assert getattr(as_alice, method)("/conferences/open-conf/").status_code == 405


def test_a_forged_host_is_400(client, db):
    assert client.get("/", headers={"host": "evil.example"}).status_code == 400


AUDITED = [model for model, page in site._registry.items() if isinstance(page, AuditedAdmin)]


@pytest.mark.parametrize("model", AUDITED, ids=lambda model: model.__name__)
@pytest.mark.parametrize("unknown", ["12/team/invite", "abc", "１２", "9" * 400])
def test_no_page_of_the_admin_is_found_by_what_is_no_id(admin_client, model, unknown):
    path = f"/admin/{model._meta.app_label}/{model._meta.model_name}/{unknown}/"
    assert admin_client.get(path, follow=True).status_code == 404


def test_a_row_of_the_admin_that_is_gone_is_said_to_be(admin_client):
    page = parse(admin_client.get("/admin/accounts/user/987654/change/", follow=True))
    assert "doesn’t exist. Perhaps it was deleted?" in " ".join(page.messages)
