"""Reads one backup into a database and a folder."""

import gzip
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from . import database
from .archive import MANIFEST, Broken, members


def load_backup(
    file: Path, key: Path, target: dict[str, Any], *, media: Path | None
) -> tuple[dict[str, Any], str]:
    """The manifest and the configuration; pictures go to the folder `media`, if there is one."""
    found: dict[str, bytes] = {}

    def parts() -> Iterator[bytes]:
        for name, content in members(file, key):
            if name.startswith("database/"):
                yield content
            elif name.startswith("media/") and name.endswith(".gz"):
                _keep(media, name, content)
            else:
                found[name] = content

    database.load(target, parts())
    return json.loads(found[MANIFEST]), found["conferencebox.env"].decode()


def _keep(media: Path | None, name: str, content: bytes) -> None:
    plain = gzip.decompress(content)
    if media is None:
        return
    path = (media / name.removeprefix("media/").removesuffix(".gz")).resolve()
    if not path.is_relative_to(media.resolve()):
        raise Broken(f"{name} would be outside the folder of media.")
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(plain)
