"""Each email is written in the language of its recipient."""

from typing import Any

from django.conf import settings
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import override

from accounts.languages import language_of
from accounts.models import User
from confbox.kit.email_foot import site_email
from confbox.kit.email_sending import send_email
from conferences.consent.acts import ACTS
from conferences.contact import conference_email, load_contact
from conferences.local_times import in_zone
from conferences.models import ConsentRequest, Series, TeamMember


def ask_second_person(*, request: ConsentRequest, people: list[User]) -> None:
    """Asks each of these to confirm or decline it."""
    load_contact(request.conference)
    for person in people:
        with override(language_of(person)):
            subject = _("Please confirm or decline: %(conference)s") % {"conference": request.conference}
            _send(person, request, subject, "asked")


def notify_of_answer(*, request: ConsentRequest, state: ConsentRequest.State) -> None:
    """Notifies the one who asked."""
    with override(language_of(request.asked_by)):
        subject = _("Your request at %(conference)s: %(state)s")
        _send(request.asked_by, request, subject % _facts(request, state), state.value)


def notify_of_lapse(*, request: ConsentRequest) -> None:
    with override(language_of(request.asked_by)):
        subject = _("Your request at %(conference)s has expired") % {"conference": request.conference}
        _send(request.asked_by, request, subject, "lapsed")


def _facts(request: ConsentRequest, state: ConsentRequest.State) -> dict[str, Any]:
    return {"conference": request.conference, "state": state.label}


def _send(person: User, request: ConsentRequest, subject: str, template: str) -> None:
    conference = request.conference
    path = reverse("admin:conferences_consent_request", args=[conference.pk, request.pk])
    context = {
        "person": person,
        "request": request,
        "conference": conference,
        "what": ACTS[request.act].summary(conference, request.payload),
        "taken_back": ACTS[request.act].taken_back,
        "meanwhile": ACTS[request.act].meanwhile(conference, request.payload),
        "until": in_zone(conference, request.expires_at),
        "url": f"{settings.SITE_URL.rstrip('/')}{path}",
    }
    text = render_to_string(f"conferences/consent/emails/{template}.txt", context)
    send_email(conference_email(conference, subject=subject, text=text, to=person.email))


def notify_owners_of_setting(*, series: Series, by: User | None) -> None:
    """Notifies the other owners of what a second person now has to confirm."""
    owners = TeamMember.objects.of_team(series).owners().select_related("person").order_by("person")
    for person in (owner.person for owner in owners if owner.person != by):
        with override(language_of(person)):
            acts = [act.label for act in ACTS.values() if act.name in series.needs_consent]
            context = {"person": person, "series": series, "acts": acts, "by": by}
            page = reverse("admin:conferences_series_consent", args=[series.pk])
            context["url"] = settings.SITE_URL + page
            text = render_to_string("conferences/consent/emails/setting.txt", context)
            subject = _("%(series)s: what a second person confirms") % {"series": series}
            send_email(site_email(subject=subject, text=text, to=person.email))
