"""What an act on a conference leads to, as sentences for the page that asks for confirmation."""

from collections.abc import Callable

from django.conf import settings
from django.urls import reverse
from django.utils.html import format_html
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from accounts.models import User
from conferences.admission.rules import rules_of
from conferences.admission.words import rules_in_words
from conferences.changes.rules import was_taken_off, why_not_to_unpublish
from conferences.models import Conference, JoinRequest, Membership, RosterEntry

# What other apps add, each as a list of sentences.
OF_PUBLISHING: list[Callable[[Conference], list[str]]] = []
# Why it may be too early to publish.
BEFORE_PUBLISHING: list[Callable[[Conference], list[str]]] = []
# The same, with what the person may know of other conferences.
ALREADY_THERE: list[Callable[[Conference, User], list[str]]] = []
# Who gets an email besides the members when it is cancelled, takes place after all or is moved.
OF_OTHERS: list[Callable[[Conference], list[str]]] = []
OF_CANCELLING: list[Callable[[Conference], list[str]]] = []
OF_REINSTATING: list[Callable[[Conference], list[str]]] = []
OF_MOVING: list[Callable[[Conference], list[str]]] = []
# Why it cannot be taken off the site now; empty if it can.
KEEPS_ON_SITE: list[Callable[[Conference], str]] = []
OF_UNPUBLISHING: list[Callable[[Conference], list[str]]] = []


def of_publishing(conference: Conference) -> list[str]:
    return [
        _who_sees(conference),
        rules_in_words(rules_of(conference)),
        _who_is_invited(conference),
        *(sentence for add in OF_PUBLISHING for sentence in add(conference)),
        *_what_is_fixed(conference),
    ]


def _what_is_fixed(conference: Conference) -> list[str]:
    """Of a draft: for any other, it has been fixed since it was published first."""
    if conference.status != Conference.Status.DRAFT:
        return []
    address = settings.SITE_URL + conference.get_absolute_url()
    url = reverse("admin:conferences_conference_change", args=[conference.pk])
    fixed = _("Its web address is fixed from then on: %(address)s.") % {"address": address}
    return [
        format_html('{} <a href="{}#id_slug">{}</a>', fixed, url, _("Change the web address")),
        _when_fixed(conference),
    ]


def _when_fixed(conference: Conference) -> str:
    if conference.election.opens_when_published():
        return _("Voting opens at once, so only its deadline can be moved from then on.")
    return _("The times of the vote can be changed until it opens. After that, only its deadline moves.")


def warnings_of_publishing(conference: Conference, person: User) -> list[str]:
    """What is better done before, or right after it; nothing that refuses it."""
    found = [words for add in ALREADY_THERE for words in add(conference, person)]
    rest = (words for add in BEFORE_PUBLISHING for words in add(conference))
    return [*found, *_of_roster(conference), *rest]


def _of_roster(conference: Conference) -> list[str]:
    rules = rules_of(conference)
    if rules.everyone or not rules.roster or conference.memberships.current().exists():
        return []
    if RosterEntry.objects.filter(conference=conference).present().exists():
        return [_("No one is invited yet. Send the invitation once the conference is published.")]
    return [_("Your list of people who may join is empty, so you have no one to invite yet.")]


def _who_sees(conference: Conference) -> str:
    found = {
        Conference.Visibility.PUBLIC: _(
            "Everyone can open its page, and finds it in the list of conferences, in search and in the feed."
        ),
        Conference.Visibility.UNLISTED: _("Everyone who has the link can open its page. No list has it."),
        Conference.Visibility.MEMBERS_ONLY: _("Only its members, people on the roster and its team see it."),
    }
    return found[Conference.Visibility(conference.visibility)]


def _who_is_invited(conference: Conference) -> str:
    """Publishing invites no one: an invitation is a campaign of its own."""
    if was_taken_off(conference):
        return _("Members get an email: they had been notified that it was taken off the site.")
    free = RosterEntry.objects.filter(conference=conference, membership=None).present().count()
    if not free:
        return _("No one gets an email because of this.")
    return ngettext(
        "No one gets an email because of this. %(n)d person on the roster has not joined yet: you can send "
        "them an invitation afterwards.",
        "No one gets an email because of this. %(n)d people on the roster have not joined yet: you can send "
        "them an invitation afterwards.",
        free,
    ) % {"n": free}


def of_cancelling(conference: Conference) -> list[str]:
    return [
        emails_in_words(conference),
        _(
            "The page of the conference stays, and shows at the top that it is cancelled, since when and "
            "why. Lists, calendars and search engines mark it as cancelled."
        ),
        _joining(conference),
        *of_others(conference),
        *(sentence for add in OF_CANCELLING for sentence in add(conference)),
        _("You can undo this until the time at which it was to start. Members are notified of that as well."),
    ]


def of_reinstating(conference: Conference) -> list[str]:
    return [
        emails_in_words(conference),
        _("The page, lists, calendars and search engines show it as before."),
        _("People can join again, under the same rules as before."),
        *of_others(conference),
        *(sentence for add in OF_REINSTATING for sentence in add(conference)),
    ]


def of_moving(conference: Conference) -> list[str]:
    return [
        emails_in_words(conference),
        _("The email has the old and the new time and place. Calendars and search engines get the new ones."),
        *of_others(conference),
        *(sentence for add in OF_MOVING for sentence in add(conference)),
    ]


def why_to_keep_on_site(conference: Conference) -> str:
    return next(filter(None, (why(conference) for why in KEEPS_ON_SITE)), "")


def why_not_to_take_off(conference: Conference) -> str:
    return why_not_to_unpublish(conference) or why_to_keep_on_site(conference)


def of_unpublishing(conference: Conference) -> list[str]:
    return [
        emails_in_words(conference),
        _("Its page shows since when and why it is off the site, and only its members can open it."),
        _joining(conference),
        *(sentence for add in OF_UNPUBLISHING for sentence in add(conference)),
        _("Nothing is deleted, and you can publish it again."),
    ]


def of_others(conference: Conference) -> list[str]:
    return [sentence for add in OF_OTHERS for sentence in add(conference)]


def emails_in_words(conference: Conference) -> str:
    """How many members are notified; no one can opt out of it."""
    number = Membership.objects.of_active_people().filter(conference=conference).count()
    if not number:
        return _("No one has joined yet, so no member gets an email.")
    return ngettext(
        "%(n)d member gets an email with your reason, even if they opted out of campaigns.",
        "%(n)d members get an email with your reason, including those who opted out of campaigns.",
        number,
    ) % {"n": number}


def _joining(conference: Conference) -> str:
    number = JoinRequest.objects.filter(conference=conference).waiting().count()
    if not number:
        return _("No one can join any more.")
    waiting = ngettext(
        "No one can join any more; %(n)d request to join remains unanswered.",
        "No one can join any more; %(n)d requests to join remain unanswered.",
        number,
    )
    return waiting % {"n": number}
