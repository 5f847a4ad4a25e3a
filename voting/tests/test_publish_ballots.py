import hashlib
import json
import subprocess
import sys

import pytest
from django.core.exceptions import ValidationError
from django.core.management import CommandError, call_command

from accounts.actors import Actor
from accounts.models import User
from conferences.models import Membership
from conferences.tests.factories import make_conference, make_membership
from voting.elections import actions
from voting.elections.election.models import Election
from voting.elections.models import Vote
from voting.elections.receipts import verify
from voting.elections.receipts.actions import publish_ballots, publish_closed_ballots
from voting.elections.receipts.models import PublishedBallots
from voting.elections.receipts.receipt import check_receipt, receipt_of
from voting.elections.tally import tally_of
from voting.tests.factories import close_and_decide, close_by_clock, make_vote

pytestmark = pytest.mark.django_db


def cast(voter, candidate):
    actions.cast_vote(by=Actor(voter.user), slug=voter.conference.slug, candidate_id=candidate.pk)
    return receipt_of(Vote.objects.get(voter=voter))


@pytest.fixture
def published(conference, alice, bob, carol):
    for voter, candidate in ((alice, bob), (bob, carol), (carol, bob)):
        cast(voter, candidate)
    actions.close_voting(conference=conference)
    return PublishedBallots.objects.get()


def test_nothing_is_published_before_the_close(conference, alice, bob):
    cast(alice, bob)
    with pytest.raises(ValidationError, match="after voting has closed"):
        publish_ballots(conference=conference)


def test_closing_publishes_trackers_and_choices_sorted(published, bob, carol):
    rows = [(v.tracker, v.candidate_id) for v in Vote.objects.order_by("tracker")]
    assert published.ballots == "tracker,choice\n" + "".join(f"{t},{c}\n" for t, c in rows)


def test_the_digest_is_the_files_sha256(published):
    assert published.digest == hashlib.sha256(published.ballots.encode()).hexdigest()


def test_the_result_has_participants_and_tally_but_no_names(published, bob, carol):
    assert published.result["participants"] == 3
    assert published.result["tally"] == {str(bob.pk): 2, str(carol.pk): 1}
    assert "voters" not in published.result


def test_names_of_participants_only_by_the_conferences_choice(conference, alice, bob):
    Election.objects.update(publishes_participants=True)
    voters = [make_membership(conference, name=f"Voter {n}") for n in range(5)]
    for n, voter in enumerate(voters):
        cast(voter, (alice, bob)[n % 2])
    actions.close_voting(conference=conference)
    published = PublishedBallots.objects.get()
    assert published.result["voters"] == [voter.pk for voter in voters]
    assert published.voters == [voter.user.name for voter in voters]


def test_publishing_twice_changes_nothing(conference, published):
    assert publish_ballots(conference=conference).published_at == published.published_at


def test_voting_that_closed_by_the_clock_is_published(db):
    make_conference(voting="closed")
    make_conference(voting="open")
    assert len(publish_closed_ballots()) == 1
    assert publish_closed_ballots() == []


def test_a_vote_from_elsewhere_gets_its_tracker_at_publication(conference, alice, bob):
    make_vote(alice, bob)
    actions.close_voting(conference=conference)
    assert Vote.objects.get().tracker in PublishedBallots.objects.get().ballots


def test_deciding_publishes_too(conference, alice, bob, organiser):
    cast(alice, bob)
    close_and_decide(conference=conference, candidate=bob, by=organiser)
    assert PublishedBallots.objects.get().result["tally"] == {str(bob.pk): 1}


def test_my_receipt_is_right(published, alice):
    receipt = receipt_of(Vote.objects.get(voter=alice))
    assert check_receipt(text=json.dumps(receipt), published=published, member=alice) == []


def test_another_persons_receipt_is_not_mine(published, alice, carol):
    """If a server gave two voters the same receipt: Alice and Carol chose Bob."""
    same = receipt_of(Vote.objects.get(voter=alice))
    problems = check_receipt(text=json.dumps(same), published=published, member=carol)
    assert problems == [f"receipt: it is for member {alice.pk}, but you are member {carol.pk}"]


def test_another_persons_tracker_under_my_id_is_not_mine(published, alice, carol):
    forged = {**receipt_of(Vote.objects.get(voter=alice)), "member": carol.pk}
    problems = check_receipt(text=json.dumps(forged), published=published, member=carol)
    assert problems == ["receipt: its tracker does not belong to its member ID and nonce"]


def test_the_receipt_of_a_moved_vote_is_no_longer_among_the_ballots(conference, alice, bob, carol):
    first = cast(alice, bob)
    cast(alice, carol)
    actions.close_voting(conference=conference)
    problems = check_receipt(text=json.dumps(first), published=PublishedBallots.objects.get(), member=alice)
    later = f"the vote was changed, withdrawn or made void after {first['cast_at']}, or it is missing"
    assert problems == [f"receipt: its tracker is not among the ballots; {later}"]


def test_a_receipt_that_this_site_did_not_sign_is_reported(published, alice):
    receipt = {**receipt_of(Vote.objects.get(voter=alice)), "signature": "00" * 64}
    problems = check_receipt(text=json.dumps(receipt), published=published, member=alice)
    assert problems == ["signature: this site did not sign this receipt"]


@pytest.mark.parametrize(
    "text", ["", "{}", "[]", "null", "7", "[" * 5000, '{"member": "1"}', "\0", "é" * 9000]
)
def test_what_is_no_receipt_is_refused(published, alice, text):
    with pytest.raises(ValidationError, match="not a receipt"):
        check_receipt(text=text, published=published, member=alice)


def test_a_receipt_with_a_lone_surrogate_is_only_wrong(published, alice):
    receipt = {**receipt_of(Vote.objects.get(voter=alice)), "nonce": "\ud800"}
    assert check_receipt(text=json.dumps(receipt), published=published, member=alice) != []


def ten_thousand(conference):
    people = [User(email=f"m{n}@example.org", name=f"Member {n}") for n in range(10_000)]
    User.objects.bulk_create(people, batch_size=1000)
    people = User.objects.filter(email__startswith="m").order_by("pk")
    rows = [Membership(conference=conference, user=person) for person in people]
    Membership.objects.bulk_create(rows, batch_size=1000)
    members = list(Membership.objects.filter(conference=conference).order_by("pk"))
    votes = [
        Vote(voter=m, election=conference.election, candidate=members[n * n % 97 + (n * n % 97 == n)])
        for n, m in enumerate(members)
    ]
    Vote.objects.bulk_create(votes, batch_size=1000)


@pytest.mark.slow
@pytest.mark.on_sqlite
def test_ten_thousand_receipts_are_all_found_with_the_right_choice(conference, tmp_path, capsys):
    ten_thousand(conference)
    actions.close_voting(conference=conference)
    published = PublishedBallots.objects.get()
    ballots = dict(line.split(",") for line in published.ballots.splitlines()[1:])
    votes = list(Vote.objects.select_related("election__conference"))
    receipts = [receipt_of(v) for v in votes]
    assert [ballots[r["tracker"]] for r in receipts] == [str(v.candidate_id) for v in votes]
    page = {str(s.candidate.pk): s.votes for s in tally_of(conference).standings}
    assert page == published.result["tally"]
    call_command("recount", conference.slug)
    assert "10000  votes" in capsys.readouterr().out
    assert run_verify(tmp_path, published, receipts[0]) == (0, "10000 ballots, 0 problems")


def run_verify(folder, published, receipt):
    (folder / "ballots.csv").write_text(published.ballots)
    (folder / "result.json").write_text(json.dumps(published.result))
    (folder / "receipt.json").write_text(json.dumps(receipt))
    files = ["ballots.csv", "result.json", published.digest, "receipt.json", str(receipt["member"])]
    command = [sys.executable, "-I", verify.__file__, *files]
    done = subprocess.run(command, cwd=folder, capture_output=True, text=True, check=False)
    return done.returncode, done.stdout.strip().splitlines()[-1]


def test_recount_finds_a_row_changed_behind_its_back(published, carol, alice):
    Vote.objects.filter(voter=alice).update(candidate=carol)
    with pytest.raises(CommandError, match="1 problems"):
        call_command("recount", "open-conf")


def test_recount_of_an_unknown_conference_says_so(db):
    with pytest.raises(CommandError, match="There is no conference nowhere"):
        call_command("recount", "nowhere")


def test_recount_agrees_after_a_decision(published, conference, bob, organiser):
    close_by_clock(conference)
    close_and_decide(conference=conference, candidate=bob, by=organiser)
    call_command("recount", "open-conf")
