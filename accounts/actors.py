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

    @classmethod
    def of_command(cls) -> "Actor":
        return cls(None, channel=Channel.COMMAND)

    @property
    def user(self) -> User:
        """The person, for verbs that no command calls."""
        if self.person is None:
            raise TypeError("Only a person can do this.")
        return self.person


def actor_of(request: HttpRequest) -> Actor:
    person = request.user if isinstance(request.user, User) else None
    return Actor(person, client_ip_address(request))
