from functools import partial
from typing import Any, ClassVar, Literal

from django.utils.translation import gettext as _
from ninja import Query
from pydantic import Field

from accounts.actors import actor_of
from accounts.api.log_ins import require_fresh_log_in_of_browser
from accounts.requests import PersonRequest
from confbox.kit.api.fields import Answer, Input, Instant, RowID, Slug, UrlID, Words
from confbox.kit.api.forms import cleaned
from confbox.kit.api.pages import Page, Paging, page_of_places, page_of_rows, place_in
from confbox.kit.api.problems import Problem
from confbox.kit.api.routers import ApiRouter
from confbox.kit.api.scopes import Scope
from confbox.kit.limits import heavy_work
from conferences.api.doors import managed
from conferences.api.outcomes import ActDone
from conferences.consent.actions import do_or_ask
from conferences.models import RosterEntry
from conferences.roster import actions
from conferences.roster.access import READ, WRITE, entry_or_404
from conferences.roster.exports import EXPORTS, csv_of
from conferences.roster.forms import EntryForm, ListForm, RemovalForm
from conferences.roster.import_views import IMPORTS, MOST_LINES
from conferences.roster.listing import is_large, walk_of_roster
from conferences.roster.planning import RosterPlan, plan_import
from conferences.roster.rows import Listing
from conferences.roster.views import found_of
from conferences.roster.waiting import forget, keep, kept

router = ApiRouter("Organising: roster")
States = Literal["", "listed", "invited", "shared", "joined", "removed"]


class EntryInRoster(Answer):
    id: RowID
    email: str
    name: str
    reference: str
    state: Literal["listed", "invited", "shared", "joined", "removed"]
    member_id: RowID | None
    listed_at: Instant
    invited_at: Instant | None
    removed_at: Instant | None
    removal_reason: str

    EXAMPLE: ClassVar = {
        "id": 31,
        "email": "ada@example.org",
        "name": "Ada Example",
        "reference": "T-1",
        "state": "invited",
        "member_id": None,
        "listed_at": "2027-02-01T09:30:00Z",
        "invited_at": "2027-02-02T09:30:00Z",
        "removed_at": None,
        "removal_reason": "",
    }

    @classmethod
    def of(cls, entry: RosterEntry) -> "EntryInRoster":
        columns = ("email", "name", "reference", "listed_at", "invited_at", "removed_at", "removal_reason")
        facts: dict[str, Any] = {name: getattr(entry, name) for name in columns}
        member = entry.membership_id if entry.has_joined else None
        return cls(id=entry.pk, state=entry.state.value, member_id=member, **facts)  # type: ignore[arg-type]


class EntryToList(Input):
    email: str = Field(max_length=254)
    name: str = Field("", max_length=150)
    reference: str = Field("", max_length=100, description="Such as a ticket number.")

    EXAMPLE: ClassVar = {"email": "ada@example.org", "name": "Ada Example", "reference": "T-1"}


class Removal(Input):
    reason: str = Field(max_length=1000, description="Organisers read it.")

    EXAMPLE: ClassVar = {"reason": "The ticket was returned."}


class ListToImport(Input):
    text: str = Field(description="One person on each line, or a table with commas, semicolons or tabs.")

    EXAMPLE: ClassVar = {"text": "Ada Example <ada@example.org>\nBob Example <bob@example.org>\n"}


class RosterCounts(Answer):
    new: int
    known: int
    changed: int
    restored: int = Field(description="Removed before, and listed again.")
    repeated: int
    missing: int = Field(description="On the roster, and not in this list.")
    refused: list[str] = Field(description="A sentence for each row that is refused, 200 at most.")

    EXAMPLE: ClassVar = {
        "new": 2,
        "known": 0,
        "changed": 0,
        "restored": 0,
        "repeated": 0,
        "missing": 1,
        "refused": [],
    }

    @classmethod
    def facts_of(cls, plan: RosterPlan, listing: Listing) -> dict[str, Any]:
        names = ("new", "known", "changed", "restored", "repeated", "missing")
        counts: dict[str, Any] = {name: len(getattr(plan, name)) for name in names}
        return counts | {"refused": [str(row) for row in listing.refused[:MOST_LINES]]}

    @classmethod
    def of(cls, plan: RosterPlan, listing: Listing) -> "RosterCounts":
        return cls(**cls.facts_of(plan, listing))


class RosterPreview(RosterCounts):
    digest: str = Field(description="Of the list, which is kept for you for an hour.")
    seen: str = Field(description="To send with the import.")
    seen_missing: str = Field(description="To send in its place if it removes who is missing.")

    EXAMPLE: ClassVar = RosterCounts.EXAMPLE | {
        "digest": "2c26b46b68ffc68ff99b453c1d304134",
        "seen": "e3b0c44298fc1c149afbf4c8996fb924",
        "seen_missing": "fcde2b2edba56bf408601fb721fe9b5c",
    }


class RosterImport(Input):
    seen: str = Field(min_length=1, max_length=64, description="Of the preview.")
    removes_missing: bool = Field(False, description="Also removes who is not in the list.")
    leaves_out_refused: bool = Field(False, description="Imports the other rows if some are refused.")

    EXAMPLE: ClassVar = {"seen": "e3b0c44298fc1c149afbf4c8996fb924", "removes_missing": False}


class RosterFile(Answer):
    content: str = Field(description="CSV, as the page exports it.")

    EXAMPLE: ClassVar = {"content": "Email address,Name,Reference\r\nada@example.org,Ada Example,T-1\r\n"}


@router.get(
    "conferences/{slug}/organise/roster/",
    scope=Scope.ORGANISE_READ,
    answer=Page[EntryInRoster],
    summary="List or search the roster",
)
def roster(
    request: PersonRequest, slug: Slug, paging: Query[Paging], state: States = "", q: Words = ""
) -> Page[EntryInRoster]:
    """By email address. A search finds words in names, email addresses and references."""
    conference = managed(request, slug, READ)
    entries, words, _state = found_of(request, conference)
    if words and is_large(conference):
        page = walk_of_roster(entries, conference, words).after(place_in(paging), paging.limit)
        return page_of_places(page, EntryInRoster.of)
    return page_of_rows(entries, paging, order=("mailbox",), show=EntryInRoster.of)


@router.post(
    "conferences/{slug}/organise/roster/",
    scope=Scope.ORGANISE_WRITE,
    answer=EntryInRoster,
    summary="Add a person to the roster",
)
def add_entry(request: PersonRequest, slug: Slug, form: EntryToList) -> EntryInRoster:
    """One who was removed is listed again. No one gets an email: an invitation is a campaign."""
    conference = managed(request, slug, WRITE)
    entered = cleaned(EntryForm(form.model_dump()))
    entry, _added = actions.add_entry(conference=conference, by=actor_of(request), **entered)
    return EntryInRoster.of(entry_or_404(conference, entry.pk))


@router.post(
    "conferences/{slug}/organise/roster/{entry_id}/change/",
    scope=Scope.ORGANISE_WRITE,
    answer=EntryInRoster,
    summary="Change an entry of the roster",
)
def change_entry(request: PersonRequest, slug: Slug, entry_id: UrlID, form: EntryToList) -> EntryInRoster:
    """All of it. With another mailbox, it counts as not invited yet."""
    conference = managed(request, slug, WRITE)
    entry = entry_or_404(conference, entry_id)
    actions.change_entry(entry=entry, by=actor_of(request), **cleaned(EntryForm(form.model_dump())))
    return EntryInRoster.of(entry_or_404(conference, entry_id))


@router.post(
    "conferences/{slug}/organise/roster/{entry_id}/remove/",
    scope=Scope.ORGANISE_WRITE,
    answer=ActDone,
    summary="Remove a person from the roster",
    refusals=["There is no second person who could confirm this."],
)
def remove_entry(request: PersonRequest, slug: Slug, entry_id: UrlID, form: Removal) -> ActDone:
    """A second person may have to confirm it if only people on the roster vote."""
    entry, by = entry_or_404(managed(request, slug, WRITE), entry_id), actor_of(request)
    reason = cleaned(RemovalForm({"reason": form.reason}))["reason"]
    verb = partial(actions.remove_entry, entry=entry, reason=reason, by=by)
    return ActDone.of(do_or_ask(verb, reason=reason, by=by))


@router.post(
    "conferences/{slug}/organise/roster/{entry_id}/restore/",
    scope=Scope.ORGANISE_WRITE,
    answer=ActDone,
    summary="List a removed person again",
)
def restore_entry(request: PersonRequest, slug: Slug, entry_id: UrlID) -> ActDone:
    """`none` if it had not been removed."""
    entry = entry_or_404(managed(request, slug, WRITE), entry_id)
    return ActDone.of(actions.restore_entry(entry=entry, by=actor_of(request)))


@router.post(
    "conferences/{slug}/organise/roster/import/",
    scope=Scope.ORGANISE_WRITE,
    answer=RosterPreview,
    summary="What an import into the roster would do",
)
def preview_roster(request: PersonRequest, slug: Slug, form: ListToImport) -> RosterPreview:
    """Nothing is written yet; the list is kept for an hour. Exports of ticket shops are understood."""
    conference = managed(request, slug, WRITE)
    with heavy_work(IMPORTS, request):
        entered = ListForm(form.model_dump())
        text = cleaned(entered)["text"]
        digest = keep(person=request.user, conference=conference, listing=entered.listing, text=text)
        plan = plan_import(conference=conference, listing=entered.listing)
    versions: dict[str, Any] = {"seen": plan.version(), "seen_missing": plan.version(removes_missing=True)}
    return RosterPreview(digest=digest, **versions, **RosterCounts.facts_of(plan, entered.listing))


@router.post(
    "conferences/{slug}/organise/roster/import/{digest}/",
    scope=Scope.ORGANISE_WRITE,
    answer=RosterCounts,
    summary="Import into the roster",
    refusals=["The roster has changed since you opened this page, so nothing was imported."],
)
def import_roster(request: PersonRequest, slug: Slug, digest: Slug, form: RosterImport) -> RosterCounts:
    """All of the list whose preview has this digest, or nothing."""
    conference = managed(request, slug, WRITE)
    with heavy_work(IMPORTS, request):
        found = kept(person=request.user, conference=conference, digest=digest)
        if found is None:
            said = _("That list is no longer available. Please paste or upload it again.")
            raise Problem("gone", said)
        by, listing = actor_of(request), found[0]
        plan = actions.import_roster(conference=conference, listing=listing, by=by, **form.model_dump())
    forget(person=request.user)
    return RosterCounts.of(plan, listing)


@router.get(
    "conferences/{slug}/organise/roster/export/",
    scope=Scope.ORGANISE_READ,
    answer=RosterFile,
    summary="Export the roster",
)
def export_roster(request: PersonRequest, slug: Slug, state: States = "", q: Words = "") -> RosterFile:
    """What the words and the state find, as CSV that can be imported again. The audit log has each export."""
    conference = managed(request, slug, READ)
    require_fresh_log_in_of_browser(request)
    with heavy_work(EXPORTS, request):
        entries, _words, _state = found_of(request, conference)
        actions.export_roster(conference=conference, entries=entries, by=actor_of(request))
        return RosterFile(content=csv_of(conference, entries))
