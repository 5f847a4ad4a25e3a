"""One encrypted file: a tar stream of gzipped parts that GnuPG encrypts with a public key.

Nothing is written unencrypted, and the program that writes a backup cannot read it.
"""

import gzip
import hashlib
import io
import json
import subprocess
import tarfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import IO, Any

PART_BYTES = 16 << 20
MANIFEST = "manifest.json"
PUBLIC_KEY, PRIVATE_KEY = "backup-public.asc", "backup-private.asc"


class Broken(Exception):
    """The backup is not what was written, or could not be written; the text says what is wrong."""


def gpg(home: str, *arguments: str) -> list[str]:
    return ["gpg", "--homedir", home, "--batch", "--quiet", "--no-tty", *arguments]


@contextmanager
def keyring() -> Iterator[str]:
    """A new, empty home of GnuPG, in memory if possible; its agent ends with it."""
    memory = "/dev/shm" if Path("/dev/shm").is_dir() else None  # noqa: S108
    with TemporaryDirectory(prefix="cb-gpg-", dir=memory) as home:
        try:
            yield home
        finally:
            subprocess.run(["gpgconf", "--homedir", home, "--kill", "all"], check=False, capture_output=True)


@contextmanager
def feeding(command: list[str], failure: str, **options: Any) -> Iterator[IO[bytes]]:
    """The input of a program, which is killed if it does not get all of it.

    Raises:
        Broken: if the program failed, with what it said.
    """
    with subprocess.Popen(command, stdin=subprocess.PIPE, stderr=subprocess.PIPE, **options) as process:
        assert process.stdin
        assert process.stderr
        try:
            yield process.stdin
            process.stdin.close()
        except BrokenPipeError:
            pass
        except BaseException:
            process.kill()
            raise
        said = process.stderr.read().decode().strip()
        if process.wait():
            raise Broken(f"{failure}: {said}")


def make_keys(folder: Path) -> tuple[Path, Path]:
    public, private = folder / PUBLIC_KEY, folder / PRIVATE_KEY
    if public.exists() or private.exists():
        raise Broken(f"{folder} has a key already. Older backups need it; use another folder.")
    with keyring() as home:
        new = ["--passphrase", "", "--quick-gen-key", "ConferenceBox backups", "rsa3072", "encrypt", "never"]
        subprocess.run(gpg(home, *new), check=True, capture_output=True)
        for target, export in ((public, "--export"), (private, "--export-secret-keys")):
            subprocess.run(gpg(home, "--armor", "--output", str(target), export), check=True)
    public.chmod(0o644)
    return public, private


class Writer:
    def __init__(self, stream: Any) -> None:
        self.tar = tarfile.open(fileobj=stream, mode="w|")  # noqa: SIM115
        self.digests: dict[str, str] = {}

    def add(self, name: str, content: bytes) -> None:
        self.digests[name] = hashlib.sha256(content).hexdigest()
        self._write(name, content)

    def _write(self, name: str, content: bytes) -> None:
        member = tarfile.TarInfo(name)
        member.size, member.mode = len(content), 0o600
        self.tar.addfile(member, io.BytesIO(content))

    def add_parts(self, folder: str, blocks: Iterator[bytes]) -> None:
        part, number = bytearray(), 0
        for block in blocks:
            part += block
            if len(part) >= PART_BYTES:
                self.add(f"{folder}/{number:06}.gz", gzip.compress(bytes(part), 2))
                part, number = bytearray(), number + 1
        self.add(f"{folder}/{number:06}.gz", gzip.compress(bytes(part), 2))

    def close(self, manifest: dict[str, Any]) -> None:
        self._write(MANIFEST, json.dumps(manifest | {"digests": self.digests}, indent=1).encode())
        self.tar.close()


@contextmanager
def written(target: Path, public_key: Path) -> Iterator[Writer]:
    """The file gets its name only when it is complete and on the disk; its digest is beside it."""
    unfinished = target.with_name(f".{target.name}")
    try:
        with keyring() as home, unfinished.open("xb") as file:
            encrypt = [
                "--trust-model",
                "always",
                "--compress-algo",
                "none",
                "--recipient-file",
                str(public_key),
            ]
            command = gpg(home, *encrypt, "--encrypt")
            with feeding(command, "The backup could not be encrypted", stdout=file) as stream:
                yield Writer(stream)
        target.with_name(f"{target.name}.sha256").write_text(f"{digest_of(unfinished)}  {target.name}\n")
        unfinished.replace(target)
    finally:
        unfinished.unlink(missing_ok=True)


def digest_of(file: Path) -> str:
    with file.open("rb") as content:
        return hashlib.file_digest(content, "sha256").hexdigest()


def check_whole(file: Path) -> str:
    digest, noted = digest_of(file), file.with_name(f"{file.name}.sha256")
    if not noted.is_file():
        raise Broken(f"{noted.name} is missing; it is written with the backup.")
    if noted.read_text().split()[:1] != [digest]:
        raise Broken(f"{file.name} has changed since it was written (SHA-256).")
    return digest


def members(file: Path, private_key: Path) -> Iterator[tuple[str, bytes]]:
    """Every member in order, the manifest last; raises at the end what only the end can show."""
    digests: dict[str, str] = {}
    with keyring() as home:
        imported = subprocess.run(gpg(home, "--import", str(private_key)), check=False, capture_output=True)
        if imported.returncode:
            raise Broken(f"{private_key} is not a private key of GnuPG.")
        decrypt = gpg(home, "--pinentry-mode", "loopback", "--decrypt", str(file))
        with subprocess.Popen(decrypt, stdout=subprocess.PIPE, stderr=subprocess.PIPE) as process:
            assert process.stdout
            assert process.stderr
            manifest = b""
            try:
                with tarfile.open(fileobj=process.stdout, mode="r|") as tar:
                    for member in tar:
                        content = tar.extractfile(member).read()  # type: ignore[union-attr]
                        digests[member.name] = hashlib.sha256(content).hexdigest()
                        manifest = content
                        yield member.name, content
                process.stdout.read()
            except tarfile.TarError as error:
                process.kill()
                raise Broken(f"{file.name} cannot be decrypted to its end, or is for another key.") from error
            except GeneratorExit:
                process.kill()
                raise
            if process.wait():
                raise Broken(f"{file.name} cannot be decrypted: {process.stderr.read().decode().strip()}")
    if digests.pop(MANIFEST, None) is None or json.loads(manifest)["digests"] != digests:
        raise Broken(f"{file.name} does not contain what its manifest lists.")
