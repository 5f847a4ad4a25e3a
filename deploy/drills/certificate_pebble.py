"""Pebble, the small server that Let's Encrypt tests clients with, in the box of `certificate.py`."""

import json
import socket
import ssl
import sys
import time
import urllib.request
from contextlib import suppress
from pathlib import Path

from cryptography import x509
from debian_box import Box
from fresh_box_people import HOST

# Certbot renews what is valid for less than 30 days, and the doctor warns below 21.
VALID_DAYS = 10
PORT, ROOTS_PORT = 14000, 15000
TRUSTED = "usr/local/share/ca-certificates/pebble.crt"
CONFIGURATION = {
    "listenAddress": f"127.0.0.1:{PORT}",
    "managementListenAddress": f"127.0.0.1:{ROOTS_PORT}",
    "certificate": f"/{TRUSTED}",
    "privateKey": "/etc/pebble.key",
    "httpPort": 80,
    "tlsPort": 443,
    "certificateValidityPeriod": VALID_DAYS * 86400,
}
# It asks for a new challenge each time.
UNIT = """[Service]
Environment=PEBBLE_VA_NOSLEEP=1 PEBBLE_AUTHZREUSE=0
ExecStart=/usr/bin/pebble -config /etc/pebble.json
"""
KEY = "openssl req -x509 -batch -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -days 30"
KEY += f" -subj /CN=localhost -addext subjectAltName=DNS:localhost -keyout /etc/pebble.key -out /{TRUSTED}"
STARTS_WITHIN_SECONDS = 20


def start_pebble(box: Box) -> None:
    """From then on, certbot asks it in place of Let's Encrypt."""
    box.must("apt-get install pebble")
    (box.folder / "etc/pebble.json").write_text(json.dumps({"pebble": CONFIGURATION}))
    (box.folder / "etc/systemd/system/pebble.service").write_text(UNIT)
    box.must(f"{KEY} && update-ca-certificates && systemctl daemon-reload && systemctl start pebble")
    box.must(f"echo 'server = https://localhost:{PORT}/dir' >>/etc/letsencrypt/cli.ini")


def root_of_pebble(box: Box) -> Path:
    """It makes a new one whenever it starts."""
    context = ssl.create_default_context(cafile=str(box.folder / TRUSTED))
    file, url = box.folder / "root/pebble-root.pem", f"https://localhost:{ROOTS_PORT}/roots/0"
    for _ in range(STARTS_WITHIN_SECONDS):
        with suppress(OSError):
            file.write_bytes(urllib.request.urlopen(url, context=context).read())
            return file
        time.sleep(1)
    sys.exit(f"{box.run('systemctl status pebble').stdout}\nFAILED: Pebble did not start")


def lead_name_to(box: Box, address: str) -> None:
    (box.folder / "etc/hosts").write_text(f"127.0.0.1 localhost\n{address} {HOST}\n")


def served(trusted: Path) -> x509.Certificate:
    """By nginx; only if the chain leads to a trusted one, and the name is in it."""
    context = ssl.create_default_context(cafile=str(trusted))
    with (
        socket.create_connection(("127.0.0.1", 443), 10) as plain,
        context.wrap_socket(plain, server_hostname=HOST) as secured,
    ):
        return x509.load_der_x509_certificate(secured.getpeercert(binary_form=True) or b"")
