"""Who may vote, as programs of a team change it, and the audit log of that."""

import pytest

from confbox.tests.api.answers import outcome
from confbox.tests.api.desk import REASON
from confbox.tests.api.organising import program_of
from conferences.models import Membership
from conferences.tests.factories import make_conference, make_membership
from voting.elections.roll.models import RollEntry
from voting.tests.rolls import freeze_roster, freeze_with_ada

pytestmark = pytest.mark.django_db


def test_member_is_excluded_and_readmitted_once(alice, desk, owner):
    for act in ("exclude", "readmit"):
        found = owner.get(f"{desk}exclusions/{alice.pk}/?act={act}").json()
        assert found["consequences"]
        assert alice.user.email not in found["consequences"]
        posts = [outcome(owner.post(f"{desk}{act}/{alice.pk}/", REASON)) for _ in range(2)]
        assert posts == ["made", "none"]
        assert (Membership.objects.get(pk=alice.pk).excluded_at is not None) == (act == "exclude")


def test_member_of_another_conference_is_not_excluded(desk, owner):
    other = make_membership(make_conference(voting="open"))
    assert owner.post(f"{desk}exclude/{other.pk}/", REASON).status_code == 404
    assert owner.get(f"{desk}exclusions/{other.pk}/").status_code == 404


def test_two_addresses_of_one_mailbox_are_a_sign_of_fraud(conference, desk, owner, observer):
    for tag in ("", "+two"):
        member = make_membership(conference)
        member.user.email = f"eve{tag}@example.org"
        member.user.save()
    [sign] = owner.get(f"{desk}fraud/").json()["signs"]
    assert (sign["kind"], sign["total"]) == ("mailbox", 2)
    assert {each["email"] for each in sign["members"]} == {"eve@example.org", "eve+two@example.org"}
    assert observer.get(f"{desk}fraud/").status_code == 403


def test_voter_is_added_and_removed_once(conference, desk, owner):
    freeze_with_ada(conference)
    late = make_membership(conference, name="Late Member")
    assert [row["name"] for row in owner.get(f"{desk}roll/members/?show=off").json()["items"]] == [
        "Late Member"
    ]
    for act in ("add", "remove"):
        assert owner.get(f"{desk}roll/{late.pk}/?act={act}").json()["consequences"]
        posts = [outcome(owner.post(f"{desk}roll/{late.pk}/{act}/", REASON)) for _ in range(2)]
        assert posts == ["made", "none"]
    found = owner.get(f"{desk}roll/").json()
    assert [each["act"] for each in found["changes"]] == ["added", "removed"]
    assert (found["size"], found["on"], found["off"]) == (1, 1, 1)


def test_person_on_the_roster_is_added_to_the_list_of_voters(conference, desk, owner, observer):
    freeze_roster(conference)
    listed = lambda show: owner.get(f"{desk}roll/entries/?show={show}").json()["items"]  # noqa: E731
    assert [row["email"] for row in listed("waiting")] == ["cleo@example.org"]
    assert listed("listed") == []
    assert observer.get(f"{desk}roll/entries/").status_code == 403
    entry = RollEntry.objects.get(roster_entry__email="cleo@example.org").roster_entry_id
    assert outcome(owner.post(f"{desk}roll/listed/{entry}/add/", REASON)) == "none"


def test_pages_of_the_list_of_voters_have_each_member_once(conference, desk, owner):
    for number in range(5):
        make_membership(conference, name=f"Voter {number}")
    seen, cursor = [], ""
    while cursor is not None:
        page = owner.get(f"{desk}roll/members/?limit=2&cursor={cursor}").json()
        seen += [row["name"] for row in page["items"]]
        cursor = page["next"]
    assert seen == [f"Voter {number}" for number in range(5)]


def test_log_of_a_conference_has_what_was_done_in_it(alice, desk, owner, observer):
    owner.post(f"{desk}exclude/{alice.pk}/", REASON)
    [entry] = owner.get(f"{desk}audit-log/?limit=1").json()["items"]
    assert (entry["act"], entry["reason"], entry["channel"]) == ("exclude", REASON["reason"], "api")
    assert "Alice" in entry["words"]
    read = observer.get(f"{desk}audit-log/?limit=1")
    assert read.json()["items"][0]["act"] == "exclude"
    assert "Alice" not in read.content.decode()
    assert REASON["reason"] not in read.content.decode()


def test_log_has_nothing_of_other_conferences(desk, organiser, owner):
    other = make_conference(voting="open")
    member, theirs = make_membership(other), program_of(other)
    theirs.post(f"conferences/{other.slug}/organise/exclude/{member.pk}/", REASON)
    acts = [row["act"] for row in owner.get(f"{desk}audit-log/").json()["items"]]
    assert "exclude" not in acts
