from typing import Any, ClassVar, Literal

from ninja import Query
from pydantic import Field

from accounts.audit_words import entry_in_words
from accounts.models import AdminAct
from accounts.requests import PersonRequest
from confbox.kit.api.fields import Answer, Instant, RowID, Slug
from confbox.kit.api.pages import Page, Paging, page_of_rows
from confbox.kit.api.routers import ApiRouter
from confbox.kit.api.scopes import Scope
from conferences.api.doors import managed
from conferences.teams.acts import READ, acts_managed_by, as_read

router = ApiRouter("Organising: audit log")


class EntryOfLog(Answer):
    id: RowID
    at: Instant
    act: str = Field(description="A code.")
    words: str = Field(description="What was done.")
    reason: str
    by: str = Field(description="Who did it; empty: the site, or on the server's command line.")
    concerns: str
    channel: Literal["web", "api", "command"]

    EXAMPLE: ClassVar = {
        "id": 99,
        "at": "2027-04-10T09:30:00Z",
        "act": "move deadline",
        "words": "Deadline moved from 20 April to 22 April.",
        "reason": "The site was down for a day.",
        "by": "Olga Example",
        "concerns": "Open Conf",
        "channel": "web",
    }

    @classmethod
    def of(cls, act: AdminAct) -> "EntryOfLog":
        """Of one `as_read` by the person who asks."""
        said: dict[str, Any] = {"words": entry_in_words(act)}
        names = ("at", "act", "reason", "channel")
        said |= {name: getattr(act, name) for name in names} | {"by": str(act.by) if act.by else ""}
        return cls(id=act.pk, concerns=act.target, **said)


@router.get(
    "conferences/{slug}/organise/audit-log/",
    scope=Scope.ORGANISE_READ,
    answer=Page[EntryOfLog],
    summary="The audit log of a conference",
)
def audit_log(request: PersonRequest, slug: Slug, paging: Query[Paging]) -> Page[EntryOfLog]:
    """Newest first. Observers read it without the members in it; IP addresses are not in it."""
    conference = managed(request, slug, READ)
    rows = acts_managed_by(AdminAct.objects.filter(of_conference=conference.pk), request.user)
    page = page_of_rows(rows.select_related("by", "asked_by"), paging, order=("-pk",), show=lambda act: act)
    shown = [EntryOfLog.of(act) for act in as_read(page.items, request.user)]
    return Page(items=shown, next=page.next)
