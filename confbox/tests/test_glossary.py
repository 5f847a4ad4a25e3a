"""No name, text, docstring or comment has a word that the glossary in docs/style.md replaces."""

import ast
import io
import re
import subprocess
import tokenize

import pytest
from django.conf import settings

BANNED_IN_NAMES = re.compile(
    r"(?<![a-z])(mails?|mailed|errand|unsent|seal(s|ed|ing)?|showroom|moments?|obstacle|nobody|somebody|whoever"
    r"|anybody|everybody)(?![a-z])"
)
BANNED_IN_TEXTS = re.compile(
    r"\b(mails?|mailed|e-mails?|errand|nobody|somebody|whoever|anybody|everybody|by itself|for ever)\b",
    re.IGNORECASE,
)
# Django's and pytest's names, and terms of the field.
NOT_OURS = {"mail", "mail_from", "handle_mail", "send_confirmation_mail", "send_mail"}
TERMS = re.compile(
    r"`[^`]*`|mail (server|scanner|program)s?|\w+[./]mail\b|\bmail[./]\w+|[\"'`/]mail\b|mail in VAR_DIR",
    re.IGNORECASE,
)
# Functions that mark a text for translation.
MARKS = {"_", "gettext_lazy", "gettext_noop", "ngettext", "pgettext"}
THIS = "confbox/tests/test_glossary.py"


def files(*patterns):
    listed = subprocess.check_output(["git", "ls-files", *patterns], cwd=settings.BASE_DIR, text=True)
    return [f for f in listed.split() if "/migrations/" not in f and "/vendor/" not in f and f != THIS]


def source(file):
    return (settings.BASE_DIR / file).read_text()


def names_in(tree):
    for node in ast.walk(tree):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef):
            yield node.name
        elif isinstance(node, ast.arg):
            yield node.arg
        elif isinstance(node, ast.Name | ast.Attribute) and isinstance(node.ctx, ast.Store):
            yield getattr(node, "id", None) or node.attr


def separated(name):
    return re.sub(r"(?<=[a-z])(?=[A-Z])", "_", name).lower()


def test_names_have_no_banned_word():
    found = {
        f"{file}: {name}"
        for file in files("*.py")
        for name in (file.rpartition("/")[2].removesuffix(".py"), *names_in(ast.parse(source(file))))
        if BANNED_IN_NAMES.search(separated(name).replace("mail_server", ""))
        and separated(name) not in NOT_OURS
    }
    assert found == set()


def texts_of_python(file):
    text = source(file)
    for token in tokenize.generate_tokens(io.StringIO(text).readline):
        if token.type == tokenize.COMMENT:
            yield token.string
    for node in ast.walk(ast.parse(text)):
        if isinstance(node, ast.Module | ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef):
            yield ast.get_docstring(node) or ""
        elif isinstance(node, ast.Call) and getattr(node.func, "id", "") in MARKS:
            yield from (
                a.value for a in node.args if isinstance(a, ast.Constant) and isinstance(a.value, str)
            )


def texts_of_template(file):
    marked = r"""\{%\s*translate\s+["'](.*?)["']|\{%\s*blocktranslate.*?%\}(.*?)\{%\s*endblocktranslate"""
    for found in re.finditer(marked, source(file), re.DOTALL):
        yield found[1] or found[2]


READERS = {"*.py": texts_of_python, "templates/*": texts_of_template}


@pytest.mark.parametrize("pattern", READERS)
def test_texts_have_no_banned_word(pattern):
    found = [
        f"{file}: {text}"
        for file in files(pattern)
        for text in READERS[pattern](file)
        if BANNED_IN_TEXTS.search(TERMS.sub("", text))
    ]
    assert found == []
