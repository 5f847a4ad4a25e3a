"""Paths that are compared with that of every request, so each is composed once for a prefix of the site."""

from functools import cache

from django.http import HttpRequest
from django.urls import get_script_prefix, reverse


@cache
def _path(name: str, _prefix: str) -> str:
    return reverse(name)


def admin_path() -> str:
    return _path("admin:index", get_script_prefix())


def log_in_path() -> str:
    return _path("account_login", get_script_prefix())


def is_in_admin(request: HttpRequest) -> bool:
    return request.path.startswith(admin_path())
