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
from whitenoise.storage import CompressedManifestStaticFilesStorage

SITE_SHEETS = ("css/site.css", "css/site.rtl.css")
IMPORT = re.compile(r'@import url\("([^"]+)"\);\n')


class CollectedFiles(StaticFilesConfig):
    """Leaves out what no page uses, two thirds of all: source maps, a second API viewer, htmx 4."""

    ignore_patterns = [*StaticFilesConfig.ignore_patterns, "*.map", "redoc*", "*-4.js", "*-4.min.js"]


class HashedFiles(CompressedManifestStaticFilesStorage):  # type: ignore[misc]
    """Adds hashes to the file names, and ignores the source maps that files mention."""

    # Releases share a folder, but each finds its own files there.
    manifest_name = f"staticfiles-{settings.BASE_DIR.name}.json"
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
        yield from super().post_process(paths, dry_run=dry_run, **options)


def one_sheet(file: Path) -> str:
    """A style sheet with its imports inlined. They must not use relative URLs."""
    return IMPORT.sub(lambda found: (file.parent / found[1]).read_text(), file.read_text())
