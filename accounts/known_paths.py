"""Paths that are compared with that of every request, so they are composed only once."""

from functools import cache

from django.http import HttpRequest
from django.urls import reverse


@cache
def admin_path() -> str:
    return reverse("admin:index")


@cache
def log_in_path() -> str:
    return reverse("account_login")


def is_in_admin(request: HttpRequest) -> bool:
    return request.path.startswith(admin_path())
