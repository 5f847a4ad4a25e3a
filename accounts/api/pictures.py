import base64
from binascii import Error
from typing import ClassVar

from django.core.files.uploadedfile import SimpleUploadedFile
from django.utils.translation import gettext as _
from pydantic import Field

from accounts.actors import actor_of
from accounts.api.profile import OwnProfile
from accounts.pictures import UPLOADS, set_picture
from accounts.pictures import remove_picture as remove
from accounts.requests import PersonRequest
from confbox.kit.api.bodies import MOST_BYTES
from confbox.kit.api.fields import Input
from confbox.kit.api.outcomes import Done
from confbox.kit.api.problems import invalid
from confbox.kit.api.routers import ApiRouter
from confbox.kit.api.scopes import Scope
from confbox.kit.limits import heavy_work

router = ApiRouter("Me")
ONE_PIXEL = "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAAAAAA6fptVAAAACklEQVR4nGNoAAAAggCBd81ytgAAAABJRU5ErkJggg=="


class NewPicture(Input):
    picture: str = Field(
        max_length=MOST_BYTES,
        description="A JPEG, PNG, WebP or GIF file in Base64, of at most about 780 kB and 25 megapixels. "
        "The page takes files of up to 8 MB.",
    )

    EXAMPLE: ClassVar = {"picture": ONE_PIXEL}


@router.post(
    "people/profile/picture/",
    scope=Scope.CAMPAIGN,
    all_conferences=True,
    answer=OwnProfile,
    summary="Set your picture",
    refusals=["This file could not be read as a picture. Please choose a JPEG, PNG, WebP or GIF."],
)
def change_picture(request: PersonRequest, form: NewPicture) -> OwnProfile:
    """Only its pixels are kept, in two sizes; the picture that you had is deleted."""
    upload = SimpleUploadedFile("picture", _decoded(form.picture))
    with heavy_work(UPLOADS, request):
        person = set_picture(upload=upload, by=actor_of(request))
    return OwnProfile.of(person)


def _decoded(text: str) -> bytes:
    try:
        return base64.b64decode(text, validate=True)
    except (Error, ValueError):
        raise invalid("picture", _("This is not Base64.")) from None


@router.post(
    "people/profile/picture/remove/",
    scope=Scope.CAMPAIGN,
    all_conferences=True,
    answer=Done,
    summary="Remove your picture",
)
def remove_picture(request: PersonRequest) -> Done:
    """`none` if there was none."""
    return Done(outcome=remove(by=actor_of(request)).value)
