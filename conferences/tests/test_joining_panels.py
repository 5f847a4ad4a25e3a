"""The pages on which people join, in each of their states."""

import pytest
from django.core.cache import cache
from django.db import connection
from django.test.utils import CaptureQueriesContext

from confbox.kit.tests.page import parse
from confbox.kit.tests.panels import states_of
from conferences.joining.actions import answer_request
from conferences.joining.panels import LINK_PANEL, REQUEST_PANEL
from conferences.models import JoinCode
from conferences.tests.admission import BY_COMMAND, ask, code_for, join, long_ago, only
from conferences.tests.factories import make_conference, update_elections

pytestmark = pytest.mark.django_db
ASK = "/conferences/conf-26/join/request/"


@pytest.fixture
def conference(db):
    return only(make_conference(title="Conf 26", slug="conf-26"), approval=True)


def nothing(conference, person):
    pass


def asked(conference, person):
    return ask(conference, person)


def declined(conference, person):
    answer_request(asked=ask(conference, person), answer="declined", reason="Who are you?", by=BY_COMMAND)


def declined_twice(conference, person):
    declined(conference, person)
    declined(conference, person)


def no_requests(conference, person):
    only(conference)


def member(conference, person):
    join(conference, person, code=code_for(conference).code)


REQUESTS = [
    ("can_ask", nothing, "They will answer by email.", True),
    ("waiting", asked, "I spoke here last year.", False),
    ("can_ask_again", declined, "Who are you?", True),
    ("declined", declined_twice, "cannot ask again", False),
    ("not_offered", no_requests, "do not accept requests to join", False),
    ("not_offered", member, "You are a member of Conf 26.", False),
]


@pytest.mark.parametrize(("state", "arrange", "words", "has_form"), REQUESTS)
def test_page_to_ask_to_be_let_in(as_stranger, stranger, conference, state, arrange, words, has_form):
    arrange(conference, stranger)
    answer = as_stranger.get(ASK)
    assert answer.context["panel"].state == state
    page = parse(answer).part("main")
    assert words in page.text
    assert page.has_field("sentence") == has_form


def test_asking_leads_back_to_the_page_that_shows_it(as_stranger, conference):
    answer = as_stranger.post(ASK, {"sentence": "I spoke here."}, follow=True)
    assert answer.context["panel"].state == "waiting"
    assert parse(answer).messages == [
        "Your request has been sent to the organisers. They will answer by email."
    ]


@pytest.mark.parametrize("sentence", ["", "x" * 501])
def test_refused_sentence_stays_typed(as_stranger, conference, sentence):
    page = parse(as_stranger.post(ASK, {"sentence": sentence}))
    assert page.errors
    assert page.field("sentence")["value"].strip("\n") == sentence


def usable(conference, person):
    return code_for(conference)


def ended(conference, person):
    return code_for(conference, ended_at=long_ago())


def of_member(conference, person):
    join(conference, person, code=code_for(conference).code)
    return JoinCode.objects.get()


LINKS = [
    ("can_join", usable, True, "Members vote for the speaker"),
    ("sign_up", usable, False, "Sign up or log in first"),
    ("member", of_member, True, "You are a member"),
    ("closed", ended, True, "replaced or ended"),
]


@pytest.mark.parametrize(("state", "arrange", "is_logged_in", "words"), LINKS)
def test_page_of_a_link(client, stranger, conference, state, arrange, is_logged_in, words):
    code = arrange(conference, stranger)
    if is_logged_in:
        client.force_login(stranger)
    answer = client.get(f"/j/{code.code}/")
    assert answer.context["panel"].state == state
    assert words in parse(answer).text


CONFERENCE = "/conferences/conf-26/"


def test_page_of_the_conference_lists_what_is_needed_to_join(as_stranger, conference):
    only(conference, roster=True, email_domains=["uni.example"], approval=True)
    code_for(conference)
    answer = as_stranger.get(CONFERENCE)
    assert answer.context["taking_part"].state == "needs_way"
    page = parse(answer).part("#membership")
    assert page.texts("li") == [
        "An email address on the organisers’ list of participants",
        "A confirmed email address at uni.example",
        "A join code from the organisers",
        "The organisers’ approval, which you can ask for",
    ]
    assert page.links == ["/conferences/conf-26/join/code/", "/conferences/conf-26/ticket/", ASK]
    assert not page.has("form")


def test_page_of_the_conference_offers_only_ways_that_there_are(as_stranger, stranger, conference):
    page = parse(as_stranger.get(CONFERENCE)).part("#membership")
    assert "To join, you need the organisers’ approval, which you can ask for." in page.text
    assert page.links == [ASK]
    ask(conference, stranger)
    assert parse(as_stranger.get(CONFERENCE)).part("#membership").texts("a") == ["Your request to be let in"]


NOT_AGAIN = "You cannot ask again."
REQUESTED = [
    (asked, "You asked to be let in on", "Your request to be let in"),
    (declined, "Their reason: “Who are you?” You can ask once more.", "Ask once more to be let in"),
    (declined_twice, f"Their reason: “Who are you?” {NOT_AGAIN}", "The organisers’ answer"),
]


@pytest.mark.parametrize(("arrange", "words", "label"), REQUESTED)
def test_page_of_the_conference_shows_what_has_become_of_a_request(
    as_stranger, stranger, conference, arrange, words, label
):
    arrange(conference, stranger)
    page = parse(as_stranger.get(CONFERENCE))
    for part in ("#membership", "#conditions"):
        assert words in page.part(part).text
        assert label in page.part(part).texts("a")
        assert "Ask to be let in" not in page.part(part).texts("a")
    assert ("which you can ask for" in page.part("#membership").text) == (NOT_AGAIN not in words)


def test_request_that_waits_is_shown_also_once_no_more_are_taken(as_stranger, stranger, conference):
    ask(conference, stranger)
    only(conference)
    page = parse(as_stranger.get(CONFERENCE)).part("#membership")
    assert "You asked to be let in on" in page.text
    assert page.links == [ASK]


def test_declined_request_is_not_shown_once_no_more_are_taken(as_stranger, stranger, conference):
    declined(conference, stranger)
    only(conference)
    assert as_stranger.get(CONFERENCE).context["taking_part"].state == "not_joinable"


def test_page_of_a_visitor_under_all_rules_asks_each_once(as_stranger, stranger, conference):
    only(conference, roster=True, email_domains=["uni.example"], approval=True)
    code_for(conference)
    ask(conference, stranger)
    update_elections(conference, who_votes="roster")
    cache.clear()
    with CaptureQueriesContext(connection) as captured:
        assert as_stranger.get(CONFERENCE).context["taking_part"].state == "needs_way"
    asked_for = [query["sql"] for query in captured.captured_queries]
    for table in ("conferences_admission", "conferences_joincode"):
        assert len([sql for sql in asked_for if f"FROM {connection.ops.quote_name(table)}" in sql]) == 1
    assert len(asked_for) <= 20, asked_for


def test_page_of_a_conference_that_admits_no_one_says_so(as_stranger, conference):
    only(conference)
    assert as_stranger.get(CONFERENCE).context["taking_part"].state == "not_joinable"


def test_anonymous_reader_sees_what_is_needed_before_signing_up(client, conference):
    page = parse(client.get(CONFERENCE)).part("#membership")
    assert "To join, you need the organisers’ approval" in page.text
    assert "Sign up to join" in page.text


def test_person_whom_a_rule_admits_sees_the_button(as_stranger, conference):
    only(conference, email_domains=["example.org"])
    assert as_stranger.get(CONFERENCE).context["taking_part"].state == "can_join"


def test_button_that_is_clicked_after_the_rules_changed_says_what_is_needed(as_stranger, conference):
    answer = as_stranger.post("/conferences/conf-26/join/", follow=True)
    assert parse(answer).messages == [
        "To join Conf 26, you need the organisers’ approval, which you can ask for."
    ]


def test_every_state_has_a_row_and_a_template():
    assert states_of(REQUEST_PANEL) == {state for state, *_ in REQUESTS}
    assert states_of(LINK_PANEL) == {state for state, *_ in LINKS}
