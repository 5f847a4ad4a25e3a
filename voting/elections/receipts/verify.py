#!/usr/bin/env python3
"""Checks an election: python3 verify.py ballots.csv result.json [DIGEST [receipt.json MEMBER_ID]] [roll.csv]

Take the digest from the result email and your member ID from the URL of your member page.
"""

import json
import sys
from collections import Counter
from hashlib import sha256
from pathlib import Path

KEY = ""  # the public key of the site that served this program

RESULT = "conferencebox-result-2:"
RECEIPT = "conferencebox-receipt-2:{conference}:{tracker}:{choice}:{cast_at}"
TRACKER = "conferencebox-tracker-1:{conference}:{member}:{nonce}"
NAME = "conferencebox-name-2:{conference}:{member}:{salt}:{name}"


def signed_text(result):
    """All of the result except names, whose digests are signed instead, so that a name can be deleted."""
    signed = {key: value for key, value in result.items() if key not in ("signature", "names")}
    return RESULT + json.dumps(signed, sort_keys=True, separators=(",", ":"))


def name_digest(conference, member, name, salt):
    text = NAME.format(conference=conference, member=member, salt=salt, name=name)
    return sha256(text.encode(errors="replace")).hexdigest()


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
    problems += [f"duplicate: tracker {t} occurs {n} times" for t, n in trackers.items() if n > 1]
    problems += ["order: the ballots are not sorted by tracker"] * (rows != sorted(rows))
    problems += [f"choice: {c} is not a candidate of this result" for c in tally if c not in result["tally"]]
    if len(rows) != result["participants"]:
        problems.append(f"count: {len(rows)} ballots, but {result['participants']} participants")
    said = result["tally"].items()
    return problems + [
        f"tally: {c} has {tally[c]} votes, not {n} as published" for c, n in said if tally[c] != n
    ]


def check_people(result):
    for member, (name, salt) in result.get("names", {}).items():
        if name_digest(result["conference"], member, name, salt) != result["people"].get(member):
            yield f"name: member {member} was not called {name} when voting closed"
    if result["participants"] > result["electorate"]:
        yield f"electorate: {result['participants']} voted, but only {result['electorate']} could"
    if "roll" in result and result["electorate"] > sum(result["roll"][n] for n in ("size", "late", "added")):
        yield "electorate: more people could vote than were ever on the roll"
    if result.get("who_votes") == "roster" and result["roll"]["late"]:
        yield "roll: members came onto it by joining, but only people on the roster could vote"
    if "voters" in result and len(set(result["voters"])) != result["participants"]:
        yield f"voters: {len(set(result['voters']))} are named, but {result['participants']} voted"


def check_roll(roll, result):
    """The electoral roll: a reader who compared its digest during the vote knows that it is the same."""
    header, *lines = roll.decode("ascii", "replace").splitlines()
    rows, figures = [line.split(",") for line in lines], result["roll"]
    if header != "entry,added,removed" or any(len(row) != 3 or len(row[0]) != 64 for row in rows):
        yield "roll: a line is not an entry of 64 digits, how it was added, and whether it was removed"
        return
    frozen = sorted(entry for entry, added, _ in rows if added == "frozen")
    digest = sha256("".join(f"{entry}\n" for entry in frozen).encode()).hexdigest()
    if digest != figures["digest"]:
        yield f"roll: the entries from when voting opened have the digest {digest}, not {figures['digest']}"
    found = {"size": len(frozen), "late": 0, "added": 0, "removed": sum(r == "removed" for _, _, r in rows)}
    found |= Counter(added for _, added, _ in rows if added != "frozen")
    for name, number in found.items():
        if number != figures.get(name):
            yield f"roll: {number} entries are {name}, not {figures.get(name)} as published"
    if len({entry for entry, _, _ in rows}) != len(rows):
        yield "roll: an entry occurs twice"


def check_receipt(ballots, result, receipt, member):
    rows = [line.split(",") for line in ballots.decode("ascii", "replace").split()]
    ballot = {row[0]: row[-1] for row in rows}.get(receipt["tracker"])
    if receipt["conference"] != result["conference"]:
        yield "receipt: it is for another conference"
    if receipt["member"] != member:
        yield f"receipt: it is for member {receipt['member']}, but you are member {member}"
    if sha256(TRACKER.format(**receipt).encode(errors="replace")).hexdigest() != receipt["tracker"]:
        yield "receipt: its tracker does not belong to its member ID and nonce"
    if ballot is None:
        later = f"the vote was changed, withdrawn or made void after {receipt['cast_at']}, or it is missing"
        yield f"receipt: its tracker is not among the ballots; {later}"
    elif ballot != str(receipt["choice"]):
        yield f"receipt: it says {receipt['choice']}, but the ballot says {ballot}"


def is_signed(text, signature, key):
    """None without the package cryptography."""
    try:
        from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

        public = Ed25519PublicKey.from_public_bytes(bytes.fromhex(key))
        public.verify(bytes.fromhex(signature), text.encode(errors="replace"))
    except ImportError:
        return None
    except Exception:
        return False
    return True


def verdict(digest, signed):
    """States in one line what was checked against something that did not come with the files."""
    by_digest = "Checked against your digest: the ballots."
    if not digest:
        by_digest = "Nothing independent was checked: no digest from the result email was given."
    if not KEY:
        return f"{by_digest} Not checked: everything else, as this copy of verify.py has no site's key."
    if not signed:
        return f"{by_digest} Not checked: the signature, so title, electorate, exclusions and names."
    return f"{by_digest} The key above, which the result email shows too, signed the whole result."


def main(ballots, result, *more):
    roll = next((name for name in more if name.endswith(".csv")), None)
    digest, receipt, member, *_ = *[text for text in more if text != roll], None, None, 0
    ballots, result = Path(ballots).read_bytes(), json.loads(Path(result).read_text("utf-8"))
    problems = [*check_ballots(ballots, result, digest), *check_people(result)]
    problems += check_roll(Path(roll).read_bytes(), result) if roll else []
    key = KEY or result["key"]
    if result["key"] != key:
        problems.append(f"key: the result names {result['key']}, which is not this site's key")
    signed = is_signed(signed_text(result), result["signature"], key)
    if signed is False:
        problems.append("signature: this site's key did not sign this result")
    if receipt:
        mine = json.loads(Path(receipt).read_text("utf-8"))
        problems += check_receipt(ballots, result, mine, int(member))
        if is_signed(RECEIPT.format(**mine), mine["signature"], key) is False:
            problems.append("signature: this site's key did not sign this receipt")
    gone = len(result["people"]) - len(result.get("names", {}))
    print(*problems, *[f"{gone} names have since been removed, with their accounts"] * bool(gone), sep="\n")
    print(f"Key of the site: {KEY or 'none in this copy'}", verdict(digest, signed), sep="\n")
    print(f"{result['participants']} ballots, {len(problems)} problems")
    return bool(problems) or not (digest or (KEY and signed))


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]) if len(sys.argv) > 2 else __doc__)
