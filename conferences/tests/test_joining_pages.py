"""“Who may join” for organisers: rules, join codes with their slide, and answers to requests."""

from datetime import timedelta

import pytest
from django.utils import timezone

from accounts.tests.factories import log_in_freshly, make_user
from confbox.kit.tests.page import parse
from conferences.models import Admission, Conference, JoinCode, JoinRequest
from conferences.tests.admission import ask, code_for, is_member, join, long_ago, only
from conferences.tests.factories import make_conference, update_elections
from conferences.tests.rosters.entries import make_entry

pytestmark = pytest.mark.django_db


@pytest.fixture
def conference(db):
    return make_conference(title="Conf 26", slug="conf-26")


@pytest.fixture
def url(conference):
    return f"/admin/conferences/conference/{conference.pk}/joining/"


@pytest.fixture
def ada(db):
    return make_user("ada@example.org", name="Ada")


def content(answer):
    return parse(answer).part("#content")


def test_page_of_a_conference_says_who_may_join_and_leads_there(as_organiser, conference, url):
    change = f"/admin/conferences/conference/{conference.pk}/change/"
    page = parse(as_organiser.get(change))
    assert page.links.count(url) == 2
    assert "Everyone with an account may join." in page.text
    only(conference, roster=True, email_domains=["a.example"], approval=True)
    said = "Only these may join: people on the roster; people with an email address at a.example; people whom"
    assert said in parse(as_organiser.get(change)).text


def test_everyone_means_those_who_find_a_conference_for_members_only(as_organiser, conference):
    Conference.objects.update(visibility="members_only")
    page = parse(as_organiser.get(f"/admin/conferences/conference/{conference.pk}/change/"))
    assert "Everyone who finds it may join: people on the roster" in page.text
    assert "Everyone with an account may join." not in page.text


def test_rules_are_set_and_shown_again(as_organiser, conference, url):
    typed = {"who": "rules", "roster": "on", "email_domains": "@Example.org\r\nbücher.example"}
    answer = as_organiser.post(url, typed, follow=True)
    page = parse(answer)
    assert page.messages == ["The rules for joining have been saved."]
    stored = Admission.objects.get()
    assert (stored.everyone, stored.roster, stored.approval) == (False, True, False)
    assert stored.email_domains == ["example.org", "xn--bcher-kva.example"]
    assert page.field("email_domains")["value"].split() == ["example.org", "bücher.example"]
    assert "checked" in page.field("roster")
    assert parse(as_organiser.post(url, typed, follow=True)).messages == ["Nothing was changed."]


IDLE = "Everyone may still join: the other rules have no effect until you choose “Only people …”."


@pytest.mark.parametrize("rule", [{"roster": "on"}, {"approval": "on"}, {"email_domains": "example.org"}])
def test_rules_next_to_everyone_are_saved_with_a_warning(as_organiser, conference, url, rule):
    typed = {"who": "everyone", "email_domains": ""} | rule
    for said in ("The rules for joining have been saved.", "Nothing was changed."):
        answer = as_organiser.post(url, typed, follow=True)
        assert parse(answer).messages == [f"{said} {IDLE}"]
        assert parse(answer).texts(".messagelist .warning") == [f"{said} {IDLE}"]
    assert Admission.objects.get().everyone


@pytest.mark.parametrize(
    ("typed", "error"),
    [
        (
            {"who": "rules", "email_domains": "good.example\nada@example.org"},
            "“ada@example.org” is not a domain.",
        ),
        ({"who": "all", "email_domains": "a"}, "Select a valid choice."),
        ({"email_domains": "x" * 30_000}, "This field is required."),
    ],
)
def test_refused_rules_keep_what_was_typed_and_change_nothing(as_organiser, conference, url, typed, error):
    page = parse(as_organiser.post(url, typed))
    assert [each for each in page.errors if each.startswith(error)]
    assert page.field("email_domains")["value"].strip("\n") == typed["email_domains"]
    assert Admission.objects.get().everyone


NO_ONE = "No one can join now: no rule admits anyone, and there is no usable join code."
EMPTY = "The roster is empty, so it admits no one yet. Open the roster"
NO_VOTE = "Only people on the roster will be able to vote, and it is empty. Open the roster"
WARNINGS = [
    ({"everyone": True}, [], []),
    ({}, [], [NO_ONE]),
    ({}, [code_for], []),
    ({"roster": True}, [], [EMPTY]),
    ({"roster": True}, [make_entry], []),
]


@pytest.mark.parametrize(("rules", "there_is", "words"), WARNINGS)
def test_what_is_probably_not_meant_is_said(as_organiser, conference, url, rules, there_is, words):
    only(conference, **rules)
    for make in there_is:
        make(conference)
    assert content(as_organiser.get(url)).texts(".errornote") == words


@pytest.mark.parametrize("there_is", [[], [make_entry]])
def test_empty_roster_that_alone_may_vote_is_pointed_out(as_organiser, conference, url, there_is):
    update_elections(conference, who_votes="roster")
    for make in there_is:
        make(conference)
    page = content(as_organiser.get(url))
    assert page.texts(".errornote") == ([] if there_is else [NO_VOTE])
    assert there_is or page.attributes(".errornote a", "href") == [url.replace("joining", "roster")]


def test_page_says_how_joining_and_voting_differ_and_leads_to_the_other(as_organiser, conference, url):
    said = content(as_organiser.get(url)).part("#voting-rule")
    assert "who may become a member" in said.text
    assert "is now: All members." in said.text
    [rules] = said.attributes("a", "href")
    back = parse(as_organiser.get(rules)).part("#who-joins")
    assert "Only members vote." in back.text
    assert back.attributes("a", "href") == [url]


def test_roster_says_whether_it_decides_who_may_join(as_organiser, conference, url):
    roster = url.replace("joining", "roster")
    make_entry(conference)
    assert "rules of the conference decide" in content(as_organiser.get(roster)).text
    only(conference, roster=True)
    page = content(as_organiser.get(roster))
    assert "They may join, according to the rules" in page.text
    assert url in page.links


def test_code_is_made_with_limits_and_shown_with_its_link(as_organiser, conference, url):
    later = (timezone.now() + timedelta(days=2)).strftime("%Y-%m-%dT%H:%M")
    answer = as_organiser.post(f"{url}code/add/", {"most_uses": "50", "expires_at": later}, follow=True)
    code = JoinCode.objects.get()
    page = content(answer)
    assert parse(answer).messages == [f"The new join code is {code}."]
    assert f"/j/{code.code}" in page.text
    assert "at most 50 uses, until" in page.text
    assert page.attributes("svg.qr", "aria-label")[0].endswith(f"/j/{code.code}")


def test_names_tell_codes_apart(as_organiser, conference, url):
    for name in ("Newsletter", "  Opening slide "):
        as_organiser.post(f"{url}code/add/", {"name": name, "most_uses": ""})
    assert content(as_organiser.get(url)).texts(".join-codes strong") == ["Opening slide", "Newsletter"]
    code = JoinCode.objects.get(name="Newsletter")
    for verb in ("renew", "end"):
        assert "Newsletter" in content(as_organiser.get(f"{url}code/{code.pk}/{verb}/")).texts("strong")
    as_organiser.post(f"{url}code/{code.pk}/end/")
    assert content(as_organiser.get(url)).rows[1][:3] == [str(code), "Newsletter", "Ended"]


def test_renewed_code_keeps_its_name_unless_it_gets_another(as_organiser, conference, url):
    code = code_for(conference, name="Partner")
    path = f"{url}code/{code.pk}/renew/"
    assert parse(as_organiser.get(path)).field("name")["value"] == "Partner"
    as_organiser.post(path, {"name": "Partner 2"})
    assert JoinCode.objects.usable().get().name == "Partner 2"


def test_only_organisers_see_the_name_of_a_code(as_organiser, client, conference, url):
    code = code_for(conference, name="For the press")
    assert not parse(as_organiser.get(f"{url}code/{code.pk}/slide/")).mentions("For the press")
    client.logout()
    assert not parse(client.get(f"/j/{code.code}/")).mentions("For the press")


def test_page_of_a_member_names_the_code_and_does_not_show_it(as_organiser, conference, ada):
    code = code_for(only(conference), name="Newsletter")
    member = join(conference, ada, code=code.code)
    page = parse(as_organiser.get(f"/admin/conferences/membership/{member.pk}/change/"))
    assert f"{code.pk} “Newsletter”" in page.text
    assert not page.mentions(str(code))
    assert not page.mentions(code.code)


@pytest.mark.parametrize(
    ("typed", "error"),
    [
        ({"name": "x" * 61}, "This can have 60 characters at most"),
        ({"name": "two\u2028lines"}, "Please use one line of ordinary characters."),
        ({"most_uses": "0"}, "Please enter 1 or more."),
        ({"most_uses": "many"}, "Enter a whole number."),
        ({"expires_at": "2020-01-01T12:00"}, "This time has passed."),
        ({"expires_at": "soon"}, "Enter a valid date/time."),
    ],
)
def test_code_that_is_refused_keeps_what_was_typed(as_organiser, conference, url, typed, error):
    page = parse(as_organiser.post(f"{url}code/add/", typed))
    assert [each for each in page.errors if each.startswith(error)]
    [(name, value)] = typed.items()
    assert page.field(name)["value"] == value
    assert not JoinCode.objects.exists()


def test_slide_has_nothing_but_the_way_in(as_organiser, conference, url):
    code = code_for(conference)
    page = parse(as_organiser.get(f"{url}code/{code.pk}/slide/"))
    assert page.heading == "Join Conf 26"
    assert page.number_of("svg.qr path") == 2
    assert page.texts(".join-code") == [str(code)]
    assert "no longer admits" not in page.text
    JoinCode.objects.update(ended_at=long_ago())
    assert "no longer admits anyone" in parse(as_organiser.get(f"{url}code/{code.pk}/slide/")).text


def test_code_is_renewed_with_new_limits(as_organiser, conference, url):
    code = code_for(conference, most_uses=5)
    path = f"{url}code/{code.pk}/renew/"
    assert parse(as_organiser.get(path)).field("most_uses")["value"] == "5"
    assert JoinCode.objects.count() == 1
    as_organiser.post(path, {"most_uses": "7"})
    assert JoinCode.objects.usable().get().most_uses == 7
    assert "already been ended or replaced" in parse(as_organiser.post(path, {})).errors[0]


def test_code_is_ended_after_a_question(as_organiser, conference, url):
    code = code_for(conference)
    path = f"{url}code/{code.pk}/end/"
    assert f"End the join code {code}?" in content(as_organiser.get(path)).text
    assert JoinCode.objects.usable().exists()
    said = [parse(as_organiser.post(path, follow=True)).messages[0] for _ in range(2)]
    assert said == [
        f"The join code {code} no longer admits anyone.",
        f"The join code {code} had already been ended.",
    ]
    assert content(as_organiser.get(url)).rows[1][:3] == [str(code), "", "Ended"]


def test_code_of_another_conference_is_not_found(as_organiser, conference, url):
    other = code_for(make_conference())
    for end in ("slide", "renew", "end"):
        assert as_organiser.get(f"{url}code/{other.pk}/{end}/").status_code == 404


def test_request_is_answered_on_the_page(as_organiser, organiser, conference, url, ada):
    asked = ask(only(conference, approval=True), ada, "I spoke here <b>last</b> year.")
    page = content(as_organiser.get(url))
    assert "1 request is waiting for an answer" in page.text
    assert "I spoke here <b>last</b> year." in page.text
    path = f"{url}request/{asked.pk}/"
    assert path in page.actions
    answer = as_organiser.post(path, {"answer": "accepted", "reason": ""}, follow=True)
    assert parse(answer).messages == ["Ada is now a member."]
    assert is_member(conference, ada)
    assert "waiting for an answer" not in content(answer).text


def test_refused_answer_keeps_what_was_typed(as_organiser, conference, url, ada):
    asked = ask(only(conference, approval=True), ada)
    path = f"{url}request/{asked.pk}/"
    assert "Please give a reason." in parse(as_organiser.post(path, {"answer": "declined"})).errors[0]
    page = parse(as_organiser.post(path, {"reason": "Typed"}))
    assert (page.errors, page.field("reason")["value"].strip()) == (
        ["Please let the person in or decline."],
        "Typed",
    )
    assert JoinRequest.objects.waiting().exists()


def test_answered_request_shows_its_answer(as_organiser, conference, url, ada):
    asked = ask(only(conference, approval=True), ada)
    path = f"{url}request/{asked.pk}/"
    as_organiser.post(path, {"answer": "declined", "reason": "We do not know you."})
    page = content(as_organiser.get(path))
    assert ("Declined" in page.text, "We do not know you." in page.text) == (True, True)
    assert not page.has("form")


def test_many_requests_have_pages(as_organiser, conference, url):
    only(conference, approval=True)
    for number in range(21):
        ask(conference, make_user(f"person{number}@example.org"))
    assert content(as_organiser.get(url)).number_of("article") == 20
    assert content(as_organiser.get(f"{url}?page=2")).number_of("article") == 1


def test_pages_are_for_those_who_may_change_the_conference(client, conference, url):
    code = code_for(conference)
    staff = log_in_freshly(client, make_user("staff@example.org", is_staff=True))
    for end in ("", "code/add/", f"code/{code.pk}/slide/", f"code/{code.pk}/end/", "request/1/"):
        assert staff.get(f"{url}{end}").status_code == 403
        assert staff.post(f"{url}{end}").status_code in (403, 405)
    assert JoinCode.objects.usable().exists()


def test_new_conference_in_the_admin_is_open_to_everyone(as_organiser):
    page = parse(as_organiser.get("/admin/conferences/conference/add/"))
    assert "Everyone. Once the conference is saved" in page.text
    assert not Conference.objects.exists()
