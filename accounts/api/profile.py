"""What a person tells about themselves, and how the site treats them."""

from typing import ClassVar

from django import forms
from django.conf import settings
from pydantic import Field

from accounts import actions
from accounts.actors import actor_of
from accounts.forms import PreferencesForm, ProfileForm
from accounts.models import User
from accounts.requests import PersonRequest
from confbox.kit.api.fields import Answer, Input
from confbox.kit.api.forms import cleaned
from confbox.kit.api.routers import ApiRouter
from confbox.kit.api.scopes import Scope

router = ApiRouter("Me")


class OwnProfile(Answer):
    name: str
    profession: str
    shows_profession: bool = Field(description="To other members.")
    bio: str = Field(description="In Markdown.")
    shows_bio: bool = Field(description="To other members.")
    phone: str = Field(description="Only you and the administrators of the site see it.")
    picture: str = Field(description="Its URL; empty if there is none.")
    small_picture: str = Field(description="Its URL at the size used in lists.")

    EXAMPLE: ClassVar = {
        "name": "Alice Example",
        "profession": "Engineer",
        "shows_profession": True,
        "bio": "I write **small** programs.",
        "shows_bio": True,
        "phone": "",
        "picture": "",
        "small_picture": "",
    }

    @classmethod
    def of(cls, person: User) -> "OwnProfile":
        return cls(
            name=person.name,
            profession=person.profession,
            shows_profession=person.shows_profession,
            bio=person.bio,
            shows_bio=person.shows_bio,
            phone=person.phone,
            picture=settings.SITE_URL + person.picture.url if person.picture else "",
            small_picture=settings.SITE_URL + person.small_picture_url if person.picture else "",
        )


class ProfileChange(Input):
    """What is to change; all else stays."""

    name: str | None = Field(None, max_length=150)
    profession: str | None = Field(None, max_length=150)
    shows_profession: bool | None = None
    bio: str | None = Field(None, max_length=5000, description="In Markdown.")
    shows_bio: bool | None = None
    phone: str | None = Field(None, max_length=40)

    EXAMPLE: ClassVar = {"profession": "Engineer", "shows_profession": True}


class OwnSettings(Answer):
    time_zone: str = Field(description="In which the site shows you times of your account.")
    language: str = Field(description="Empty for that of your browser.")
    receives_campaigns: bool = Field(description="Emails in which candidates introduce themselves.")
    receives_notices: bool = Field(description="Emails when voting opens, and before it closes.")

    EXAMPLE: ClassVar = {
        "time_zone": "Europe/Berlin",
        "language": "de",
        "receives_campaigns": True,
        "receives_notices": True,
    }

    @classmethod
    def of(cls, person: User) -> "OwnSettings":
        return cls(
            time_zone=person.time_zone,
            language=person.language,
            receives_campaigns=person.receives_campaigns,
            receives_notices=person.receives_notices,
        )


class SettingsChange(Input):
    """What is to change; all else stays."""

    time_zone: str | None = Field(None, max_length=64)
    language: str | None = Field(None, max_length=10)
    receives_campaigns: bool | None = None
    receives_notices: bool | None = None

    EXAMPLE: ClassVar = {"time_zone": "Europe/Berlin", "receives_campaigns": False}


@router.get(
    "people/profile/", scope=Scope.READ, all_conferences=True, answer=OwnProfile, summary="Your profile"
)
def own_profile(request: PersonRequest) -> OwnProfile:
    """All of it, also what is shown to you alone."""
    return OwnProfile.of(request.user)


@router.post(
    "people/profile/",
    scope=Scope.CAMPAIGN,
    all_conferences=True,
    answer=OwnProfile,
    summary="Change your profile",
)
def edit_profile(request: PersonRequest, form: ProfileChange) -> OwnProfile:
    """Changes the fields that you send. A result that names you keeps the name that you had."""
    return OwnProfile.of(_changed(request, ProfileForm, form))


@router.get(
    "people/settings/", scope=Scope.READ, all_conferences=True, answer=OwnSettings, summary="Your settings"
)
def own_settings(request: PersonRequest) -> OwnSettings:
    """Your language, your time zone, and which emails you get."""
    return OwnSettings.of(request.user)


@router.post(
    "people/settings/",
    scope=Scope.VOTE,
    all_conferences=True,
    answer=OwnSettings,
    summary="Change your settings",
)
def change_settings(request: PersonRequest, form: SettingsChange) -> OwnSettings:
    """Changes the fields that you send."""
    return OwnSettings.of(_changed(request, PreferencesForm, form))


def _changed(request: PersonRequest, page: type[forms.ModelForm[User]], given: Input) -> User:
    """The person after the change. The form of the page checks what was sent, and nothing else."""
    sent = given.model_dump(exclude_none=True)
    person: User = User.objects.get(pk=request.user.pk)
    if not sent:
        return person
    form = page(sent, instance=person)
    for name in form.fields.keys() - sent.keys():
        del form.fields[name]
    actions.change_own_account(columns=cleaned(form), by=actor_of(request))
    person.refresh_from_db()
    return person
