"""The certificate of the site: a self-signed one at once, and one of Let's Encrypt if certbot gets it."""

import subprocess
from pathlib import Path

from releases import NOTES, run

CERTIFICATE = Path("/etc/ssl/conferencebox")
CHALLENGES = NOTES / "acme"


def make_certificate(host: str) -> None:
    if (CERTIFICATE / "fullchain.pem").exists():
        return
    CERTIFICATE.mkdir(mode=0o700, exist_ok=True)
    new = "openssl req -x509 -batch -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes"
    run(
        *new.split(),
        *("-days", "825", "-subj", f"/CN={host[:64]}", "-addext", f"subjectAltName=DNS:{host}"),
        *("-keyout", str(CERTIFICATE / "privkey.pem"), "-out", str(CERTIFICATE / "fullchain.pem")),
    )


def get_certificate(host: str, organiser: str) -> None:
    """The self-signed one stays if this fails. Certbot's own timer renews it."""
    CHALLENGES.mkdir(exist_ok=True)
    CHALLENGES.chmod(0o755)
    contact = ["--email", organiser] if organiser else ["--register-unsafely-without-email"]
    command = ["certbot", "certonly", "--webroot", "-w", str(CHALLENGES), "-d", host, *contact]
    command += ["--agree-tos", "--non-interactive", "--deploy-hook", "systemctl reload nginx"]
    try:
        is_there = subprocess.run(command, check=False).returncode == 0
    except FileNotFoundError:
        is_there = False
    if not is_there:
        print("There is no certificate from Let's Encrypt, so the one from before stays. Try again with:")
        print("dpkg-reconfigure conferencebox")
        return
    for name in ("fullchain.pem", "privkey.pem"):
        link = CERTIFICATE / f".{name}.new"
        link.unlink(missing_ok=True)
        link.symlink_to(f"/etc/letsencrypt/live/{host}/{name}")
        link.replace(CERTIFICATE / name)
    run("systemctl", "reload", "nginx")
