from typing import ClassVar, Literal

from django.urls import reverse
from django.utils.translation import gettext as _
from pydantic import Field

from accounts.actors import actor_of
from accounts.requests import PersonRequest
from confbox.kit.api.fields import Answer, Input, Instant, Slug
from confbox.kit.api.forms import cleaned
from confbox.kit.api.outcomes import Done
from confbox.kit.api.problems import Problem
from confbox.kit.api.routers import ApiRouter
from confbox.kit.api.scopes import Scope
from conferences.models import Membership
from conferences.views import own_membership
from voting.elections import pitches
from voting.elections.forms import PitchForm
from voting.elections.models import Pitch
from voting.elections.moderation import hiding
from voting.elections.sharing import actions as sharing

router = ApiRouter("Pitches")
Shown = Literal["none", "members", "everyone", "hidden", "covered"]
NO_PITCH = "Please write your pitch first. The page shows its headline."


class OwnPitch(Answer):
    headline: str = Field(description="Empty if you have written none.")
    statement: str = Field(description="In Markdown.")
    accepts_votes: bool
    shown: Shown = Field(description="To whom: `hidden` by the organisers, `covered` while they check it.")
    hidden_reason: str = Field(description="Why the organisers have hidden it.")
    updated_at: Instant | None
    public_url: str = Field(description="The page that everyone sees; empty if it is not public.")

    EXAMPLE: ClassVar = {
        "headline": "Less is more",
        "statement": "I would speak about **small** programs.",
        "accepts_votes": True,
        "shown": "members",
        "hidden_reason": "",
        "updated_at": "2027-02-01T09:30:00Z",
        "public_url": "",
    }


class PitchToSave(Input):
    headline: str = Field(max_length=200, description="One line, of at most 120 characters.")
    statement: str = Field("", max_length=10_000, description="In Markdown, of at most 5,000 characters.")
    accepts_votes: bool = Field(
        description="If false, votes for you become void, and those voters are notified."
    )

    EXAMPLE: ClassVar = {
        "headline": "Less is more",
        "statement": "I would speak about **small** programs.",
        "accepts_votes": True,
    }


@router.get("conferences/{slug}/pitch/", scope=Scope.CAMPAIGN, answer=OwnPitch, summary="Your pitch")
def pitch(request: PersonRequest, slug: Slug) -> OwnPitch:
    """As you have written it, and who sees it."""
    mine = own_membership(request, slug)
    stored = Pitch.objects.filter(membership=mine).first()
    shown = _shown(mine, stored)
    path = reverse("candidate", args=[slug, mine.pk]) if shown == "everyone" else ""
    return OwnPitch(
        headline=stored.headline if stored else "",
        statement=stored.statement if stored else "",
        accepts_votes=mine.accepts_votes,
        shown=shown,
        hidden_reason=mine.pitch_hidden_reason if shown == "hidden" else "",
        updated_at=stored.updated_at if stored else None,
        public_url=request.build_absolute_uri(path) if path else "",
    )


def _shown(
    mine: Membership, stored: Pitch | None
) -> Literal["none", "members", "everyone", "hidden", "covered"]:
    if stored is None:
        return "none"
    if mine.is_pitch_hidden:
        return "hidden"
    if stored.is_covered:
        return "covered"
    return "everyone" if stored.shared_at and mine.accepts_votes else "members"


@router.post(
    "conferences/{slug}/pitch/",
    scope=Scope.CAMPAIGN,
    answer=Done,
    summary="Write or change your pitch",
    refusals=["Voting is closed and the count is final; you can no longer opt out."],
)
def save_pitch(request: PersonRequest, slug: Slug, form: PitchToSave) -> Done:
    """Replaces the pitch, and whether members can vote for you: both or neither. Twice changes nothing."""
    mine = own_membership(request, slug)
    stored = Pitch.objects.filter(membership=mine).first()
    entered = cleaned(PitchForm(form.model_dump(), instance=stored))
    return Done(outcome=pitches.save_pitch(membership=mine, **entered, by=actor_of(request)).value)


@router.post(
    "conferences/{slug}/pitch/ask/",
    scope=Scope.CAMPAIGN,
    answer=Done,
    summary="Ask that your pitch be shown again",
)
def ask_to_show_pitch(request: PersonRequest, slug: Slug) -> Done:
    """For a pitch that the organisers have hidden. `none` if it is not hidden, or you have asked already."""
    mine = own_membership(request, slug)
    return Done(outcome=hiding.ask_to_show_pitch(membership=mine, by=actor_of(request)).value)


@router.post(
    "conferences/{slug}/pitch/share/",
    scope=Scope.CAMPAIGN,
    answer=Done,
    summary="Make your name and headline public",
    refusals=[NO_PITCH, "Only members see this conference, so a pitch cannot be made public."],
)
def share_pitch(request: PersonRequest, slug: Slug) -> Done:
    """Gives you a page that everyone sees; its URL is in `public_url` of your pitch."""
    mine = own_membership(request, slug)
    if not Pitch.objects.filter(membership=mine).exists():
        raise Problem("no-pitch", _("Please write your pitch first. The page shows its headline."))
    return Done(outcome=sharing.share_pitch(membership=mine, by=actor_of(request)).value)


@router.post(
    "conferences/{slug}/pitch/unshare/",
    scope=Scope.CAMPAIGN,
    answer=Done,
    summary="End your public page",
)
def unshare_pitch(request: PersonRequest, slug: Slug) -> Done:
    """The page is no longer found. `none` if there was none."""
    mine = own_membership(request, slug)
    return Done(outcome=sharing.unshare_pitch(membership=mine, by=actor_of(request)).value)
