"""Decodes one picture as a separate program, from standard input to two WebP files on standard output.

Decoders process files from strangers. A decoder that runs wild here hits the limits of its own process and
cannot harm the site, and the process has no settings, keys or connections that could leak.
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
# Exit codes of the program.
DONE, UNREADABLE, TOO_MANY_PIXELS, TOO_MANY_SCANS = 0, 3, 4, 5
SIZES = struct.Struct(">II")


def confine() -> None:
    """Limits time, memory, files and priority before anything is decoded."""
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
        # The marker cannot occur in the data by chance: there, a byte 255 is followed by 0.
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
    # A decoder that meets invalid data can raise anything.
    except Exception:  # noqa: BLE001  # see above
        return UNREADABLE
    sys.stdout.buffer.write(files)
    return end


if __name__ == "__main__":
    raise SystemExit(main())
