"""The dependencies between the parts of the project; `confbox` wires them together.

Every import is read, also those inside functions and for type checking alone, and so are the names by
which Django finds models, handlers and migrations, and the tag libraries and the parts of templates.
"""

import ast
import re
from dataclasses import fields
from functools import cache
from pathlib import Path

import pytest
from django.apps import apps
from django.conf import settings

from accounts.my_data.parts import Part
from confbox.tests.offenders import offenders
from conferences.page_parts import PagePart
from conferences.roster.page_parts import RosterPart
from voting.elections.member_page import MemberPart

ROOT = settings.BASE_DIR
# The layers, from the bottom up: a part may use itself and the layers below it.
HOUSE = [
    ["confbox.kit"],
    ["accounts"],
    ["conferences"],
    ["voting.elections"],
    ["voting.campaigns"],
    ["voting.timetable"],
    ["voting.rehearsal"],
    ["voting.desk", "voting.home", "voting.demo"],
    # Modules in which Django looks for the app's models, commands and tests.
    ["voting"],
    ["confbox"],
]
FLOORS = {part: number for number, parts in enumerate(HOUSE) for part in parts}
APPS = {part.split(".")[0] for part in FLOORS}
LAYERS = ["models", "actions", "forms", "views", "urls"]
BANNED = re.compile(r"(util|helper|common|base|manager|service|misc)s?", re.IGNORECASE)
DOTTED_NAME = re.compile(rf"({'|'.join(APPS)})(\.\w+)+")


def modules():
    return [p.relative_to(ROOT) for app in sorted(APPS) for p in sorted((ROOT / app).rglob("*.py"))]


@cache
def parse(path):
    return ast.parse((ROOT / path).read_text())


def imported(tree, path):
    """The dotted names that a module imports, with relative ones made absolute."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            package = Path(path).parent.parts[: len(Path(path).parent.parts) - node.level + 1]
            start = ".".join([*(package if node.level else ()), *filter(None, [node.module])])
            yield from (f"{start}.{alias.name}" for alias in node.names)


def named(tree):
    """Names in strings: `app.Model`, `app.module.function`, the app of a migration's dependency."""
    for node in ast.walk(tree):
        match node:
            case ast.Constant(value=str(text)) if DOTTED_NAME.fullmatch(text):
                yield text
            case ast.Tuple(elts=[ast.Constant(value=app), ast.Constant(value=name)]) if app in APPS:
                yield f"{app}.{name}"
            case ast.Call(
                func=ast.Attribute(attr="get_model"), args=[ast.Constant(value=app), ast.Constant(value=name)]
            ):
                yield f"{app}.{name}"
            case ast.Call(func=ast.Attribute(attr="get_app_config"), args=[ast.Constant(value=app)]):
                yield f"{app}."


def home_of(name):
    """The dotted name of a model in its module, where this names one as Django does; else the name itself."""
    app, _dot, model = name.partition(".")
    found = apps.all_models.get(app, {}).get(model.lower())
    return f"{found.__module__}.{found.__name__}" if found else name


def part_of(name):
    """The part to which a dotted name belongs; None for a library."""
    found = [part for part in FLOORS if f"{name}.".startswith(f"{part}.")]
    return max(found, key=len, default=None)


def dotted(path):
    return ".".join(Path(path).with_suffix("").parts)


def is_below(name, part):
    """Whether this part may use the name; every part may use libraries."""
    used = part_of(name)
    return used in (None, part) or FLOORS[used] < FLOORS[part]


def is_of_app(name):
    """Whether it names a permission, which belongs to the app and to none of its packages."""
    return name.count(".") == 1 and dotted_module(name) is None


def dotted_module(name):
    """The longest prefix of the name that is a module or package; None if that is an app or nothing."""
    parts = name.split(".")
    for end in range(len(parts), 1, -1):
        path = ROOT.joinpath(*parts[:end])
        if path.with_suffix(".py").is_file() or (path / "__init__.py").is_file():
            return ".".join(parts[:end])
    return None


def wrong_arrows(tree, path):
    part = part_of(dotted(path))
    app = part.split(".")[0]
    words = map(home_of, named(tree))
    words = {name for name in words if not (is_of_app(name) and name.split(".")[0] == app)}
    return sorted(name for name in {*imported(tree, path), *words} if not is_below(name, part))


def wrong_layers(tree, path):
    """Imports of a module in the same folder, or of Django's HTTP side, that are above this one."""
    layer, folder = Path(path).stem, ".".join(Path(path).parent.parts)
    if layer not in LAYERS:
        return []
    above = {f"{folder}.{name}" for name in LAYERS[LAYERS.index(layer) + 1 :]}
    if layer in ("models", "actions"):
        above |= {"django.http", "django.shortcuts", "django.forms", f"{folder}.admin"}
    return sorted(name for name in imported(tree, path) if any(f"{name}.".startswith(f"{a}.") for a in above))


def siblings(tree, path):
    """The models' imports from their own app, except for the models of its packages."""
    allowed = re.compile(r"\w+(\.\w+)*\.models\.\w+")
    app = Path(path).parts[0]
    found = [name for name in imported(tree, path) if name.split(".")[0] == app]
    return sorted(name for name in found if not allowed.fullmatch(name))


def test_imports_follow_the_arrows():
    assert offenders(lambda path: wrong_arrows(parse(path), path), modules()) == {}


def graph_within(package, names):
    """The dependencies between the modules and packages directly in this one, each with its submodules."""
    graph = {}
    for path in names:
        inside = child_of(package, dotted(path))
        if inside is None or inside == f"{package}.tests":
            continue
        used = {child_of(package, dotted_module(name) or "") for name in imported(parse(path), path)}
        graph.setdefault(inside, set()).update(used - {None, inside})
    return graph


def child_of(package, name):
    if not name.startswith(f"{package}."):
        return None
    return f"{package}.{name.removeprefix(f'{package}.').split('.')[0]}"


def cycles(graph):
    """What is left after repeatedly removing everything without dependencies."""
    graph = {node: set(used) & set(graph) for node, used in graph.items()}
    while free := {node for node, used in graph.items() if not used}:
        graph = {node: used - free for node, used in graph.items() if node not in free}
    return graph


def packages():
    return sorted({dotted(path.parent) for path in modules() if "tests" not in path.parts} - {"."})


@pytest.mark.parametrize("package", [p for p in packages() if p != "confbox"])
def test_no_cycle_between_the_modules_and_packages_of(package):
    assert cycles(graph_within(package, modules())) == {}


def test_no_cycle_in_what_wires():
    own = [path for path in modules() if part_of(dotted(path)) == "confbox"]
    assert cycles(graph_within("confbox", own)) == {}


LOAD = re.compile(r"{%-?\s*load\s+(.*?)\s*-?%}")
# Parts whose folder in `templates/` does not have their name.
FOLDERS = {
    "account": "accounts",
    "accounts": "accounts",
    "admin/accounts": "accounts",
    "admin/conferences": "conferences",
    "admin/voting": "voting.desk",
    "allauth": "confbox.kit",
    "charts": "confbox.kit",
    "components": "confbox.kit",
    "limits": "confbox.kit",
    "mail": "confbox.kit",
    "mfa": "accounts",
}
# The component gallery, and the first page of the admin.
WIRED = {"components/gallery.html", "admin/index.html", "admin/base_site.html"}


def templates():
    return sorted(p.relative_to(ROOT / "templates") for p in (ROOT / "templates").rglob("*") if p.is_file())


def part_of_template(path):
    """The part that owns this template; None for templates of the whole site, such as `base.html`."""
    name = path.as_posix()
    folder = next((folder for folder in FOLDERS if name.startswith(f"{folder}/")), None)
    if name in WIRED:
        return "confbox"
    return FOLDERS[folder] if folder else part_of(".".join(path.parts)) or "confbox"


@cache
def part_of_library(name):
    """The part that owns the tag library, from its name. None if it is not ours."""
    found = [path for path in modules() if path.stem == name and path.parent.name == "templatetags"]
    if not found:
        return None
    part = part_of(dotted(found[0]))
    return f"{part}.{name}" if f"{part}.{name}" in FLOORS else part


def loaded(source):
    return {library for words in LOAD.findall(source) for library in words.split()}


def wrong_libraries(path):
    part = part_of_template(path)
    libraries = loaded((ROOT / "templates" / path).read_text())
    found = {library: part_of_library(library) for library in libraries}
    return {library: of for library, of in found.items() if of and not is_below(of, part)}


def test_templates_load_tags_from_below():
    assert offenders(wrong_libraries, templates()) == {}


TEMPLATE = re.compile(r"{%-?\s*(include|extends)\s+(\S+)")


def used_templates(source):
    """What the template includes, and what it extends, as it says it: quoted, or by a variable."""
    return TEMPLATE.findall(source)


def is_template_below(tag, name, part):
    """What has no file here is a library's. The whole site's templates may be extended by all."""
    if not (ROOT / "templates" / name).is_file():
        return True
    used = part_of_template(Path(name))
    return (tag == "extends" and used == "confbox") or is_below(used, part)


def wrong_templates(path):
    part, found = part_of_template(path), used_templates((ROOT / "templates" / path).read_text())
    quoted = [(tag, name.strip("\"'")) for tag, name in found if name[0] in "\"'"]
    return [name for tag, name in quoted if not is_template_below(tag, name, part)]


def test_templates_use_templates_from_below():
    assert offenders(wrong_templates, templates()) == {}


# Apps above register templates for these places when the site starts; a panel's template is its own,
# and `base` is one of the whole site's.
OF_PARTS = {
    f"part.{field.name}" for kind in (MemberPart, PagePart, Part, RosterPart) for field in fields(kind)
}
PLACES = {"base", *OF_PARTS}


def is_registered(name):
    return name in PLACES or name.endswith(".template")


def unregistered(path):
    found = used_templates((ROOT / "templates" / path).read_text())
    return [name for _tag, name in found if name[0] not in "\"'" and not is_registered(name)]


def test_templates_named_by_variables_are_registered_ones():
    assert offenders(unregistered, templates()) == {}


def test_layers_import_downwards():
    assert offenders(lambda path: wrong_layers(parse(path), path), modules()) == {}


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


# Django looks for a database backend in a module with this name.
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
        "HANDLER = 'confbox.mailbox.emails'",
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
        ("from voting.elections import views", "voting/elections/actions.py"),
        ("from .forms import VoteForm", "voting/elections/actions.py"),
        ("from voting.elections.actions import cast_vote", "voting/elections/models.py"),
        ("from voting.campaigns.views import ask", "voting/campaigns/forms.py"),
    ],
)
def test_import_upwards_is_found(source, path):
    assert wrong_layers(ast.parse(source), path) != []


@pytest.mark.parametrize(
    ("source", "path"),
    [
        ("from voting.campaigns.models import Campaign", "voting/elections/actions.py"),
        ("from voting.models import Vote", "voting/elections/actions.py"),
        ("from voting.home import views", "voting/desk/views.py"),
        ("task = 'voting.campaigns.sending.tasks.send_batch'", "voting/elections/tasks.py"),
        ("models.OneToOneField('voting.Campaign')", "voting/elections/models.py"),
        ("apps.get_model('voting', 'Campaign')", "voting/elections/tasks.py"),
    ],
)
def test_wrong_arrow_between_packages_is_found(source, path):
    assert wrong_arrows(ast.parse(source), path) != []


def test_model_below_and_permission_of_the_own_app_are_left_alone():
    source = "models.OneToOneField('voting.Election'); may('voting.review_campaign')"
    assert wrong_arrows(ast.parse(source), "voting/elections/models.py") == []


def test_cycle_is_found():
    assert set(cycles({"a": {"b"}, "b": {"c"}, "c": {"b"}, "d": {"a"}, "e": set()})) == {"a", "b", "c", "d"}
    assert cycles({"a": {"b"}, "b": {"c"}, "c": set()}) == {}


def test_loaded_tag_library_has_its_part():
    assert loaded("{% load i18n elections %}{% load dates %}") == {"i18n", "elections", "dates"}
    parts = [part_of_library(name) for name in ("elections", "dates", "icons", "i18n")]
    assert parts == ["voting.elections", "conferences", "confbox.kit", None]
    assert part_of_template(Path("voting/elections/ballot.html")) == "voting.elections"
    assert part_of_template(Path("base.html")) == "confbox"


@pytest.mark.parametrize(
    ("tag", "name", "expected"),
    [
        ("include", "voting/elections/ballot.html", False),
        ("include", "base.html", False),
        ("extends", "base.html", True),
        ("include", "components/_messages.html", True),
        ("include", "conferences/_facts.html", True),
        ("extends", "admin/change_form.html", True),
    ],
)
def test_template_from_above_is_found(tag, name, expected):
    assert used_templates(f'{{% {tag} "{name}" with a=b only %}}') == [(tag, f'"{name}"')]
    assert is_template_below(tag, name, "conferences") is expected


def test_sibling_of_the_models_is_found():
    path = "voting/elections/models.py"
    assert siblings(ast.parse("from voting.elections import tally"), path) == ["voting.elections.tally"]
    assert siblings(ast.parse("from voting.campaigns.models import Campaign"), path) == []


@pytest.mark.parametrize("name", ["utils", "Helper", "BASE", "services", "misc"])
def test_empty_name_is_found(name):
    assert BANNED.fullmatch(name)
