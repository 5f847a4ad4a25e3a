"""Secrets in files, as containers get them: SECRET_KEY_FILE names the file with SECRET_KEY."""

from collections.abc import MutableMapping
from pathlib import Path

from django.core.exceptions import ImproperlyConfigured

SECRETS = ["SECRET_KEY", "SECRET_KEY_FALLBACKS", "SIGNING_KEY", "DATABASE_URL", "EMAIL_URL"]
SECRETS += ["REDIS_URL", "TASKS_REDIS_URL", "METRICS_TOKEN"]
SECRETS += [f"{name}_CLIENT_SECRET" for name in ("OIDC", "GOOGLE", "MICROSOFT", "GITHUB")]


def read_secret_files(variables: MutableMapping[str, str]) -> None:
    """Sets each variable that a file is named for, also over a value; it may be that of the parent process.

    Raises:
        ImproperlyConfigured: if one cannot be read.
    """
    for name in SECRETS:
        if path := variables.get(f"{name}_FILE", "").strip():
            try:
                variables[name] = Path(path).read_text().strip()
            except (OSError, UnicodeDecodeError) as error:
                raise ImproperlyConfigured(
                    f"{name}_FILE names a file that cannot be read: {path} ({type(error).__name__})."
                ) from None
