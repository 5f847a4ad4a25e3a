from django.db import connection


def bound_database(seconds: int) -> None:
    """Lets this process give up a database that hangs; the web server's processes do so anyway.

    Not what it forks, which opens connections of its own.
    """
    known = connection.settings_dict
    if connection.vendor != "mysql" or "read_timeout" in known["OPTIONS"]:
        return
    # A transaction ends with its connection.
    if connection.in_atomic_block:
        return
    connection.close()
    timeouts = {"read_timeout": seconds, "write_timeout": seconds}
    connection.settings_dict = {**known, "OPTIONS": {**known["OPTIONS"], **timeouts}}
