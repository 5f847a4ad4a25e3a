from functools import partial
from typing import ClassVar

from ninja import Query
from pydantic import Field

from accounts.actors import actor_of
from accounts.api.log_ins import require_fresh_log_in_of_browser
from accounts.requests import PersonRequest
from confbox.kit.api.fields import Answer, Input, Instant, RowID, Slug, UrlID, Words
from confbox.kit.api.forms import cleaned
from confbox.kit.api.pages import Page, Paging, page_of_rows
from confbox.kit.api.routers import ApiRouter
from confbox.kit.api.scopes import Scope
from confbox.kit.pagination import search_words
from conferences.api.doors import managed
from conferences.api.outcomes import SEEN, ActDone, Reason
from conferences.consent.actions import do_or_ask
from conferences.models import Membership
from conferences.series.roles.models import MODERATE
from voting.desk.forms import HidingForm
from voting.desk.moderation_views import MODERATED_ORDER, member_with_pitch, member_with_profile, moderated_in
from voting.elections.moderation import hiding
from voting.elections.moderation.reporting import PITCH, PROFILE, version_shown

router = ApiRouter("Organising: moderation")


class ModeratedMember(Answer):
    member_id: RowID
    name: str
    headline: str
    statement: str = Field(description="In Markdown.")
    pitch_hidden_at: Instant | None
    pitch_hidden_reason: str
    showing_asked_at: Instant | None = Field(description="When the author asked for it to be shown again.")
    profile_hidden_at: Instant | None
    seen_pitch: str
    seen_profile: str

    EXAMPLE: ClassVar = {
        "member_id": 12,
        "name": "Bob Example",
        "headline": "Less is more",
        "statement": "Small **programs**.",
        "pitch_hidden_at": None,
        "pitch_hidden_reason": "",
        "showing_asked_at": None,
        "profile_hidden_at": None,
        "seen_pitch": "2c26b46b68ffc68ff99b453c1d304134",
        "seen_profile": "fcde2b2edba56bf408601fb721fe9b5c",
    }

    @classmethod
    def of(cls, member: Membership) -> "ModeratedMember":
        pitch = getattr(member, "pitch", None)
        times = ("pitch_hidden_at", "pitch_hidden_reason", "showing_asked_at", "profile_hidden_at")
        return cls(
            member_id=member.pk,
            name=str(member),
            headline=pitch.headline if pitch else "",
            statement=pitch.statement if pitch else "",
            seen_pitch=version_shown(member, PITCH),
            seen_profile=version_shown(member, PROFILE),
            **{name: getattr(member, name) for name in times},
        )


class Showing(Input):
    seen: str = SEEN

    EXAMPLE: ClassVar = {"seen": ""}


@router.get(
    "conferences/{slug}/organise/moderation/",
    scope=Scope.ORGANISE_READ,
    answer=Page[ModeratedMember],
    summary="List pitches to moderate",
)
def moderation(
    request: PersonRequest, slug: Slug, paging: Query[Paging], q: Words = ""
) -> Page[ModeratedMember]:
    """First those whose authors ask for them to be shown again, then the hidden ones."""
    found = moderated_in(managed(request, slug, MODERATE), search_words(request))
    return page_of_rows(found, paging, order=MODERATED_ORDER, show=ModeratedMember.of)


@router.post(
    "conferences/{slug}/organise/moderation/{member_id}/pitch/hide/",
    scope=Scope.ORGANISE_WRITE,
    answer=ActDone,
    summary="Hide a pitch",
)
def hide_pitch(request: PersonRequest, slug: Slug, member_id: UrlID, form: Reason) -> ActDone:
    """While voting is open, votes for its author are free again. A second person may have to confirm it."""
    member, by = _with_pitch(request, slug, member_id), actor_of(request)
    reason = _reason(form)
    verb = partial(hiding.hide_pitch, membership=member, reason=reason, by=by, seen=form.seen)
    return ActDone.of(do_or_ask(verb, reason=reason, by=by))


@router.post(
    "conferences/{slug}/organise/moderation/{member_id}/pitch/show/",
    scope=Scope.ORGANISE_WRITE,
    answer=ActDone,
    summary="Show a hidden pitch again",
)
def restore_pitch(
    request: PersonRequest, slug: Slug, member_id: UrlID, form: Showing | None = None
) -> ActDone:
    """Its author gets an email. `none` if it was not hidden."""
    member = _with_pitch(request, slug, member_id)
    seen = form.seen if form else ""
    return ActDone.of(hiding.restore_pitch(membership=member, by=actor_of(request), seen=seen))


@router.post(
    "conferences/{slug}/organise/moderation/{member_id}/pitch/keep/",
    scope=Scope.ORGANISE_WRITE,
    answer=ActDone,
    summary="Keep a pitch hidden",
)
def keep_pitch_hidden(request: PersonRequest, slug: Slug, member_id: UrlID, form: Reason) -> ActDone:
    """Answers an author who asked for it to be shown again. `none` if they did not ask."""
    member, act = _with_pitch(request, slug, member_id), hiding.keep_pitch_hidden
    return ActDone.of(act(membership=member, reason=_reason(form), by=actor_of(request), seen=form.seen))


@router.post(
    "conferences/{slug}/organise/moderation/{member_id}/profile/hide/",
    scope=Scope.ORGANISE_WRITE,
    answer=ActDone,
    summary="Hide a profile in a conference",
)
def hide_profile(request: PersonRequest, slug: Slug, member_id: UrlID, form: Reason) -> ActDone:
    """Picture, profession and bio of a member. They get an email."""
    member, act = _with_profile(request, slug, member_id), hiding.hide_profile
    return ActDone.of(act(membership=member, reason=_reason(form), by=actor_of(request), seen=form.seen))


@router.post(
    "conferences/{slug}/organise/moderation/{member_id}/profile/show/",
    scope=Scope.ORGANISE_WRITE,
    answer=ActDone,
    summary="Show a hidden profile again",
)
def restore_profile(
    request: PersonRequest, slug: Slug, member_id: UrlID, form: Showing | None = None
) -> ActDone:
    """The member gets an email. `none` if it was not hidden."""
    member = _with_profile(request, slug, member_id)
    seen = form.seen if form else ""
    return ActDone.of(hiding.restore_profile(membership=member, by=actor_of(request), seen=seen))


def _reason(form: Reason) -> str:
    return str(cleaned(HidingForm({"reason": form.reason}))["reason"])


def _with_pitch(request: PersonRequest, slug: str, member_id: int) -> Membership:
    conference = managed(request, slug, MODERATE)
    require_fresh_log_in_of_browser(request)
    return member_with_pitch(conference, member_id)


def _with_profile(request: PersonRequest, slug: str, member_id: int) -> Membership:
    conference = managed(request, slug, MODERATE)
    require_fresh_log_in_of_browser(request)
    return member_with_profile(conference, member_id)
