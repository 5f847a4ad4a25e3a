"""Sets up the host once the package is unpacked; its postinst runs this. Each step can run again.

    set_up.py --host NAME [--organiser EMAIL] [--certificate self-signed|letsencrypt]

What exists is kept: secrets, the database, the certificate and the site of nginx are made only once. If
another version runs, its services are replaced one after the other, each with a check; if one fails it, that
version runs again. What an operator has disabled or masked is neither started nor looked for.
"""

import argparse
import re
import secrets
import subprocess
import sys
from pathlib import Path
from urllib.parse import unquote, urlsplit

import first_organiser
import nginx_files
import variables
from first_organiser import write_for_owner
from releases import (
    NIGHTLY,
    NOTES,
    RELEASE,
    back_up,
    enable_new_units,
    is_application_here,
    previous_release,
    remove_old_releases,
    run,
    start_or_go_back,
)
from services import is_off
from variables import host_of_site, variable
from web_certificate import CHALLENGES, get_certificate, make_certificate
from web_server import configure_nginx, load_nginx, nginx_runs_here, wait_until_ready

BACKUP_KEYS = Path("/etc/conferencebox-backup")
FIRST_LOG_IN = Path("/root/conferencebox-first-log-in.txt")
# There once it has roles and the first organiser.
SET_UP = NOTES / "set-up"
SITE_FOLDER = Path("/var/lib/conferencebox")
RENEWALS = Path("/etc/letsencrypt/renewal")
LABEL = "[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?"


def main() -> None:
    options = argparse.ArgumentParser()
    options.add_argument("--host", required=True)
    options.add_argument("--organiser", default="")
    options.add_argument("--certificate", default="self-signed")
    chosen = options.parse_args()
    host = chosen.host.strip().lower()
    organiser = chosen.organiser.strip()
    refuse_bad_answers(host, organiser)
    make_user()
    make_notes_folder()
    write_variables(host, organiser)
    make_backup_keys()
    enable_new_units()
    previous = previous_release()
    nginx_files.come_again()
    try:
        replace(previous, host, organiser)
    except SystemExit:
        nginx_files.go_back(previous)
        raise
    if previous:
        remove_old_releases(previous)
    if chosen.certificate == "letsencrypt" and nginx_runs_here():
        get_certificate(host_of_site(), organiser)
    back_up_first()
    print(f"ConferenceBox is running: https://{host_of_site()}/")
    if FIRST_LOG_IN.exists():
        print(f"How the first organiser logs in: {FIRST_LOG_IN}")


def replace(previous: Path | None, host: str, organiser: str) -> None:
    """Only what runs here: what an operator has disabled or masked is on another host of a cluster."""
    if is_application_here():
        prepare_database(previous, organiser)
    manage("collectstatic", "--noinput", "--verbosity", "0")
    make_certificate(host)
    nginx_is_here = nginx_runs_here()
    nginx_is_new = nginx_is_here and configure_nginx(host)
    start_or_go_back(previous, host_of_site())
    if nginx_is_here:
        load_nginx(nginx_is_new)
        wait_until_ready(host_of_site())


def prepare_database(previous: Path | None, organiser: str) -> None:
    make_database()
    if previous and not is_off(NIGHTLY):
        back_up(previous)
    manage("migrate", "--verbosity", "0")
    if not SET_UP.exists():
        make_roles_and_organiser(organiser)


def back_up_first() -> None:
    folder = Path(variable("BACKUP_DIR") or "/var/lib/conferencebox/backups")
    if not is_off(NIGHTLY) and not (folder / "verdict.json").exists():
        run("systemctl", "start", "--no-block", "conferencebox-nightly")


def refuse_bad_answers(host: str, organiser: str) -> None:
    if not re.fullmatch(rf"{LABEL}(\.{LABEL})*", host):
        refuse("host", host, "a host name")
    if organiser and not re.fullmatch(r"[^\s@<>\"']+@[^\s@<>\"']+", organiser):
        refuse("organiser", organiser, "an email address")


def refuse(question: str, answer: str, what: str) -> None:
    sys.exit(
        f"{answer!r} is not {what}. Answer again, and go on:\n"
        f"echo conferencebox conferencebox/{question} string ANSWER | debconf-set-selections\n"
        "dpkg --configure -a"
    )


def make_user() -> None:
    run(
        *("adduser", "--quiet", "--system", "--ingroup", "www-data"),
        *("--home", str(SITE_FOLDER), "conferencebox"),
    )
    SITE_FOLDER.chmod(0o750)


def make_notes_folder() -> None:
    """An earlier version had these in the folder of the site."""
    NOTES.mkdir(exist_ok=True)
    NOTES.chmod(0o755)
    if (SITE_FOLDER / ".set-up").exists():
        SET_UP.touch()
    for file in RENEWALS.glob("*.conf"):
        text = file.read_text()
        if (moved := re.sub(rf"(= ){SITE_FOLDER}/acme\b", rf"\g<1>{CHALLENGES}", text)) != text:
            write_for_owner(file, moved)


def write_variables(host: str, organiser: str) -> None:
    if variables.FILE.exists():
        return
    answers = {
        "SECRET_KEY": secrets.token_urlsafe(50),
        "ALLOWED_HOSTS": host,
        "DATABASE_URL": f"mysql://conferencebox:{secrets.token_urlsafe(24)}@127.0.0.1:3306/conferencebox",
        "EMAIL_URL": "smtp://localhost:25",
        "DEFAULT_FROM_EMAIL": f"ConferenceBox <noreply@{host}>",
        "SECURITY_CONTACT": f"mailto:{organiser}" if organiser else "",
    }
    text = (RELEASE / "deploy/production.env.example").read_text()
    for name, value in answers.items():
        text = re.sub(rf"^{name}=.*$", f"{name}={value}", text, flags=re.MULTILINE)
    write_for_owner(variables.FILE, text)


def make_backup_keys() -> None:
    """The user of the site may read only the public one. Older backups need both, so they are kept."""
    private = BACKUP_KEYS / "backup-private.asc"
    if not private.exists():
        BACKUP_KEYS.mkdir(exist_ok=True)
        run(f"{RELEASE}/.venv/bin/python", f"{RELEASE}/deploy/backup.py", "key", str(BACKUP_KEYS))
        print(f"Without {private}, no backup can be read. Keep a copy on another machine.")
    if not variable("BACKUP_PUBLIC_KEY"):
        with variables.FILE.open("a") as file:
            file.write(f"BACKUP_PUBLIC_KEY={BACKUP_KEYS}/backup-public.asc\n")


def make_database() -> None:
    """Only if it is on this host."""
    url = urlsplit(variable("DATABASE_URL"))
    if url.hostname != "127.0.0.1" or url.port not in (None, 3306):
        return
    asks = ["mariadb", "--batch", "--skip-column-names", "-e", "SELECT @@log_bin * @@skip_name_resolve"]
    if subprocess.run(asks, check=False, capture_output=True, text=True).stdout.strip() != "1":
        run("systemctl", "restart", "mariadb")
    account = f"`{unquote(url.username or '')}`@`127.0.0.1`"
    name = f"`{url.path.strip('/')}`"
    password = unquote(url.password or "").replace("\\", "\\\\").replace("'", "\\'")
    statements = f"""
        CREATE DATABASE IF NOT EXISTS {name} CHARACTER SET utf8mb4;
        CREATE USER IF NOT EXISTS {account} IDENTIFIED BY '{password}';
        ALTER USER {account} IDENTIFIED BY '{password}';
        GRANT ALL ON {name}.* TO {account};
    """
    run("mariadb", text=statements)


def manage(*command: str, text: str | None = None) -> None:
    run(str(RELEASE / "deploy/as-site"), ".venv/bin/python", "manage.py", *command, text=text)


def make_roles_and_organiser(organiser: str) -> None:
    """Once: organisers may change the roles later."""
    manage("loaddata", "roles", "--verbosity", "0")
    if organiser:
        make_organiser(organiser)
    SET_UP.touch()


def make_organiser(organiser: str) -> None:
    facts = {"host": host_of_site(), "command": "conferencebox"}
    first_organiser.make_organiser(organiser, manage=manage, note=FIRST_LOG_IN, **facts)


if __name__ == "__main__":
    main()
