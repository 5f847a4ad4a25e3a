"""To which address an email came back, if only its headers show it."""

from email.parser import BytesHeaderParser
from email.utils import getaddresses

from confbox.kit.returned_emails import READ_BYTES

HEADERS = ["Delivered-To", "X-Original-To", "Envelope-To", "To"]


def recipients_in(raw: bytes) -> list[str]:
    headers = BytesHeaderParser().parsebytes(raw[:READ_BYTES])
    written = [str(value) for name in HEADERS for value in headers.get_all(name, [])]
    return [address for _name, address in getaddresses(written)]
