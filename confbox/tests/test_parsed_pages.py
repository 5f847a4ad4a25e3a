"""Tests parse pages (confbox.kit.tests.page); the number of substring searches may only go down."""

import ast
from pathlib import Path

import pytest

from confbox.settings import BASE_DIR

# Lower it with each test that parses instead. Responses other than HTML (calendars, tables, programs) may
# stay, and so may a secret that no part of a page may have.
REMAINING = 15
SEARCHES = {"search", "match", "findall", "finditer", "fullmatch"}
APPS = ["accounts", "conferences", "voting", "confbox"]


def searches(source):
    """Lines that search the content of a response: with `in`, a regular expression or assertContains."""
    tree = ast.parse(source)
    functions = [node for node in ast.walk(tree) if isinstance(node, ast.FunctionDef)]
    contents = set()
    while added := {f.name for f in functions if _gives_content(f, contents)} - contents:
        contents |= added
    found = {line for f in functions for line in _searches_of(f, contents | _names(f, contents))}
    return sorted(found)


def _gives_content(function, contents):
    known = contents | _names(function, contents)
    gives = [node.value for node in ast.walk(function) if isinstance(node, ast.Return | ast.Yield)]
    return any(value is not None and _is_content(value, known) for value in gives)


def _names(function, contents):
    """The names in the function that refer to the content of a response."""
    names = set()
    for node in ast.walk(function):
        if isinstance(node, ast.Assign) and _is_content(node.value, contents | names):
            names |= {target.id for target in node.targets if isinstance(target, ast.Name)}
    return names


def _is_content(node, known):
    match node:
        case ast.Attribute(attr="content"):
            return True
        case ast.Name(id=name):
            return name in known
        case ast.Call(func=ast.Name(id=name)):
            return name in known
        case (
            ast.Attribute(value=value)
            | ast.Subscript(value=value)
            | ast.Call(func=ast.Attribute(value=value))
        ):
            return _is_content(value, known)
    return False


def _searches_of(function, known):
    for node in ast.walk(function):
        match node:
            case ast.Compare(ops=[ast.In() | ast.NotIn()], comparators=[where]) if _is_content(where, known):
                yield node.lineno, node.col_offset
            case ast.Call(func=ast.Attribute(attr=name), args=[_, where, *_]) if name in SEARCHES:
                if _is_content(where, known):
                    yield node.lineno, node.col_offset
            case ast.Call(func=ast.Attribute(attr="assertContains" | "assertNotContains")):
                yield node.lineno, node.col_offset
            case ast.Call(func=ast.Name(id="assertContains" | "assertNotContains")):
                yield node.lineno, node.col_offset


def found_in_tests():
    paths = [path for app in APPS for path in sorted(Path(BASE_DIR, app).glob("**/test_*.py"))]
    # What an operation answers is JSON, and no page.
    paths = [path for path in paths if "tests/api" not in path.as_posix()]
    found = {path.relative_to(BASE_DIR).as_posix(): len(searches(path.read_text())) for path in paths}
    return {path: count for path, count in found.items() if count}


def test_pages_are_searched_for_substrings_less_and_less():
    found = found_in_tests()
    assert sum(found.values()) <= REMAINING, found


@pytest.mark.parametrize(
    "source",
    [
        "def test(client):\n    assert 'x' in client.get('/').content.decode()",
        "def test(client):\n    assert b'x' not in client.get('/').content",
        "def test(client):\n    page = client.get('/').content.decode()\n    assert 'x' in page",
        "def test(c):\n    page = c.get('/').content\n    part = page[9:]\n    assert 'y' in part",
        "def ask(c):\n    return c.get('/').content.decode()\ndef test(c):\n    assert 'x' in ask(c)",
        "def test(client):\n    re.search('x', client.get('/').content.decode())",
        "def test(client):\n    assertContains(client.get('/'), 'x')",
        "def test(self):\n    self.assertNotContains(self.client.get('/'), 'x')",
    ],
)
def test_search_for_a_substring_is_found(source):
    assert len(searches(source)) == 1


@pytest.mark.parametrize(
    "source",
    [
        "def test(client):\n    assert 'x' in parse(client.get('/')).text",
        "def test(client):\n    page = parse(client.get('/'))\n    assert 'x' in page.links",
        "def test(client):\n    assert client.get('/').content == b'x'",
        "def test(mailoutbox):\n    assert 'x' in mailoutbox[0].body",
    ],
)
def test_parsed_page_is_left_alone(source):
    assert searches(source) == []
