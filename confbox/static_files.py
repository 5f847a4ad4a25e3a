"""Which static files are collected, and under which names."""

import re
from collections.abc import Iterator
from io import BytesIO
from pathlib import Path
from typing import Any

from django.conf import settings
from django.contrib.staticfiles.apps import StaticFilesConfig
from django.contrib.staticfiles.storage import HashedFilesMixin
from django.core.files.base import File
from whitenoise.compress import Compressor
from whitenoise.storage import CompressedManifestStaticFilesStorage

SITE_SHEETS = ("css/site.css", "css/site.rtl.css")
IMPORT = re.compile(r'@import url\("([^"]+)"\);\n')
HASHED = re.compile(r"\.[0-9a-f]{12}(\.\w+)?$")


class CollectedFiles(StaticFilesConfig):
    """Leaves out what no page uses, two thirds of all: source maps, a second API viewer, htmx 4."""

    ignore_patterns = [*StaticFilesConfig.ignore_patterns, "*.map", "redoc*", "*-4.js", "*-4.min.js"]


class NewFiles(Compressor):  # type: ignore[misc]
    """Leaves alone what is compressed already; it has the time of its file."""

    def compress(self, path: str) -> list[str]:
        is_known = [name for name in (f"{path}.br", f"{path}.gz") if _is_as_old(name, path)]
        compressed: list[str] = is_known or super().compress(path)
        return compressed


def _is_as_old(name: str, path: str) -> bool:
    return Path(name).exists() and Path(name).stat().st_mtime == Path(path).stat().st_mtime


class HashedFiles(CompressedManifestStaticFilesStorage):  # type: ignore[misc]
    """Adds hashes to the file names, and ignores the source maps that files mention.

    During an upgrade nginx serves files from the same folder. So one that is there already, with the same
    content because its name has the same hash, is not written again.
    """

    # Releases share a folder, but each finds its own files there.
    manifest_name = f"staticfiles-{settings.BASE_DIR.name}.json"
    # Their names are of other content.
    keep_intermediate_files = False
    is_processing = False
    patterns = tuple(
        (glob, tuple(p for p in found if "sourceMappingURL" not in str(p)))
        for glob, found in HashedFilesMixin.patterns
    )

    def post_process(self, paths: dict[str, Any], dry_run: bool = False, **options: Any) -> Iterator[Any]:
        """First merges the style sheets that a page loads into one file."""
        for name in [sheet for sheet in SITE_SHEETS if sheet in paths and not dry_run]:
            whole = one_sheet(Path(self.path(name)))
            self.delete(name)
            self.save(name, File(BytesIO(whole.encode())))
            paths[name] = (self, name)
        self.is_processing = True
        yield from super().post_process(paths, dry_run=dry_run, **options)
        self.is_processing = False

    def delete(self, name: str) -> None:
        if not (self.is_processing and HASHED.search(name)):
            super().delete(name)

    def _save(self, name: str, content: Any) -> str:
        if self.is_processing and HASHED.search(name) and self.exists(name):
            if Path(self.path(name)).read_bytes() == b"".join(content.chunks()):
                return name
            # Left unfinished when an earlier attempt ended.
            super().delete(name)
        saved: str = super()._save(name, content)
        return saved

    def create_compressor(self, **options: Any) -> Compressor:
        return NewFiles(**options)


def one_sheet(file: Path) -> str:
    """A style sheet with its imports inlined. They must not use relative URLs."""
    return IMPORT.sub(lambda found: (file.parent / found[1]).read_text(), file.read_text())
