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

from accounts.languages import language_of
from accounts.models import User
from confbox.kit.email_headers import automatic_headers
from confbox.kit.email_html import INLINER
from confbox.kit.html_to_text import html_to_text
from confbox.kit.markdown import markdown_to_html
from conferences.models import Membership
from voting.campaigns.email_size import LONG_MESSAGE, WHOLE, Shape, excerpt_of, shape_for
from voting.campaigns.kinds.registry import kind_of
from voting.campaigns.models import Campaign, Delivery
from voting.campaigns.tokens import unsubscribe_url

# Shown in a preview in place of the recipient's link to unsubscribe.
DEAD_LINK = "https://preview.invalid/unsubscribe"


class CampaignEmails:
    """A campaign's emails, one for each language of its recipients."""

    def __init__(self, campaign: Campaign) -> None:
        self.campaign = campaign
        self._emails: dict[str, CampaignEmail] = {}

    def to(self, delivery: Delivery) -> EmailMultiAlternatives:
        return self.for_person(delivery.recipient.user).to(delivery)

    def for_person(self, person: User) -> "CampaignEmail":
        language = language_of(person)
        if language not in self._emails:
            self._emails[language] = CampaignEmail(self.campaign, language)
        return self._emails[language]


class CampaignEmail:
    """Everything around the campaign's own text is in this language."""

    def __init__(self, campaign: Campaign, language: str = settings.LANGUAGE_CODE) -> None:
        self.campaign, self.language = campaign, language
        self.kind = kind_of(campaign)
        self._mark = token_hex(16)
        self._drafts: dict[Shape, list[str]] = {}
        self._name, self._link, self._cut = (f"{part}{self._mark}" for part in ("name", "link", "cut"))

    def to(self, delivery: Delivery) -> EmailMultiAlternatives:
        """The email of one delivery, with its fixed Message-ID and one-click unsubscribing."""
        recipient = delivery.recipient
        message = EmailMultiAlternatives(
            self._subject,
            self.text_for(recipient),
            settings.DEFAULT_FROM_EMAIL,
            [recipient.user.email],
            reply_to=[settings.DEFAULT_FROM_EMAIL],
            headers=automatic_headers() | {"Message-ID": delivery.message_id} | self._headers(recipient),
        )
        message.attach_alternative(self.html_for(recipient), "text/html")
        return message

    def _headers(self, recipient: Membership) -> dict[str, str]:
        headers = {"Precedence": "bulk"}
        if self.kind.can_be_unsubscribed:
            headers["List-Unsubscribe"] = f"<{unsubscribe_url(recipient.pk)}>"
            headers["List-Unsubscribe-Post"] = "List-Unsubscribe=One-Click"
        return headers

    def html_for(self, recipient: Membership) -> str:
        return self._html_to(recipient.user.name, unsubscribe_url(recipient.pk), recipient)

    def text_for(self, recipient: Membership) -> str:
        return self._text_to(recipient.user.name, unsubscribe_url(recipient.pk), recipient)

    def html_preview(self, viewer: User) -> str:
        """The email as if it were sent to the person who looks at it, without a link that unsubscribes."""
        return self._html_to(viewer.name, DEAD_LINK, Membership(pk=0))

    def text_preview(self, viewer: User) -> str:
        return self._text_to(viewer.name, DEAD_LINK, Membership(pk=0))

    def _html_to(self, name: str, link: str, recipient: Membership) -> str:
        html = self._in_order(self._html, recipient)
        return html.replace(self._name, escape(name)).replace(self._link, escape(link))

    def _text_to(self, name: str, link: str, recipient: Membership) -> str:
        return self._in_order(self._text, recipient).replace(self._name, name).replace(self._link, link)

    def _in_order(self, pieces: list[str], recipient: Membership) -> str:
        """The pitches in an order of the recipient's own: random, and the same at every attempt."""
        if len(pieces) < 3:
            return "".join(pieces)
        numbers = sorted(range(1, len(pieces) - 1), key=lambda n: self._lot(recipient, n))
        return "".join([pieces[0], *(pieces[n] for n in numbers[: self._shape.most]), pieces[-1]])

    def _lot(self, recipient: Membership, number: int) -> bytes:
        return sha256(f"{self.campaign.pk}:{recipient.pk}:{number}".encode()).digest()

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
            return self.kind.subject(self.campaign)

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

    @cached_property
    def _context(self) -> dict[str, Any]:
        message_html = markdown_to_html(self.kind.message(self.campaign))
        return {
            "campaign": self.campaign,
            "subject": self._subject,
            "site_name": settings.SITE_NAME,
            "origin": self.kind.origin_of(self.campaign),
            "why": self.kind.why_of(self.campaign),
            "action": str(self.kind.action),
            "action_url": settings.SITE_URL + self.kind.action_path(self.campaign),
            "message_html": mark_safe(message_html),  # noqa: S308  # nh3 has cleaned it
            "message_text": html_to_text(message_html),
            "is_long": bool(self.campaign.pitches) or len(message_html.encode()) > LONG_MESSAGE,
            "name": self._name,
            "cut": self._cut,
            "unsubscribe_url": self._link if self.kind.can_be_unsubscribed else "",
        }

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
