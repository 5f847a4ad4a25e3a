#!/usr/bin/env python3
"""Checks the published ballots of a ConferenceBox election, and a receipt. Standard library only.

    python3 verify.py ballots.csv result.json [--digest HEX] [--receipt receipt.json --member NUMBER]

Take the digest from the result mail and your member number from the address of your own member
page: then neither file can vouch for itself.
"""

import argparse
import hashlib
import json
from collections import Counter
from pathlib import Path


def ballots_text(result):
    return f"conferencebox-ballots-1:{result['conference']}:{result['digest']}"


def receipt_text(receipt):
    return f"conferencebox-receipt-1:{receipt['conference']}:{receipt['tracker']}:{receipt['choice']}"


def read_ballots(ballots):
    header, *lines = ballots.decode("ascii", "replace").split("\n")
    is_right = header == "tracker,choice" and lines and lines.pop() == ""
    rows = [line.split(",") for line in lines]
    is_right = is_right and all(len(row) == 2 and len(row[0]) == 64 for row in rows)
    return rows if is_right else None


def check_ballots(ballots, result, digest=None):
    """What is wrong with the ballots (bytes), held against the published result; empty if nothing is."""
    found, rows = hashlib.sha256(ballots).hexdigest(), read_ballots(ballots)
    digests = {"published": result["digest"], "given": digest or found}
    problems = [f"digest: the file has {found}, the {n} one is {d}" for n, d in digests.items() if d != found]
    if rows is None:
        return [*problems, "format: a line is not a tracker of 64 digits and a choice"]
    trackers, tally = Counter(row[0] for row in rows), Counter(row[1] for row in rows)
    problems += [f"duplicate: tracker {t} stands {n} times" for t, n in trackers.items() if n > 1]
    if [row[0] for row in rows] != sorted(row[0] for row in rows):
        problems.append("order: the ballots are not sorted by tracker")
    problems += [f"choice: {c} is no candidate of this result" for c in tally if c not in result["tally"]]
    if len(rows) != result["participants"]:
        problems.append(f"count: {len(rows)} ballots, but {result['participants']} participants")
    said = result["tally"].items()
    return problems + [
        f"tally: {c} has {tally[c]} votes, not {n} as published" for c, n in said if tally[c] != n
    ]


def check_receipt(ballots, result, receipt, member=None):
    """What is wrong with a receipt, held against the ballots; empty if nothing is."""
    counted, problems = dict(read_ballots(ballots) or []), []
    text = f"conferencebox-tracker-1:{receipt['conference']}:{receipt['member']}:{receipt['nonce']}"
    if receipt["conference"] != result["conference"]:
        problems.append("receipt: it is of another conference")
    if member is not None and receipt["member"] != member:
        problems.append(f"receipt: it is of member {receipt['member']}, but you are member {member}")
    if hashlib.sha256(text.encode(errors="replace")).hexdigest() != receipt["tracker"]:
        problems.append("receipt: its tracker does not belong to its member number and nonce")
    ballot = counted.get(receipt["tracker"])
    if ballot is None:
        problems.append("receipt: its tracker is not among the ballots; was the vote moved or withdrawn?")
    elif ballot != str(receipt["choice"]):
        problems.append(f"receipt: it says {receipt['choice']}, but the ballot says {ballot}")
    return problems


def check_signature(name, text, signature, key):
    try:
        from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey
    except ImportError:
        return [], f"{name}: signature not checked, as the package cryptography is not installed"
    try:
        Ed25519PublicKey.from_public_bytes(bytes.fromhex(key)).verify(bytes.fromhex(signature), text.encode())
    except Exception:
        return [f"signature: wrong on the {name}"], ""
    return [], f"{name}: signature right"


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("ballots", type=Path)
    parser.add_argument("result", type=Path)
    parser.add_argument("--digest", help="the digest in the result mail")
    parser.add_argument("--receipt", type=Path, help="the file of your receipt")
    parser.add_argument("--member", type=int, help="your member number")
    given = parser.parse_args()
    ballots, result = given.ballots.read_bytes(), json.loads(given.result.read_text())
    problems, said = check_signature("ballots", ballots_text(result), result["signature"], result["key"])
    problems += check_ballots(ballots, result, given.digest)
    if given.receipt:
        receipt = json.loads(given.receipt.read_text())
        wrong, more = check_signature("receipt", receipt_text(receipt), receipt["signature"], result["key"])
        problems += wrong + check_receipt(ballots, result, receipt, given.member)
        said += "\n" + more
    print(said, *problems, f"{result['participants']} ballots, {len(problems)} problems", sep="\n")
    return 1 if problems else 0


if __name__ == "__main__":
    raise SystemExit(main())
