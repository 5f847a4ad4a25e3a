from typing import ClassVar, Literal

from django.core.exceptions import PermissionDenied
from ninja import Query
from pydantic import Field

from accounts.actors import actor_of
from accounts.requests import PersonRequest
from confbox.kit.api.fields import Answer, Instant, RowID, Slug, UrlID
from confbox.kit.api.forms import cleaned
from confbox.kit.api.pages import Page, Paging, page_of_rows
from confbox.kit.api.routers import ApiRouter
from confbox.kit.api.scopes import Scope
from conferences.api.doors import managed
from conferences.api.outcomes import ActDone
from conferences.roster.access import READ as READ_ROSTER
from conferences.roster.access import entry_or_404
from conferences.roster.listing import is_large
from voting.campaigns import actions
from voting.campaigns.api.campaigns import CampaignText
from voting.campaigns.forms import CampaignForm
from voting.campaigns.invitations import actions as invitations
from voting.campaigns.invitations.sent import emails_to_roster
from voting.campaigns.kinds.invitation import why_not_joinable
from voting.campaigns.kinds.registry import KINDS
from voting.campaigns.recipients import campaign_to_be, count_recipients, count_waiting
from voting.campaigns.rules import refusal_to_announce
from voting.campaigns.subscriptions.models import UndeliverableAddress
from voting.campaigns.subscriptions.reachability import unsubscribed_digests
from voting.desk.announcement_views import conference_to_write_for
from voting.desk.api.campaigns import Kinds, ReviewedCampaign
from voting.desk.campaign_access import INVITE

router = ApiRouter("Organising: emails")
Writable = Literal["candidates", "reminder", "result", "invitation", "joinreminder"]


class DraftOfEmail(Answer):
    subject: str
    message: str = Field(description="In Markdown. Who sends it unchanged can approve it themselves.")
    refusal: str = Field(description="Why none can be written now; empty if one can.")
    recipients: int | None = Field(description="How many would get it now; null where that is secret.")

    EXAMPLE: ClassVar = {
        "subject": "Please vote: Open Conf",
        "message": "Voting closes soon.",
        "refusal": "",
        "recipients": None,
    }


class Invitations(Answer):
    refusal: str = Field(description="Why no one can be invited now; empty if they can.")
    to_invite: int | None = Field(description="Null for a very large roster.")
    to_remind: int | None
    last: RowID | None = Field(description="The last campaign to the roster.")
    last_kind: Kinds | None
    last_state: str

    EXAMPLE: ClassVar = {
        "refusal": "",
        "to_invite": 12,
        "to_remind": 48,
        "last": 5,
        "last_kind": "invitation",
        "last_state": "sent",
    }


class UndeliverableInList(Answer):
    address: str
    reply: str = Field(description="Of a mail server.")
    since: Instant

    EXAMPLE: ClassVar = {
        "address": "bob@example.org",
        "reply": "550 5.1.1 unknown",
        "since": "2027-04-10T09:30:00Z",
    }

    @classmethod
    def of(cls, row: UndeliverableAddress) -> "UndeliverableInList":
        return cls(address=row.address, reply=row.answer, since=row.marked_at)


@router.get(
    "conferences/{slug}/organise/announce/{kind}/",
    scope=Scope.ORGANISE_READ,
    answer=DraftOfEmail,
    summary="The text with which an email of the team begins",
)
def draft_of_email(request: PersonRequest, slug: Slug, kind: Writable) -> DraftOfEmail:
    """To all members, or to the roster. Not found for emails that the site writes itself."""
    conference, draft = conference_to_write_for(request, kind, slug=slug)
    to_be = campaign_to_be(conference=conference, kind=KINDS[kind].code)
    refusal = refusal_to_announce(conference, kind)
    return DraftOfEmail(**draft.text_for(conference), refusal=refusal, recipients=count_recipients(to_be))


@router.post(
    "conferences/{slug}/organise/announce/{kind}/",
    scope=Scope.ORGANISE_WRITE,
    answer=ReviewedCampaign,
    status=201,
    summary="Write an email of the team",
    refusals=["Voting is over, so this would come too late."],
)
def announce(request: PersonRequest, slug: Slug, kind: Writable, form: CampaignText) -> ReviewedCampaign:
    """It is sent once it is approved."""
    conference, _draft = conference_to_write_for(request, kind, slug=slug)
    entered = cleaned(CampaignForm(form.model_dump()))
    written = actions.announce(conference=conference, kind=kind, by=actor_of(request), **entered)
    return ReviewedCampaign.seen_by(request.user, written)


@router.get(
    "conferences/{slug}/organise/invitations/",
    scope=Scope.ORGANISE_READ,
    answer=Invitations,
    summary="How far the invitations to the roster are",
)
def invitations_to_roster(request: PersonRequest, slug: Slug) -> Invitations:
    """How many can be invited or reminded, and the last such email."""
    conference = managed(request, slug, INVITE)
    last = next(iter(emails_to_roster(conference)), None)
    counts: dict[str, int | None] = {"to_invite": None, "to_remind": None}
    if not is_large(conference):
        counts |= count_waiting(conference=conference, unsubscribed=unsubscribed_digests())
    return Invitations(
        refusal=why_not_joinable(conference),
        last=last.pk if last else None,
        last_kind=str(last.kind) if last else None,  # type: ignore[arg-type]
        last_state=str(last.status) if last else "",
        **counts,
    )


@router.post(
    "conferences/{slug}/organise/invitations/{entry_id}/",
    scope=Scope.ORGANISE_WRITE,
    answer=ActDone,
    summary="Send the invitation to one person on the roster",
    refusals=["No invitation has been approved yet. Please first send one to everyone who is listed."],
)
def resend_invitation(request: PersonRequest, slug: Slug, entry_id: UrlID) -> ActDone:
    """Once more, if it was sent before. `none` if it waits to be sent."""
    conference = managed(request, slug, INVITE)
    if not request.user.has_perm(READ_ROSTER, conference):
        raise PermissionDenied
    entry = entry_or_404(conference, entry_id)
    return ActDone.of(invitations.resend_invitation(entry=entry, by=actor_of(request)))


@router.get(
    "organise/undeliverable-addresses/",
    scope=Scope.ORGANISE_READ,
    all_conferences=True,
    answer=Page[UndeliverableInList],
    summary="Email addresses that mail servers refuse",
)
def undeliverable_addresses(request: PersonRequest, paging: Query[Paging]) -> Page[UndeliverableInList]:
    """Of the whole site, so for its organisers. Those of one vote are with its list of voters."""
    if not request.user.has_perm("voting.view_undeliverableaddress"):
        raise PermissionDenied
    rows = UndeliverableAddress.objects.all()
    return page_of_rows(rows, paging, order=("pk",), show=UndeliverableInList.of)
