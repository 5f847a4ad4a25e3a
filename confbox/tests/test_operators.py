"""The operators' handbooks have no command that has not been run."""

import re
import sys
from importlib import import_module

import pytest
from django.conf import settings

ROOT = settings.BASE_DIR
HANDBOOKS = ["operators.md", "backups.md"]
DRILLS = ["fresh_box", "certificate", "fresh_image"]
BLOCK = re.compile(r"^```sh\n(.*?)^```", re.MULTILINE | re.DOTALL)


def commands_of_the_handbooks():
    """Joined where a backslash or an open quotation mark continues them."""
    texts = [(ROOT / "docs" / name).read_text() for name in HANDBOOKS]
    lines = "".join("".join(BLOCK.findall(text)) for text in texts).splitlines()
    found = []
    for line in lines:
        is_continued = found and (found[-1].endswith("\\") or found[-1].count('"') % 2)
        found[-1:] = [f"{found[-1]}\n{line}"] if is_continued else [*found[-1:], line]
    return set(found)


def test_the_drills_run_every_command_and_no_other(monkeypatch):
    monkeypatch.syspath_prepend(str(ROOT / "deploy/drills"))
    drills = [import_module(name) for name in DRILLS]
    commands = {command.strip() for drill in drills for command in drill.COMMANDS}
    for name in DRILLS:
        del sys.modules[name]
    assert commands_of_the_handbooks() == commands


@pytest.mark.parametrize("name", DRILLS)
def test_drill_runs_each_of_its_commands(name):
    source = (ROOT / f"deploy/drills/{name}.py").read_text()
    names = re.findall(r"\w+", re.search(r"^COMMANDS = \[(.*?)\]", source, re.MULTILINE | re.DOTALL)[1])
    uses = source.partition("COMMANDS = ")[2].partition("\n")[2]
    assert [name for name in names if not re.search(rf"\b{name}\b", uses)] == []
