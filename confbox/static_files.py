"""Which static files are collected and under which names."""

from django.contrib.staticfiles.apps import StaticFilesConfig
from django.contrib.staticfiles.storage import HashedFilesMixin
from whitenoise.storage import CompressedManifestStaticFilesStorage


class CollectedFiles(StaticFilesConfig):
    """Leaves out what no page uses and would be two thirds: source maps, a second API viewer, htmx 4."""

    ignore_patterns = [*StaticFilesConfig.ignore_patterns, "*.map", "redoc*", "*-4.js", "*-4.min.js"]


class HashedFiles(CompressedManifestStaticFilesStorage):  # type: ignore[misc]
    """Puts hashes into the names, and does not look for the source maps that files mention."""

    patterns = tuple(
        (glob, tuple(p for p in found if "sourceMappingURL" not in str(p)))
        for glob, found in HashedFilesMixin.patterns
    )
