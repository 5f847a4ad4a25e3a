"""What the Debian package does when it is installed, as far as that needs no root.

`deploy/drills/fresh_box.py` installs it.
"""

import os
import re
import runpy
import subprocess
import sys
from typing import ClassVar

import environ
import pytest
from django.conf import settings

FOLDER = settings.BASE_DIR / "deploy/debian"
sys.path.append(str(FOLDER))

import nginx_files  # noqa: E402
import releases  # noqa: E402  # beside the scripts of the package
import services  # noqa: E402
import variables  # noqa: E402
import web_certificate  # noqa: E402

SCRIPTS = ["build", "conferencebox", "config", "preinst", "postinst", "prerm", "postrm"]


@pytest.fixture
def file(tmp_path, monkeypatch):
    """In place of /etc/conferencebox.env."""
    monkeypatch.setattr(variables, "FILE", tmp_path / "variables")
    return variables.FILE


@pytest.fixture
def set_up(file, tmp_path, monkeypatch):
    import set_up

    monkeypatch.setattr(set_up, "BACKUP_KEYS", tmp_path / "keys")
    monkeypatch.setattr(set_up, "FIRST_LOG_IN", tmp_path / "note")
    return set_up


@pytest.fixture
def current(tmp_path, monkeypatch):
    monkeypatch.setattr(services, "CURRENT", tmp_path / "current")
    monkeypatch.setattr(releases, "UNITS", tmp_path / "units")
    return services.CURRENT


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


def test_only_their_owner_can_read_the_secrets(set_up, file):
    set_up.write_variables("x.org", "you@x.org")
    assert file.stat().st_mode & 0o777 == 0o600
    assert set_up.host_of_site() == "x.org"
    assert len(set_up.variable("SECRET_KEY")) > 50


def test_secrets_are_never_overwritten(set_up, file):
    file.write_text("SECRET_KEY=old\n")
    set_up.write_variables("x.org", "you@x.org")
    assert file.read_text() == "SECRET_KEY=old\n"


def test_no_example_is_left_in_the_variables(set_up, file):
    set_up.write_variables("x.org", "you@x.org")
    assert not re.search(r"^[^#]*(example|password)", file.read_text(), re.MULTILINE)


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("A=x\n", "x"),
        (' A = "x y" \n', "x y"),
        ("A=old\nA=new\n", "new"),
        ("#A=x\n;A=y\nB=A=z\n", ""),
        ("A=mysql://u:a=b@h/d\n", "mysql://u:a=b@h/d"),
    ],
)
def test_variables_are_read_as_systemd_reads_them(file, text, value):
    file.write_text(text)
    assert variables.variable("A") == value


def test_site_is_the_first_of_its_hosts(file):
    file.write_text('ALLOWED_HOSTS="x.org,www.x.org"\n')
    assert variables.host_of_site() == "x.org"


def test_commands_as_the_user_of_the_site_get_the_variables(file, monkeypatch):
    file.write_text("ALLOWED_HOSTS='x.org'\n")
    started = []
    for name in ("chdir", "umask", "initgroups", "setgid", "setuid"):
        monkeypatch.setattr(os, name, lambda *_: None)
    monkeypatch.setattr(os, "getuid", lambda: 0)
    monkeypatch.setattr(os, "environ", {})
    monkeypatch.setattr(os, "execvp", lambda *command: started.append((command, os.environ["ALLOWED_HOSTS"])))
    monkeypatch.setattr(sys, "argv", ["as-site", "--user", "root", "true"])
    runpy.run_path(str(settings.BASE_DIR / "deploy/as-site"), run_name="__main__")
    assert started == [(("true", ["true"]), "x.org")]


def test_program_of_the_mail_server_reads_the_same_variables(set_up, file):
    """deploy/take-bounce runs without root, so Django's settings read the file themselves."""

    class Settings(environ.Env):
        ENVIRON: ClassVar = {}

    set_up.write_variables("x.org", "you@x.org")
    Settings.read_env(file)
    assert variables.variables() == Settings.ENVIRON


def test_root_writes_nothing_into_the_folder_of_the_site(set_up):
    """Its user could put a link there, and root would follow it."""
    import web_server

    for written in (set_up.SET_UP, web_certificate.CHALLENGES, web_server.LOADED):
        assert written.is_relative_to(releases.NOTES)
    assert not releases.NOTES.is_relative_to(set_up.SITE_FOLDER)


def test_nginx_creates_no_folder_in_that_of_the_site(set_up):
    """As root, and it gives it to the user of its workers."""
    shipped = "".join(file.read_text() for file in (settings.BASE_DIR / "deploy/nginx").iterdir())
    folders = re.findall(r"^\s*(?:proxy_cache_path|\w+_temp_path) (\S+)", shipped, re.MULTILINE)
    assert len(folders) == 2
    assert [folder for folder in folders if folder.startswith(f"{set_up.SITE_FOLDER}/")] == []


def test_nginx_answers_the_challenges_of_certificates():
    shipped = (settings.BASE_DIR / "deploy/nginx/conferencebox.conf").read_text()
    assert f"root {web_certificate.CHALLENGES};" in shipped


@pytest.fixture
def notes(set_up, tmp_path, monkeypatch):
    monkeypatch.setattr(set_up, "NOTES", tmp_path / "root")
    monkeypatch.setattr(set_up, "SET_UP", tmp_path / "root/set-up")
    monkeypatch.setattr(set_up, "CHALLENGES", tmp_path / "root/acme")
    monkeypatch.setattr(set_up, "SITE_FOLDER", tmp_path / "site")
    monkeypatch.setattr(set_up, "RENEWALS", tmp_path / "renewal")
    (tmp_path / "site").mkdir()
    return tmp_path


def test_others_can_enter_the_folder_of_root_and_not_write_there(set_up, notes):
    before = os.umask(0o077)
    try:
        set_up.make_notes_folder()
    finally:
        os.umask(before)
    assert (notes / "root").stat().st_mode & 0o777 == 0o755


def test_site_that_an_earlier_version_has_set_up_is_not_set_up_again(set_up, notes):
    set_up.make_notes_folder()
    assert not set_up.SET_UP.exists()
    (notes / "site/.set-up").touch()
    set_up.make_notes_folder()
    assert set_up.SET_UP.exists()


def test_certificate_of_an_earlier_version_is_renewed_where_nginx_looks_now(set_up, notes):
    (notes / "renewal").mkdir()
    file = notes / "renewal/x.org.conf"
    before = "webroot_path = {0},\n[[webroot_map]]\nx.org = {0}\ny.org = /srv/acme\n"
    file.write_text(before.format(f"{notes}/site/acme"))
    set_up.make_notes_folder()
    assert file.read_text() == before.format(set_up.CHALLENGES)


def organisers_made(monkeypatch, maker):
    ran = []
    monkeypatch.setattr(maker, "manage", lambda *command, text: ran.append((command, text)))
    maker.make_organiser("you@x.org")
    return ran


def test_first_organiser_logs_in_with_what_the_note_says(set_up, file, monkeypatch):
    file.write_text("ALLOWED_HOSTS=x.org\n")
    [(command, text)] = organisers_made(monkeypatch, set_up)
    note = set_up.FIRST_LOG_IN.read_text()
    assert command[:2] == ("create_organiser", "you@x.org")
    assert f"\nPassword: {text}" in note
    assert "https://x.org/accounts/login/" in note
    assert "\nconferencebox enrolment_code you@x.org\n" in note


def test_only_its_owner_can_read_the_note(set_up, file, monkeypatch):
    file.write_text("ALLOWED_HOSTS=x.org\n")
    organisers_made(monkeypatch, set_up)
    assert set_up.FIRST_LOG_IN.stat().st_mode & 0o777 == 0o600


def test_keys_of_backups_are_made_once(set_up, file):
    file.write_text("SECRET_KEY=old\n")
    set_up.make_backup_keys()
    private, public = (set_up.BACKUP_KEYS / f"backup-{name}.asc" for name in ("private", "public"))
    before = private.read_text()
    set_up.make_backup_keys()
    assert private.read_text() == before
    assert [file.stat().st_mode & 0o777 for file in (private, public)] == [0o600, 0o644]
    assert file.read_text() == f"SECRET_KEY=old\nBACKUP_PUBLIC_KEY={public}\n"


def test_link_leads_to_the_new_release(current):
    current.symlink_to("/old")
    releases.link_release(releases.RELEASE)
    assert current.resolve() == settings.BASE_DIR


def test_folder_in_place_of_the_link_is_kept(current):
    current.mkdir()
    with pytest.raises(SystemExit, match="Move it away"):
        releases.link_release(releases.RELEASE)
    assert current.is_dir()


def test_release_before_is_where_the_link_leads(current, tmp_path):
    current.symlink_to(tmp_path)
    assert releases.previous_release() == tmp_path


@pytest.mark.parametrize("there", ["/nowhere", settings.BASE_DIR])
def test_without_another_release_there_is_none_before(current, there):
    current.symlink_to(there)
    assert releases.previous_release() is None


def test_release_before_is_kept_and_older_ones_are_removed(tmp_path, monkeypatch):
    folder = tmp_path / "releases"
    new, previous, old = (folder / name for name in ("3", "2", "1"))
    for release in (new, previous, old):
        release.mkdir(parents=True)
    monkeypatch.setattr(releases, "RELEASE", new)
    releases.remove_old_releases(previous)
    assert set(folder.iterdir()) == {new, previous}


def test_nothing_beside_a_checkout_is_removed(tmp_path, monkeypatch):
    (tmp_path / "other").mkdir()
    monkeypatch.setattr(releases, "RELEASE", tmp_path / "checkout")
    releases.remove_old_releases(None)
    assert (tmp_path / "other").is_dir()


class Systemd:
    """Restarts what it is asked to, except what is broken."""

    def __init__(self, monkeypatch, broken=(), off=()):
        self.restarted, self.broken, self.release, self.ran = [], broken, {}, []
        states = dict.fromkeys(off, "disabled")
        monkeypatch.setattr(services, "state_of", lambda unit: states.get(unit, "enabled"))
        monkeypatch.setattr(services, "restart_one", self.restart)
        monkeypatch.setattr(services, "wait_until_ready", lambda name, host: None)
        monkeypatch.setattr(services, "release_of", self.release.get)
        monkeypatch.setattr(releases, "run", lambda *command: self.ran.append(command))

    def restart(self, name):
        self.restarted.append(name)
        self.release[name] = services.CURRENT.resolve()
        if (self.release[name], name) in self.broken:
            raise services.NotReadyError(name)


def test_second_instance_is_not_touched_if_the_first_does_not_come_back(current, tmp_path, monkeypatch):
    current.symlink_to(tmp_path)
    systemd = Systemd(monkeypatch, broken=[(tmp_path, services.WEB[0])])
    with pytest.raises(services.NotReadyError):
        services.restart(services.SERVICES, "x.org")
    assert systemd.restarted == services.WEB[:1]


@pytest.mark.parametrize("broken", services.SERVICES)
def test_what_runs_the_broken_release_goes_back_to_the_one_before(current, tmp_path, monkeypatch, broken):
    systemd = Systemd(monkeypatch, broken=[(releases.RELEASE, broken)])
    systemd.release |= dict.fromkeys(services.SERVICES, tmp_path)
    with pytest.raises(SystemExit, match="runs again"):
        releases.start_or_go_back(tmp_path, "x.org")
    assert current.resolve() == tmp_path
    assert set(systemd.release.values()) == {tmp_path}


def test_what_an_operator_has_disabled_is_not_started_by_an_upgrade(current, tmp_path, monkeypatch):
    off = [services.WEB[1], services.WORKER, releases.NIGHTLY]
    systemd = Systemd(monkeypatch, off=off)
    releases.start_or_go_back(tmp_path, "x.org")
    assert systemd.restarted == [services.WEB[0], services.HEAVY]
    assert ("systemctl", "restart", *releases.TIMERS[1:]) in systemd.ran


def test_what_an_operator_has_disabled_is_not_started_by_the_way_back(current, tmp_path, monkeypatch):
    systemd = Systemd(
        monkeypatch, broken=[(releases.RELEASE, services.HEAVY)], off=[services.WEB[1], services.WORKER]
    )
    systemd.release[services.WEB[0]] = tmp_path
    with pytest.raises(SystemExit, match="runs again"):
        releases.start_or_go_back(tmp_path, "x.org")
    assert set(systemd.restarted) == {services.WEB[0], services.HEAVY}


def test_units_are_enabled_once(tmp_path, monkeypatch):
    """One that is disabled later was disabled by an operator; a new release may have more."""
    monkeypatch.setattr(releases, "ENABLED", tmp_path / "enabled")
    monkeypatch.setattr(releases, "TIMERS", [releases.NIGHTLY])
    systemd = Systemd(monkeypatch)
    releases.enable_new_units()
    releases.enable_new_units()
    monkeypatch.setattr(releases, "TIMERS", [releases.NIGHTLY, "new.timer"])
    releases.enable_new_units()
    enable = ("systemctl", "enable", "--quiet")
    assert systemd.ran == [(*enable, *services.SERVICES, releases.NIGHTLY), (*enable, "new.timer")]


def test_what_an_operator_has_masked_is_not_enabled(tmp_path, monkeypatch):
    """systemctl would fail, and with it the installation."""
    monkeypatch.setattr(releases, "ENABLED", tmp_path / "enabled")
    systemd = Systemd(monkeypatch)
    monkeypatch.setattr(
        services, "state_of", lambda unit: "masked" if unit == services.WORKER else "disabled"
    )
    releases.enable_new_units()
    assert systemd.ran == [
        ("systemctl", "enable", "--quiet", *services.SERVICES[:-1], *releases.TIMERS),
    ]


@pytest.mark.parametrize(
    ("off", "has_nginx", "expected"),
    [
        ([], True, ["make_database", "back_up", "migrate", "collectstatic", "configure", "load", "wait"]),
        (["nginx"], True, ["make_database", "back_up", "migrate", "collectstatic"]),
        ([], False, ["make_database", "back_up", "migrate", "collectstatic"]),
        ([releases.NIGHTLY, "nginx"], True, ["make_database", "migrate", "collectstatic"]),
        ([*services.SERVICES, *releases.TIMERS], True, ["collectstatic", "configure", "load", "wait"]),
    ],
    ids=["one host", "app host with backups", "no nginx", "other app host", "www"],
)
def test_upgrade_does_on_a_host_what_runs_there(
    set_up, file, tmp_path, monkeypatch, off, has_nginx, expected
):
    import web_server

    file.write_text("ALLOWED_HOSTS=x.org\n")
    Systemd(monkeypatch, off=off)
    did = []
    names = {"make_database": "make_database", "back_up": "back_up", "manage": ""}
    names |= {"configure_nginx": "configure", "load_nginx": "load", "wait_until_ready": "wait"}
    for name, shown in names.items():
        monkeypatch.setattr(set_up, name, lambda *words, shown=shown, **_: did.append(shown or words[0]))
    monkeypatch.setattr(set_up, "make_certificate", lambda host: None)
    monkeypatch.setattr(set_up, "start_or_go_back", lambda *_: None)
    monkeypatch.setattr(set_up, "SET_UP", tmp_path)
    monkeypatch.setattr(web_server.shutil, "which", lambda *_, **__: "nginx" if has_nginx else None)
    set_up.replace(tmp_path, "x.org", "")
    assert did == expected


class NginxFiles:
    """Those of /etc/nginx/conferencebox, and two releases of which the first runs."""

    def __init__(self, folder, monkeypatch):
        self.files, self.old, self.new = folder / "files", folder / "releases/1", folder / "releases/2"
        for each in (self.files, self.old, self.new):
            each.mkdir(parents=True)
        services.CURRENT.symlink_to(self.old)
        monkeypatch.setattr(nginx_files, "FILES", self.files)
        monkeypatch.setattr(nginx_files, "RELEASE", self.new)
        monkeypatch.setattr(nginx_files, "NGINX_UNIT", folder / "absent")

    def write(self, **texts):
        for name, text in texts.items():
            (self.files / name).write_text(text)

    def read(self):
        return {file.name: file.read_text() for file in self.files.iterdir()}

    def fail_to_upgrade(self):
        self.write(site="old", lists="operator's")
        nginx_files.before_unpacking()
        self.write(site="new", more="new")
        nginx_files.go_back(self.old)


@pytest.fixture
def nginx(current, tmp_path, monkeypatch):
    return NginxFiles(tmp_path, monkeypatch)


def test_files_of_nginx_go_back_with_their_release(nginx):
    nginx.fail_to_upgrade()
    assert nginx.read() == {"site": "old", "lists": "operator's"}


def test_files_of_nginx_stay_with_a_release_that_runs(nginx):
    """One that failed later, because the site does not answer through nginx."""
    nginx.write(site="old")
    nginx_files.before_unpacking()
    nginx.write(site="new")
    releases.link_release(nginx.new)
    nginx_files.go_back(nginx.old)
    assert nginx.read() == {"site": "new"}


def test_files_of_nginx_come_again_with_the_next_attempt(nginx):
    nginx.fail_to_upgrade()
    nginx.write(lists="operator's later")
    nginx_files.come_again()
    assert nginx.read() == {"site": "new", "lists": "operator's later", "more": "new"}


def test_package_manager_finds_the_files_that_it_has_put_there(nginx):
    """It takes others for those of an operator, and keeps them."""
    nginx.fail_to_upgrade()
    nginx_files.before_unpacking()
    assert nginx.read()["site"] == "new"
    nginx_files.go_back(nginx.old)
    assert nginx.read()["site"] == "old"


def test_upgrade_goes_on_where_nginx_was_removed_with_its_files(nginx):
    nginx.files.rmdir()
    nginx_files.before_unpacking()
    nginx_files.come_again()
    nginx_files.go_back(nginx.old)
    assert not nginx.files.exists()


def test_nginx_is_started_as_the_release_before_has_it(nginx, tmp_path, monkeypatch):
    monkeypatch.setattr(nginx_files, "NGINX_UNIT", tmp_path / "unit")
    monkeypatch.setattr(nginx_files, "run", lambda *command: None)
    (nginx.old / "deploy/debian").mkdir(parents=True)
    (nginx.old / "deploy/debian/nginx.service.conf").write_text("old")
    nginx_files.NGINX_UNIT.write_text("new")
    nginx.fail_to_upgrade()
    assert nginx_files.NGINX_UNIT.read_text() == "old"


def test_units_of_the_release_before_come_back_with_it_until_the_next_one(current, tmp_path, monkeypatch):
    units = tmp_path / "deploy/systemd"
    units.mkdir(parents=True)
    (units / "conferencebox-web@.service").touch()
    systemd = Systemd(monkeypatch, broken=[(releases.RELEASE, services.WEB[0])])
    with pytest.raises(SystemExit, match="runs again"):
        releases.start_or_go_back(tmp_path, "x.org")
    assert [unit.name for unit in releases.UNITS.iterdir()] == ["conferencebox-web@.service"]
    systemd.broken = []
    releases.start_or_go_back(tmp_path, "x.org")
    assert list(releases.UNITS.iterdir()) == []


def test_first_release_that_does_not_start_is_named(current, monkeypatch):
    Systemd(monkeypatch, broken=[(releases.RELEASE, services.WEB[1])])
    with pytest.raises(SystemExit, match=services.WEB[1]):
        releases.start_or_go_back(None, "x.org")


@pytest.mark.parametrize(
    ("starts", "address"),
    [
        ("{ argv[]=deploy/serve.py --instances 2 --bind unix:/run/x/web.sock ; }", "/run/x/web.sock"),
        ("{ argv[]=deploy/serve.py --instances 2 --bind 0.0.0.0:8001 ; }", "0.0.0.0:8001"),
        ("{ argv[]=gunicorn --threads 32 --bind unix:/run/x/web.sock.unready ; }", "/run/x/web.sock"),
        ("", "/run/conferencebox-web-1/web.sock"),
    ],
)
def test_service_is_asked_where_its_unit_binds_it(monkeypatch, starts, address):
    monkeypatch.setattr(services, "property_of", lambda name, key: starts)
    assert services.bound_to(services.WEB[0]) == address


@pytest.mark.parametrize("name", SCRIPTS)
def test_script_has_no_error_of_syntax(name):
    shell = "bash" if name == "build" else "sh"
    assert subprocess.run([shell, "-n", FOLDER / name], check=False).returncode == 0
