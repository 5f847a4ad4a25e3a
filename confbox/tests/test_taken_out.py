"""Each line that the drill takes out is still where its list says."""

import importlib.util

import pytest
from django.conf import settings

DRILL = settings.BASE_DIR / "deploy/drills/taken_out.py"


@pytest.fixture(scope="module")
def drill():
    spec = importlib.util.spec_from_file_location("taken_out", DRILL)
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def test_each_promise_is_at_one_place_in_the_code_and_has_its_tests(drill):
    misfits = {f"{p['part']}: {p['what']}": drill.misfit(p) for p in drill.promises_of()}
    assert {name: why for name, why in misfits.items() if why} == {}


@pytest.mark.parametrize(
    ("change", "why"),
    [
        ({}, ""),
        ({"old": "gone"}, "its line is 0 times in code.py"),
        ({"old": "twice"}, "its line is 2 times in code.py"),
        ({"file": "moved.py"}, "moved.py is missing"),
        ({"also": [{"file": "code.py", "old": "gone"}]}, "its line is 0 times in code.py"),
        ({"tests": ["moved.py"]}, "no such test: moved.py"),
        ({"tests": ["code.py::test_of_another_name"]}, "no such test: code.py::test_of_another_name"),
    ],
)
def test_promise_that_does_not_fit_the_code_is_found(drill, tmp_path, change, why):
    (tmp_path / "code.py").write_text("once\ntwice twice\ndef test_it(): ...\n")
    promise = {"file": "code.py", "old": "once", "tests": ["code.py::test_it"]} | change
    assert drill.misfit(promise, tmp_path) == why
