"""What the site of `alarms.py` sends as its certificate."""

import socket
import ssl
import threading
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec

WAS_MADE_DAYS_AGO = 100


class SentCertificate:
    """Of no authority that browsers know, by a server that does nothing else."""

    def __init__(self, folder: Path, port: int) -> None:
        self.file, self.port = folder / "certificate.pem", port
        self.renew(days=90)
        threading.Thread(target=self._serve, daemon=True).start()

    def renew(self, days: int) -> None:
        """It is valid for so many days from now on."""
        key, now = ec.generate_private_key(ec.SECP256R1()), datetime.now(UTC)
        name, issuer = (
            x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, each)]) for each in ("127.0.0.1", "Drill")
        )
        builder = x509.CertificateBuilder().subject_name(name).issuer_name(issuer)
        builder = builder.public_key(key.public_key())
        builder = builder.serial_number(x509.random_serial_number())
        builder = builder.not_valid_before(now - timedelta(days=WAS_MADE_DAYS_AGO))
        builder = builder.not_valid_after(now + timedelta(days=days))
        made = builder.sign(key, hashes.SHA256())
        self.file.write_bytes(
            key.private_bytes(
                serialization.Encoding.PEM,
                serialization.PrivateFormat.PKCS8,
                serialization.NoEncryption(),
            )
            + made.public_bytes(serialization.Encoding.PEM)
        )

    def _serve(self) -> None:
        with socket.create_server(("127.0.0.1", self.port)) as server:
            while True:
                peer, _ = server.accept()
                context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
                context.load_cert_chain(self.file)
                with suppress(OSError), context.wrap_socket(peer, server_side=True) as secured:
                    secured.recv(1)
