"""A campaign as the email that one recipient gets.

Text and HTML are rendered once for all recipients of a language, with unguessable placeholders where a name
or a link differs. So nothing that a member wrote can be mistaken for a placeholder, and a batch costs one
rendering per language.
"""

from functools import cached_property
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
from confbox.kit.email_headers import automatic_headers, sender_via
from confbox.kit.email_html import INLINER, preheader
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


class CampaignEmails:
    """A campaign's emails, one for each language, for those without a name, and for the contact."""

    def __init__(self, campaign: Campaign) -> None:
        self.campaign = campaign
        self._emails: dict[tuple[str, bool, bool], CampaignEmail] = {}

    def to(self, delivery: Delivery) -> EmailMultiAlternatives:
        addressee = addressee_of(delivery.addressee)
        return self._for(addressee).to(delivery, addressee)

    def for_person(self, person: User) -> "CampaignEmail":
        return self._for(viewer_as_addressee(person))

    def _for(self, addressee: Addressee) -> "CampaignEmail":
        load_contact(self.campaign.conference)
        is_contact = contact_of(self.campaign.conference).is_at(addressee.email)
        key = (addressee.language, bool(addressee.name), is_contact)
        if key not in self._emails:
            self._emails[key] = CampaignEmail(
                self.campaign, addressee.language, has_name=key[1], is_to_contact=is_contact
            )
        return self._emails[key]


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

    def to(self, delivery: Delivery, addressee: Addressee) -> EmailMultiAlternatives:
        """The email of one delivery, with its fixed Message-ID and one-click unsubscribing."""
        message = OneOfMany(
            self._subject,
            self._text_to(addressee),
            self._sender,
            [delivery.address],
            reply_to=self._reply_to,
            headers=automatic_headers() | {"Message-ID": delivery.message_id} | self._headers(addressee),
        )
        message.attach_alternative(self._html_to(addressee), "text/html")
        for attachment in self._attachments:
            message.attach(*attachment)
        return message

    def _headers(self, addressee: Addressee) -> dict[str, str]:
        headers = {"Precedence": "bulk"}
        if self.kind.can_be_unsubscribed:
            headers["List-Unsubscribe"] = f"<{self._unsubscribe_url(addressee)}>"
            headers["List-Unsubscribe-Post"] = "List-Unsubscribe=One-Click"
        return headers

    def html_for(self, recipient: Membership | RosterEntry) -> str:
        return self._html_to(addressee_of(recipient))

    def text_for(self, recipient: Membership | RosterEntry) -> str:
        return self._text_to(addressee_of(recipient))

    def html_preview(self, viewer: User) -> str:
        """The email as if it were sent to the person who looks at it, without links that do anything."""
        return self._html_to(viewer_as_addressee(viewer))

    def text_preview(self, viewer: User) -> str:
        return self._text_to(viewer_as_addressee(viewer))

    def _html_to(self, to: Addressee) -> str:
        html = self._in_order(self._html, to)
        for mark, text in self._own_parts(to):
            html = html.replace(mark, escape(text))
        return html

    def _text_to(self, to: Addressee) -> str:
        found = self._in_order(self._text, to)
        for mark, text in self._own_parts(to):
            found = found.replace(mark, text)
        return found

    def _own_parts(self, to: Addressee) -> list[tuple[str, str]]:
        return [(self._name, to.name), (self._link, self._unsubscribe_url(to)), (self._own, to.own_url)]

    def _unsubscribe_url(self, to: Addressee) -> str:
        return to.notices_url if self.kind.is_notice else to.unsubscribe_url

    def _in_order(self, pieces: list[str], recipient: Addressee) -> str:
        """The pitches in an order of the recipient's own: random, and the same at every attempt."""
        if len(pieces) < 3:
            return "".join(pieces)
        numbers = sorted(range(1, len(pieces) - 1), key=lambda n: self._lot(recipient, n))
        return "".join([pieces[0], *(pieces[n] for n in numbers[: self._shape.most]), pieces[-1]])

    def _lot(self, recipient: Addressee, number: int) -> bytes:
        return sha256(f"{self.campaign.pk}:{recipient.number}:{number}".encode()).digest()

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
