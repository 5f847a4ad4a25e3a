"""Which certificate the Debian package gives to nginx.

`deploy/drills/certificate.py` gets one from a server like that of Let's Encrypt.
"""

import shutil
import subprocess
import sys

import pytest
from django.conf import settings

sys.path.append(str(settings.BASE_DIR / "deploy/debian"))

import web_certificate  # beside the scripts of the package

PROGRAM = '#!/bin/sh\necho "$0" "$@" >>"{log}"\nexit {code}\n'


class Host:
    """Its folders, and programs that note how they are called."""

    def __init__(self, folder, monkeypatch):
        self.folder, self.log, self.programs = folder / "ssl", folder / "log", folder / "programs"
        self.issued = folder / "live/conferencebox"
        self.programs.mkdir()
        self.log.touch()
        self.install("systemctl", 0)
        monkeypatch.setattr(web_certificate, "FOLDER", self.folder)
        monkeypatch.setattr(web_certificate, "ISSUED", self.issued)
        monkeypatch.setattr(web_certificate, "CHALLENGES", folder / "acme")
        # No other ones: this host may have certbot.
        (self.programs / "openssl").symlink_to(shutil.which("openssl"))
        monkeypatch.setenv("PATH", str(self.programs))

    def install(self, name, code):
        (self.programs / name).write_text(PROGRAM.format(log=self.log, code=code))
        (self.programs / name).chmod(0o755)

    def issue(self):
        self.issued.mkdir(parents=True)
        for name in web_certificate.FILES:
            (self.issued / name).write_text("issued")

    def ran(self):
        return [line.removeprefix(f"{self.programs}/") for line in self.log.read_text().splitlines()]

    def read(self):
        return {file.name: file.read_text() for file in self.folder.iterdir()}


@pytest.fixture
def host(tmp_path, monkeypatch):
    return Host(tmp_path, monkeypatch)


@pytest.fixture
def self_signed(host):
    web_certificate.make_certificate("x.org")
    return host.read()


def subject_of(file):
    asks = ["openssl", "x509", "-noout", "-ext", "subjectAltName", "-in", file]
    return subprocess.check_output(asks, text=True)


def test_self_signed_certificate_is_that_of_the_name(host, self_signed):
    assert set(self_signed) == {"fullchain.pem", "privkey.pem"}
    assert "DNS:x.org" in subject_of(host.folder / "fullchain.pem")


def test_certificate_is_made_once(host, self_signed):
    web_certificate.make_certificate("y.org")
    assert host.read() == self_signed


def test_self_signed_one_takes_the_place_of_links_that_lead_nowhere(host):
    """nginx would not start again. What certbot has is left alone."""
    host.folder.mkdir()
    for name in web_certificate.FILES:
        (host.folder / name).symlink_to(host.issued / name)
    web_certificate.make_certificate("x.org")
    assert "DNS:x.org" in subject_of(host.folder / "fullchain.pem")
    assert not host.issued.exists()


def test_without_certbot_the_self_signed_one_stays(host, self_signed, capsys):
    web_certificate.get_certificate("x.org", "")
    assert host.read() == self_signed
    assert "\napt-get install certbot\ndpkg-reconfigure conferencebox\n" in capsys.readouterr().out
    assert host.ran() == []


def test_self_signed_one_stays_if_certbot_gets_none(host, self_signed, capsys):
    host.install("certbot", 1)
    web_certificate.get_certificate("x.org", "")
    assert host.read() == self_signed
    assert "for x.org, so the one from before stays" in (said := capsys.readouterr().out)
    assert "\ndpkg-reconfigure conferencebox\n" in said
    assert [line.split()[0] for line in host.ran()] == ["certbot"]


def test_nginx_loads_the_certificate_that_certbot_got(host, self_signed):
    host.install("certbot", 0)
    host.issue()
    web_certificate.get_certificate("x.org", "")
    assert host.read() == dict.fromkeys(web_certificate.FILES, "issued")
    assert host.ran()[1:] == ["systemctl reload nginx"]


@pytest.mark.parametrize(
    ("organiser", "contact"),
    [("you@x.org", "--email you@x.org"), ("", "--register-unsafely-without-email")],
)
def test_certbot_is_asked_for_one_of_our_own_name(host, self_signed, organiser, contact):
    """Under the name of the host, it might narrow one that an operator has for several hosts."""
    host.install("certbot", 1)
    web_certificate.get_certificate("x.org", organiser)
    [asked] = host.ran()
    assert f" --cert-name conferencebox -d x.org {contact} " in asked


def test_upgrade_does_not_make_nginx_load_the_same_certificate_again(host, self_signed):
    """Connections that wait for their next request would end."""
    host.install("certbot", 0)
    host.issue()
    for _ in range(2):
        web_certificate.get_certificate("x.org", "")
    assert [line.split()[0] for line in host.ran()] == ["certbot", "systemctl", "certbot"]


def test_certificate_that_an_operator_has_linked_stays(host, tmp_path):
    host.install("certbot", 0)
    host.issue()
    host.folder.mkdir()
    for name in web_certificate.FILES:
        (tmp_path / name).write_text("own")
        (host.folder / name).symlink_to(tmp_path / name)
    web_certificate.get_certificate("x.org", "")
    assert host.read() == dict.fromkeys(web_certificate.FILES, "own")
    assert host.ran() == []
