#!/usr/bin/env python3
"""Checks an election: python3 verify.py ballots.csv result.json [DIGEST [receipt.json MEMBER_NUMBER]]

Take the digest from the result mail and your member number from the address of your member page.
"""

import json
import sys
from collections import Counter
from hashlib import sha256
from pathlib import Path

BALLOTS = "conferencebox-ballots-1:{conference}:{digest}"
RECEIPT = "conferencebox-receipt-1:{conference}:{tracker}:{choice}"
TRACKER = "conferencebox-tracker-1:{conference}:{member}:{nonce}"


def check_ballots(ballots, result, digest=None):
    found = sha256(ballots).hexdigest()
    known = {"published": result["digest"], "given": digest or found}
    problems = [f"digest: the file has {found}, the {n} one is {d}" for n, d in known.items() if d != found]
    header, *lines = ballots.decode("ascii", "replace").split("\n")
    rows = [line.split(",") for line in lines[:-1]]
    is_whole = header == "tracker,choice" and lines[-1:] == [""]
    if not is_whole or any(len(row) != 2 or len(row[0]) != 64 for row in rows):
        return [*problems, "format: a line is not a tracker of 64 digits and a choice"]
    trackers, tally = Counter(t for t, _ in rows), Counter(c for _, c in rows)
    problems += [f"duplicate: tracker {t} stands {n} times" for t, n in trackers.items() if n > 1]
    problems += ["order: the ballots are not sorted by tracker"] * (rows != sorted(rows))
    problems += [f"choice: {c} is no candidate of this result" for c in tally if c not in result["tally"]]
    if len(rows) != result["participants"]:
        problems.append(f"count: {len(rows)} ballots, but {result['participants']} participants")
    said = result["tally"].items()
    return problems + [
        f"tally: {c} has {tally[c]} votes, not {n} as published" for c, n in said if tally[c] != n
    ]


def check_receipt(ballots, result, receipt, member):
    rows = [line.split(",") for line in ballots.decode("ascii", "replace").split()]
    ballot = {row[0]: row[-1] for row in rows}.get(receipt["tracker"])
    if receipt["conference"] != result["conference"]:
        yield "receipt: it is of another conference"
    if receipt["member"] != member:
        yield f"receipt: it is of member {receipt['member']}, but you are member {member}"
    if sha256(TRACKER.format(**receipt).encode(errors="replace")).hexdigest() != receipt["tracker"]:
        yield "receipt: its tracker does not belong to its member number and nonce"
    if ballot is None:
        yield "receipt: its tracker is not among the ballots; was the vote moved or withdrawn?"
    elif ballot != str(receipt["choice"]):
        yield f"receipt: it says {receipt['choice']}, but the ballot says {ballot}"


def check_signature(name, text, signature, key):
    try:
        from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

        Ed25519PublicKey.from_public_bytes(bytes.fromhex(key)).verify(bytes.fromhex(signature), text.encode())
    except ImportError:
        print(f"{name}: signature not checked, as the package cryptography is not installed")
    except Exception:
        yield f"signature: wrong on the {name}"


def main(ballots, result, digest=None, receipt=None, member=0):
    ballots, result = Path(ballots).read_bytes(), json.loads(Path(result).read_text())
    problems = check_ballots(ballots, result, digest)
    problems += check_signature("ballots", BALLOTS.format(**result), result["signature"], result["key"])
    if receipt:
        mine = json.loads(Path(receipt).read_text())
        problems += check_receipt(ballots, result, mine, int(member))
        problems += check_signature("receipt", RECEIPT.format(**mine), mine["signature"], result["key"])
    print(*problems, f"{result['participants']} ballots, {len(problems)} problems", sep="\n")
    return bool(problems)


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]) if len(sys.argv) > 2 else __doc__)
