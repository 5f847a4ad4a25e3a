"""The arrows of the house: confbox.kit <- accounts <- conferences <- voting, and confbox wires.

Every import is read, also those inside functions and for type checking alone, and so are the names by
which Django finds another app's models, handlers and migrations.
"""

import ast
import re
from pathlib import Path

import pytest
from django.conf import settings

ROOT = settings.BASE_DIR
# Each part of the house, from the ground up: it may use itself and those before it.
HOUSE = ["confbox.kit", "accounts", "conferences", "voting", "confbox"]
APPS = {part.split(".")[0] for part in HOUSE}
LAYERS = ["models", "actions", "forms", "views", "urls"]
BANNED = re.compile(r"(util|helper|common|base|manager|service|misc)s?", re.IGNORECASE)
DOTTED_NAME = re.compile(rf"({'|'.join(APPS)})(\.\w+)+")


def modules():
    return [p.relative_to(ROOT) for app in sorted(APPS) for p in sorted((ROOT / app).rglob("*.py"))]


def parse(path):
    return ast.parse((ROOT / path).read_text())


def imported(tree, path):
    """The dotted names that a module imports, relative ones made absolute."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            package = Path(path).parent.parts[: len(Path(path).parent.parts) - node.level + 1]
            start = ".".join([*(package if node.level else ()), *filter(None, [node.module])])
            yield from (f"{start}.{alias.name}" for alias in node.names)


def named(tree):
    """What strings name: `app.Model`, `app.module.function`, the app of a migration's dependency."""
    for node in ast.walk(tree):
        match node:
            case ast.Constant(value=str(text)) if DOTTED_NAME.fullmatch(text):
                yield text
            case ast.Tuple(elts=[ast.Constant(value=app), ast.Constant(value=name)]) if app in APPS:
                yield f"{app}.{name}"
            case ast.Call(
                func=ast.Attribute(attr="get_model" | "get_app_config"), args=[ast.Constant(value=app), *_]
            ):
                yield f"{app}."


def part_of(name):
    """The part of the house to which a dotted name belongs; None if it is a library's."""
    found = [part for part in HOUSE if f"{name}.".startswith(f"{part}.")]
    return max(found, key=len, default=None)


def wrong_arrows(tree, path):
    above = HOUSE[HOUSE.index(part_of(".".join(Path(path).parts))) + 1 :]
    return sorted(name for name in {*imported(tree, path), *named(tree)} if part_of(name) in above)


def wrong_layers(tree, path):
    """Imports of a module in the same folder, or of Django's HTTP side, that stand above this one."""
    layer, folder = Path(path).stem, ".".join(Path(path).parent.parts)
    if layer not in LAYERS:
        return []
    above = {f"{folder}.{name}" for name in LAYERS[LAYERS.index(layer) + 1 :]}
    if layer in ("models", "actions"):
        above |= {"django.http", "django.shortcuts", "django.forms", f"{folder}.admin"}
    return sorted(name for name in imported(tree, path) if any(f"{name}.".startswith(f"{a}.") for a in above))


def siblings(tree, path):
    """The models' imports from their own app, but for the models of its packages."""
    allowed = re.compile(r"\w+(\.\w+)*\.models\.\w+")
    app = Path(path).parts[0]
    found = [name for name in imported(tree, path) if name.split(".")[0] == app]
    return sorted(name for name in found if not allowed.fullmatch(name))


@pytest.mark.parametrize("path", modules(), ids=str)
def test_imports_follow_the_arrows(path):
    assert wrong_arrows(parse(path), path) == []


@pytest.mark.parametrize("path", modules(), ids=str)
def test_layers_import_downwards(path):
    assert wrong_layers(parse(path), path) == []


@pytest.mark.parametrize("path", [p for p in modules() if p.name == "models.py"], ids=str)
def test_models_import_no_sibling(path):
    assert siblings(parse(path), path) == []


@pytest.mark.parametrize("path", [p for p in modules() if p.name == "actions.py"], ids=str)
def test_actions_never_see_a_request(path):
    arguments = {node.arg for node in ast.walk(parse(path)) if isinstance(node, ast.arg)}
    assert "request" not in arguments


@pytest.mark.parametrize("path", [p for p in modules() if p.name == "actions.py"], ids=str)
def test_verbs_over_several_things_take_keywords_only(path):
    public = [n for n in parse(path).body if isinstance(n, ast.FunctionDef) and not n.name.startswith("_")]
    assert [f.name for f in public if len(f.args.args) > 1] == []


# Django finds a database backend in a module of this name.
NAMED_BY_DJANGO = Path("confbox/mysql/base.py")


def test_no_module_and_no_class_has_an_empty_name():
    classes = [n.name for p in modules() for n in ast.walk(parse(p)) if isinstance(n, ast.ClassDef)]
    named = [p for p in modules() if not p.as_posix().endswith(str(NAMED_BY_DJANGO))]
    names = [*classes, *(part for p in named for part in p.with_suffix("").parts)]
    assert [name for name in names if BANNED.fullmatch(name)] == []


@pytest.mark.parametrize(
    "source",
    [
        "from voting.elections.models import Vote",
        "import voting.elections.models",
        "def f():\n    from voting import actions",
        "from typing import TYPE_CHECKING\nif TYPE_CHECKING:\n    from voting.elections.models import Vote",
        "from ..voting import actions",
        "key = models.ForeignKey('voting.Vote')",
        "dependencies = [('voting', '0001_votes')]",
        "apps.get_model('voting', 'Vote')",
        "from confbox import settings",
        "HANDLER = 'confbox.mailbox.mails'",
    ],
)
def test_wrong_arrow_is_found(source):
    assert wrong_arrows(ast.parse(source), "conferences/actions.py") != []


def test_kit_knows_no_app():
    source = "from accounts.models import User"
    assert wrong_arrows(ast.parse(source), "confbox/kit/limits.py") == ["accounts.models.User"]
    assert wrong_arrows(ast.parse("from confbox import theme"), "confbox/kit/limits.py") == ["confbox.theme"]


@pytest.mark.parametrize(
    "source",
    [
        "from accounts.models import User",
        "from confbox.kit import limits",
        "from . import models",
        "template = 'voting/elections/ballot.html'",
        "voting = 1",
    ],
)
def test_right_arrow_is_left_alone(source):
    assert wrong_arrows(ast.parse(source), "conferences/actions.py") == []


@pytest.mark.parametrize(
    ("source", "path"),
    [
        ("from django.http import Http404", "voting/elections/actions.py"),
        ("import django.http", "voting/elections/models.py"),
        ("from voting import views", "voting/elections/actions.py"),
        ("from .forms import VoteForm", "voting/elections/actions.py"),
        ("from voting.elections.actions import cast_vote", "voting/elections/models.py"),
        ("from voting.campaigns.views import ask", "voting/campaigns/forms.py"),
    ],
)
def test_import_upwards_is_found(source, path):
    assert wrong_layers(ast.parse(source), path) != []


def test_sibling_of_the_models_is_found():
    assert siblings(ast.parse("from voting import tally"), "voting/elections/models.py") == [
        "voting.elections.tally"
    ]
    assert (
        siblings(ast.parse("from voting.campaigns.models import Campaign"), "voting/elections/models.py")
        == []
    )


@pytest.mark.parametrize("name", ["utils", "Helper", "BASE", "services", "misc"])
def test_empty_name_is_found(name):
    assert BANNED.fullmatch(name)
