"""What is started once for a module is started by one worker."""

import os
import re
import subprocess
import sys
from collections import defaultdict
from importlib.util import find_spec
from types import SimpleNamespace

import pytest
from django.conf import settings

from confbox.tests.workers import LONGEST, ON_ONE_WORKER, pytest_collection_modifyitems

MADE_ONCE = re.compile(
    r'@pytest\.fixture\(scope="module"\)|^from confbox\.tests\.test_nginx import .*\bsite\b', re.MULTILINE
)
# A browser's page, and a module that is imported: quickly made, and their tests are long.
QUICK = {"test_every_page", "test_long_words", "test_taken_out"}
TESTS = """
import os, pathlib, time, pytest

@pytest.mark.parametrize("number", range(COUNT))
def test_it(number):
    time.sleep(0.05)
    with pathlib.Path("workers").open("a") as file:
        file.write(f"{pathlib.Path(__file__).stem} {os.environ['PYTEST_XDIST_WORKER']}\\n")
"""


@pytest.mark.slow
def test_tests_of_a_module_with_servers_share_a_worker_and_others_do_not(tmp_path):
    # There are still others when the worker with the module has finished it.
    for name, count in (("test_nginx", 6), ("test_others", 40)):
        (tmp_path / f"{name}.py").write_text(TESTS.replace("COUNT", str(count)))
    plugins = [
        "-p",
        "no:django",
        "-p",
        "no:playwright",
        "-p",
        "no:cacheprovider",
        "-p",
        "confbox.tests.workers",
    ]
    command = [sys.executable, "-m", "pytest", "-q", "-n", "2", "-c", os.devnull, "--rootdir", ".", *plugins]
    known = {name: value for name, value in os.environ.items() if not name.startswith("PYTEST_")}
    subprocess.run(command, cwd=tmp_path, env=known | {"PYTHONPATH": str(settings.BASE_DIR)}, check=True)
    workers = defaultdict(set)
    for line in (tmp_path / "workers").read_text().splitlines():
        module, worker = line.split()
        workers[module].add(worker)
    assert (len(workers["test_nginx"]), len(workers["test_others"])) == (1, 2)


def test_each_module_that_makes_something_once_is_on_one_worker():
    files = (settings.BASE_DIR / "confbox").rglob("test_*.py")
    found = {file.stem for file in files if MADE_ONCE.search(file.read_text())}
    assert found - QUICK == ON_ONE_WORKER


def test_the_longest_are_started_first_and_the_others_in_their_order():
    assert all(find_spec(name) for name in LONGEST)
    names = ["b", *reversed(LONGEST), "a"]
    items = [SimpleNamespace(module=SimpleNamespace(__name__=name)) for name in names]
    pytest_collection_modifyitems(items)
    assert [item.module.__name__ for item in items] == [*LONGEST, "b", "a"]
