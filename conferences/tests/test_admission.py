"""Who may join: the rules of a conference, of which any one admits."""

import pytest
from django.core.exceptions import ValidationError

from accounts.models import AdminAct
from accounts.tests.factories import make_user
from confbox.kit.outcomes import Change
from conferences.admission.actions import set_admission
from conferences.admission.domains import MOST_DOMAINS, read_domains, shown_domains
from conferences.admission.rules import Way, rules_of, way_in
from conferences.admission.words import rules_in_words
from conferences.models import Admission, Conference, JoinRequest, Membership, RosterEntry
from conferences.roster.actions import remove_entry
from conferences.tests.admission import (
    BY_COMMAND,
    NOTHING,
    ask,
    code_for,
    confirm,
    is_member,
    join,
    long_ago,
    only,
)
from conferences.tests.factories import make_conference
from conferences.tests.rosters.entries import make_entry

pytestmark = pytest.mark.django_db


@pytest.fixture
def conference(db):
    return make_conference(title="Conf 26", slug="conf-26")


@pytest.fixture
def ada(db):
    return make_user("ada@example.org", name="Ada")


def refusal(conference, user, **options):
    with pytest.raises(ValidationError) as refused:
        join(conference, user, **options)
    assert not is_member(conference, user)
    return refused.value.messages[0]


def test_everyone_may_join_unless_an_organiser_decides_otherwise(conference, ada):
    assert Admission.objects.get(conference=conference).everyone
    assert join(conference, ada).user == ada


def test_everyone_may_join_a_conference_without_stored_rules(conference, ada):
    Admission.objects.all().delete()
    assert Conference.objects.get().admission.everyone
    assert join(conference, ada).user == ada


def test_without_any_rule_no_one_can_join(conference, ada):
    assert refusal(only(conference), ada) == "Conf 26 is not open to new members."


def test_member_stays_a_member_whatever_the_rules_become(conference, ada):
    member = join(conference, ada)
    only(conference)
    assert join(conference, ada) == member


def test_roster_admits_through_any_confirmed_address(conference, ada):
    make_entry(only(conference, roster=True), "ada@work.example")
    confirm(ada, "ada@work.example")
    member = join(conference, ada)
    assert RosterEntry.objects.get().membership == member


def test_roster_does_not_admit_through_an_address_that_is_not_confirmed(conference, ada):
    make_entry(only(conference, roster=True), "ada@work.example")
    confirm(ada, "ada@work.example", verified=False)
    assert "an email address on the organisers’ list of participants" in refusal(conference, ada)


def test_roster_refuses_alike_whether_or_not_another_address_is_listed(conference, ada):
    only(conference, roster=True)
    before = refusal(conference, ada)
    make_entry(conference, "grace@example.org")
    assert refusal(conference, ada) == before


def test_removed_entry_admits_no_one(conference, ada):
    remove_entry(entry=make_entry(only(conference, roster=True)), reason="Returned", by=BY_COMMAND)
    refusal(conference, ada)


def test_one_entry_admits_one_person(conference, ada):
    make_entry(only(conference, roster=True))
    join(conference, ada)
    other = make_user("other@example.org")
    # Both have confirmed it: the address moved from one account to the other.
    ada.emailaddress_set.all().delete()
    confirm(other, "ada@example.org")
    refusal(conference, other)


def test_entry_of_a_person_who_left_lets_them_come_back(conference, ada):
    make_entry(only(conference, roster=True))
    member = join(conference, ada)
    Membership.objects.update(left_at=long_ago())
    assert join(conference, ada) == member
    assert is_member(conference, ada)


def test_entry_whose_address_was_just_proved_admits_without_a_rule(conference, ada):
    entry = make_entry(only(conference), "ticket@example.org")
    assert join(conference, ada, entry=entry).user == ada
    entry.refresh_from_db()
    assert entry.membership.user == ada


def test_entry_of_another_person_or_conference_admits_no_one(conference, ada):
    taken = make_entry(only(conference), "ticket@example.org")
    join(conference, make_user("first@example.org"), entry=taken)
    refusal(conference, ada, entry=taken)
    refusal(conference, ada, entry=make_entry(make_conference(), "ticket@example.org"))


@pytest.mark.parametrize("address", ["ada@uni.example", "ada@xn--bcher-kva.example", "Ada@UNI.example"])
def test_domain_admits_its_confirmed_addresses(conference, ada, address):
    only(conference, email_domains=read_domains("uni.example, bücher.example"))
    confirm(ada, address)
    assert way_in(user=ada, conference=conference) is Way.DOMAIN
    join(conference, ada)


@pytest.mark.parametrize("address", ["ada@evil-uni.example", "ada@cs.uni.example", "ada@uni.example.org"])
def test_domain_admits_no_other_that_is_like_it(conference, ada, address):
    only(conference, email_domains=["uni.example"])
    confirm(ada, address)
    assert refusal(conference, ada).endswith("a confirmed email address at uni.example.")


def test_domain_does_not_admit_through_an_address_that_is_not_confirmed(conference, ada):
    only(conference, email_domains=["uni.example"])
    confirm(ada, "ada@uni.example", verified=False)
    refusal(conference, ada)


def test_refusal_lists_each_way_there_is(conference, ada):
    only(conference, roster=True, email_domains=["a.example", "bücher.example"], approval=True)
    code_for(conference)
    assert refusal(conference, ada) == (
        "To join Conf 26, you need one of these: an email address on the organisers’ list of participants; "
        "a confirmed email address at a.example or bücher.example; a join code from the organisers; "
        "the organisers’ approval, which you can ask for."
    )


def test_dead_code_is_no_way(conference, ada):
    code_for(only(conference), ended_at=long_ago())
    assert refusal(conference, ada) == "Conf 26 is not open to new members."


def test_rule_that_admits_costs_no_use_of_a_code(conference, ada):
    code = code_for(only(conference, email_domains=["example.org"]), most_uses=1)
    join(conference, ada, code=str(code))
    code.refresh_from_db()
    assert code.uses == 0


def test_request_of_a_person_who_joined_otherwise_no_longer_waits_for_an_answer(conference, ada):
    ask(only(conference, approval=True), ada)
    assert JoinRequest.objects.to_answer().exists()
    join(conference, ada, code=str(code_for(conference)))
    assert not JoinRequest.objects.to_answer().exists()


def test_setting_the_same_rules_again_changes_nothing(conference):
    rules = NOTHING | {"email_domains": ["uni.example"]}
    done = [set_admission(conference=conference, by=BY_COMMAND, **rules) for _ in range(2)]
    assert done == [Change.MADE, Change.NONE]
    said = "Only these may join: people with an email address at uni.example."
    assert AdminAct.objects.get().what == said


def test_join_codes_are_named_only_if_there_is_one(conference):
    roster = rules_of(only(conference, roster=True))
    assert rules_in_words(roster) == "Only these may join: people on the roster."
    code_for(conference)
    assert rules_in_words(roster) == "Only these may join: people on the roster; people with a join code."


def test_without_any_rule_only_a_join_code_lets_people_in(conference):
    assert rules_in_words(rules_of(only(conference))) == "Only these may join: people with a join code."


DOMAINS = [
    ("example.org", ["example.org"]),
    ("@Example.ORG.\n\n  uni.example ,a.example;", ["example.org", "uni.example", "a.example"]),
    ("bücher.example BÜCHER.example", ["xn--bcher-kva.example"]),
    ("straße.example", ["xn--strae-oqa.example"]),
    ("exa\u200bmple.org", ["example.org"]),
    ("ｅｘａｍｐｌｅ．ｏｒｇ", ["example.org"]),
    ("", []),
]


@pytest.mark.parametrize(("text", "domains"), DOMAINS)
def test_domains_are_read_as_people_type_them(text, domains):
    assert read_domains(text) == domains


NO_DOMAINS = ["localhost", "ada@example.org", "*.example.org", "exa_mple.org", "-a.org", "a..org", "1.2.3.4"]


@pytest.mark.parametrize("text", [*NO_DOMAINS, "x" * 300])
def test_what_is_no_domain_is_refused_with_what_was_typed(text):
    with pytest.raises(ValidationError, match="is not a domain") as refused:
        read_domains(f"good.example\n{text}")
    assert text[:100] in refused.value.messages[0]


def test_too_many_domains_are_refused():
    with pytest.raises(ValidationError, match="at most 100"):
        read_domains("\n".join(f"{n}.example" for n in range(MOST_DOMAINS + 1)))


def test_domains_are_shown_in_the_letters_that_people_read():
    assert shown_domains(["xn--bcher-kva.example", "a.example"]) == ["bücher.example", "a.example"]
