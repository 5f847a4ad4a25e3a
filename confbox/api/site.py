"""All operations of version 1, in the order in which the documentation lists them."""

from collections.abc import Callable
from typing import Any, cast

from django.contrib.auth.decorators import login_not_required
from django.http import HttpRequest, HttpResponse
from ninja import NinjaAPI

from accounts.api import linked_addresses, me, my_data, people, pictures, profile, sessions
from confbox.api.door import through_the_door
from confbox.api.failures import problem_for
from confbox.kit.api.bodies import StrictParser
from conferences.api import (
    acts,
    admissions,
    audit_log,
    conferences,
    copies,
    creating,
    emails,
    imports,
    invitations,
    joining,
    merges,
    rosters,
    second_person,
    series,
    series_webhooks,
    teams,
    tokens,
    webhooks,
)
from conferences.api import members as member_lists
from voting.campaigns.api import campaigns
from voting.desk.api import details, moderation, reports
from voting.desk.api import routers as desk
from voting.elections.api import members, memberships, pitches, receipts, results, rolls, votes

ROUTERS = [
    me.router,
    profile.router,
    pictures.router,
    my_data.router,
    sessions.router,
    linked_addresses.router,
    tokens.router,
    invitations.router,
    conferences.router,
    memberships.router,
    joining.router,
    member_lists.router,
    members.router,
    pitches.router,
    votes.router,
    receipts.router,
    results.router,
    rolls.router,
    campaigns.router,
    creating.router,
    details.router,
    acts.router,
    copies.router,
    merges.router,
    imports.router,
    admissions.router,
    rosters.router,
    teams.router,
    series.router,
    second_person.router,
    moderation.router,
    reports.router,
    emails.router,
    people.router,
    webhooks.router,
    series_webhooks.router,
    audit_log.router,
    *desk.ROUTERS,
]


DESCRIPTION = """\
Everything that the pages of this site do, as JSON. **[Start here](/api-docs/start/)**: tokens, lists, errors,
and how to send a request again without doing it twice.
"""


class SiteAPI(NinjaAPI):
    def on_exception(self, request: HttpRequest, exc: Any) -> HttpResponse:
        return problem_for(request, exc)

    def _get_urls(self) -> list[Any]:
        """Neither log-in page nor Django's check of forms: the door asks who it is."""
        found = super()._get_urls()
        for pattern in found:
            login_not_required(cast("Callable[..., Any]", pattern.callback))
        return found


api = SiteAPI(
    title="ConferenceBox",
    version="1",
    description=DESCRIPTION,
    urls_namespace="api-v1",
    docs_url=None,
    openapi_url=None,
    parser=StrictParser(),
)
api.add_decorator(through_the_door, mode="view")
for router in ROUTERS:
    api.add_router("", router.ninja)
