"""The words of the audit log: it stores codes, and names no one by name, as it outlives their accounts."""

from typing import Any

from django.apps import apps
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

NAME = "{name}"
# Each app adds its own when the site starts.
ACTS: dict[str, Promise] = {
    "add": gettext_lazy("Added"),
    "change": gettext_lazy("Changed"),
    "connect log-in": gettext_lazy("Log-in connected"),
    "delete": gettext_lazy("Deleted"),
    "delete account": gettext_lazy("Account deleted"),
    "disable": gettext_lazy("Account disabled"),
    "disconnect log-in": gettext_lazy("Log-in disconnected"),
    "enable": gettext_lazy("Account enabled"),
    "export": gettext_lazy("Exported"),
    "link address": gettext_lazy("Email address linked"),
    "make organiser": gettext_lazy("Made an organiser of this site"),
    "remove from profile": gettext_lazy("Removed from a profile"),
    "unlink address": gettext_lazy("Email address unlinked"),
}
# What stands for a name that the reader does not see, or that is gone; by the kind of row.
NAMELESS: dict[str, Promise] = {"user": gettext_lazy("a person")}


def act_in_words(act: str) -> str:
    return str(ACTS.get(act, act))


def kind_in_words(kind: str) -> str:
    names = (model._meta.verbose_name for model in apps.get_models() if model._meta.model_name == kind)
    return str(next(names, kind))


def in_words(what: str, kind: str, act: str) -> str:
    """An entry, or what is left of it without the name."""
    return without_name(what, kind) or act_in_words(act)


def entry_in_words(entry: Any) -> str:
    """An entry of the audit log, also with who has asked for it."""
    asked = _("Requested by %(name)s.") % {"name": entry.asked_by} if entry.asked_by else ""
    return f"{in_words(entry.what, entry.about_kind, entry.act)} {asked}".strip()


def without_name(what: str, kind: str) -> str:
    return what.replace(NAME, str(NAMELESS.get(kind) or _("a person")))
