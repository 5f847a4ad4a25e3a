"""Pictures of people: every upload is decoded, and only its pixels are kept."""

import secrets
import signal
import subprocess
import sys

from django.core.exceptions import ValidationError
from django.core.files.base import ContentFile
from django.core.files.storage import default_storage
from django.core.files.uploadedfile import UploadedFile
from django.db import transaction
from django.utils.translation import gettext as _

from accounts import picture_decoder
from accounts.actors import Actor
from accounts.models import User, small_name
from confbox.kit.limits import Limit, alone_on_this_host
from confbox.kit.outcomes import Change

UPLOADS = Limit("pictures", person="6/m,40/h", network="600/h")
BYTES = 8 * 1024 * 1024
# For the whole decoder process, which other work on the processor may delay.
WAIT_SECONDS = 12
TOOK_TOO_LONG = -signal.SIGALRM


def set_picture(*, upload: UploadedFile[bytes], by: Actor) -> User:
    """Stores the picture in two sizes under an unguessable name and deletes the previous one.

    Raises:
        ValidationError: it is not a picture, or too large, or the person no longer exists.
        LimitReached: another picture is being processed.
    """
    large, small = _sizes(upload)
    with transaction.atomic():
        person: User = User.objects.select_for_update().get(pk=by.user.pk)
        if not person.is_active:
            raise ValidationError(_("This account is disabled."), code="account_disabled")
        before = person.picture.name
        name = f"pictures/{secrets.token_hex(16)}.webp"
        person.picture.name = default_storage.save(name, ContentFile(large))
        default_storage.save(small_name(person.picture.name), ContentFile(small))
        person.save(update_fields=["picture"])
        _forget(before)
    return person


def remove_picture(*, by: Actor) -> Change:
    """No change if there was none."""
    return Change.MADE if erase_picture(by.user) else Change.NONE


def erase_picture(user: User) -> bool:
    with transaction.atomic():
        person = User.objects.select_for_update().get(pk=user.pk)
        before, person.picture.name = person.picture.name, ""
        person.save(update_fields=["picture"])
        _forget(before)
    return bool(before)


def _forget(name: str | None) -> None:
    for file in (name, small_name(name)) if name else ():
        transaction.on_commit(lambda file=file: default_storage.delete(file))  # type: ignore[misc]


def _sizes(upload: UploadedFile[bytes]) -> list[bytes]:
    if not upload.size:
        raise ValidationError(_("This file is empty."), code="file_refused")
    if upload.size > BYTES:
        raise ValidationError(
            _("This file is larger than 8 MB. Please choose a smaller one."), code="file_refused"
        )
    content = upload.read()
    with alone_on_this_host("pictures"):
        end, written = _decode(content)
    if end != picture_decoder.DONE:
        raise ValidationError(_why_not(end), code="file_refused")
    large, small = picture_decoder.SIZES.unpack_from(written)
    files = written[picture_decoder.SIZES.size :]
    return [files[:large], files[large : large + small]]


def _decode(content: bytes) -> tuple[int, bytes]:
    """Returns the exit code and the output of the decoder, which gets none of the site's environment."""
    command = [sys.executable, "-I", picture_decoder.__file__]
    try:
        done = subprocess.run(
            command, input=content, capture_output=True, env={}, timeout=WAIT_SECONDS, check=False
        )
    except subprocess.TimeoutExpired:
        return TOOK_TOO_LONG, b""
    return done.returncode, done.stdout


def _why_not(end: int) -> str:
    if end == picture_decoder.TOO_MANY_PIXELS:
        return _("This picture has more than 25 megapixels. Please choose a smaller one.")
    if end in (picture_decoder.TOO_MANY_SCANS, TOOK_TOO_LONG, -signal.SIGXCPU, -signal.SIGKILL):
        return _(
            "This picture takes too long to process. Please save it as a plain JPEG or PNG and try again."
        )
    return _("This file could not be read as a picture. Please choose a JPEG, PNG, WebP or GIF.")
