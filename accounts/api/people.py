from typing import Annotated, ClassVar, Literal

from django.core.exceptions import PermissionDenied
from django.shortcuts import get_object_or_404
from ninja import Query
from pydantic import Field

from accounts import actions, removal
from accounts.actors import actor_of
from accounts.api.log_ins import require_fresh_log_in_of_browser
from accounts.forms import ReasonForm, RemovalForm
from accounts.models import User
from accounts.permissions import has_site_permission
from accounts.requests import PersonRequest
from confbox.kit.api.fields import Answer, Input, RowID, UrlID
from confbox.kit.api.forms import cleaned
from confbox.kit.api.outcomes import Done
from confbox.kit.api.pages import Page, Paging, page_of_rows
from confbox.kit.api.routers import ApiRouter
from confbox.kit.api.scopes import Scope
from confbox.kit.email_addresses import normalise_email

router = ApiRouter("Organising: accounts")
READ = "accounts.view_user"
EmailToFind = Annotated[str, Field(max_length=254, description="Finds the account with this email address.")]


class AccountReason(Input):
    reason: str = Field(max_length=2000, description="Kept in the history with your name.")

    EXAMPLE: ClassVar = {"reason": "Sends advertising to members."}


class ProfileRemoval(Input):
    parts: list[Literal["picture", "profession", "bio"]] = Field(max_length=3)
    reason: str = Field(max_length=2000, description="The person gets it by email.")

    EXAMPLE: ClassVar = {"parts": ["bio"], "reason": "It is advertising."}


class AccountInList(Answer):
    id: RowID
    name: str
    email: str
    profession: str
    is_active: bool = Field(description="False if the account is disabled.")
    is_staff: bool = Field(description="Whether they may enter the pages of organisers of the site.")

    EXAMPLE: ClassVar = {
        "id": 21,
        "name": "Bob Example",
        "email": "bob@example.org",
        "profession": "Engineer",
        "is_active": True,
        "is_staff": False,
    }

    @classmethod
    def of(cls, person: User) -> "AccountInList":
        names = ("name", "email", "profession", "is_active", "is_staff")
        return cls(id=person.pk, **{name: getattr(person, name) for name in names})


@router.get(
    "organise/people/",
    scope=Scope.ORGANISE_READ,
    all_conferences=True,
    answer=Page[AccountInList],
    summary="List accounts, or find one",
)
def people(request: PersonRequest, paging: Query[Paging], email: EmailToFind = "") -> Page[AccountInList]:
    """By ID, or the one with this email address. For organisers of the site; without phone numbers."""
    if not has_site_permission(request.user, READ):
        raise PermissionDenied
    rows = User.objects.real()
    rows = rows.filter(email=normalise_email(email)) if email else rows
    return page_of_rows(rows, paging, order=("pk",), show=AccountInList.of)


@router.post(
    "organise/people/{user_id}/disable/",
    scope=Scope.ORGANISE_WRITE,
    all_conferences=True,
    answer=Done,
    summary="Disable an account",
    refusals=["You cannot disable or enable yourself."],
)
def disable_user(request: PersonRequest, user_id: UrlID, form: AccountReason) -> Done:
    """Ends its sessions and tokens, and keeps the person out. For organisers of the site."""
    person = _person(request, user_id)
    reason = cleaned(ReasonForm(form.model_dump()))["reason"]
    done = actions.disable_user(user=person, by=actor_of(request), reason=reason)
    return Done(outcome=done.value)


@router.post(
    "organise/people/{user_id}/enable/",
    scope=Scope.ORGANISE_WRITE,
    all_conferences=True,
    answer=Done,
    summary="Enable an account",
    refusals=["You cannot disable or enable yourself."],
)
def enable_user(request: PersonRequest, user_id: UrlID, form: AccountReason) -> Done:
    """Lets the person in again. For organisers of the site."""
    person = _person(request, user_id)
    reason = cleaned(ReasonForm(form.model_dump()))["reason"]
    done = actions.enable_user(user=person, by=actor_of(request), reason=reason)
    return Done(outcome=done.value)


@router.post(
    "organise/people/{user_id}/removal/",
    scope=Scope.ORGANISE_WRITE,
    all_conferences=True,
    answer=Done,
    summary="Remove parts of a profile",
    refusals=["This is your own profile. You can change it under “My profile”."],
)
def remove_from_profile(request: PersonRequest, user_id: UrlID, form: ProfileRemoval) -> Done:
    """Everywhere at once; the person gets an email. For organisers of the site."""
    person = _person(request, user_id)
    entered = cleaned(RemovalForm(form.model_dump()))
    done = removal.remove_from_profile(user=person, by=actor_of(request), **entered)
    return Done(outcome=done.value)


def _person(request: PersonRequest, user_id: int) -> User:
    """The permission is the same for all three."""
    if not has_site_permission(request.user, removal.REMOVE):
        raise PermissionDenied
    require_fresh_log_in_of_browser(request)
    found: User = get_object_or_404(User.objects.real(), pk=user_id)
    return found
