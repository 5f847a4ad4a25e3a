"""Each refusal of a rule has a kind of its own, which programs compare: its name and status never change."""

import ast
from collections.abc import Iterator
from importlib import import_module

import pytest
from django.conf import settings
from django.core.exceptions import ImproperlyConfigured

from confbox.api import openapi
from confbox.kit.api.problems import KINDS, TYPE_URL, refusal, register
from confbox.kit.tests.page import parse

FILE = settings.BASE_DIR / "confbox/tests/api/kinds.txt"
APPS = ("accounts", "conferences", "voting", "confbox/kit", "confbox/api")
MAKERS = {"ValidationError", "coded_error", "coded_errors", "coded"}

# What these refuse is an error of one field of a form, whose code is `invalid`.
OF_FIELDS = {
    "confbox/kit/email_addresses.py": "a validator of fields",
    "confbox/kit/local_time_fields.py": "fields of forms",
    "confbox/kit/validators.py": "validators of fields",
    "accounts/passkey_forms.py": "a form of a page without a twin",
    "conferences/changes/forms.py": "a form",
    "conferences/forms.py": "a form",
    "conferences/creating/forms.py": "a form",
    "conferences/importing/views.py": "a form",
    "conferences/roster/forms.py": "a form",
    "voting/desk/campaign_forms.py": "a field of forms",
    "voting/desk/forms.py": "forms",
}
# Made from errors that have codes already.
PASSED_ON = {
    "confbox/kit/api/forms.py:cleaned": "the errors of a form",
    "conferences/admission/domains.py:read_domains": "the errors of each domain",
    "conferences/changes/actions.py:move_conference": "by field",
    "conferences/copying/dates.py:refuse_dates": "by field",
    "confbox/kit/coded.py:coded_errors": "errors that have codes",
    "voting/desk/details.py:change_details": "the errors of a form",
    "voting/desk/details.py:_form": "by field",
    "voting/elections/rules/actions.py:_refuse_what_is_no_choice": "by field",
    "voting/elections/rules/actions.py:refuse_laxer_rules": "by field",
}
# The code is their argument, or that of a condition of the vote, which is tested with it.
CODES_OF_OTHERS = {
    "confbox/kit/coded.py:coded_error",
    "confbox/kit/coded.py:coded_errors",
    "voting/elections/actions.py:_refusal_of_vote",
}
CODED = "confbox.kit.coded"
# Codes that no operation answers as a kind, with what they are.
OTHER_CODES = {
    "account_exists": "accounts are made on pages",
    "answer_missing": "an operation has a choice there",
    "busy": "passwords are checked on pages",
    "incorrect_code": "passkeys are used on pages",
    "large_table": "of a field",
    "log_in_of_another": "log-ins are connected on pages",
    "no_code": "codes are typed on pages",
    "no_domain": "of a field",
    "no_match": "of a field",
    "old_address": "of a field",
    "on_list_of_voters": "of a field",
    "password_of_this_site": "of a field",
    "password_too_common": "of a field",
    "password_too_similar": "of a field",
    "required": "of a field",
    "too_much": "of a field",
    "unique": "of a field",
    "void": "codes are typed on pages",
    "wrong": "codes are typed on pages",
    "wrong_at_last": "codes are typed on pages",
}


def files() -> Iterator[tuple[str, ast.Module]]:
    for app in APPS:
        for path in sorted((settings.BASE_DIR / app).rglob("*.py")):
            if not {"tests", "migrations"} & set(path.parts):
                yield str(path.relative_to(settings.BASE_DIR)), ast.parse(path.read_text())


def name_of(call: ast.Call) -> str:
    return str(getattr(call.func, "id", getattr(call.func, "attr", "")))


def made_in(node: ast.AST, function: str = "") -> Iterator[tuple[str, ast.Call]]:
    """Each call that makes a refusal, with the name of its function."""
    for child in ast.iter_child_nodes(node):
        inside = child.name if isinstance(child, ast.FunctionDef) else function
        if isinstance(child, ast.Call) and name_of(child) in MAKERS:
            yield inside, child
        yield from made_in(child, inside)


def code_of(call: ast.Call) -> ast.expr | None:
    if name_of(call) == "coded":
        return call.args[0]
    return next((given.value for given in call.keywords if given.arg == "code"), None)


def refusals() -> list[tuple[str, str, ast.Call]]:
    return [(path, function, call) for path, tree in files() for function, call in made_in(tree)]


def codes_in(path: str, code: ast.expr) -> list[str]:
    """A text, a constant of the module, or one of two texts."""
    if isinstance(code, ast.IfExp):
        return codes_in(path, code.body) + codes_in(path, code.orelse)
    if isinstance(code, ast.Name):
        return [getattr(import_module(path.removesuffix(".py").replace("/", ".")), code.id)]
    assert isinstance(code, ast.Constant), f"{path}:{code.lineno}: {ast.unparse(code)}"
    return [code.value]


def is_of_fields(call: ast.Call) -> bool:
    """Each field has its sentence, with a code of its own or as `invalid`."""
    return isinstance(call.args[0], ast.Dict)


def test_no_refusal_of_a_rule_is_without_a_code():
    bare = {
        f"{path}:{function}"
        for path, function, call in refusals()
        if path not in OF_FIELDS and code_of(call) is None and not is_of_fields(call)
    }
    assert bare == set(PASSED_ON)


def test_no_refusal_is_found_that_was_made_under_another_name():
    """The two tests here look for these names alone."""
    for path, tree in files():
        for node in ast.walk(tree):
            if isinstance(node, ast.ImportFrom) and node.module in ("django.core.exceptions", CODED):
                assert not [name.name for name in node.names if name.asname], path


def test_each_code_is_a_kind_of_refusal_or_has_a_reason():
    found = {
        name
        for path, function, call in refusals()
        if (code := code_of(call)) and f"{path}:{function}" not in CODES_OF_OTHERS
        for name in codes_in(path, code)
    }
    of_rules = {name for name, kind in KINDS.items() if kind.status == 409}
    assert {name for name in found if name.replace("_", "-") not in of_rules} == set(OTHER_CODES)


def test_each_kind_of_refusal_is_the_code_of_a_rule():
    """Else it has been renamed by mistake, or nothing has it any more."""
    text = "".join(path.read_text() for app in APPS for path in (settings.BASE_DIR / app).rglob("*.py"))
    of_rules = {name for name, kind in KINDS.items() if kind.status == 409} - {"refused", "answer-not-kept"}
    assert {name for name in of_rules if f'"{name.replace("-", "_")}"' not in text} == set()


def test_no_operation_leaves_the_kind_open():
    loose = [
        f"{path}:{node.lineno}"
        for path, tree in files()
        for node in ast.walk(tree)
        if isinstance(node, ast.Call)
        and name_of(node) == "Problem"
        and ast.unparse(node.args[0]) == "'refused'"
    ]
    assert loose == []


def test_kinds_are_those_in_the_file():
    """Add new ones to the file. Once released, no line of it changes or goes: programs compare them."""
    lines = sorted(f"{kind.status} {name}" for name, kind in KINDS.items())
    assert FILE.read_text().splitlines() == lines


@pytest.mark.parametrize("name", list(KINDS))
def test_page_explains_the_kind(client, name):
    response = client.get(TYPE_URL.format(kind=name))
    assert response.status_code == 200
    page = parse(response)
    assert page.part("h1").text == str(KINDS[name].title)
    assert page.mentions(str(KINDS[name].explanation))


def test_page_lists_all_kinds_by_status(client):
    page = parse(client.get(TYPE_URL.format(kind="refused")))
    by_status = sorted(KINDS.values(), key=lambda kind: kind.status)
    assert page.texts("article li a") == [str(kind.title) for kind in by_status]


def test_titles_differ():
    titles = [str(kind.title) for kind in KINDS.values()]
    assert sorted(titles) == sorted(set(titles))


def test_document_names_all_kinds_of_each_status():
    responses = openapi.document()["components"]["responses"]
    named = {(int(status), name) for status, found in responses.items() for name in found["x-kinds"]}
    assert named == {(kind.status, name) for name, kind in KINDS.items()}


def test_kind_is_registered_once():
    with pytest.raises(ImproperlyConfigured, match="gone"):
        register({"gone": refusal("Gone.", "Another explanation.")})
