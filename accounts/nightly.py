"""What `manage.py tidy` deletes each night besides the rows of this app."""

from collections.abc import Callable

# Other apps register here; each deletes what has expired.
AT_NIGHT: list[Callable[[], object]] = []
