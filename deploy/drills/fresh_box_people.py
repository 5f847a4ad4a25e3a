"""Who visits the site of `fresh_box.py`, and where its emails go."""

import base64
import hashlib
import hmac
import http.client
import re
import socket
import ssl
import struct
import time
from email import message_from_string, policy
from pathlib import Path
from typing import Any

from aiosmtpd.controller import Controller
from site_under_test import Browser

HOST = "box.example.org"


class SecureConnection(http.client.HTTPSConnection):
    """To this host, whose name is in no name server."""

    def __init__(self, context: ssl.SSLContext) -> None:
        super().__init__(HOST, timeout=60, context=context)
        self.tls = context

    def connect(self) -> None:
        plain = socket.create_connection(("127.0.0.1", 443), 60)
        self.sock = self.tls.wrap_socket(plain, server_hostname=HOST)


class Visitor(Browser):
    """Trusts the certificate of the box and no other."""

    def __init__(self, certificate: Path) -> None:
        self.peer = SecureConnection(ssl.create_default_context(cafile=str(certificate)))
        self.cookies, self.waits = {}, 0

    def exchange(
        self, method: str, path: str, body: bytes | None, headers: dict[str, str]
    ) -> tuple[int, str, str]:
        there = {"Host": HOST, "Referer": f"https://{HOST}{path}"}
        return super().exchange(method, path, body, headers | there)

    def upload(self, path: str, form_at: str, file: Path) -> tuple[int, str, str]:
        token = re.search(r'name="csrfmiddlewaretoken" value="([^"]+)"', self.ask("GET", form_at)[1])
        part = '--drill\r\nContent-Disposition: form-data; name="{}"{}\r\n\r\n'
        body = part.format("csrfmiddlewaretoken", "").encode() + (token[1] if token else "").encode()
        body += b"\r\n" + part.format("picture", '; filename="picture.webp"').encode() + file.read_bytes()
        kind = {"Content-Type": "multipart/form-data; boundary=drill"}
        return self.exchange("POST", path, body + b"\r\n--drill--\r\n", kind)


class Mailbox:
    """The mail server that the site finds at port 25 of this host."""

    def __init__(self, host: str = "127.0.0.1") -> None:
        self.texts: dict[str, str] = {}
        Controller(self, hostname=host, port=25).start()

    async def handle_DATA(self, _server: Any, _session: Any, envelope: Any) -> str:
        for recipient in envelope.rcpt_tos:
            self.texts[recipient] = envelope.content.decode(errors="replace")
        return "250 taken"

    def code_for(self, address: str) -> str:
        for _ in range(300):
            if found := re.search(r"^\s*(\d{6})\s*$", self.texts.get(address, ""), re.MULTILINE):
                return found[1]
            time.sleep(0.1)
        return ""

    def has(self, address: str, words: str, seconds: int) -> bool:
        """Whether the last email to them contains these words, or one does that comes in time."""
        for _ in range(seconds * 2):
            email = message_from_string(self.texts.get(address, ""), policy=policy.default)
            body = email.get_body(("plain",))
            if words in " ".join(body.get_content().split() if body else []):
                return True
            time.sleep(0.5)
        return False


def one_time_code(secret: str) -> str:
    """RFC 6238, as an authenticator app shows it."""
    mac = hmac.digest(base64.b32decode(secret), struct.pack(">Q", int(time.time()) // 30), hashlib.sha1)
    start = mac[-1] & 15
    return f"{(struct.unpack('>I', mac[start : start + 4])[0] & 0x7FFFFFFF) % 10**6:06}"
