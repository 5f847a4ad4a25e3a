#!/usr/bin/env python3
"""Three database nodes, two app hosts and nginx, built as docs/cluster.md says. The writer fails repeatedly.

    .venv/bin/python deploy/drills/cluster.py [--votes 40] [--reads 1000] [--control check|writers]

Each host is a namespace with an address and files of its own, and every command of the runbook is run on it.
While 64 clients vote, the node that writes is killed, then the next one stopped by SIGSTOP, the next one cut
off from the network, and then all three are killed: once they start again together, once the runbook says
which one goes on. Each client writes down what it sent and what came back. Before that, members vote through
one app host and read the ballot through the other.

To pass, what is stored of each voter must be the last vote that was acknowledged, or one after it of which no
one can say; no voter has two votes; no answer is a 500; while one node fails and comes back, at most two
seconds pass without a vote that is acknowledged; the three nodes have the same votes; and no page is older
than the vote before it.

With --control check, HAProxy only looks whether it can connect, and cuts no connection: a node that is frozen
must be noticed too late. With --control writers, the app hosts use different nodes, and new connections do
not wait: some pages must be older than the vote.
"""

import argparse
import sys
import tempfile
import time
from collections.abc import Iterator
from itertools import chain
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "bench"))

from cluster_hosts import enter_own_namespaces, wait_until_well
from cluster_site import Cluster, stale_pages
from ledger import VOTES_OF_A_VOTER, Client, Ledger, check, finish, longest_gap
from rush import make_voters, warm_up
from site_under_test import prepared_site

CLIENTS = 64
READERS = 50
GAP_SECONDS = 2.0
FAILED_SECONDS = 6.0
# Longer than all that happens.
SECONDS = 240


def one_fails(cluster: Cluster) -> Iterator[str]:
    """Yields what is about to happen, and then does it."""
    for act, undo in (("kill", "start"), ("freeze", "thaw"), ("cut_off", "connect")):
        writer = cluster.writer()
        yield f"{act.replace('_', ' ')} {writer.name}"
        getattr(writer, act)()
        time.sleep(FAILED_SECONDS)
        getattr(writer, undo)()
        print(f"  {writer.name} is back: {wait_until_well(cluster.nodes):.1f} s", flush=True)
    writer = cluster.writer()
    yield f"upgrade {writer.name}"
    writer.follow("Upgrades of MariaDB")
    print(f"  {writer.name} is back: {wait_until_well(cluster.nodes):.1f} s", flush=True)


def all_fail(cluster: Cluster) -> Iterator[str]:
    for name, back in (("start together", cluster.start_together), ("choose one", cluster.bootstrap)):
        yield f"kill all, then {name}"
        for node in cluster.nodes:
            node.kill()
        time.sleep(1)
        back()
        print(f"  all are well: {wait_until_well(cluster.nodes):.1f} s", flush=True)


def gaps(ledger: Ledger, events: list[tuple[str, float]], ended: float) -> dict[str, float]:
    """The longest time without a vote after each event, until the next."""
    good = sorted(entry.ended for entry in ledger.entries if entry.outcome == "ok")
    until = [*[began for _, began in events[1:]], ended]
    return {name: longest_gap(good, began, end) for (name, began), end in zip(events, until, strict=True)}


def judge(ledger: Ledger, cluster: Cluster, found: dict[str, float]) -> list[str]:
    """Prints what was seen, and returns what was wrong."""
    print(f"  {ledger.count('ok'):,} ok, {ledger.count('fail')} fail, {ledger.count('info'):,} info")
    print("  not ok:", dict(ledger.what_failed().most_common(12)))
    for name, gap in found.items():
        print(f"  {name}: {gap:.2f} s without a vote")
    verdict, copies = check(ledger), cluster.copies()
    errors = sum(count for said, count in ledger.what_failed().items() if said.startswith("500"))
    print(f"  {verdict.lost} lost, {verdict.double} double, {errors} answers of 500", flush=True)
    judged = {f"{gap:.2f} s without a vote: {name}": gap > GAP_SECONDS for name, gap in found.items()}
    judged = {what: is_long and "kill all" not in what for what, is_long in judged.items()}
    judged |= {
        f"{verdict.lost:,} acknowledged votes that are not stored": verdict.lost > 0,
        f"{verdict.double} voters with two votes": verdict.double > 0,
        "the tally is not that of the rows": verdict.wrong_count,
        f"{errors} answers of 500": errors > 0,
        f"{ledger.count('fail')} votes refused": ledger.count("fail") > 0,
        f"the nodes differ: {copies}": len(copies) != 1,
    }
    return [what for what, is_wrong in judged.items() if is_wrong]


def vote_while_nodes_fail(chosen: argparse.Namespace, cluster: Cluster, voters: list) -> list[str]:
    ledger = Ledger(cluster.folder / "ledger.jsonl")
    clients = [Client(cluster.port, voters[n::CLIENTS], ledger, SECONDS, n) for n in range(CLIENTS)]
    for client in clients:
        client.start()
    time.sleep(3)
    events: list[tuple[str, float]] = []
    for name in chain(one_fails(cluster), () if chosen.control else all_fail(cluster)):
        events.append((name, time.monotonic()))
        print(name, flush=True)
    ended = time.monotonic()
    for client in clients:
        client.has_to_stop.set()
    finish(clients)
    return judge(ledger, cluster, gaps(ledger, events, ended))


def drill(chosen: argparse.Namespace, cluster: Cluster) -> bool:
    with prepared_site() as folder:
        voters = make_voters(chosen.votes * SECONDS // VOTES_OF_A_VOTER)
        cluster.serve(folder)
        print(f"set up: {cluster.age():.0f} s", flush=True)
        stale = stale_pages(cluster, voters[:READERS], chosen.reads)
        print(f"  {stale} of {chosen.reads:,} pages were older than the vote", flush=True)
        wrong = [f"{stale} pages were older than the vote"] * bool(stale)
        if chosen.control != "writers":
            warm_up(cluster.port, voters[:60])
            wrong += vote_while_nodes_fail(chosen, cluster, voters)
    print(f"  FAILED by {'; '.join(wrong)}" if wrong else "  passed")
    return not wrong


def main() -> int:
    options = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    options.add_argument("--votes", type=int, default=40, help="a second")
    options.add_argument("--reads", type=int, default=1000)
    options.add_argument("--control", choices=["check", "writers"])
    chosen = options.parse_args()
    enter_own_namespaces()
    with tempfile.TemporaryDirectory() as name:
        Path(name).chmod(0o755)
        return 0 if drill(chosen, Cluster(Path(name), chosen.control)) else 1


if __name__ == "__main__":
    raise SystemExit(main())
