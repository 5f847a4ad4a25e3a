"""Every way in which published ballots can be tampered with is detected, with its own message."""

import random
from collections import Counter
from hashlib import sha256

import pytest

from voting.elections.receipts import verify

NUMBER = 500


def make_rows(seed):
    chance = random.Random(seed)
    return sorted([f"{chance.getrandbits(256):064x}", str(chance.randint(1, 9))] for _ in range(NUMBER))


def text_of(rows):
    return ("tracker,choice\n" + "".join(",".join(row) + "\n" for row in rows)).encode()


def result_of(rows):
    tally = dict(Counter(choice for _, choice in rows))
    digest = sha256(text_of(rows)).hexdigest()
    return {"conference": 1, "participants": len(rows), "tally": tally, "digest": digest}


ROWS = make_rows(1)
RESULT = result_of(ROWS)


def changed_choice(rows, chance):
    row = chance.choice(rows)
    row[1] = str(int(row[1]) % 9 + 1)


def changed_to_unknown_candidate(rows, chance):
    chance.choice(rows)[1] = "77"


def changed_tracker(rows, chance):
    chance.choice(rows)[0] = f"{chance.getrandbits(256):064x}"
    rows.sort()


def dropped(rows, chance):
    rows.remove(chance.choice(rows))


def added(rows, chance):
    rows.append([f"{chance.getrandbits(256):064x}", str(chance.randint(1, 9))])
    rows.sort()


def duplicated(rows, chance):
    rows.append(list(chance.choice(rows)))
    rows.sort()


def swapped_choices(rows, chance):
    one = chance.choice(rows)
    other = chance.choice([row for row in rows if row[1] != one[1]])
    one[1], other[1] = other[1], one[1]


def swapped_lines(rows, chance):
    n = chance.randrange(NUMBER - 1)
    rows[n], rows[n + 1] = rows[n + 1], rows[n]


def old_file(rows, chance):
    rows[:] = make_rows(chance.randint(2, 9999))


def cut_line(rows, chance):
    row = chance.choice(rows)
    row[0] = row[0][:-1]


MUTATIONS = {
    changed_choice: {"digest", "tally"},
    changed_to_unknown_candidate: {"digest", "choice", "tally"},
    changed_tracker: {"digest"},
    dropped: {"digest", "count", "tally"},
    added: {"digest", "count", "tally"},
    duplicated: {"digest", "duplicate", "count", "tally"},
    swapped_choices: {"digest"},
    swapped_lines: {"digest", "order"},
    old_file: {"digest", "tally"},
    cut_line: {"digest", "format"},
}


def messages(problems):
    return {problem.partition(":")[0] for problem in problems}


def test_untouched_ballots_have_no_problem():
    assert verify.check_ballots(text_of(ROWS), RESULT, RESULT["digest"]) == []


@pytest.mark.parametrize("mutate", MUTATIONS, ids=lambda m: m.__name__)
def test_a_hundred_mutations_of_each_kind_are_reported_by_name(mutate):
    for seed in range(100):
        rows = [list(row) for row in ROWS]
        mutate(rows, random.Random(1000 + seed))
        assert messages(verify.check_ballots(text_of(rows), RESULT)) == MUTATIONS[mutate], seed


def test_another_digest_than_the_emailed_one_is_reported():
    problems = verify.check_ballots(text_of(ROWS), RESULT, "0" * 64)
    assert problems == [f"digest: the file has {RESULT['digest']}, the given one is {'0' * 64}"]


def test_a_forged_result_with_its_own_digest_does_not_match_the_emailed_one():
    forged = [list(row) for row in ROWS]
    swapped_choices(forged, random.Random(1))
    problems = verify.check_ballots(text_of(forged), result_of(forged), RESULT["digest"])
    assert messages(problems) == {"digest"}


@pytest.mark.parametrize("text", [b"", b"\xff\xfe", b"tracker,choice", b"a,b\n", b"tracker,choice\n1\n"])
def test_what_is_no_ballot_file_is_reported(text):
    assert "format" in messages(verify.check_ballots(text, RESULT))
