#!/usr/bin/env python
import os
import sys

if __name__ == "__main__":
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "confbox.settings")
    from django.core.management import execute_from_command_line
    from django.db import Error

    try:
        execute_from_command_line(sys.argv)
    except Error as error:
        from confbox.outage import is_database_away

        # The worker is restarted until the database is back: one line each time, and no traceback.
        if not is_database_away(error):
            raise
        sys.exit(f"The database does not answer ({error}).")
