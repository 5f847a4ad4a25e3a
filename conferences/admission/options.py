"""How one person can join a conference, for the parts of a page that ask."""

from functools import cached_property

from django.contrib.auth.models import AnonymousUser

from accounts.models import User
from conferences.admission.requests import OwnRequest, own_request
from conferences.admission.rules import Way, Ways, rules_of, way_in, ways_of
from conferences.models import Admission, Conference


class JoinOptions:
    """Looks each fact up once, when a part of the page first asks for it. Members' pages ask for none."""

    def __init__(self, person: User | AnonymousUser, conference: Conference) -> None:
        self.user = person if isinstance(person, User) else None
        self.conference = conference

    @cached_property
    def _rules(self) -> Admission:
        return rules_of(self.conference)

    @cached_property
    def way(self) -> Way | None:
        """The rule that admits the person, who is logged in, without a code."""
        if self.user is None:
            return None
        return way_in(user=self.user, conference=self.conference, rules=self._rules)

    @cached_property
    def ways(self) -> Ways:
        """What can admit a person whom nothing admits yet."""
        return ways_of(self.conference, rules=self._rules)

    @cached_property
    def request(self) -> OwnRequest | None:
        """Their request to be let in; None where there is nothing to say or to ask."""
        if self.user is None:
            return None
        own = own_request(conference=self.conference, user=self.user)
        return own if self.ways.approval or own.is_waiting else None
