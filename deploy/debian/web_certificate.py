"""The certificate of the site: a self-signed one at once, and one of Let's Encrypt once certbot gets it."""

import shutil
import subprocess
from pathlib import Path

from releases import NOTES, run

FOLDER = Path("/etc/ssl/conferencebox")
FILES = ("fullchain.pem", "privkey.pem")
CHALLENGES = NOTES / "acme"
# Certbot's name of it: under the name of the host, an operator may have one for other hosts as well.
NAME = "conferencebox"
ISSUED = Path("/etc/letsencrypt/live") / NAME
NO_CERTBOT = """There is no certificate from Let's Encrypt, because certbot is not installed, so the one from
before stays. Install it, and try again:
apt-get install certbot
dpkg-reconfigure conferencebox"""
NOT_ISSUED = """There is no certificate from Let's Encrypt for {host}, so the one from before stays.
Above is what certbot says. The name has to lead to this host, with port 80 open to everyone. Try again with:
dpkg-reconfigure conferencebox"""


def make_certificate(host: str) -> None:
    """Also if that of certbot was deleted: nginx would not start again."""
    if (FOLDER / "fullchain.pem").exists():
        return
    FOLDER.mkdir(mode=0o700, exist_ok=True)
    for name in FILES:
        if (FOLDER / name).is_symlink():
            (FOLDER / name).unlink()
    new = "openssl req -x509 -batch -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes"
    run(
        *new.split(),
        *("-days", "825", "-subj", f"/CN={host[:64]}", "-addext", f"subjectAltName=DNS:{host}"),
        *("-keyout", str(FOLDER / "privkey.pem"), "-out", str(FOLDER / "fullchain.pem")),
    )


def get_certificate(host: str, organiser: str) -> None:
    """The one from before stays if this fails. Certbot's own timer renews it."""
    if is_linked_elsewhere():
        return
    if shutil.which("certbot") is None:
        print(NO_CERTBOT)
    elif subprocess.run(command_for(host, organiser), check=False).returncode:
        print(NOT_ISSUED.format(host=host))
    else:
        use_issued()


def is_linked_elsewhere() -> bool:
    """By an operator, to a certificate of their own."""
    return any((FOLDER / name).is_symlink() and not is_linked(name) for name in FILES)


def is_linked(name: str) -> bool:
    file = FOLDER / name
    return file.is_symlink() and file.readlink() == ISSUED / name


def command_for(host: str, organiser: str) -> list[str]:
    CHALLENGES.mkdir(exist_ok=True)
    CHALLENGES.chmod(0o755)
    contact = ["--email", organiser] if organiser else ["--register-unsafely-without-email"]
    command = ["certbot", "certonly", "--webroot", "-w", str(CHALLENGES), "--cert-name", NAME, "-d", host]
    command += [*contact, "--agree-tos", "--non-interactive", "--deploy-hook", "systemctl reload nginx"]
    return command


def use_issued() -> None:
    """Once: when certbot renews it, its hook makes nginx load it, so an upgrade does not."""
    if all(is_linked(name) for name in FILES):
        return
    for name in FILES:
        link = FOLDER / f".{name}.new"
        link.unlink(missing_ok=True)
        link.symlink_to(ISSUED / name)
        link.replace(FOLDER / name)
    run("systemctl", "reload", "nginx")
