"""The pages on which a second person is asked and answers, tried by those who may and those who may not."""

import pytest
from django.core import mail
from django.test import Client

from accounts.tests.factories import log_in_freshly, make_organiser, make_user
from confbox.kit.tests.page import parse
from conferences.consent.acts import ACTS
from conferences.local_times import in_zone
from conferences.models import Conference, ConsentRequest, Role, TeamMember
from conferences.tests.factories import make_conference, make_membership, update_elections
from conferences.tests.rosters.entries import make_entry
from conferences.tests.teams import make_series, make_team_member
from voting.tests.consent import REASON, every_case, hours, make_case, no_consent
from voting.tests.factories import make_pitch, make_vote

pytestmark = pytest.mark.django_db
ALL = "/admin/conferences/conference/second-person/"
ASKED = "Nothing changes until one of them does"


def list_of(conference):
    return f"/admin/conferences/conference/{conference.pk}/second-person/"


def page_of(asked):
    return f"{list_of(asked.conference)}{asked.pk}/"


def read(browser, asked):
    """What the button to confirm sends, from the page as it is now."""
    return {"act": "confirm", "seen": parse(browser.get(page_of(asked))).field("seen")["value"]}


def browser_of(person):
    return log_in_freshly(Client(), person)


def entered(name, conference):
    """The page with the form for this case, and what is filled in."""
    tally, row = f"/admin/voting/votes/{conference.pk}/", CASES_ROWS[name](conference)
    return {
        "close": (f"{tally}close/", {}),
        "move": (f"{tally}move-deadline/", deadline(conference)),
        "cancel": (f"/admin/conferences/conference/{conference.pk}/cancel/", {}),
        "reinstate": (f"/admin/conferences/conference/{conference.pk}/reinstate/", {}),
        "decide": (f"{tally}decide/{row}/", {}),
        "revoke": (f"{tally}take-back/{row}/", {}),
        "exclude": (f"{tally}exclude/{row}/", {}),
        "readmit": (f"{tally}exclude/{row}/?again=1", {}),
        "add": (f"{tally}roll/{row}/?act=add", {}),
        "remove": (f"{tally}roll/{row}/", {}),
        "add_listed": (f"{tally}roll/listed/{row}/", {}),
        "unlist": (f"/admin/conferences/conference/{conference.pk}/roster/{row}/remove/", {}),
    }[name]


def deadline(conference):
    seen = conference.election.closes_at.strftime("%Y-%m-%dT%H:%M:%S.%f+0000")
    return {"closes_at": f"{hours(5):%Y-%m-%dT%H:%M}", "seen": seen, "confirmed": "yes"}


def nothing(_conference):
    return 0


def member(name):
    return lambda conference: conference.memberships.get(user__name=name).pk


def listed(email):
    return lambda conference: conference.roster.get(email=email).pk


CASES_ROWS = {
    "close": nothing,
    "move": nothing,
    "cancel": nothing,
    "reinstate": nothing,
    "decide": member("Chosen Member"),
    "revoke": lambda conference: conference.election.decisions.get().pk,
    "exclude": member("Excluded Member"),
    "readmit": member("Excluded Member"),
    "add": member("Late Member"),
    "remove": member("Ada"),
    "add_listed": listed("dora@example.org"),
    "unlist": listed("cleo@example.org"),
}


@every_case
def test_form_asks_instead_of_doing_it_and_once(name):
    conference, case, [first, _second] = make_case(name)
    path, more = entered(name, conference)
    browser = browser_of(first)
    answers = [browser.post(path, {"reason": REASON} | more, follow=True) for _ in range(2)]
    assert [ASKED in parse(answer).text for answer in answers] == [True, True]
    assert not case.is_done()
    assert ConsentRequest.objects.count() == 1


@every_case
def test_form_says_when_no_one_could_confirm(name):
    conference, case, [first, second] = make_case(name)
    TeamMember.objects.filter(person=second).delete()
    path, more = entered(name, conference)
    answer = browser_of(first).post(path, {"reason": REASON} | more, follow=True)
    assert "There is no second person who could confirm this" in parse(answer).text
    assert not case.is_done()
    assert not ConsentRequest.objects.exists()


@every_case
def test_form_names_who_is_asked_before_anything_is_sent(name):
    conference, _case, [first, _second] = make_case(name)
    shown = parse(browser_of(first).get(entered(name, conference)[0]))
    assert "Second Person" in shown.part("#second-person").text
    assert "First Person" not in shown.part("#second-person").text


@pytest.mark.parametrize("name", ["move", "close"])
def test_form_shows_what_waits_already(name):
    conference, case, [first, _second] = make_case(name)
    path, _ = entered(name, conference)
    assert not parse(browser_of(first).get(path)).has("#second-person-title")
    asked = case.ask(first)
    assert page_of(asked) in parse(browser_of(first).get(path)).links


def test_conference_whose_voting_has_not_opened_is_cancelled_without_a_second_person():
    conference, case, [first, _second] = make_case("cancel")
    update_elections(conference, opens_at=hours(1))
    path = f"/admin/conferences/conference/{conference.pk}/cancel/"
    assert not parse(browser_of(first).get(path)).has("#second-person")
    browser_of(first).post(path, {"reason": REASON})
    assert case.is_done()


def test_vote_whose_window_needs_two_is_not_ended_by_cancelling_alone():
    conference, case, [first, _second] = make_case("cancel")
    no_consent(conference)
    update_elections(conference, window_needs_consent=True)
    browser_of(first).post(f"/admin/conferences/conference/{conference.pk}/cancel/", {"reason": REASON})
    assert not case.is_done()
    assert ConsentRequest.objects.get().act == "cancelling"


def test_entry_that_is_not_on_the_roll_is_removed_without_a_second_person():
    conference, _case, [first, _second] = make_case("unlist")
    late = make_entry(conference, "late@example.org")
    shown = parse(
        browser_of(first).get(f"/admin/conferences/conference/{conference.pk}/roster/{late.pk}/remove/")
    )
    assert not shown.has("#second-person")
    assert shown.attributes("input[type=submit]", "value") == ["Remove"]


def test_page_that_removes_a_voter_says_when_no_one_could_confirm():
    conference, _case, [first, second] = make_case("unlist")
    TeamMember.objects.filter(person=second).delete()
    shown = parse(browser_of(first).get(entered("unlist", conference)[0]))
    assert "no one else may" in shown.part("#second-person").text


@every_case
def test_second_person_reads_the_consequence_and_confirms_and_again(name):
    conference, case, [first, second] = make_case(name)
    asked, browser = case.ask(first), browser_of(second)
    shown = parse(browser.get(page_of(asked))).part("#consent-request")
    assert ACTS[case.act].summary(conference, asked.payload) in shown.text
    assert REASON in shown.text
    assert len(shown.texts("li")) > 1
    confirmed = read(browser, asked)
    answers = [browser.post(page_of(asked), confirmed, follow=True) for _ in range(2)]
    assert ["Confirmed and done." in parse(answer).text for answer in answers] == [True, True]
    assert case.is_done()


def move_to_bonn(conference):
    Conference.objects.filter(pk=conference.pk).update(place="Bonn")


CHANGES = {
    "the place": move_to_bonn,
    "the deadline": lambda conference: update_elections(conference, closes_at=hours(7)),
    "voting is over": lambda conference: update_elections(
        conference, opens_at=hours(-9), closes_at=hours(-1)
    ),
}


IMPOSSIBLE = [("decide", "the deadline"), ("decide", "voting is over"), ("close", "voting is over")]


@every_case
@pytest.mark.parametrize("what", CHANGES)
def test_what_has_changed_since_the_page_was_opened_is_not_confirmed_unread(name, what):
    conference, case, [first, second] = make_case(name)
    asked, browser = case.ask(first), browser_of(second)
    confirmed = read(browser, asked)
    if (name, what) in IMPOSSIBLE:
        pytest.skip("Voting is over then.")
    CHANGES[what](conference)
    answer = browser.post(page_of(asked), confirmed, follow=True)
    assert answer.redirect_chain[0][0] == page_of(asked)
    assert "has changed since you opened this page" in parse(answer).text
    assert not case.is_done()
    assert ConsentRequest.objects.waiting().count() == 1


@every_case
def test_form_without_what_was_read_confirms_nothing(name):
    _conference, case, [first, second] = make_case(name)
    browser_of(second).post(page_of(case.ask(first)), {"act": "confirm"})
    assert not case.is_done()


LEAD_TO = {
    "move": "those who planned to vote later may miss the vote",
    "close": "voting cannot be opened again",
}


@pytest.mark.parametrize("name", LEAD_TO)
def test_second_person_reads_what_the_first_one_read_and_how_many_have_voted(name):
    _conference, case, [first, second] = make_case(name)
    said = parse(browser_of(second).get(page_of(case.ask(first)))).texts("#consent-request li")
    assert any(LEAD_TO[name] in sentence for sentence in said)
    assert any("Voted so far: " in sentence for sentence in said)
    assert all(sentence[0].isupper() for sentence in said)


def test_second_person_reads_the_count_the_tie_and_the_pitch_before_a_speaker_is_chosen():
    conference, case, [first, second] = make_case("decide")
    chosen, rival = conference.memberships.get(), make_membership(conference, name="Rival Member")
    make_pitch(chosen, headline="Bees in Bonn", statement="They dance.")
    for number, candidate in enumerate((chosen, rival)):
        make_vote(make_membership(conference, name=f"Voter {number}"), candidate)
    shown = parse(browser_of(second).get(page_of(case.ask(first)))).part("#consent-request")
    assert "Chosen Member has 1 of 2 votes: rank 1. tie" in shown.text
    assert shown.texts("#first-places li") == ["Chosen Member: 1 vote tie", "Rival Member: 1 vote tie"]
    assert "Bees in Bonn They dance." in shown.text
    assert f"Reason: {REASON}" in shown.text


def test_no_one_else_is_offered_while_a_choice_waits():
    conference, case, [first, _second] = make_case("decide")
    chosen = conference.memberships.get()
    make_vote(make_membership(conference, name="Voter"), chosen)
    decide, _ = entered("decide", conference)
    page, browser = f"/admin/voting/votes/{conference.pk}/decision/", browser_of(first)
    assert decide in parse(browser.get(page)).links
    case.ask(first)
    assert decide not in parse(browser.get(page)).links


def test_second_person_reads_that_the_chosen_member_has_no_votes():
    _conference, case, [first, second] = make_case("decide")
    shown = parse(browser_of(second).get(page_of(case.ask(first)))).part("#consent-request")
    assert "Chosen Member has no votes." in shown.text
    assert not shown.has("#first-places")


@every_case
def test_list_of_the_conference_and_of_all_have_it(name):
    conference, case, [first, second] = make_case(name)
    asked = case.ask(first)
    for path in (list_of(conference), ALL):
        shown = parse(browser_of(second).get(path))
        assert shown.attributes("#waiting-requests a", "href") == [page_of(asked)]
    own = parse(browser_of(first).get(list_of(conference)))
    assert own.texts("#waiting-requests a") == ["Withdraw…"]
    assert parse(browser_of(first).get(ALL)).has("#waiting-requests") is False


def test_first_page_of_the_admin_counts_what_waits_for_its_reader():
    _conference, case, [first, second] = make_case("exclude")
    case.ask(first)
    said = "1 request that waits for you as the second person"
    assert said in parse(browser_of(second).get("/admin/")).part("#dashboard").text
    assert said not in parse(browser_of(first).get("/admin/")).text


def test_who_asked_is_offered_to_withdraw_and_not_to_confirm():
    _conference, case, [first, _second] = make_case("exclude")
    asked, browser = case.ask(first), browser_of(first)
    assert parse(browser.get(page_of(asked))).texts("#consent-request button") == ["Withdraw the request"]
    answer = parse(browser.post(page_of(asked), {"act": "confirm"}, follow=True))
    assert "You requested this yourself" in answer.text
    browser.post(page_of(asked), {"act": "cancel"})
    assert ConsentRequest.objects.get().withdrawn_at


def test_request_that_is_over_offers_nothing_and_says_how_it_ended():
    conference, case, [first, second] = make_case("exclude")
    asked, browser = case.ask(first), browser_of(second)
    browser.post(page_of(asked), {"act": "cancel"})
    shown = parse(browser.get(page_of(asked)))
    assert "Declined" in shown.part("#consent-request").text
    assert not shown.has("#consent-request button")
    assert "Declined" in parse(browser.get(list_of(conference))).part("#ended-requests").text


def test_who_asked_reads_why_it_was_declined():
    _conference, case, [first, second] = make_case("exclude")
    asked = case.ask(first)
    mail.outbox.clear()
    browser_of(second).post(page_of(asked), {"act": "cancel", "decline_reason": "It is a <mistake>."})
    [message] = mail.outbox
    assert (message.to, "Their reason: It is a <mistake>." in message.body) == ([first.email], True)
    assert "It is a <mistake>." in parse(browser_of(first).get(page_of(asked))).part("#consent-request").text


def test_reason_for_declining_is_optional_and_too_long_a_one_is_kept():
    _conference, case, [first, second] = make_case("exclude")
    asked, browser = case.ask(first), browser_of(second)
    page = parse(browser.post(page_of(asked), {"act": "cancel", "decline_reason": "x" * 1001}))
    assert page.field("decline_reason")["value"].strip() == "x" * 1001
    assert page.errors
    browser.post(page_of(asked), {"act": "cancel"})
    assert ConsentRequest.objects.get().declined_at
    assert "Their reason" not in parse(browser.get(page_of(asked))).text


def test_withdrawing_keeps_no_reason_for_declining():
    _conference, case, [first, _second] = make_case("exclude")
    asked = case.ask(first)
    browser_of(first).post(page_of(asked), {"act": "cancel", "decline_reason": "x"})
    assert ConsentRequest.objects.get().decline_reason == ""


@pytest.mark.parametrize("name", ["close", "cancel", "exclude", "remove", "move"])
def test_page_says_until_when_it_can_be_confirmed_never_after_the_deadline(name):
    conference, _case, [first, _second] = make_case(name)
    update_elections(conference, closes_at=hours(3))
    conference = Conference.objects.get(pk=conference.pk)
    path, more = entered(name, conference)
    browser, more = browser_of(first), {key: value for key, value in more.items() if key != "confirmed"}
    page = parse(browser.post(path, {"reason": REASON} | more) if more else browser.get(path))
    until = in_zone(conference, conference.election.closes_at)
    assert f"A second person has to confirm this by {until}." in page.part("#second-person").text
    browser.post(path, {"reason": REASON} | more | {"confirmed": "yes"})
    assert ConsentRequest.objects.get().expires_at == conference.election.closes_at


def test_what_is_no_longer_possible_is_said():
    _conference, case, [first, second] = make_case("exclude")
    asked, browser = case.ask(first), browser_of(second)
    update_elections(closes_at=hours(-1), opens_at=hours(-9))
    answer = browser.post(page_of(asked), read(browser, asked), follow=True)
    assert "no longer possible, so nothing was changed" in parse(answer).text


# The wrong person

OUTSIDERS = {
    "a reviewer": lambda conference: make_team_member(conference, Role.REVIEWER).person,
    "help desk": lambda conference: make_team_member(conference, Role.HELP_DESK).person,
    "an observer": lambda conference: make_team_member(conference, Role.OBSERVER).person,
    "an owner of another team": lambda _: make_team_member(make_conference(), Role.OWNER).person,
    "an owner of another series": lambda _: make_team_member(make_series(), Role.OWNER).person,
}


@every_case
@pytest.mark.parametrize("who", OUTSIDERS)
def test_request_does_not_exist_for_those_who_may_not_answer_it(name, who):
    conference, case, [first, _second] = make_case(name)
    asked, browser = case.ask(first), browser_of(OUTSIDERS[who](conference))
    what = ACTS[case.act].summary(conference, asked.payload)
    sent = [{"act": "confirm"}, {"act": "cancel"}]
    answers = [browser.get(page_of(asked)), *(browser.post(page_of(asked), each) for each in sent)]
    assert [answer.status_code for answer in answers] == [404] * 3
    pages = (list_of(conference), ALL, f"/admin/voting/votes/{conference.pk}/turnout/", "/admin/")
    assert not any(parse(browser.get(path, follow=True)).mentions(what) for path in pages)
    assert not case.is_done()
    assert ConsentRequest.objects.waiting().count() == 1


@every_case
def test_member_and_stranger_are_told_nothing(name, stranger):
    conference, case, [first, _second] = make_case(name)
    asked, member = case.ask(first), make_membership(conference, name="Some Member")
    for person in (member.user, stranger):
        browser = browser_of(person)
        assert {browser.get(path).status_code for path in (page_of(asked), list_of(conference), ALL)} == {302}
        for path in ("", "members/", "ballot/", "results/"):
            shown = parse(browser.get(f"/conferences/{conference.slug}/{path}", follow=True))
            assert not any(shown.mentions(words) for words in (REASON, "second person", "Second Person"))
    assert {message.to[0] for message in mail.outbox}.isdisjoint({member.user.email, stranger.email})


def test_staff_without_permission_are_refused(roles):
    conference, case, [first, _second] = make_case("exclude")
    asked = case.ask(first)
    browser = browser_of(make_user("helper@example.org", is_staff=True))
    assert {browser.get(path).status_code for path in (page_of(asked), list_of(conference), ALL)} == {403}


def test_site_organiser_answers_in_every_conference(roles):
    _conference, case, [first, _second] = make_case("exclude")
    asked, browser = case.ask(first), browser_of(make_organiser("site@example.org"))
    browser.post(page_of(asked), read(browser, asked))
    assert case.is_done()


def test_request_of_another_conference_is_not_found_under_this_one():
    _conference, case, [first, second] = make_case("exclude")
    asked, other = case.ask(first), make_conference()
    make_team_member(other, Role.OWNER, user=second)
    assert browser_of(second).get(f"{list_of(other)}{asked.pk}/").status_code == 404


def test_page_of_a_decision_shows_no_tally_to_those_who_ask(client):
    _conference, case, [first, second] = make_case("decide")
    shown = parse(browser_of(second).get(page_of(case.ask(first)))).part("#consent-request")
    assert "rank" not in shown.text
