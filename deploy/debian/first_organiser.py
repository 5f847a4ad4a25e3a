"""The first organiser, and the note with which they log in; for the package and for the containers."""

import secrets
from pathlib import Path
from typing import Protocol

NOTE = """\
Log in at https://{host}/accounts/login/ and change the password there.
Then delete this file.

Email address: {organiser}
Password: {password}

The admin also asks for a second factor. While the site cannot send emails,
this shows the code for setting it up:
{command} enrolment_code {organiser}
"""


class Manage(Protocol):
    """Runs manage.py, and stops if it fails."""

    def __call__(self, *command: str, text: str) -> None: ...


def make_organiser(organiser: str, *, manage: Manage, note: Path, host: str, command: str) -> None:
    """`command` is how operators run commands of manage.py."""
    password = secrets.token_urlsafe(18)
    name = organiser.partition("@")[0]
    manage("create_organiser", organiser, "--name", name, "--password-stdin", text=f"{password}\n")
    facts = {"host": host, "organiser": organiser, "password": password, "command": command}
    write_for_owner(note, NOTE.format(**facts))


def write_for_owner(path: Path, text: str) -> None:
    """Whole or not at all, and at no time readable for others."""
    unfinished = path.with_name(f".{path.name}.new")
    unfinished.unlink(missing_ok=True)
    unfinished.touch(mode=0o600)
    unfinished.write_text(text)
    unfinished.replace(path)
