#!/usr/bin/env python3
"""Measures the list of conferences for visitors, behind the shipped nginx and without its kept pages.

    [deploy/with-mariadb] .venv/bin/python deploy/bench/visitors.py [--rounds 5] [--seconds 5] [--clients 200]

It needs Debian's package wrk. Both sites show the data of the demo and take turns in rounds. As through a
load balancer, the requests name many IP addresses, so that the limits of one network stop none. With `--new`,
each request comes over a connection of its own.
"""

import argparse
import os
import re
import shutil
import statistics
import subprocess
import sys
import tempfile
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "drills"))

from processes import free_port
from site_under_test import ROOT, Site, environment, set_up_site

CLOSE = 'headers["Connection"] = "close"'
BALANCED = {"real-address.conf": "set_real_ip_from 127.0.0.1; real_ip_header X-Forwarded-For;"}
VISITORS = """
request = function()
   local byte = math.random
   local address = string.format("10.%d.%d.%d", byte(0, 255), byte(0, 255), byte(0, 255))
   local headers = {["X-Forwarded-For"] = address, ["Accept-Encoding"] = "gzip"}
   headers["Accept-Language"] = "en-GB,en"
   CLOSE
   return wrk.format("GET", "/", headers)
end
done = function(summary, latency)
   io.write(string.format("seconds %f\\n", summary.duration / 1e6))
   io.write(string.format("answers %d\\n", summary.requests))
   io.write(string.format("failed %d\\n", summary.errors.connect + summary.errors.read + summary.errors.write
      + summary.errors.status + summary.errors.timeout))
   io.write(string.format("p50 %f\\n", latency:percentile(50) / 1e3))
   io.write(string.format("p99 %f\\n", latency:percentile(99) / 1e3))
end
"""


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--seconds", type=int, default=5)
    parser.add_argument("--clients", type=int, default=200)
    parser.add_argument("--new", action="store_true")
    options = parser.parse_args()
    if not shutil.which("wrk"):
        raise SystemExit("This needs wrk: install Debian's package of that name.")
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        set_up(folder)
        (folder / "visitors.lua").write_text(VISITORS.replace("CLOSE", CLOSE if options.new else ""))
        print(f"load {os.getloadavg()[0]:.1f}, {options.clients} clients")
        with_pages, without = start(folder, kept=True), start(folder, kept=False)
        try:
            measure(folder, {"kept for a second": with_pages, "rendered for each": without}, options)
        finally:
            with_pages[0].end()
            without[0].end()


def set_up(folder: Path) -> None:
    os.environ.setdefault("DATABASE_URL", f"sqlite:///{folder}/database.sqlite3")
    os.environ |= environment(folder) | {"PYTHONPATH": str(ROOT)}
    set_up_site()
    from django.core.management import call_command

    call_command("load_demo", verbosity=0)


def start(folder: Path, *, kept: bool) -> tuple[Site, int]:
    own = folder / ("kept" if kept else "rendered")
    own.mkdir()
    files = dict(BALANCED)
    if not kept:
        shipped = (ROOT / "deploy/nginx/site.conf").read_text()
        files |= {"site.conf": shipped.replace("if ($shared_page)", 'if ($shared_page = "never")')}
    port = free_port()
    return Site(own, port, {}, files=files, connections=32_768), port


def measure(folder: Path, sites: dict[str, tuple[Site, int]], options: argparse.Namespace) -> None:
    found: dict[str, list[dict[str, float]]] = {name: [] for name in sites}
    for _site, port in sites.values():
        one_run(folder, port, options)
    for _ in range(options.rounds):
        for name, (_site, port) in sites.items():
            found[name].append(one_run(folder, port, options))
    for name, runs in found.items():
        rates = [run["answers"] / run["seconds"] for run in runs]
        p50, p99 = (statistics.median(run[key] for run in runs) for key in ("p50", "p99"))
        failed = sum(run["failed"] for run in runs)
        print(
            f"{name}: {statistics.median(rates):,.0f} a second ({min(rates):,.0f} to {max(rates):,.0f}), "
            f"p50 {p50:.1f} ms, p99 {p99:.1f} ms, {failed:.0f} failed"
        )
    print(f"load {os.getloadavg()[0]:.1f}")


def one_run(folder: Path, port: int, options: argparse.Namespace) -> dict[str, float]:
    command = ["wrk", "-t1", f"-c{options.clients}", f"-d{options.seconds}s", "--timeout", "20s", "--latency"]
    command += ["-s", str(folder / "visitors.lua"), f"http://127.0.0.1:{port}/"]
    said = subprocess.run(command, check=True, capture_output=True, text=True).stdout
    numbers = re.findall(r"^(seconds|answers|failed|p50|p99) ([\d.]+)$", said, re.MULTILINE)
    return {name: float(number) for name, number in numbers}


if __name__ == "__main__":
    main()
