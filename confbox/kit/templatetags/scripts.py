"""Scripts with their digest in the page, so that browsers do not run a file that was changed in transit."""

import base64
import hashlib
from functools import lru_cache
from pathlib import Path

from django import template
from django.conf import settings
from django.contrib.staticfiles import finders
from django.contrib.staticfiles.storage import staticfiles_storage
from django.templatetags.static import static
from django.utils.html import format_html
from django.utils.safestring import SafeString

register = template.Library()


@register.simple_tag
def script(name: str) -> SafeString:
    """Loads a static script before the page is complete and runs it after, in the order of the tags."""
    url = static(name)
    digest = _digest(name) if settings.DEBUG else _lasting_digest(url, name)
    return format_html('<script src="{}" integrity="sha384-{}" defer></script>', url, digest)


@lru_cache(maxsize=100)
def _lasting_digest(url: str, name: str) -> str:
    """If DEBUG is off, a URL always has the same content."""
    return _digest(name)


def _digest(name: str) -> str:
    return base64.b64encode(hashlib.sha384(_content(name)).digest()).decode()


def _content(name: str) -> bytes:
    """What is served under the name: the collected file if names have hashes, else the app's own."""
    stored_name = getattr(staticfiles_storage, "stored_name", None)
    if stored_name is None:
        return Path(str(finders.find(name))).read_bytes()
    with staticfiles_storage.open(stored_name(name)) as file:
        return bytes(file.read())
