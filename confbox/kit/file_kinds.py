"""Files that are no text, by their first bytes."""

PICTURES = (b"\x89PNG", b"\xff\xd8\xff", b"GIF8", b"II*\0", b"MM\0*")


def is_picture(content: bytes) -> bool:
    is_webp = content[:4] == b"RIFF" and content[8:12] == b"WEBP"
    # HEIC and AVIF, as phones save photos.
    return content.startswith(PICTURES) or is_webp or content[4:8] == b"ftyp"


def is_pdf(content: bytes) -> bool:
    return content.startswith(b"%PDF-")
