"""The site for the control of one_member.py: without limits on what one person may do."""

import os
import threading

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "confbox.settings")
import django

django.setup()
from accounts import picture_decoder, pictures
from confbox.kit import limits, markdown, markdown_limits, pagination

ENDLESS = 10**9
decoding = threading.Lock()


def decode_one_after_the_other(content: bytes) -> tuple[int, bytes]:
    """In the process that answers others, with each thread waiting for its turn."""
    with decoding:
        return picture_decoder.decoded(content)


limits.heavy_work_lock = threading.Semaphore(1000)
limits.refuse_used_up = lambda *_arguments, **_keywords: None
limits.try_lock = lambda _file: True
pictures._decode = decode_one_after_the_other  # noqa: SLF001  # the control takes this limit away
picture_decoder.SCANS = pagination.MOST_WORDS = ENDLESS
markdown_limits.COLUMNS = markdown_limits.CELLS = markdown_limits.QUOTES = ENDLESS
markdown.has_too_many_brackets = markdown.is_too_much = lambda *_: False
markdown.most_characters = lambda _text: ENDLESS

from confbox.wsgi import application  # noqa: F401
