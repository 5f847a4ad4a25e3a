"""Locks shared by the processes of a host. Closing the file, or the end of the process, releases one."""

import fcntl
from typing import TextIO


def try_lock(file: TextIO) -> bool:
    """Returns whether this process now has the lock."""
    try:
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True
