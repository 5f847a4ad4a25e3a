"""Pictures of people: whatever is uploaded is decoded, and only pixels are kept."""

import io
import secrets
import threading
import warnings

from django.core.exceptions import ValidationError
from django.core.files.base import ContentFile
from django.core.files.storage import default_storage
from django.core.files.uploadedfile import UploadedFile
from django.db import transaction
from django.utils.translation import gettext as _
from PIL import Image, ImageOps

from accounts.models import User, small_name

BYTES = 8 * 1024 * 1024
PIXELS = 25_000_000
FORMATS = ["JPEG", "PNG", "WEBP", "GIF"]
LARGE, SMALL = 512, 96
# A decoded picture takes up to 100 MB, so a process decodes one at a time.
decoding = threading.Lock()


def set_picture(*, user: User, upload: UploadedFile[bytes]) -> None:
    """Stores the picture in two sizes under a name nobody can guess, and forgets the one before.

    Raises:
        ValidationError: it is no picture, or too large, or the person is gone.
    """
    large, small = _sizes(upload)
    with transaction.atomic():
        person = User.objects.select_for_update().get(pk=user.pk)
        if not person.is_active:
            raise ValidationError(_("This account is disabled."))
        before = person.picture.name
        name = f"pictures/{secrets.token_hex(16)}.webp"
        person.picture.name = default_storage.save(name, ContentFile(large))
        default_storage.save(small_name(person.picture.name), ContentFile(small))
        person.save(update_fields=["picture"])
        _forget(before)


def remove_picture(*, user: User) -> bool:
    """False if there was none."""
    with transaction.atomic():
        person = User.objects.select_for_update().get(pk=user.pk)
        before, person.picture.name = person.picture.name, ""
        person.save(update_fields=["picture"])
        _forget(before)
    return bool(before)


def _forget(name: str | None) -> None:
    for file in (name, small_name(name)) if name else ():
        transaction.on_commit(lambda file=file: default_storage.delete(file))  # type: ignore[misc]


def _sizes(upload: UploadedFile[bytes]) -> tuple[bytes, bytes]:
    if not upload.size:
        raise ValidationError(_("This file is empty."))
    if upload.size > BYTES:
        raise ValidationError(_("This file is larger than 8 MB. Please choose a smaller one."))
    with decoding, warnings.catch_warnings():
        warnings.simplefilter("ignore")
        return _decoded(upload)


def _decoded(upload: UploadedFile[bytes]) -> tuple[bytes, bytes]:
    try:
        with Image.open(upload, formats=FORMATS) as image:
            if image.width * image.height > PIXELS:
                raise ValidationError(
                    _("This picture has more than 25 megapixels. Please choose a smaller one.")
                )
            image.draft("RGB", (LARGE, LARGE))
            picture = ImageOps.exif_transpose(image).convert("RGBA" if image.has_transparency_data else "RGB")
    except ValidationError:
        raise
    # A decoder that meets nonsense raises whatever it stumbles over.
    except Exception:
        raise ValidationError(
            _("This file could not be read as a picture. Please choose a JPEG, PNG, WebP or GIF.")
        ) from None
    return _encoded(picture, LARGE), _encoded(picture, SMALL)


def _encoded(picture: Image.Image, side: int) -> bytes:
    fitted = ImageOps.fit(picture, (side, side), Image.Resampling.LANCZOS)
    clean = Image.frombytes(fitted.mode, fitted.size, fitted.tobytes())
    written = io.BytesIO()
    clean.save(written, "WEBP", quality=82, method=4)
    return written.getvalue()
