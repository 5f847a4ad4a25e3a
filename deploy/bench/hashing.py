#!/usr/bin/env python3
"""How many log-ins one core can check, and what one of them costs in memory.

    taskset -c 0 .venv/bin/python deploy/bench/hashing.py

Counts processor time, so that what else runs on the machine does not matter. The bound is ours: at
least 20 log-ins a second on one core.
"""

import os
import sys
import time
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[2]))
os.environ.setdefault("DJANGO_SETTINGS_MODULE", "confbox.settings")
os.environ.setdefault("DEBUG", "true")

import django

django.setup()

from django.conf import settings
from django.contrib.auth.hashers import check_password, make_password

from accounts.hashers import Argon2Hasher

BOUND = 20
CHECKS = 60


def main() -> int:
    encoded = make_password("correct-horse-battery")
    check_password("correct-horse-battery", encoded)
    started = time.process_time()
    for _ in range(CHECKS):
        check_password("correct-horse-battery", encoded)
    rate = CHECKS / (time.process_time() - started)
    waiting = settings.HASHES_AT_ONCE + settings.HASHES_WAITING
    print(f"{rate:.1f} log-ins a second on one core (bound: {BOUND})")
    print(
        f"{Argon2Hasher.memory_cost / 1024:.0f} MiB a hash, {settings.HASHES_AT_ONCE} at once and"
        f" {waiting} seats in each process"
    )
    return 0 if rate >= BOUND else 1


if __name__ == "__main__":
    raise SystemExit(main())
