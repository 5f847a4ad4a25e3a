"""Who does something, from which IP address and through which channel."""

from dataclasses import dataclass

from django.http import HttpRequest

from accounts.models import AdminAct, User
from confbox.kit.ip_addresses import client_ip_address

Channel = AdminAct.Channel


@dataclass(frozen=True)
class Actor:
    """`person` is None only for what is done on the server's command line."""

    person: User | None
    ip_address: str | None = None
    channel: Channel = Channel.WEB
    # Who asked for what this person, as the second, confirms.
    asked_by: User | None = None

    @classmethod
    def of_command(cls) -> "Actor":
        return cls(None, channel=Channel.COMMAND)

    @property
    def user(self) -> User:
        """The person, for verbs that no command calls."""
        if self.person is None:
            raise TypeError("Only a person can do this.")
        return self.person

    @property
    def first(self) -> User:
        """Whose act it is: of the one who asked, if a second person confirms it."""
        return self.asked_by or self.user

    @property
    def second(self) -> User | None:
        return self.user if self.asked_by else None

    @property
    def is_alone(self) -> bool:
        """Whether no second person agrees; no one is the second to themselves."""
        return self.asked_by is None or self.person is None or self.asked_by.pk == self.person.pk


def actor_of(request: HttpRequest) -> Actor:
    person = request.user if isinstance(request.user, User) else None
    channel = Channel.API if getattr(request, "is_api", False) else Channel.WEB
    return Actor(person, client_ip_address(request), channel)
