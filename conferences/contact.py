"""Who answers questions about a conference: where replies to its emails go, and what its page shows."""

from collections.abc import Sequence
from dataclasses import dataclass
from email.utils import parseaddr
from enum import Enum
from typing import Any

from django.conf import settings
from django.core.mail import EmailMultiAlternatives
from django.db.models import Case, F, OuterRef, Prefetch, Q, QuerySet, Subquery, When
from django.db.models.functions import Coalesce
from django.utils.translation import gettext as _

from accounts.models import User
from confbox.kit.email_foot import with_foot
from confbox.kit.email_headers import mailbox, sender_via
from confbox.kit.panels import Panel
from conferences.models import Conference, ConferenceQuerySet, Role, TeamMember
from conferences.namesakes import has_namesake
from conferences.rehearsal_words import rehearsal_note, rehearsal_subject

CONTACT_PANEL = "conferences/contact_panel"
# Those of them who created a conference are asked about it.
RUNNING = (Role.OWNER, Role.ORGANISER)


class Source(Enum):
    """Whose the email address is."""

    ENTERED = "entered"
    OWNER = "owner"
    SITE = "site"


@dataclass(frozen=True)
class Contact:
    name: str
    email: str
    source: Source

    @property
    def reply_to(self) -> str:
        return mailbox(self.name, self.email)

    def is_at(self, email: str) -> bool:
        """Whether this is who answers questions, and so need not read whom to ask."""
        return self.email.lower() == email.lower()


def contact_of(conference: Conference) -> Contact:
    """What was entered; each part that is empty is that of the owner or else of the site."""
    name, email = conference.contact_name, conference.contact_email
    if name and email:
        return Contact(name, email, Source.ENTERED)
    default = default_contact(conference)
    return Contact(name or default.name, email or default.email, Source.ENTERED if email else default.source)


def default_contact(conference: Conference) -> Contact:
    """The owner of the conference, else who created it if they run it, else the owner of its series.

    Among those of the series, one who is no organiser of the site. Without any, who created it, or the site.
    """
    known: Any = conference
    if not hasattr(conference, "owner_email"):
        known = _asked_for_owner(conference)
    if known.owner_email:
        return Contact(known.owner_name, known.owner_email, Source.OWNER)
    return Contact(settings.SITE_NAME, parseaddr(settings.DEFAULT_FROM_EMAIL)[1], Source.SITE)


def _asked_for_owner(conference: Conference) -> Conference:
    return with_owner(Conference.objects.filter(pk=conference.pk)).get()


def load_contact(conference: Conference) -> None:
    """Before several emails about this conference: asks for its owner once for all of them."""
    is_entered = conference.contact_name and conference.contact_email
    if not is_entered and not hasattr(conference, "owner_email"):
        known: Any = _asked_for_owner(conference)
        vars(conference).update(owner_name=known.owner_name, owner_email=known.owner_email)


def contact_of_each(path: str) -> "Prefetch[str]":
    """For `prefetch_related`, as `load_contact`: the conferences at this path with their owners."""
    return Prefetch(path, queryset=with_owner(Conference.objects.all()))


def with_owner(conferences: ConferenceQuerySet) -> ConferenceQuerySet:
    """Annotates each with the name and address of its owner, so that its contact costs no query."""
    team = TeamMember.objects.filter(Q(conference=OuterRef("pk")) | Q(series=OuterRef("series")))
    owns = Q(role=Role.OWNER, conference=OuterRef("pk"))
    created_it = Q(role__in=RUNNING, person=OuterRef("created_by"))
    own_first = Case(When(role=Role.OWNER, conference__isnull=False, then=0), default=1)
    nearest = team.filter(owns | created_it, person__is_active=True)
    # Who creates a series as an organiser of the site need not belong to its committee.
    in_order = [
        nearest.order_by(own_first, "joined_at", "pk"),
        team.owners().order_by("person__is_staff", "joined_at", "pk"),
    ]
    found: Any = conferences.annotate(
        owner_name=Coalesce(*_first(in_order, "name"), _of_creator("name")),
        owner_email=Coalesce(*_first(in_order, "email"), _of_creator("email")),
    )
    return found  # type: ignore[no-any-return]


def _first(in_order: Sequence[QuerySet[TeamMember]], column: str) -> list[Subquery]:
    return [Subquery(found.values(f"person__{column}")[:1]) for found in in_order]


def _of_creator(column: str) -> Case:
    return Case(When(created_by__is_active=True, then=F(f"created_by__{column}")))


def contact_panel(conference: Conference, *, viewer: object) -> Panel | None:
    """For the page of a conference; None if there is no one but the site.

    The address of an owner's account is for people with an account, as no one has entered it for the public.
    """
    contact = contact_of(conference)
    if contact.source is Source.SITE:
        return None
    is_shown = contact.source is Source.ENTERED or isinstance(viewer, User)
    facts = {"contact": contact, "page": conference.get_absolute_url()}
    return Panel(CONTACT_PANEL, "email" if is_shown else "name", facts)


def conference_email(conference: Conference, *, subject: str, text: str, to: str) -> EmailMultiAlternatives:
    """An email about this conference, in the active language. Replies go to its organiser."""
    contact = contact_of(conference)
    about = _("This email is about %(conference)s, on %(site)s.")
    names = {"conference": conference.title, "site": settings.SITE_NAME}
    if has_namesake(conference):
        text = f"{_of_two(conference)}\n\n{text}"
    if conference.is_rehearsal:
        subject, text = rehearsal_subject(subject, conference.title), f"{rehearsal_note()}\n\n{text}"
    # Who answers questions need not be told whom to ask, and would reply to themselves.
    own = contact.is_at(to)
    text = with_foot(text, about % names, *([] if own else [where_to_reply(contact)]))
    reply_to = [] if own else [contact.reply_to]
    return EmailMultiAlternatives(subject, text, sender_via(conference.title), [to], reply_to=reply_to)


def _of_two(conference: Conference) -> str:
    url = f"{settings.SITE_URL.rstrip('/')}{conference.get_absolute_url()}"
    said = _("Two conferences have the title %(conference)s. This is about the one at %(url)s")
    return said % {"conference": conference.title, "url": url}


def where_to_reply(contact: Contact) -> str:
    sentence = _("Questions? Reply to this email: %(contact)s answers for the organisers.")
    return sentence % {"contact": contact.name}
