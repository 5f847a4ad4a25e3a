"""A program that receives webhooks over TLS, and writes down each request before it answers.

    webhooks_receiver.py KIND ADDRESS PORT CERTIFICATE LOG [ELSEWHERE]

KIND is what it answers: `well` 200, `held` 200 after 150 ms, `error` 500 until the file LOG.ok exists, `drip`
a byte every 200 ms, `redirect` 302 to the URL ELSEWHERE. A line of LOG has when the request began and ended,
its ID, and whether its signature is that of the drill.
"""

import os
import ssl
import sys
import time
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

from standardwebhooks import Webhook, WebhookVerificationError

SECRET = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"  # noqa: S105
kind, address, port, certificate, log, *elsewhere = sys.argv[1:] if __name__ == "__main__" else [""] * 5


class Handler(BaseHTTPRequestHandler):
    def do_POST(self) -> None:
        began = time.time()
        body = self.rfile.read(int(self.headers["Content-Length"]))
        if kind == "held":
            time.sleep(0.15)
        self.note(began, body)
        getattr(self, f"answer_{kind}")()

    def note(self, began: float, body: bytes) -> None:
        try:
            Webhook(SECRET).verify(body, dict(self.headers))
            is_signed = 1
        except WebhookVerificationError:
            is_signed = 0
        with Path(log).open("a") as lines:
            lines.write(f"{began} {time.time()} {self.headers['webhook-id']} {is_signed}\n")
            lines.flush()
            os.fsync(lines.fileno())

    def answer_well(self) -> None:
        self.send_response(200)
        self.send_header("Content-Length", "0")
        self.end_headers()

    answer_held = answer_well

    def answer_error(self) -> None:
        self.send_response(200 if Path(f"{log}.ok").exists() else 500)
        self.send_header("Content-Length", "0")
        self.end_headers()

    def answer_redirect(self) -> None:
        self.send_response(302)
        self.send_header("Location", elsewhere[0])
        self.send_header("Content-Length", "0")
        self.end_headers()

    def answer_drip(self) -> None:
        for byte in b"HTTP/1.1 200 OK\r\nContent-Length: 0\r\n" + b"X: y\r\n" * 100:
            self.wfile.write(bytes([byte]))
            time.sleep(0.2)

    def log_message(self, *_words: object) -> None:
        pass


class Server(ThreadingHTTPServer):
    daemon_threads, allow_reuse_address = True, True

    def handle_error(self, *_request: object) -> None:
        """Workers are killed while they read."""


if __name__ == "__main__":
    server = Server((address, int(port)), Handler)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate)
    server.socket = context.wrap_socket(server.socket, server_side=True, do_handshake_on_connect=False)
    server.serve_forever()
