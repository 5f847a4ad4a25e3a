"""What holds for every panel of the site."""

import ast
import re

from django.conf import settings
from selectolax.lexbor import LexborHTMLParser

from confbox.tests.offenders import offenders
from confbox.tests.test_architecture import ROOT, modules, parse

TEMPLATES = settings.BASE_DIR / "templates"
TAG = re.compile(r"{%.*?%}|{{.*?}}|{#.*?#}", re.DOTALL)


def folders():
    """The folders of panels: those that a module which makes panels names, and all of such a name."""
    constants = {
        node.value
        for path in modules()
        if "tests" not in path.parts and "Panel(" in (ROOT / path).read_text()
        for node in ast.walk(parse(path))
        if isinstance(node, ast.Constant) and isinstance(node.value, str) and "/" in node.value
    }
    named = {str(path.relative_to(TEMPLATES)) for path in TEMPLATES.rglob("*_panel")}
    return sorted(folder for folder in constants | named if is_panel(TEMPLATES / folder))


def is_panel(folder):
    """Whether it is a folder of templates, and not one of such folders."""
    return folder.is_dir() and not any(path.is_dir() for path in folder.iterdir())


STATES = [
    path.relative_to(TEMPLATES) for folder in folders() for path in (TEMPLATES / folder).glob("[!_]*.html")
]


def roots(source):
    body = LexborHTMLParser(TAG.sub("", source)).body
    return [node.tag for node in body.iter()] if body else []


def test_panels_are_found():
    assert {"conferences/membership_panel", "voting/elections/voting_panel"} <= set(folders())


def test_template_of_a_state_has_one_element_around_it_all():
    """Or none of its own: then it includes a piece that has one."""
    assert offenders(lambda path: roots((TEMPLATES / path).read_text())[1:], STATES) == {}


def test_second_element_is_found():
    assert roots("{% if x %}<p>One</p>{% endif %}<form></form>") == ["p", "form"]
