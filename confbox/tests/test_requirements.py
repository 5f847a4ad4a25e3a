"""What requirements*.in lists is used, and what is used is listed there.

Use is an import, a dotted name in the settings (a middleware, a backend, a plugin), a template library, or
a command in the Makefile or below deploy/. Being listed in INSTALLED_APPS alone is not use.
"""

import ast
import re
import sys
from functools import cache
from importlib.metadata import distribution, packages_distributions

import pytest

from confbox.settings import BASE_DIR

pytestmark = pytest.mark.slow

DOTTED_NAME = re.compile(r"\w+(\.\w+)+")
OURS = {"accounts", "confbox", "conferences", "voting"}
# Served or run on the server, though outside the apps and their tests.
RUN_ON_THE_SERVER = ["manage.py", "deploy/demo.py", "deploy/gunicorn.conf.py", "deploy/serve.py"]
USED_OTHERWISE = {
    "argon2-cffi": "what Django's own Argon2 hasher hashes with",
    "crispy-bootstrap5": "the templates that CRISPY_TEMPLATE_PACK names",
    "django-rq": "its command rqworker, which django-tasks-rq needs for a queue in Redis",
    "rq": "pinned because django-rq accepts any version and django-tasks-rq was tried with this one",
    "tzdata": "time zones where the system has none, and the tables of confbox.kit.time_zones",
    "pre-commit": "a command that .pre-commit-config.yaml configures",
    "openapi-python-client": "a command that test_generated_client.py calls",
    "pytest-django": "a plugin, which DJANGO_SETTINGS_MODULE in pyproject.toml configures",
    "pytest-playwright": "a plugin: the fixtures page and browser",
}
# Modules of a listed package's own dependency, imported from there so that both have the same version.
COMES_WITH = {
    "fido2": "django-allauth",
    "brotli": "whitenoise",
    "pydantic": "django-ninja",
    "pydantic_core": "django-ninja",
    "jwt": "django-allauth",
    "requests": "django-anymail",
    "urllib3": "django-anymail",
    "hypothesis": "schemathesis",
}


def names_in(requirements):
    lines = (re.match(r"[A-Za-z][\w.-]*", line) for line in requirements.splitlines())
    return {line[0].lower() for line in lines if line}


@cache
def packages_by_module():
    return {module: {name.lower() for name in names} for module, names in packages_distributions().items()}


def modules_of(name):
    """The modules that the installed package of this name brings."""
    is_named = distribution(name).metadata["Name"].lower()
    return {module for module, packages in packages_by_module().items() if is_named in packages}


def imported(source):
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Import):
            yield from (alias.name.split(".")[0] for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and not node.level:
            yield node.module.split(".")[0]


def configured(source):
    """The first parts of the dotted names in settings, except for the list of apps."""
    tree = ast.parse(source)
    apps = {id(n) for lst in ast.walk(tree) if _is_list_of_apps(lst) for n in ast.walk(lst)}
    for node in ast.walk(tree):
        match node:
            case ast.Constant(value=str(text)) if id(node) not in apps and DOTTED_NAME.fullmatch(text):
                yield text.split(".")[0]


def _is_list_of_apps(node):
    targets = getattr(node, "targets", [getattr(node, "target", None)])
    return isinstance(node, ast.Assign | ast.AugAssign) and any(
        getattr(target, "id", "") == "INSTALLED_APPS" for target in targets
    )


def unused(modules_by_package, used, otherwise=USED_OTHERWISE):
    """The listed packages without any used module and without a reason."""
    return sorted(
        package
        for package, modules in modules_by_package.items()
        if not modules & set(used) and package not in otherwise
    )


def missing(modules_by_package, imports, comes_with=COMES_WITH):
    """The modules that are imported and that no listed package provides."""
    known = set().union(*modules_by_package.values(), comes_with, OURS, sys.stdlib_module_names)
    return sorted(set(imports) - known)


def sources(*patterns):
    paths = {path for pattern in patterns for path in BASE_DIR.glob(pattern) if path.is_file()}
    return {path.relative_to(BASE_DIR).as_posix(): path.read_text() for path in paths}


APPS = sources(*(f"{app}/**/*.py" for app in OURS))
RUN_TIME = {path: text for path, text in APPS.items() if "/tests/" not in path} | sources(*RUN_ON_THE_SERVER)
EVERYTHING = APPS | RUN_TIME | sources("*.py", "deploy/**/*.py")
COMMANDS = sources("Makefile", "pyproject.toml", "deploy/*", "deploy/systemd/*")
TEMPLATES = sources("templates/**/*.html", "templates/**/*.txt")


def imports_of(files):
    # Scripts below deploy/ import each other.
    siblings = {path.rpartition("/")[2].removesuffix(".py") for path in files if path.startswith("deploy/")}
    return {module for text in files.values() for module in imported(text)} - siblings


def used_by(files):
    loads = {
        word
        for t in TEMPLATES.values()
        for found in re.findall(r"{% load ([^%]+)%}", t)
        for word in found.split()
    }
    libraries = {"crispy_forms_filters": "crispy_forms"}
    commands = {
        w for text in COMMANDS.values() for w in re.findall(r"(?:\.venv/bin/|-m |plugins = \[\")(\w+)", text)
    }
    return {
        *imports_of(files),
        *configured(files["confbox/settings.py"]),
        *(libraries.get(name, name) for name in loads),
        *commands,
    }


def packages_of(*files):
    names = {name for file in files for name in names_in((BASE_DIR / file).read_text())}
    return {name: modules_of(name) for name in names}


def test_every_run_time_requirement_is_used():
    assert unused(packages_of("requirements.in"), used_by(RUN_TIME)) == []


def test_every_requirement_of_development_is_used():
    assert unused(packages_of("requirements-dev.in"), used_by(EVERYTHING)) == []


def test_what_runs_on_the_server_is_a_run_time_requirement():
    assert missing(packages_of("requirements.in"), imports_of(RUN_TIME)) == []


def test_whatever_is_imported_is_a_requirement():
    assert missing(packages_of("requirements.in", "requirements-dev.in"), imports_of(EVERYTHING)) == []


def test_each_exception_is_needed():
    of_run_time, of_development = packages_of("requirements.in"), packages_of("requirements-dev.in")
    found = {
        *unused(of_run_time, used_by(RUN_TIME), otherwise={}),
        *unused(of_development, used_by(EVERYTHING), otherwise={}),
    }
    assert found == set(USED_OTHERWISE)
    assert set(missing(of_run_time | of_development, imports_of(EVERYTHING), {})) == set(COMES_WITH)


@pytest.mark.parametrize(
    "source",
    [
        "import good",
        "from good.part import thing",
        "def f():\n    import good.part",
        "MIDDLEWARE = ['good.middleware.Good']",
    ],
)
def test_used_requirement_is_left_alone(source):
    used = {*imported(source), *configured(source)}
    assert unused({"good-package": {"good"}}, used) == []


@pytest.mark.parametrize(
    "source",
    [
        "",
        "import other",
        "INSTALLED_APPS = ['good', 'good.part']",
        "INSTALLED_APPS += ['good.part']",
        "# import good",
    ],
)
def test_unused_requirement_is_found(source):
    used = {*imported(source), *configured(source)}
    assert unused({"good-package": {"good"}}, used) == ["good-package"]


def test_unused_requirement_with_a_reason_is_left_alone():
    assert unused({"good-package": {"good"}}, set(), {"good-package": "a plugin"}) == []


@pytest.mark.parametrize(
    ("source", "found"),
    [
        ("import good, os, voting", []),
        ("import gone", ["gone"]),
        ("def f():\n    from gone.part import thing", ["gone"]),
        ("from . import neighbour", []),
    ],
)
def test_missing_requirement_is_found(source, found):
    assert missing({"good-package": {"good"}}, imported(source)) == found


def test_names_are_read_without_versions_and_comments():
    text = "# A comment.\n-c other.txt\nDjango==5.2\nwhitenoise[brotli]>=6 # why\n\ntzdata\n"
    assert names_in(text) == {"django", "whitenoise", "tzdata"}
