"""The program as a member downloads it: its output for the right files, and for forged ones."""

import json
import subprocess
import sys
from hashlib import sha256

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from accounts.actors import Actor
from conferences.tests.factories import make_membership
from voting.elections import actions
from voting.elections.election.models import Election
from voting.elections.models import Vote
from voting.elections.receipts import verify
from voting.elections.receipts.models import PublishedBallots
from voting.elections.receipts.receipt import receipt_of
from voting.elections.receipts.signing import public_key
from voting.tests.factories import close_and_decide

RESULTS = "/conferences/open-conf/results"


def cast(voter, candidate):
    actions.cast_vote(by=Actor(voter.user), slug=voter.conference.slug, candidate_id=candidate.pk)
    return receipt_of(Vote.objects.get(voter=voter))


@pytest.fixture
def receipt(conference, alice, bob, carol):
    Election.objects.update(results_visibility="after_close")
    cast(bob, carol)
    for _ in range(3):
        cast(make_membership(conference), carol)
    return cast(alice, bob)


@pytest.fixture
def folder(receipt, conference, as_alice, tmp_path):
    """What Alice downloads once voting is closed."""
    actions.close_voting(conference=conference)
    for name in ("ballots.csv", "result.json", "verify.py"):
        (tmp_path / name).write_bytes(as_alice.get(f"{RESULTS}/{name}").content)
    (tmp_path / "receipt.json").write_text(json.dumps(receipt))
    return tmp_path


@pytest.fixture
def digest(folder):
    return PublishedBallots.objects.get().digest


def run(folder, *arguments):
    command = [sys.executable, "-I", "verify.py", "ballots.csv", "result.json", *map(str, arguments)]
    done = subprocess.run(command, cwd=folder, capture_output=True, text=True, check=False)
    return done.returncode, done.stdout.strip().splitlines()


def change(folder, **columns):
    path = folder / "result.json"
    path.write_text(json.dumps(json.loads(path.read_text()) | columns))


def sign_with_own_key(folder, result):
    own = Ed25519PrivateKey.generate()
    result["key"] = own.public_key().public_bytes_raw().hex()
    result["signature"] = own.sign(verify.signed_text(result).encode()).hex()
    (folder / "result.json").write_text(json.dumps(result))


def invent(folder):
    """Five hundred ballots that no one cast, and a result that fits them."""
    trackers = sorted(sha256(str(n).encode()).hexdigest() for n in range(500))
    ballots = "tracker,choice\n" + "".join(f"{tracker},7\n" for tracker in trackers)
    (folder / "ballots.csv").write_text(ballots)
    old = json.loads((folder / "result.json").read_text())
    old["roll"]["size"] = 600
    invented = {"electorate": 600, "participants": 500, "tally": {"7": 500}, "people": {}, "names": {}}
    return old | invented | {"digest": sha256(ballots.encode()).hexdigest()}


def test_right_files_pass_with_the_digest_of_the_email(folder, digest, alice):
    code, lines = run(folder, digest, "receipt.json", alice.pk)
    assert (code, lines[-1]) == (0, "5 ballots, 0 problems")


def test_program_prints_the_pinned_key(folder, digest):
    assert f"Key of the site: {public_key()}" in run(folder, digest)[1]


def test_one_line_says_what_was_checked_against_the_digest_and_the_key(folder, digest):
    [line] = [line for line in run(folder, digest)[1] if line.startswith("Checked against your digest")]
    assert "the ballots" in line
    assert "which the result email shows too, signed the whole result" in line


def test_without_a_digest_it_says_that_nothing_independent_was_checked(folder):
    lines = run(folder)[1]
    assert len([line for line in lines if line.startswith("Nothing independent was checked")]) == 1


def test_invented_ballots_signed_with_an_own_key_are_reported(folder):
    sign_with_own_key(folder, invent(folder))
    code, lines = run(folder)
    assert code == 1
    assert [line.partition(":")[0] for line in lines[:2]] == ["key", "signature"]


def test_invented_ballots_under_the_sites_key_are_reported(folder):
    (folder / "result.json").write_text(json.dumps(invent(folder)))
    assert run(folder)[0] == 1


def test_invented_ballots_are_reported_by_a_copy_without_a_key(folder):
    sign_with_own_key(folder, invent(folder))
    program = folder / "verify.py"
    program.write_text(program.read_text().replace(public_key(), ""))
    code, lines = run(folder)
    assert code == 1
    assert any("has no site's key" in line for line in lines)


def test_invented_ballots_under_the_sites_key_do_not_pass_without_the_package(folder):
    (folder / "result.json").write_text(json.dumps(invent(folder)))
    (folder / "verify.py").write_text(without_cryptography(folder))
    code, lines = run(folder)
    assert code == 1
    assert any("Not checked: the signature" in line for line in lines)


def test_without_the_package_the_digest_alone_checks_the_ballots(folder, digest):
    (folder / "verify.py").write_text(without_cryptography(folder))
    code, lines = run(folder, digest)
    assert code == 0
    [line] = [line for line in lines if line.startswith("Checked against your digest")]
    assert "Not checked: the signature, so title, electorate, exclusions and names." in line


def without_cryptography(folder):
    return (folder / "verify.py").read_text().replace("from cryptography.", "from no_cryptography.")


@pytest.mark.parametrize(
    "changed",
    [
        {"title": "Another Conf"},
        {"electorate": 99},
        {"excluded": 3},
        {"void": 2},
        {"opened_at": "2020-01-01T00:00:00+00:00"},
        {"closed_at": None},
        {"people": {}, "names": {}},
        {"voters": [1, 2, 3, 4, 5]},
        {"more": "anything"},
    ],
    ids=lambda changed: next(iter(changed)),
)
def test_every_part_of_the_result_is_signed(folder, digest, changed):
    change(folder, **changed)
    code, lines = run(folder, digest)
    assert code == 1
    assert "signature: this site's key did not sign this result" in lines


def test_another_name_under_a_members_id_is_reported(folder, digest, carol):
    names = json.loads((folder / "result.json").read_text())["names"]
    change(folder, names=names | {str(carol.pk): ["Mallory", names[str(carol.pk)][1]]})
    code, lines = run(folder, digest)
    assert (code, lines[0]) == (1, f"name: member {carol.pk} was not called Mallory when voting closed")


def test_forgotten_name_is_reported_and_leaves_all_else_right(folder, digest, carol):
    names = json.loads((folder / "result.json").read_text())["names"]
    change(folder, names={number: named for number, named in names.items() if number != str(carol.pk)})
    code, lines = run(folder, digest)
    assert (code, lines[0]) == (0, "1 names have since been removed, with their accounts")


def test_more_voters_than_could_vote_are_reported():
    result = {"conference": 1, "participants": 3, "electorate": 2, "people": {}, "voters": [1, 2, 3]}
    assert list(verify.check_people(result)) == ["electorate: 3 voted, but only 2 could"]


def test_voters_who_are_named_twice_are_reported():
    result = {"conference": 1, "participants": 3, "electorate": 9, "people": {}, "voters": [1, 2, 2]}
    assert list(verify.check_people(result)) == ["voters: 2 are named, but 3 voted"]


def test_receipt_says_when_the_vote_was_given(receipt, alice):
    cast_at = Vote.objects.get(voter=alice).cast_at
    assert receipt["cast_at"] == f"{cast_at:%Y-%m-%dT%H:%M:%S.%fZ}"


def test_receipt_of_a_moved_vote_is_reported_with_its_time(
    receipt, conference, as_alice, alice, carol, tmp_path
):
    cast(alice, carol)
    actions.close_voting(conference=conference)
    for name in ("ballots.csv", "result.json", "verify.py"):
        (tmp_path / name).write_bytes(as_alice.get(f"{RESULTS}/{name}").content)
    (tmp_path / "receipt.json").write_text(json.dumps(receipt))
    code, lines = run(tmp_path, PublishedBallots.objects.get().digest, "receipt.json", alice.pk)
    assert code == 1
    assert lines[0].startswith(
        "receipt: its tracker is not among the ballots; the vote was changed, withdrawn"
    )
    assert receipt["cast_at"] in lines[0]


def test_receipt_with_another_time_is_not_signed(folder, digest, receipt, alice):
    (folder / "receipt.json").write_text(json.dumps(receipt | {"cast_at": "2099-01-01T00:00:00.000000Z"}))
    code, lines = run(folder, digest, "receipt.json", alice.pk)
    assert (code, lines[0]) == (1, "signature: this site's key did not sign this receipt")


def test_key_and_digest_are_on_the_results_page_and_in_the_email(folder, digest, as_alice, organiser, carol):
    page = as_alice.get(f"{RESULTS}/").content.decode()
    decision = close_and_decide(conference=carol.conference, candidate=carol, by=organiser)
    actions.answer_decision(decision=decision, accept=True, by=Actor(decision.speaker.user))
    email = carol.conference.campaigns.get(kind="result").message
    for text in (page, email):
        assert digest in text
        assert public_key() in text
