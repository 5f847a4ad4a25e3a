"""Downloads the third-party files of static/vendor/MANIFEST.json again; `make vendor` runs it.

If the integrity of a package differs from the manifest, the run stops and writes nothing. To upgrade, write
the new version into the manifest with an empty integrity and read what changed in the files.
"""

import base64
import hashlib
import json
import re
import subprocess
import sys
import tarfile
import tempfile
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parent.parent
MANIFEST = ROOT / "static/vendor/MANIFEST.json"
# Source maps are not included, and collectstatic stops at a reference to a missing file.
SOURCE_MAP = re.compile(rb"\n?(/\*# sourceMappingURL=\S+ \*/|//# sourceMappingURL=\S+)\s*$")


def main() -> None:
    manifest = json.loads(MANIFEST.read_text())
    contents = {}
    with tempfile.TemporaryDirectory() as folder:
        for name, package in manifest.items():
            contents |= fetch(name, package, Path(folder))
    for target, content in contents.items():
        (ROOT / target).parent.mkdir(parents=True, exist_ok=True)
        (ROOT / target).write_bytes(content)
    MANIFEST.write_text(json.dumps(manifest, indent=2) + "\n")


def fetch(name: str, package: dict[str, Any], folder: Path) -> dict[str, bytes]:
    tarball = pack(f"{name}@{package['version']}", folder)
    integrity = "sha512-" + base64.b64encode(hashlib.sha512(tarball.read_bytes()).digest()).decode()
    if package["integrity"] not in ("", integrity):
        sys.exit(f"{name} {package['version']} is not the package of the manifest: {integrity}")
    package["integrity"] = integrity
    contents = {}
    with tarfile.open(tarball) as archive:
        for target, file in package["files"].items():
            content = contents[target] = read(archive, file["from"])
            file["sha256"] = hashlib.sha256(content).hexdigest()
    return contents


def pack(spec: str, folder: Path) -> Path:
    done = subprocess.run(
        ["npm", "pack", "--silent", "--pack-destination", str(folder), spec],
        check=True,
        stdout=subprocess.PIPE,
        text=True,
    )
    return folder / done.stdout.split()[-1]


def read(archive: tarfile.TarFile, path: str) -> bytes:
    member = archive.extractfile(f"package/{path}")
    if member is None:
        sys.exit(f"{path} is not a file in {archive.name}")
    return SOURCE_MAP.sub(b"\n", member.read())


if __name__ == "__main__":
    main()
