"""A campaign as the email that one recipient gets.

Text and HTML are rendered once for all recipients of a language, with unguessable placeholders where a name
or a link differs. So nothing that a member wrote can be mistaken for a placeholder, and a batch costs one
rendering per language.
"""

from collections.abc import Callable
from email.utils import formatdate
from functools import cached_property, partial
from hashlib import sha256
from secrets import token_hex
from typing import Any

from django.conf import settings
from django.core.mail import EmailMultiAlternatives
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils.html import escape
from django.utils.safestring import mark_safe
from django.utils.translation import override

from accounts.models import User
from confbox.kit.email_bytes import OneOfMany
from confbox.kit.email_headers import AUTOMATIC, sender_via
from confbox.kit.email_html import INLINER, preheader
from confbox.kit.email_patterns import EmailPattern, Own, written_by_django
from confbox.kit.html_to_text import html_to_text
from confbox.kit.markdown import markdown_to_html
from conferences.contact import Contact, contact_of, load_contact, where_to_reply
from conferences.models import Membership, RosterEntry
from conferences.rehearsal_words import rehearsal_note, rehearsal_subject
from voting.campaigns.addressees import Addressee, addressee_of, viewer_as_addressee
from voting.campaigns.email_size import LONG_MESSAGE, WHOLE, Shape, excerpt_of, shape_for
from voting.campaigns.kinds.kind import Attachment
from voting.campaigns.kinds.registry import kind_of
from voting.campaigns.models import Campaign, Delivery

# What follows a header of the recipient's own, in each campaign's email.
FOLLOWED_BY = {
    "Message-ID": AUTOMATIC | {"Precedence": "bulk"},
    "List-Unsubscribe": {"List-Unsubscribe-Post": "List-Unsubscribe=One-Click"},
}


class CampaignEmails:
    """A campaign's emails, one for each language, for those without a name, and for the contact."""

    def __init__(self, campaign: Campaign) -> None:
        self.campaign = campaign
        self._emails: dict[tuple[str, bool, bool], CampaignEmail] = {}

    def to(self, delivery: Delivery) -> EmailMultiAlternatives:
        """The email of one delivery, with its fixed Message-ID and one-click unsubscribing."""
        addressee = self._addressee(delivery)
        return self._for(addressee).to(addressee, delivery.message_id)

    def writer_to(self, delivery: Delivery) -> Callable[[str, dict[str, str]], bytes]:
        """What writes the bytes of that email, by its Message-ID and further headers. All is rendered."""
        addressee = self._addressee(delivery)
        email = self._for(addressee)
        email.render()
        return partial(email.written_to, addressee)

    def for_person(self, person: User) -> "CampaignEmail":
        return self._for(viewer_as_addressee(person))

    def _addressee(self, delivery: Delivery) -> Addressee:
        return addressee_of(delivery.addressee, is_notice=kind_of(self.campaign).is_notice)

    def _for(self, addressee: Addressee) -> "CampaignEmail":
        is_contact = self._contact.is_at(addressee.email)
        key = (addressee.language, bool(addressee.name), is_contact)
        if key not in self._emails:
            self._emails[key] = CampaignEmail(
                self.campaign, addressee.language, has_name=key[1], is_to_contact=is_contact
            )
        return self._emails[key]

    @cached_property
    def _contact(self) -> Contact:
        load_contact(self.campaign.conference)
        return contact_of(self.campaign.conference)


class CampaignEmail:
    """Everything around the campaign's own text is in this language."""

    def __init__(
        self,
        campaign: Campaign,
        language: str = settings.LANGUAGE_CODE,
        *,
        has_name: bool = True,
        is_to_contact: bool = False,
    ) -> None:
        self.campaign, self.language, self.has_name = campaign, language, has_name
        self.is_to_contact = is_to_contact
        self.kind = kind_of(campaign)
        self._mark = token_hex(16)
        self._drafts: dict[Shape, list[str]] = {}
        parts = ("name", "link", "own", "cut")
        self._name, self._link, self._own, self._cut = (f"{part}{self._mark}" for part in parts)

    def to(self, addressee: Addressee, message_id: str) -> EmailMultiAlternatives:
        return self._composed(self._own_of(addressee, {"Message-ID": message_id}), addressee.number)

    def render(self) -> None:
        """Whatever it is that fails here, it is no fault of one recipient's email."""
        _rendered = self._subject, self._sender, self._reply_to, self._text, self._html, self._attachments

    def written_to(self, addressee: Addressee, message_id: str, headers: dict[str, str]) -> bytes:
        date = formatdate(localtime=settings.EMAIL_USE_LOCALTIME)
        own = self._own_of(addressee, {"Date": date, "Message-ID": message_id}, headers)
        if self._has_order:
            return written_by_django(self._composed(own, addressee.number))
        return self._pattern.written(own)

    @cached_property
    def _pattern(self) -> EmailPattern:
        return EmailPattern(partial(self._composed, number=0))

    @cached_property
    def _has_order(self) -> bool:
        """Whether it contains pitches, which each recipient gets in an order of their own."""
        return len(self._text) > 2

    def _own_of(self, to: Addressee, headers: dict[str, str], more: dict[str, str] | None = None) -> Own:
        unsubscribe = {"List-Unsubscribe": f"<{to.unsubscribe_url}>"} if self.kind.can_be_unsubscribed else {}
        plain = self._own_parts(to)
        body = {f"text {mark}": text for mark, text in plain}
        body |= {f"html {mark}": escape(text) for mark, text in plain}
        return Own({"To": to.email, **headers, **unsubscribe, **(more or {})}, body)

    def _composed(self, own: Own, number: int) -> EmailMultiAlternatives:
        headers = dict(own.headers)
        address = headers.pop("To")
        message = OneOfMany(
            self._subject,
            self._filled(self._in_order(self._text, number), own, "text"),
            self._sender,
            [address],
            reply_to=self._reply_to,
            headers=_with_common(headers),
        )
        html = self._filled(self._in_order(self._html, number), own, "html")
        message.attach_alternative(html, "text/html")
        for attachment in self._attachments:
            message.attach(*attachment)
        return message

    def _filled(self, text: str, own: Own, kind: str) -> str:
        for mark in (self._name, self._link, self._own):
            text = text.replace(mark, own.body[f"{kind} {mark}"])
        return text

    def html_for(self, recipient: Membership | RosterEntry) -> str:
        return self._html_to(addressee_of(recipient, is_notice=self.kind.is_notice))

    def text_for(self, recipient: Membership | RosterEntry) -> str:
        return self._text_to(addressee_of(recipient, is_notice=self.kind.is_notice))

    def html_preview(self, viewer: User) -> str:
        """The email as if it were sent to the person who looks at it, without links that do anything."""
        return self._html_to(viewer_as_addressee(viewer))

    def text_preview(self, viewer: User) -> str:
        return self._text_to(viewer_as_addressee(viewer))

    def _html_to(self, to: Addressee) -> str:
        return self._filled(self._in_order(self._html, to.number), self._own_of(to, {}), "html")

    def _text_to(self, to: Addressee) -> str:
        return self._filled(self._in_order(self._text, to.number), self._own_of(to, {}), "text")

    def _own_parts(self, to: Addressee) -> list[tuple[str, str]]:
        return [(self._name, to.name), (self._link, to.unsubscribe_url), (self._own, to.own_url)]

    def _in_order(self, pieces: list[str], number: int) -> str:
        """The pitches in an order of the recipient's own: random, and the same at every attempt."""
        if len(pieces) < 3:
            return "".join(pieces)
        numbers = sorted(range(1, len(pieces) - 1), key=lambda n: self._lot(number, n))
        return "".join([pieces[0], *(pieces[n] for n in numbers[: self._shape.most]), pieces[-1]])

    def _lot(self, recipient: int, number: int) -> bytes:
        return sha256(f"{self.campaign.pk}:{recipient}:{number}".encode()).digest()

    @property
    def is_shortened(self) -> bool:
        """Whether the email contains less of the pitches than their authors wrote."""
        return self._shape != WHOLE

    @cached_property
    def _shape(self) -> Shape:
        return shape_for(self._drawn)

    @cached_property
    def _subject(self) -> str:
        with override(self.language):
            subject, conference = self.kind.subject(self.campaign), self.campaign.conference
            return rehearsal_subject(subject, conference.title) if conference.is_rehearsal else subject

    @cached_property
    def _sender(self) -> str:
        with override(self.language):
            return sender_via(self.campaign.conference.title)

    @cached_property
    def _reply_to(self) -> list[str]:
        return [self._contact.reply_to]

    @cached_property
    def _contact(self) -> Contact:
        # Once for the emails of all languages.
        load_contact(self.campaign.conference)
        return contact_of(self.campaign.conference)

    @cached_property
    def _attachments(self) -> list[Attachment]:
        with override(self.language):
            return self.kind.attachments(self.campaign)

    @cached_property
    def _html(self) -> list[str]:
        return self._drawn(self._shape)

    def _drawn(self, shape: Shape) -> list[str]:
        if shape not in self._drafts:
            html = self._rendered("voting/campaigns/emails/campaign.html", shape)
            self._drafts[shape] = INLINER.inline(html).split(self._cut)
        return self._drafts[shape]

    @cached_property
    def _text(self) -> list[str]:
        return self._rendered("voting/campaigns/emails/campaign.txt", self._shape).split(self._cut)

    def _rendered(self, template: str, shape: Shape) -> str:
        with override(self.language):
            return render_to_string(template, self._context | self._pitches(shape))

    @property
    def _message(self) -> str:
        message = self.kind.message(self.campaign)
        return f"{rehearsal_note()}\n\n{message}" if self.campaign.conference.is_rehearsal else message

    @cached_property
    def _context(self) -> dict[str, Any]:
        message_html = markdown_to_html(self._message)
        message_text = html_to_text(message_html)
        deadline_html = markdown_to_html(self.kind.deadline(self.campaign))
        return {
            "campaign": self.campaign,
            "subject": self._subject,
            "site_name": settings.SITE_NAME,
            "origin": self.kind.origin_of(self.campaign),
            "why": self.kind.why_of(self.campaign),
            "action": self.kind.action_of(self.campaign),
            "action_url": self._action_url,
            "deadline_html": mark_safe(deadline_html),  # noqa: S308  # nh3 has cleaned it
            "deadline_text": html_to_text(deadline_html),
            "questions": "" if self.is_to_contact else where_to_reply(self._contact),
            "preheader": preheader(message_text),
            "message_html": mark_safe(message_html),  # noqa: S308  # nh3 has cleaned it
            "message_text": message_text,
            "is_long": bool(self.campaign.pitches) or len(message_html.encode()) > LONG_MESSAGE,
            "name": self._name if self.has_name else "",
            "cut": self._cut,
            "unsubscribe_url": self._link if self.kind.can_be_unsubscribed else "",
        }

    @property
    def _action_url(self) -> str:
        if self.kind.roster_audience:
            return self._own
        return settings.SITE_URL + self.kind.action_path(self.campaign)

    def _pitches(self, shape: Shape) -> dict[str, Any]:
        pitches = [self._pitch(pitch, shape) for pitch in self.campaign.pitches]
        left_out = len(pitches) - (len(pitches) if shape.most is None else shape.most)
        return {"pitches": pitches, "left_out": left_out, "has_headlines_only": shape.excerpt == 0}

    def _pitch(self, pitch: dict[str, Any], shape: Shape) -> dict[str, Any]:
        statement = pitch["statement"]
        html = markdown_to_html(statement) if shape.excerpt is None else ""
        words = html_to_text(html) if shape.excerpt is None else excerpt_of(statement, shape.excerpt)
        url = reverse("member", args=[self.campaign.conference.slug, pitch["member"]])
        return {**pitch, "html": mark_safe(html), "text": words, "url": settings.SITE_URL + url}  # noqa: S308


def _with_common(own: dict[str, str]) -> dict[str, str]:
    """The headers of a campaign's email, in the order of `automatic_headers`."""
    headers: dict[str, str] = {}
    for name, value in own.items():
        headers[name] = value
        headers |= FOLLOWED_BY.get(name, {})
    return headers
