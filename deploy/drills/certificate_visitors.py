"""Visitors who open pages while nginx loads another certificate."""

import socket
import ssl
import threading
import time
from collections import Counter
from http.client import HTTPException
from pathlib import Path
from typing import Self

from cryptography import x509
from fresh_box_people import HOST, SecureConnection

PAGES = ["/", "/accounts/login/", "/healthz"]
VISITORS, ONE_EVERY_SECONDS = 10, 0.5
# Before and after, so that the change is between requests.
MARGIN_SECONDS = 3


class Visitors:
    """Are there within `with`; each request has a connection of its own, and verifies the certificate."""

    def __init__(self, trusted: Path) -> None:
        self.tls = ssl.create_default_context(cafile=str(trusted))
        self.good: Counter[int] = Counter()
        self.failed: list[str] = []

    def __enter__(self) -> Self:
        self.ends = threading.Event()
        self.began = time.monotonic()
        self.threads = [threading.Thread(target=self.go, args=(place,)) for place in range(VISITORS)]
        for thread in self.threads:
            thread.start()
        time.sleep(MARGIN_SECONDS)
        return self

    def __exit__(self, *_: object) -> None:
        time.sleep(MARGIN_SECONDS)
        self.ends.set()
        for thread in self.threads:
            thread.join()

    def go(self, place: int) -> None:
        """At fixed times, whatever the request before took."""
        due, turn = self.began + place * ONE_EVERY_SECONDS / VISITORS, place
        while not self.ends.wait(max(0, due - time.monotonic())):
            page = PAGES[turn % len(PAGES)]
            try:
                self.ask(page)
            except (OSError, HTTPException) as error:
                self.failed.append(f"{page}: {type(error).__name__}: {error}")
            due, turn = due + ONE_EVERY_SECONDS, turn + 1

    def ask(self, page: str) -> None:
        peer = SecureConnection(self.tls)
        try:
            peer.request("GET", page, headers={"Host": HOST})
            serial = serial_of(peer.sock)
            answer = peer.getresponse()
            answer.read()
        finally:
            peer.close()
        if answer.status == 200:
            self.good[serial] += 1
        else:
            self.failed.append(f"{page}: {answer.status}")


def serial_of(secured: socket.socket) -> int:
    assert isinstance(secured, ssl.SSLSocket)
    return x509.load_der_x509_certificate(secured.getpeercert(binary_form=True) or b"").serial_number
