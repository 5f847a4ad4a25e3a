"""Cookies whose names Django does not let settings choose."""

from typing import Any

from django.conf import settings
from django.contrib.messages.storage.cookie import CookieStorage
from django.contrib.messages.storage.fallback import FallbackStorage
from django.contrib.messages.storage.session import SessionStorage


class MessagesCookie(CookieStorage):
    cookie_name = f"{settings.COOKIE_PREFIX}messages"


class Messages(FallbackStorage):
    storage_classes = (MessagesCookie, SessionStorage)

    def add(self, level: int, message: Any, extra_tags: str | None = "") -> None:
        """Does not repeat a message that is already waiting: a form sent twice gets one answer."""
        waiting: list[Any] = []
        if not self.used:
            waiting += [*self._loaded_messages, *self._queued_messages]  # type: ignore[attr-defined]
        if (int(level), str(message)) not in [(known.level, str(known.message)) for known in waiting]:
            super().add(level, message, extra_tags)
