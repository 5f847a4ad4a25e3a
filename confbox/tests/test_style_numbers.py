"""The numbers in docs/style.md: the length of functions, files and templates, and no import cycles."""

import ast
import re
from itertools import chain
from pathlib import Path
from statistics import median

import pytest
from django.conf import settings

from confbox.tests.test_architecture import APPS, ROOT, imported, parse

CODE = [
    path.relative_to(ROOT)
    for app in sorted(APPS)
    for path in sorted((ROOT / app).rglob("*.py"))
    if not {"tests", "migrations"} & set(path.relative_to(ROOT).parts)
]
TEMPLATES = sorted((settings.BASE_DIR / "templates").rglob("*.html"))
IF = re.compile(r"{%\s*(?:el)?if\s+(.*?)%}")
OPERATOR = re.compile(r"\b(?:and|or|not in|is not|not|in|is)\b|[=!<>]=|[<>]")
# Consecutive assignments, read from top to bottom.
LISTS_OF_SETTINGS = {Path("confbox/settings.py")}


def functions(path):
    return [
        node for node in ast.walk(parse(path)) if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)
    ]


def lines_of(function):
    return function.end_lineno - function.lineno + 1


def is_view(path, function):
    """A function with a URL: it is in a module of views, and its first argument is the request."""
    arguments = [argument.arg for argument in function.args.args]
    return "views" in path.with_suffix("").parts and arguments[:1] == ["request"]


def operators(condition):
    return len(OPERATOR.findall(re.sub(r'"[^"]*"|\'[^\']*\'', "", condition)))


def too_long(limit, *, of=lambda path, function: True):
    return [
        f"{path}:{function.lineno} {function.name} has {lines_of(function)} lines"
        for path in CODE
        for function in functions(path)
        if of(path, function) and lines_of(function) > limit
    ]


def modules_used(path, names):
    """The modules of the project that this one imports, also within functions and for types only."""
    for name in imported(parse(path), path):
        found = name if name in names else name.rpartition(".")[0]
        if found in names and found != dotted(path):
            yield found


def dotted(path):
    return ".".join(path.with_suffix("").parts).removesuffix(".__init__")


def import_cycles(arrows):
    """The names that lead back to themselves, after removing all that lead nowhere."""
    left = {name: set(targets) for name, targets in arrows.items()}
    while ends := {name for name, targets in left.items() if not targets & left.keys()}:
        left = {name: targets - ends for name, targets in left.items() if name not in ends}
    return sorted(left)


def modules_and_their_imports():
    names = {dotted(path) for path in CODE}
    return {dotted(path): set(modules_used(path, names)) for path in CODE}


def test_no_function_is_longer_than_40_lines():
    assert too_long(40) == []


def test_no_view_is_longer_than_24_lines():
    assert too_long(24, of=is_view) == []


def test_half_of_all_functions_are_shorter_than_8_lines():
    assert median(lines_of(function) for path in CODE for function in functions(path)) < 8


def test_no_file_is_longer_than_300_lines():
    lengths = {
        path: len((ROOT / path).read_text().splitlines()) for path in CODE if path not in LISTS_OF_SETTINGS
    }
    assert {str(path): length for path, length in lengths.items() if length > 300} == {}


def test_half_of_all_templates_are_shorter_than_25_lines():
    assert median(len(path.read_text().splitlines()) for path in TEMPLATES) < 25


def test_few_lines_of_templates_are_longer_than_120_characters():
    lines = list(chain.from_iterable(path.read_text().splitlines() for path in TEMPLATES))
    assert sum(len(line) > 120 for line in lines) < 0.03 * len(lines)


def test_no_condition_of_a_template_has_more_than_two_operators():
    conditions = chain.from_iterable(IF.findall(path.read_text()) for path in TEMPLATES)
    assert [condition for condition in conditions if operators(condition) > 2] == []


def test_no_modules_import_each_other_in_a_circle():
    assert import_cycles(modules_and_their_imports()) == []


@pytest.mark.parametrize(
    ("condition", "count"),
    [("a", 0), ("not a", 1), ("a and not b", 2), ('a == "x or y" or b in c', 3), ("a|default:b >= 3", 1)],
)
def test_operators_of_a_condition_are_counted(condition, count):
    assert operators(condition) == count


def test_circle_is_found():
    assert import_cycles({"a": {"b"}, "b": {"c"}, "c": {"b"}, "d": {"e"}, "e": set()}) == ["a", "b", "c"]
    assert import_cycles({"a": {"b"}, "b": {"c"}, "c": set()}) == []
