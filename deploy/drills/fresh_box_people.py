"""Who visits the site of `fresh_box.py`, and where its emails go."""

import base64
import hashlib
import hmac
import http.client
import re
import socket
import ssl
import struct
import threading
import time
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

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

    def ask(self, method: str, path: str, data: dict[str, str] | None = None) -> tuple[int, str, str]:
        body = urlencode(data).encode() if data else None
        return self.exchange(method, path, body, "application/x-www-form-urlencoded")

    def exchange(self, method: str, path: str, body: bytes | None, kind: str) -> tuple[int, str, str]:
        cookies = "; ".join(f"{k}={v}" for k, v in self.cookies.items())
        headers = {"Content-Type": kind, "Cookie": cookies, "Referer": f"https://{HOST}{path}"}
        self.peer.request(method, path, body, headers)
        answer = self.peer.getresponse()
        page = answer.read().decode(errors="replace")
        for line in answer.headers.get_all("Set-Cookie") or []:
            name, _, value = line.partition(";")[0].partition("=")
            self.cookies[name] = value
        return answer.status, page, answer.headers.get("Location", "")

    def upload(self, path: str, form_at: str, file: Path) -> tuple[int, str, str]:
        token = re.search(r'name="csrfmiddlewaretoken" value="([^"]+)"', self.ask("GET", form_at)[1])
        part = '--drill\r\nContent-Disposition: form-data; name="{}"{}\r\n\r\n'
        body = part.format("csrfmiddlewaretoken", "").encode() + (token[1] if token else "").encode()
        body += b"\r\n" + part.format("picture", '; filename="picture.webp"').encode() + file.read_bytes()
        return self.exchange("POST", path, body + b"\r\n--drill--\r\n", "multipart/form-data; boundary=drill")


class Mailbox:
    """The mail server that the site finds at localhost:25."""

    def __init__(self) -> None:
        self.texts: dict[str, str] = {}
        listener = socket.create_server(("127.0.0.1", 25))
        threading.Thread(target=self.listen, args=(listener,), daemon=True).start()

    def listen(self, listener: socket.socket) -> None:
        while True:
            peer, _ = listener.accept()
            with peer, peer.makefile("rwb") as lines:
                self.talk(lines)

    def talk(self, lines: Any) -> None:
        recipient, said = "", b"220 drill"
        while True:
            lines.write(said + b"\r\n")
            lines.flush()
            line = lines.readline().decode().strip()
            said = b"250 taken"
            if line.upper().startswith("RCPT TO:"):
                recipient = line.partition("<")[2].partition(">")[0]
            elif line.upper() == "DATA":
                lines.write(b"354 go on\r\n")
                lines.flush()
                text = b"".join(iter(lines.readline, b".\r\n")).decode(errors="replace")
                self.texts[recipient] = text
            elif not line or line.upper() == "QUIT":
                return

    def code_for(self, address: str) -> str:
        for _ in range(300):
            if found := re.search(r"^\s*(\d{6})\s*$", self.texts.get(address, ""), re.MULTILINE):
                return found[1]
            time.sleep(0.1)
        return ""


def one_time_code(secret: str) -> str:
    """RFC 6238, as an authenticator app shows it."""
    mac = hmac.digest(base64.b32decode(secret), struct.pack(">Q", int(time.time()) // 30), hashlib.sha1)
    start = mac[-1] & 15
    return f"{(struct.unpack('>I', mac[start : start + 4])[0] & 0x7FFFFFFF) % 10**6:06}"
