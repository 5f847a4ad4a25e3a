"""A session and its person, read by one query.

Django reads the session, finds the person's ID in it, and reads the person. The table of log-ins knows the
person by the key of the session, so both can be read at once. What decides who is logged in is still the
session: the person read with it is used only if the session names them, and their password has not changed
since. In every other case Django's own `get_user` decides, and ends the session if it has to.
"""

from functools import cache, partial
from typing import Any

from allauth.usersessions.models import UserSession
from django.conf import settings
from django.contrib.auth import BACKEND_SESSION_KEY, HASH_SESSION_KEY, SESSION_KEY, get_user
from django.contrib.auth.middleware import AuthenticationMiddleware
from django.contrib.sessions.backends import db
from django.contrib.sessions.backends.base import SessionBase
from django.contrib.sessions.models import Session
from django.db import connection
from django.http import HttpRequest
from django.utils import timezone
from django.utils.crypto import constant_time_compare

from accounts.models import User

# What apps above this one want to know of each person: a condition in SQL, by the attribute with the answer.
KNOWN_OF_EACH: dict[str, str] = {}
PEOPLE = User._meta.db_table
COLUMNS = [str(field.column) for field in User._meta.concrete_fields]
ATTRIBUTES = [field.attname for field in User._meta.concrete_fields]


class SessionStore(db.SessionStore):
    """Rows as Django's own, so both can read what the other has stored."""

    person: User | None = None

    def load(self) -> dict[str, Any]:
        row = _read(self.session_key or "")
        if row is None:
            self._session_key = None
            return {}
        session_data, *values = row
        self.person = _person_of(values) if values[0] is not None else None
        return self.decode(session_data)


class Authentication(AuthenticationMiddleware):
    """`request.user` is the person who was read with the session, if there is one."""

    def process_request(self, request: HttpRequest) -> None:
        super().process_request(request)
        # Not lazily, as Django does: the next layer asks for the person of every request.
        request.user = _logged_in(request.session) or get_user(request)


def _logged_in(session: SessionBase) -> User | None:
    """The person who was read with the session; None if there is any doubt."""
    named = session.get(SESSION_KEY)
    person: User | None = getattr(session, "person", None)
    if person is None or str(person.pk) != named or not person.is_active:
        return None
    if session.get(BACKEND_SESSION_KEY) not in settings.AUTHENTICATION_BACKENDS:
        return None
    known = session.get(HASH_SESSION_KEY) or ""
    return person if constant_time_compare(known, person.get_session_auth_hash()) else None


def _read(key: str) -> tuple[Any, ...] | None:
    now = connection.ops.adapt_datetimefield_value(timezone.now())
    with connection.cursor() as cursor:
        cursor.execute(_statement(), [key, now])
        row: tuple[Any, ...] | None = cursor.fetchone()
    return row


@cache
def _statement() -> str:
    quote = connection.ops.quote_name
    person = [f"{quote(PEOPLE)}.{quote(column)}" for column in COLUMNS]
    wanted = ", ".join([*person, *KNOWN_OF_EACH.values()])
    log_ins, sessions = quote(UserSession._meta.db_table), quote(Session._meta.db_table)
    return (
        f"SELECT session.session_data, {wanted} FROM {sessions} session "  # noqa: S608  # names of ours
        f"LEFT JOIN {log_ins} log_in ON log_in.session_key = session.session_key "
        f"LEFT JOIN {quote(PEOPLE)} ON {quote(PEOPLE)}.id = log_in.user_id "
        "WHERE session.session_key = %s AND session.expire_date > %s"
    )


@cache
def _converters() -> list[list[Any]]:
    """What Django itself calls for each column, such as a time without its time zone."""
    fields = User._meta.concrete_fields
    columns = [field.get_col(PEOPLE) for field in fields]
    return [
        [partial(convert, expression=column, connection=connection)
         for convert in (*connection.ops.get_db_converters(column), *column.get_db_converters(connection))]
        for column in columns
    ]  # fmt: skip


def _person_of(values: list[Any]) -> User:
    count = len(COLUMNS)
    for number, converters in enumerate(_converters()):
        for convert in converters:
            values[number] = convert(values[number])
    person = User.from_db(connection.alias, ATTRIBUTES, values[:count])
    for name, answer in zip(KNOWN_OF_EACH, values[count:], strict=True):
        setattr(person, name, bool(answer))
    return person
