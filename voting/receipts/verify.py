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
    lines = ballots.decode("ascii", "replace").split("\n")
    return lines[0], [tuple(line.split(",")) for line in lines[1:] if line], lines[-1] == ""


def check_ballots(ballots, result, digest=None):
    """What is wrong with the ballots (bytes), held against the published result; empty if nothing is."""
    problems, found = [], hashlib.sha256(ballots).hexdigest()
    for name, published in (("published", result["digest"]), ("given", digest or found)):
        if found != published:
            problems.append(f"digest: the file has {found}, the {name} one is {published}")
    header, rows, is_whole = read_ballots(ballots)
    if header != "tracker,choice" or not is_whole or any(len(row) != 2 or len(row[0]) != 64 for row in rows):
        return [*problems, "format: a line is not a tracker of 64 digits and a choice"]
    trackers, tally = [row[0] for row in rows], Counter(row[1] for row in rows)
    problems += [f"duplicate: tracker {t} stands {n} times" for t, n in Counter(trackers).items() if n > 1]
    if trackers != sorted(trackers):
        problems.append("order: the ballots are not sorted by tracker")
    problems += [f"choice: {c} is no candidate of this result" for c in tally if c not in result["tally"]]
    if len(rows) != result["participants"]:
        problems.append(f"count: {len(rows)} ballots, but {result['participants']} participants")
    for choice, votes in result["tally"].items():
        if tally[choice] != votes:
            problems.append(f"tally: {choice} has {tally[choice]} votes, but the result says {votes}")
    return problems


def check_receipt(ballots, result, receipt, member=None):
    """What is wrong with a receipt, held against the ballots; empty if nothing is."""
    text = f"conferencebox-tracker-1:{receipt['conference']}:{receipt['member']}:{receipt['nonce']}"
    counted, problems = dict(row for row in read_ballots(ballots)[1] if len(row) == 2), []
    if receipt["conference"] != result["conference"]:
        problems.append("receipt: it is of another conference")
    if member is not None and receipt["member"] != member:
        problems.append(f"receipt: it is of member {receipt['member']}, but you are member {member}")
    if hashlib.sha256(text.encode(errors="replace")).hexdigest() != receipt["tracker"]:
        problems.append("receipt: its tracker does not belong to its member number and nonce")
    if receipt["tracker"] not in counted:
        problems.append("receipt: its tracker is not among the ballots; was the vote moved or withdrawn?")
    elif counted[receipt["tracker"]] != str(receipt["choice"]):
        problems.append(
            f"receipt: it says {receipt['choice']}, but the ballot says {counted[receipt['tracker']]}"
        )
    return problems


def check_signature(name, text, signature, key):
    try:
        from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey
    except ImportError:
        return f"{name}: signature not checked (the package cryptography is not installed)"
    try:
        Ed25519PublicKey.from_public_bytes(bytes.fromhex(key)).verify(bytes.fromhex(signature), text.encode())
    except Exception:
        return f"{name}: WRONG signature"
    return f"{name}: signature right"


def main():
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("ballots", type=Path)
    parser.add_argument("result", type=Path)
    parser.add_argument("--digest", help="the digest in the result mail")
    parser.add_argument("--receipt", type=Path, help="the file of your receipt")
    parser.add_argument("--member", type=int, help="your member number")
    options = parser.parse_args()
    ballots, result = options.ballots.read_bytes(), json.loads(options.result.read_text())
    problems = check_ballots(ballots, result, options.digest)
    said = [check_signature("ballots", ballots_text(result), result["signature"], result["key"])]
    if options.receipt:
        receipt = json.loads(options.receipt.read_text())
        problems += check_receipt(ballots, result, receipt, options.member)
        said.append(check_signature("receipt", receipt_text(receipt), receipt["signature"], result["key"]))
    problems += [line for line in said if "WRONG" in line]
    print(*said, *problems, sep="\n")
    print(f"{result['participants']} ballots, {len(problems)} problems")
    return 1 if problems else 0


if __name__ == "__main__":
    raise SystemExit(main())
