"""The table of ASVS requirements is complete, and what it names exists."""

import re
from collections import Counter

import pytest
from django.conf import settings

DOCS = settings.BASE_DIR / "docs/security.md"
# The number of requirements of level 1 in each chapter of ASVS 5.0.0.
LEVEL_1 = {1: 8, 2: 4, 3: 8, 4: 2, 5: 4, 6: 13, 7: 6, 8: 4, 9: 4, 10: 5, 11: 3, 12: 3, 13: 1, 14: 2, 15: 3}
ROW = re.compile(r"^\| (\d+)\.\d+\.\d+ \| [^|]+ \| ([^|]+) \|$", re.MULTILINE)
NAMED = re.compile(r"`([\w./-]+\.(?:py|conf|js|json|toml|txt|md)|[\w/.-]+/)`")


def test_each_requirement_of_level_1_has_one_line():
    assert Counter(int(chapter) for chapter, _how in ROW.findall(DOCS.read_text())) == LEVEL_1


@pytest.mark.parametrize("name", sorted(set(NAMED.findall(DOCS.read_text()))))
def test_file_that_is_named_exists(name):
    if name.startswith("/"):
        return
    folders = ("accounts", "conferences", "confbox", "voting", "docs")
    patterns = [name] if "/" in name else [f"{folder}/**/{name}" for folder in folders]
    assert any(list(settings.BASE_DIR.glob(pattern)) for pattern in patterns)
