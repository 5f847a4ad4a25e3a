"""Everything that is stored about a person, as plain values. Secrets are named, never shown."""

import base64
from typing import Any

from allauth.account.models import EmailAddress
from allauth.mfa.models import Authenticator
from allauth.socialaccount.models import SocialAccount
from allauth.usersessions.models import UserSession
from django.contrib.admin.models import LogEntry
from django.db import models
from django.utils import timezone

from accounts.audit_words import in_words
from accounts.models import AdminAct, LinkedAddress, User
from accounts.my_data.parts import PARTS

NOT_EXPORTED = {"password", "calendar_key"}


def columns_of(row: models.Model, *, but: set[str] | frozenset[str] = frozenset()) -> dict[str, Any]:
    """The row's own columns; relations as IDs."""
    columns = [field for field in row._meta.concrete_fields if field.name not in but]
    return {field.attname: _plain(field.value_from_object(row)) for field in columns}


def _plain(value: Any) -> Any:
    return str(value) if isinstance(value, models.fields.files.FieldFile) else value


def everything_about(user: User) -> dict[str, Any]:
    data = {"exported_at": timezone.now(), "account": account_data(user)}
    return data | {name: value for part in PARTS for name, value in part.export(user).items()}


def account_data(user: User) -> dict[str, Any]:
    return {
        "person": columns_of(user, but=NOT_EXPORTED),
        "picture": _picture(user),
        "groups": list(user.groups.values_list("name", flat=True)),
        "permissions": list(user.user_permissions.values_list("codename", flat=True)),
        "addresses": _rows(EmailAddress.objects.filter(user=user), but={"user", "id"}),
        "linked_addresses": _rows(LinkedAddress.objects.filter(user=user), but={"user", "id"}),
        "connected_log_ins": _rows(SocialAccount.objects.filter(user=user), but={"user", "id"}),
        "second_factors": _rows(Authenticator.objects.filter(user=user), but={"user", "id", "data"}),
        "sessions": _rows(UserSession.objects.filter(user=user), but={"user", "id", "session_key"}),
        "acts_of_organisers_on_the_account": _acts(
            AdminAct.objects.filter(kind="user", target_id=str(user.pk)), but={"by", "address"}
        ),
        "own_acts": _acts(AdminAct.objects.filter(by=user), but={"by"}),
        "own_changes_in_the_admin": _rows(LogEntry.objects.filter(user=user), but={"user", "id"}),
    }


def _acts(found: "models.QuerySet[AdminAct]", *, but: set[str]) -> list[dict[str, Any]]:
    """Without the other people whom they name."""
    hidden = {*but, "about_kind", "about_id", "asked_by"}
    return [
        columns_of(act, but=hidden) | {"what": in_words(act.what, act.about_kind, act.act)} for act in found
    ]


def _rows(found: "models.QuerySet[Any]", *, but: set[str]) -> list[dict[str, Any]]:
    return [columns_of(row, but=but) for row in found]


def _picture(user: User) -> dict[str, str] | None:
    if not user.picture:
        return None
    try:
        with user.picture.open("rb") as file:
            return {"content_type": "image/webp", "base64": base64.b64encode(file.read()).decode()}
    except FileNotFoundError:
        return None
