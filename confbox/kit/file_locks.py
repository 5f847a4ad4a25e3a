"""Locks that the processes of a host share; closing the file, or the end of the process, gives one back."""

import fcntl
from typing import TextIO


def try_lock(file: TextIO) -> bool:
    """Returns whether this process has the lock now."""
    try:
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True
