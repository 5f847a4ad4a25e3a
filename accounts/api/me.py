from typing import ClassVar

from pydantic import Field

from accounts.models import User
from accounts.requests import PersonRequest
from confbox.kit.api.fields import Answer, RowID
from confbox.kit.api.routers import ApiRouter
from confbox.kit.api.scopes import Scope

router = ApiRouter("Me")


class Me(Answer):
    """The person whose token it is."""

    id: RowID
    email: str
    name: str
    language: str = Field(description="In which you are answered; empty for that of your program.")
    time_zone: str = Field(description="In which the site shows you times. The API answers in UTC.")

    EXAMPLE: ClassVar = {
        "id": 7,
        "email": "alice@example.org",
        "name": "Alice Example",
        "language": "de",
        "time_zone": "Europe/Berlin",
    }

    @classmethod
    def of(cls, person: User) -> "Me":
        return cls(
            id=person.pk,
            email=person.email,
            name=person.name,
            language=person.language,
            time_zone=person.time_zone,
        )


@router.get("me/", scope=Scope.READ, answer=Me, summary="Who you are")
def me(request: PersonRequest) -> Me:
    """Your own account, such as to check whose token a program has."""
    return Me.of(request.user)
