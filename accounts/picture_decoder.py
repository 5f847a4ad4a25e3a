"""Decodes one picture, as a program of its own: from standard input to two WebP files on standard output.

Decoders are fed by strangers. Here one that runs wild meets the limits of its own process and takes
nothing from the site; it also has no setting, no key and no connection to lose.
"""

import io
import os
import resource
import struct
import sys

CPU_SECONDS = 4
MEMORY_BYTES = 700 * 1024 * 1024
NICENESS = 5
PIXELS = 25_000_000
FORMATS = ["JPEG", "PNG", "WEBP", "GIF"]
LARGE, SMALL = 512, 96
# A camera's progressive JPEG has about ten scans; each is decoded over the whole picture.
SCANS = 100
START_OF_SCAN = b"\xff\xda"
# What the program ends with.
DONE, UNREADABLE, TOO_MANY_PIXELS, TOO_MANY_SCANS = 0, 3, 4, 5
SIZES = struct.Struct(">II")


def confine() -> None:
    """Before anything is decoded: little time, little memory, no file, and others first."""
    os.nice(NICENESS)
    resource.setrlimit(resource.RLIMIT_CPU, (CPU_SECONDS, CPU_SECONDS))
    resource.setrlimit(resource.RLIMIT_AS, (MEMORY_BYTES, MEMORY_BYTES))
    resource.setrlimit(resource.RLIMIT_FSIZE, (0, 0))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))


def decoded(content: bytes) -> tuple[int, bytes]:
    from PIL import Image, ImageOps  # noqa: PLC0415  # after the limits are set

    with Image.open(io.BytesIO(content), formats=FORMATS) as image:
        if image.width * image.height > PIXELS:
            return TOO_MANY_PIXELS, b""
        # Its data never holds the marker by chance: a byte 255 is followed by 0 there.
        if image.format == "JPEG" and content.count(START_OF_SCAN) > SCANS:
            return TOO_MANY_SCANS, b""
        image.draft("RGB", (LARGE, LARGE))
        picture = ImageOps.exif_transpose(image).convert("RGBA" if image.has_transparency_data else "RGB")
    files = []
    for side in (LARGE, SMALL):
        fitted = ImageOps.fit(picture, (side, side), Image.Resampling.LANCZOS)
        clean = Image.frombytes(fitted.mode, fitted.size, fitted.tobytes())
        written = io.BytesIO()
        clean.save(written, "WEBP", quality=82, method=4)
        files.append(written.getvalue())
    return DONE, SIZES.pack(*map(len, files)) + b"".join(files)


def main() -> int:
    confine()
    try:
        end, files = decoded(sys.stdin.buffer.read())
    # A decoder that meets nonsense raises whatever it stumbles over.
    except Exception:  # noqa: BLE001  # see above
        return UNREADABLE
    sys.stdout.buffer.write(files)
    return end


if __name__ == "__main__":
    raise SystemExit(main())
