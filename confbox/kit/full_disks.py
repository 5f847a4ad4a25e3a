"""A small file that can be written also while the disk is full, because it had the room for it before."""

import os

ROOM_BYTES = 16 * 1024


def with_room(text: str) -> bytes:
    """What reads it has to ignore the spaces at its end, as JSON does."""
    return text.encode().ljust(ROOM_BYTES)


def write_over(file: int, content: bytes) -> None:
    """In place, so that nothing new is needed of the disk.

    Raises:
        OSError: if the disk is full and the file was shorter.
    """
    os.pwrite(file, content, 0)
    os.ftruncate(file, len(content))
