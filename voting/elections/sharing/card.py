from django.conf import settings
from django.utils.translation import gettext as _
from django.utils.translation import override

from conferences.models import Membership
from conferences.sharing.cards import Card, conference_card
from conferences.sharing.lettering import drawable


def candidate_card(person: Membership) -> Card:
    """“Vote for …” with name and headline; the conference's card if the font lacks a letter of the name."""
    conference = person.conference
    if not drawable(str(person)):
        return conference_card(conference)
    headline = "" if person.pitch.is_covered else drawable(person.pitch.headline)
    with override(settings.LANGUAGE_CODE):
        return Card(
            eyebrow=_("Vote for"),
            title=str(person),
            text=_("“%(headline)s”") % {"headline": headline} if headline else "",
            facts=drawable(conference.title),
            strip=_("Join the conference and vote"),
        )
