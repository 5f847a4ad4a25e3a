"""The pictures of a restored backup: in a folder of their own until the site is switched."""

import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from django.conf import settings

from .archive import Broken


@contextmanager
def as_owner_of(folder: Path) -> Iterator[None]:
    """Root could be led elsewhere by a link in a folder of the site's user; that user cannot."""
    owner, user, group = folder.stat(), os.geteuid(), os.getegid()
    if user:
        yield
        return
    os.setegid(owner.st_gid)
    os.seteuid(owner.st_uid)
    try:
        yield
    finally:
        os.seteuid(user)
        os.setegid(group)


def folder_of(name: str) -> Path:
    return Path(settings.VAR_DIR) / "restored" / name / "media"


def keep(folder: Path, name: str, content: bytes) -> None:
    path = (folder / name).resolve()
    if not path.is_relative_to(folder.resolve()):
        raise Broken(f"{name} would be outside the folder of media.")
    with as_owner_of(Path(settings.VAR_DIR)):
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content)


def remove(name: str) -> None:
    with as_owner_of(Path(settings.VAR_DIR)):
        shutil.rmtree(folder_of(name).parent, ignore_errors=True)


def bring_back(name: str) -> int:
    """Pictures that the site has deleted since the backup; none is replaced."""
    source, target = folder_of(name), Path(settings.MEDIA_ROOT)
    with as_owner_of(Path(settings.VAR_DIR)):
        missing = [file for file in source.rglob("*") if file.is_file()]
        missing = [file for file in missing if not (target / file.relative_to(source)).exists()]
        for file in missing:
            path = target / file.relative_to(source)
            path.parent.mkdir(parents=True, exist_ok=True)
            shutil.copyfile(file, path)
    return len(missing)
