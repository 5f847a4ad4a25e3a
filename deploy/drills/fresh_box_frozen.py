"""Services that are frozen, as by a fault that no one foresaw, and that systemd has to restart."""

import sys
import time

from debian_box import Box

WATCHED = [f"conferencebox-{name}" for name in ("worker", "heavy", "web@2")]
# The control has no watchdog, so it stays frozen.
UNWATCHED = "conferencebox-web@1"
WITHOUT = f"/run/systemd/system/{UNWATCHED}.service.d"
# WatchdogSec=60 of the units, and the time until a service is ready.
RESTARTED_WITHIN_SECONDS = 120


def process_of(box: Box, unit: str) -> str:
    """Empty while it is not ready."""
    shown = box.must(f"systemctl show --property=ActiveState,MainPID {unit}")
    found = dict(line.split("=") for line in shown.split())
    return found["MainPID"] if found["ActiveState"] == "active" else ""


def frozen_services_are_restarted(box: Box) -> None:
    box.must(f"mkdir -p {WITHOUT} && printf '[Service]\\nWatchdogSec=0\\n' >{WITHOUT}/none.conf")
    box.must(f"systemctl daemon-reload && systemctl restart {UNWATCHED}")
    before = {unit: process_of(box, unit) for unit in [*WATCHED, UNWATCHED]}
    began = time.monotonic()
    box.must(f"systemctl kill --signal=STOP {' '.join(before)}")
    frozen = set(WATCHED)
    while frozen and time.monotonic() - began < RESTARTED_WITHIN_SECONDS:
        time.sleep(1)
        for unit in [each for each in frozen if process_of(box, each) not in ("", before[each])]:
            print(f"ok: {unit} was frozen, and runs again after {time.monotonic() - began:.0f} s")
            frozen.remove(unit)
    if frozen:
        sys.exit(f"FAILED: still frozen: {', '.join(sorted(frozen))}")
    if process_of(box, UNWATCHED) != before[UNWATCHED]:
        sys.exit(f"FAILED: {UNWATCHED} was restarted without a watchdog")
    print(f"ok: as a control, {UNWATCHED} without a watchdog stays frozen")
    box.must(f"rm -r {WITHOUT} && systemctl daemon-reload && systemctl kill --signal=KILL {UNWATCHED}")
    while process_of(box, UNWATCHED) in ("", before[UNWATCHED]):
        time.sleep(1)
