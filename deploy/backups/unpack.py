"""Reads one backup into a database and a folder."""

import gzip
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from django.conf import settings

from . import database
from .archive import MANIFEST, PRIVATE_KEY, Broken, members
from .media import keep


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
                picture = gzip.decompress(content)
                if media:
                    keep(media, name.removeprefix("media/").removesuffix(".gz"), picture)
            else:
                found[name] = content

    database.load(target, parts())
    return json.loads(found[MANIFEST]), found["conferencebox.env"].decode()


def private_key(given: Path | None) -> Path:
    """Beside the public one, unless another is named."""
    if given:
        return given
    if not settings.BACKUP_PUBLIC_KEY:
        raise Broken("BACKUP_PUBLIC_KEY is not set, so name the private key: --key")
    return Path(settings.BACKUP_PUBLIC_KEY).with_name(PRIVATE_KEY)
