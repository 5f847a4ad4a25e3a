"""`manage.py` that believes every token: the control of the drill with returned emails."""

import os
import sys


def switch_off() -> None:
    import django

    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "confbox.settings")
    django.setup()
    from confbox.kit import bounce_addresses

    bounce_addresses._is_signature = lambda _signed, _signature: True  # noqa: SLF001  # the line under test


if __name__ == "__main__":
    switch_off()
    from django.core.management import execute_from_command_line

    execute_from_command_line(sys.argv)
