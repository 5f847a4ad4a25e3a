"""Sessions in Redis: where it does not answer nobody is taken for a stranger, and loses the cookie for it."""

from typing import Any

from django.conf import settings
from django.contrib.sessions.backends.cache import SessionStore as CacheSessions
from django.core.cache import caches


class SessionStore(CacheSessions):
    def load(self) -> dict[str, Any]:
        """Django's own takes an error of the cache for a session that is not there."""
        found = caches[settings.SESSION_CACHE_ALIAS].get(self.cache_key)
        if found is None:
            self._session_key = None
        return found or {}
