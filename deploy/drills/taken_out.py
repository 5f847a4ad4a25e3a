#!/usr/bin/env python3
"""Every line that keeps a promise has a test that fails once the line is taken out.

    .venv/bin/python deploy/drills/taken_out.py [PART ...] [--only WORDS] [--check]
    deploy/with-mariadb .venv/bin/python deploy/drills/taken_out.py

A part is a file of `taken_out/`, such as `secrecy`; without one, all are taken. Each names promises, the
place in the code that keeps each, what is there once it is taken out, and the tests that must notice. `also`
lists further places that keep the same promise; a `database` says that the tests need that one. The work is
done in copies of the tree; nothing here changes.
The control comes first: with nothing taken out, all those tests pass. `--check` runs no test: it only shows
which promises no longer fit the code.
"""

import argparse
import os
import re
import shutil
import subprocess
import sys
import tempfile
import tomllib
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from queue import Queue

ROOT = Path(__file__).resolve().parents[2]
PARTS = Path(__file__).with_suffix("")
PASSED, FAILED = 0, 1
LONGEST_SECONDS = 1800
NAME_OF_FAILED = re.compile(r"^FAILED \S*?([^/\s]+\.py::.*?)(?: - .*)?$", re.MULTILINE)


def promises_of(*parts: str) -> list[dict]:
    """The promises of these parts; of all parts if none is named."""
    names = parts or sorted(file.stem for file in PARTS.glob("*.toml"))
    return [p for name in names for p in tomllib.loads((PARTS / f"{name}.toml").read_text())["promise"]]


def places_of(promise: dict) -> list[dict]:
    return [promise, *promise.get("also", [])]


def misfit(promise: dict, root: Path = ROOT) -> str:
    """Why this promise cannot be taken out of the tree; "" if it can be."""
    for place in places_of(promise):
        file = root / place["file"]
        if not file.is_file():
            return f"{place['file']} is missing"
        times = file.read_text().count(place["old"])
        if times != 1:
            return f"its line is {times} times in {place['file']}"
    missing = [test for test in promise["tests"] if not is_test(root, test)]
    return f"no such test: {', '.join(missing)}" if missing else ""


def is_test(root: Path, test: str) -> bool:
    file, _, name = test.partition("::")
    name = name.partition("[")[0]
    return (root / file).is_file() and (not name or f"def {name}(" in (root / file).read_text())


class Copy:
    """A copy of the tree in which one promise at a time is broken."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        names = ["git", "ls-files", "--cached", "--others", "--exclude-standard", "-z"]
        found = subprocess.run(names, cwd=ROOT, check=True, capture_output=True, text=True).stdout
        for name in filter(None, found.split("\0")):
            (folder / name).parent.mkdir(parents=True, exist_ok=True)
            if (ROOT / name).exists():
                shutil.copy2(ROOT / name, folder / name)
        (folder / ".venv").symlink_to(ROOT / ".venv")

    def without(self, promise: dict) -> tuple[bool, str]:
        """Which tests noticed, or why none did."""
        if why := misfit(promise, self.folder):
            return False, why
        whole = {place["file"]: (self.folder / place["file"]).read_text() for place in places_of(promise)}
        try:
            for place in places_of(promise):
                file = self.folder / place["file"]
                file.write_text(file.read_text().replace(place["old"], place.get("new", "")))
            code, said = self.test(promise["tests"])
        finally:
            for name, text in whole.items():
                (self.folder / name).write_text(text)
        if code == FAILED and " failed" in said.splitlines()[-1]:
            return True, f"noticed by {', '.join(NAME_OF_FAILED.findall(said))}"
        return False, f"pytest ended with {code}\n{said[-1500:]}"

    def test(self, tests: list[str]) -> tuple[int, str]:
        known = {"DEBUG": "true", "HTTPS": "false", "ENV_FILE": os.devnull, "PYTHONDONTWRITEBYTECODE": "1"}
        known |= {"VAR_DIR": str(self.folder / "var")}
        known |= {name: os.environ[name] for name in ("PATH", "HOME", "DATABASE_URL") if name in os.environ}
        # Without migrations the tables are there in a third of the time.
        command = [".venv/bin/python", "-m", "pytest", "-q", "-x", "--nomigrations", *tests]
        done = subprocess.run(
            command,
            check=False,
            cwd=self.folder,
            env=known,
            capture_output=True,
            text=True,
            timeout=LONGEST_SECONDS,
        )
        return done.returncode, (done.stdout + done.stderr).strip()


def main() -> int:
    options = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    options.add_argument("parts", nargs="*", metavar="PART", help="files of taken_out/, without their ending")
    options.add_argument("--only", default="", help="promises with these words alone")
    options.add_argument("--check", action="store_true", help="show which do not fit the code; run no test")
    # Two copies would use the same test database of a server.
    at_once = 1 if "DATABASE_URL" in os.environ else 2
    options.add_argument("--at-once", type=int, default=at_once, help="how many copies are worked in")
    chosen = options.parse_args()
    promises = [p for p in promises_of(*chosen.parts) if chosen.only in f"{p['part']}: {p['what']}"]
    if chosen.check:
        return check(promises)
    here = os.environ.get("DATABASE_URL", "sqlite:").partition(":")[0]
    elsewhere = [p for p in promises if p.get("database", here) != here]
    for promise in elsewhere:
        print(f"{promise['part']}: {promise['what']}: left out, needs {promise['database']}")
    return take_out([p for p in promises if p not in elsewhere], chosen.at_once)


def check(promises: list[dict]) -> int:
    misfits = [(promise, why) for promise in promises if (why := misfit(promise))]
    for promise, why in misfits:
        print(f"{promise['part']}: {promise['what']}: {why}")
    print(f"{len(promises)} promises, {len(misfits)} do not fit the code")
    return 1 if misfits else 0


def take_out(promises: list[dict], at_once: int) -> int:
    with tempfile.TemporaryDirectory() as name:
        copies: Queue[Copy] = Queue()
        for number in range(at_once):
            copies.put(Copy(Path(name) / str(number)))
        every_test = {test for promise in promises for test in promise["tests"]}
        # Chromium's driver has a loop of its own, beside which no other test can use the database.
        in_browser = {test for test in every_test if "/browser/" in test}
        for tests in filter(None, (every_test - in_browser, in_browser)):
            code, said = copies.queue[0].test(sorted(tests))
            print(f"control, nothing taken out: {said.splitlines()[-1]}", flush=True)
            if code != PASSED:
                print(said[-3000:])
                return 1
        with ThreadPoolExecutor(at_once) as hands:
            unnoticed = sum(hands.map(lambda promise: is_unnoticed(copies, promise), promises))
    print(f"{len(promises)} promises taken out, {unnoticed} unnoticed")
    return 1 if unnoticed else 0


def is_unnoticed(copies: "Queue[Copy]", promise: dict) -> bool:
    copy = copies.get()
    try:
        is_noticed, outcome = copy.without(promise)
    finally:
        copies.put(copy)
    print(f"{promise['part']}: {promise['what']}: {outcome}", flush=True)
    return not is_noticed


if __name__ == "__main__":
    sys.exit(main())
