"""Webhooks, and a program that receives what is sent to them, for tests."""

import datetime as dt
import ipaddress
import ssl
import threading
from contextlib import contextmanager
from functools import cache
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from itertools import count
from pathlib import Path
from tempfile import mkdtemp

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from confbox.kit.encryption import encrypt
from conferences.outbox.kinds import offered
from conferences.outbox.models import WebhookEndpoint, WebhookEvent, WebhookMessage
from conferences.series.models import scope_columns
from conferences.webhooks.sending import claim_next, record, release, send

SECRET = "whsec_C2FVsBQIhrscChlQIMV+b5sSYspob7oD"
URL = "https://hooks.example.org/in"
numbers = count(1)


def make_endpoint(scope, *, url=URL, secret=SECRET, events=None, **columns):
    names = [kind.name for kind in offered()] if events is None else events
    columns = {"host": "hooks.example.org", "language": "en", "events": names} | columns
    return WebhookEndpoint.objects.create(
        encrypted_url=encrypt(url), encrypted_secret=encrypt(secret), **columns, **scope_columns(scope)
    )


def make_event(endpoint, **columns):
    """One that waits for this endpoint."""
    data = {"number": next(numbers)}
    columns = {"kind": "member.joined", "data": data, "at": endpoint.created_at} | columns
    event = WebhookEvent.objects.create(**{"conference": endpoint.conference} | columns)
    return WebhookMessage.objects.create(endpoint=endpoint, event=event)


def events():
    return list(WebhookEvent.objects.order_by("pk").values_list("kind", flat=True))


def try_once(endpoint):
    """One attempt to send what waits, as a worker makes it. Returns what became of it."""
    job = claim_next(endpoint.pk)
    if job is None:
        return None
    tried = send(job)
    record(tried)
    release(endpoint.pk, job.claim)
    endpoint.refresh_from_db()
    return tried


def answer_with(status=200, body="", headers=(), after=None):
    def answer(handler):
        if after:
            after(handler)
        handler.send_response(status)
        for name, value in headers:
            handler.send_header(name, value)
        handler.send_header("Content-Length", str(len(body.encode())))
        handler.end_headers()
        handler.wfile.write(body.encode())

    return answer


class Receiver:
    """On this host, over TLS. `got` has path, headers and body of each request; `answer` writes an answer."""

    def __init__(self, answer=None, name="localhost", port=0):
        self.got, self.answer = [], answer or answer_with()
        receiver = self

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self):
                body = self.rfile.read(int(self.headers["Content-Length"]))
                receiver.got.append((self.path, dict(self.headers), body))
                receiver.answer(self)

            def log_message(self, *_words):
                pass

        class Server(ThreadingHTTPServer):
            daemon_threads, block_on_close, allow_reuse_address = True, False, True

            def handle_error(self, *_request):
                pass

        self.server = Server(("127.0.0.1", port), Handler)
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(certificate_for(name))
        self.server.socket = context.wrap_socket(
            self.server.socket, server_side=True, do_handshake_on_connect=False
        )
        threading.Thread(target=self.server.serve_forever, args=(0.02,), daemon=True).start()

    @property
    def port(self):
        return self.server.server_address[1]

    def url(self, name="localhost"):
        return f"https://{name}:{self.port}/in?a=b"

    @property
    def ids(self):
        return [headers["webhook-id"] for _path, headers, _body in self.got]

    def close(self):
        self.server.shutdown()
        self.server.server_close()


@contextmanager
def receiving(answer=None, **options):
    receiver = Receiver(answer, **options)
    try:
        yield receiver
    finally:
        receiver.close()


def allow_here(settings):
    """Lets webhooks be sent to this host, with certificates of the tests' own authority."""
    settings.WEBHOOK_ALLOWED_NETWORKS = [ipaddress.ip_network(n) for n in ("127.0.0.0/8", "::1/128")]
    settings.WEBHOOK_EXTRA_CA = str(authority())


@cache
def authority():
    """The file with its certificate; its key is beside it."""
    folder = Path(mkdtemp(prefix="webhooks-"))
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "Authority of the tests")])
    basic = x509.BasicConstraints(ca=True, path_length=0)
    made = _certificate(name, key.public_key(), name).add_extension(basic, critical=True)
    (folder / "ca.key").write_bytes(_pem(key))
    (folder / "ca.pem").write_bytes(made.sign(key, hashes.SHA256()).public_bytes(serialization.Encoding.PEM))
    return folder / "ca.pem"


@cache
def certificate_for(name):
    """A file with key and certificate."""
    ca = x509.load_pem_x509_certificate(authority().read_bytes())
    ca_key = serialization.load_pem_private_key(authority().with_suffix(".key").read_bytes(), None)
    key = ec.generate_private_key(ec.SECP256R1())
    subject = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)])
    names = x509.SubjectAlternativeName([x509.DNSName(name)])
    made = _certificate(subject, key.public_key(), ca.subject).add_extension(names, critical=False)
    signed = made.sign(ca_key, hashes.SHA256()).public_bytes(serialization.Encoding.PEM)
    path = authority().parent / f"{name}.pem"
    path.write_bytes(_pem(key) + signed)
    return path


def _certificate(subject, public_key, issuer):
    now = dt.datetime.now(dt.UTC)
    day = dt.timedelta(days=1)
    builder = x509.CertificateBuilder().subject_name(subject).issuer_name(issuer).public_key(public_key)
    dated = builder.not_valid_before(now - day).not_valid_after(now + 30 * day)
    return dated.serial_number(x509.random_serial_number())


def _pem(key):
    return key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
