"""The site speaks the words of those who chair a conference, not those of its code.

That every text is marked is tested elsewhere, and so are the pages of the admin, with the links on them.
"""

import ast

import pytest
from django.contrib.auth.models import Permission

from confbox.tests.test_glossary import MARKS, files, source, texts_of_template
from confbox.tests.words_of_the_code import PLACEHOLDERS, words_of_the_code


def marked_in_python(file):
    for node in ast.walk(ast.parse(source(file))):
        if isinstance(node, ast.Call) and getattr(node.func, "id", "") in MARKS:
            yield from (a.value for a in node.args if isinstance(a, ast.Constant) and str(a.value) == a.value)


@pytest.mark.parametrize(
    ("pattern", "read"),
    [("*.py", marked_in_python), ("templates/*", texts_of_template)],
    ids=["Python", "HTML"],
)
def test_no_text_has_a_word_of_the_code(pattern, read):
    texts = [(file, PLACEHOLDERS.sub("", text)) for file in files(pattern) for text in read(file)]
    assert [(file, text) for file, text in texts if words_of_the_code(text)] == []
    assert len(texts) > 500


@pytest.mark.django_db
def test_no_permission_is_named_with_a_word_of_the_code():
    ours = Permission.objects.filter(content_type__app_label__in=("accounts", "conferences", "voting"))
    names = list(ours.values_list("name", flat=True))
    assert [name for name in names if words_of_the_code(name)] == []
    assert len(names) > 20
