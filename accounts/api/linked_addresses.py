from typing import ClassVar

from django.shortcuts import get_object_or_404
from pydantic import Field

from accounts import linked_addresses as linked
from accounts.actors import actor_of
from accounts.models import LinkedAddress
from accounts.requests import PersonRequest
from confbox.kit.api.fields import Answer, Instant, RowID, UrlID
from confbox.kit.api.outcomes import Done
from confbox.kit.api.routers import ApiRouter
from confbox.kit.api.scopes import Scope

router = ApiRouter("Me")


class AddressOfTicket(Answer):
    id: RowID
    email: str
    confirmed_at: Instant

    EXAMPLE: ClassVar = {"id": 5, "email": "tickets@example.org", "confirmed_at": "2027-02-01T09:30:00Z"}

    @classmethod
    def of(cls, row: LinkedAddress) -> "AddressOfTicket":
        return cls(id=row.pk, email=row.email, confirmed_at=row.verified_at)


class AddressesOfTickets(Answer):
    items: list[AddressOfTicket] = Field(description="Without that of your log-in, which is in `me`.")

    EXAMPLE: ClassVar = {"items": [AddressOfTicket.EXAMPLE]}


@router.get(
    "accounts/linked-addresses/",
    scope=Scope.READ,
    all_conferences=True,
    answer=AddressesOfTickets,
    summary="Further email addresses of your tickets",
)
def linked_addresses(request: PersonRequest) -> AddressesOfTickets:
    """Each was confirmed with an emailed code, because a ticket of yours is under it."""
    rows = LinkedAddress.objects.filter(user=request.user)
    return AddressesOfTickets(items=[AddressOfTicket.of(row) for row in rows])


@router.post(
    "accounts/linked-addresses/{linked_id}/remove/",
    scope=Scope.VOTE,
    all_conferences=True,
    answer=Done,
    summary="Remove such an address",
)
def unlink_address(request: PersonRequest, linked_id: UrlID) -> Done:
    """A ticket that was found with it stays yours."""
    row = get_object_or_404(LinkedAddress, pk=linked_id, user=request.user)
    return Done(outcome=linked.unlink_address(linked=row, by=actor_of(request)).value)
