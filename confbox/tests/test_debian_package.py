"""What the Debian package does when it is installed, as far as that needs no root.

`deploy/drills/fresh_box.py` installs it.
"""

import importlib.util
import re
import subprocess

import pytest
from django.conf import settings

FOLDER = settings.BASE_DIR / "deploy/debian"
SCRIPTS = ["build", "conferencebox", "config", "postinst", "prerm", "postrm"]


@pytest.fixture
def set_up(tmp_path, monkeypatch):
    specification = importlib.util.spec_from_file_location("set_up", FOLDER / "set_up.py")
    module = importlib.util.module_from_spec(specification)
    specification.loader.exec_module(module)
    for name in ("CURRENT", "VARIABLES", "BACKUP_KEYS"):
        monkeypatch.setattr(module, name, tmp_path / name.lower())
    return module


@pytest.mark.parametrize(
    "host", ["", "-x.org", "x y", "https://x.org", "x.org/", "x..org", "x.org;", "x.org\n"]
)
def test_what_is_no_host_name_is_refused(set_up, host):
    with pytest.raises(SystemExit, match="is not a host name"):
        set_up.refuse_bad_answers(host, "")


@pytest.mark.parametrize("organiser", ["x", "a@b@c", "<a@x.org>", "a b@x.org", "a@x.org\nDEBUG=true"])
def test_what_is_no_email_address_is_refused(set_up, organiser):
    with pytest.raises(SystemExit, match="is not an email address"):
        set_up.refuse_bad_answers("x.org", organiser)


@pytest.mark.parametrize("organiser", ["", "you@example.org"])
def test_answers_are_accepted(set_up, organiser):
    set_up.refuse_bad_answers("conferences.example.org", organiser)


def test_only_their_owner_can_read_the_secrets(set_up):
    set_up.write_variables("x.org", "you@x.org")
    assert set_up.VARIABLES.stat().st_mode & 0o777 == 0o600
    assert set_up.host_of_site() == "x.org"
    assert len(set_up.variable("SECRET_KEY")) > 50


def test_secrets_are_never_overwritten(set_up):
    set_up.VARIABLES.write_text("SECRET_KEY=old\n")
    set_up.write_variables("x.org", "you@x.org")
    assert set_up.VARIABLES.read_text() == "SECRET_KEY=old\n"


def test_no_example_is_left_in_the_variables(set_up):
    set_up.write_variables("x.org", "you@x.org")
    assert not re.search(r"^[^#]*(example|password)", set_up.VARIABLES.read_text(), re.MULTILINE)


def test_keys_of_backups_are_made_once(set_up):
    set_up.VARIABLES.write_text("SECRET_KEY=old\n")
    set_up.make_backup_keys()
    private, public = (set_up.BACKUP_KEYS / f"backup-{name}.asc" for name in ("private", "public"))
    before = private.read_text()
    set_up.make_backup_keys()
    assert private.read_text() == before
    assert [file.stat().st_mode & 0o777 for file in (private, public)] == [0o600, 0o644]
    assert set_up.VARIABLES.read_text() == f"SECRET_KEY=old\nBACKUP_PUBLIC_KEY={public}\n"


def test_link_leads_to_the_new_release(set_up):
    set_up.CURRENT.symlink_to("/old")
    set_up.link_release()
    assert set_up.CURRENT.resolve() == settings.BASE_DIR


def test_folder_in_place_of_the_link_is_kept(set_up):
    set_up.CURRENT.mkdir()
    with pytest.raises(SystemExit, match="Move it away"):
        set_up.link_release()
    assert set_up.CURRENT.is_dir()


@pytest.mark.parametrize("name", SCRIPTS)
def test_script_has_no_error_of_syntax(name):
    shell = "bash" if name == "build" else "sh"
    assert subprocess.run([shell, "-n", FOLDER / name], check=False).returncode == 0
