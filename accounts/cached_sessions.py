"""Sessions in Redis. If Redis does not answer, no one is treated as logged out and loses their cookie."""

from typing import Any

from django.conf import settings
from django.contrib.sessions.backends.cache import SessionStore as CacheSessions
from django.core.cache import caches


class SessionStore(CacheSessions):
    def load(self) -> dict[str, Any]:
        """Django's own treats an error of the cache as a session that does not exist."""
        found = caches[settings.SESSION_CACHE_ALIAS].get(self.cache_key)
        if found is None:
            self._session_key = None
        return found or {}
