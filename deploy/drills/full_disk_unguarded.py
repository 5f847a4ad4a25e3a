"""The site as it would be if it knew less of full disks: the controls of `full_disk.py`."""

from confbox import outage
from confbox.mysql.room import disk
from confbox.wsgi import application


def without_room(environ, start_response):
    """MariaDB is asked to write on the full disk."""
    disk.folder, disk.is_known = None, True
    return application(environ, start_response)


def without_codes(environ, start_response):
    """The errors of a full disk are not known to be one."""
    outage.AWAY -= outage.FULL
    return application(environ, start_response)
