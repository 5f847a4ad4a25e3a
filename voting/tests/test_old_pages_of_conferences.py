"""An act on a conference is confirmed on a page that was opened before the conference changed."""

import pytest
from django.utils import timezone

from accounts.actors import Actor
from confbox.kit.tests.page import parse
from conferences.admission.actions import create_admissions
from conferences.changes.actions import cancel_conference
from conferences.models import Admission, Conference
from conferences.tests.factories import update_elections

pytestmark = pytest.mark.django_db
REASON = {"reason": "The hall is closed."}


def draft(conference, _by):
    Conference.objects.update(status=Conference.Status.DRAFT)


def closed(conference, _by):
    update_elections(conference, closes_at=timezone.now())


def cancelled(conference, by):
    cancel_conference(conference=conference, reason="Storm.", by=by)


def nothing(_conference, _by):
    """As it is."""


ACTS = {
    "publish": (draft, {}),
    "cancel": (nothing, REASON),
    "reinstate": (cancelled, REASON),
    "move": (nothing, REASON | {"confirmed": "yes"}),
    "unpublish": (closed, REASON),
    "delete-with-team": (draft, {"title": "Open Conf"}),
}
every_act = pytest.mark.parametrize("name", ACTS)


def open_page(browser, conference, organiser, name):
    """The address, and what the page would send."""
    prepare, sent = ACTS[name]
    prepare(conference, Actor(organiser))
    url = f"/admin/conferences/conference/{conference.pk}/{name}/"
    page = parse(browser.get(url))
    if name == "move":
        names = ("time_zone", "starts_at", "ends_at")
        shown = {each: page.field(each)["value"] for each in names[1:]}
        sent = sent | shown | {"time_zone": conference.time_zone, "place": "Lyon, France"}
    return url, sent | {"seen": page.field("seen")["value"]}


def stored():
    return list(Conference.objects.values("status", "starts_at", "place"))


CHANGES = {
    "the place": lambda: Conference.objects.update(place="Bonn"),
    "the title": lambda: Conference.objects.update(title="Open  Conf"),
    "the day": lambda: Conference.objects.update(ends_at=timezone.now() + timezone.timedelta(days=90)),
    "when voting opened": lambda: update_elections(opens_at=timezone.now() - timezone.timedelta(days=9)),
    "who may join": lambda: Admission.objects.update(updated_at=timezone.now() + timezone.timedelta(1)),
}


@every_act
@pytest.mark.parametrize("what", CHANGES)
def test_what_has_changed_is_shown_first(as_organiser, conference, organiser, name, what):
    create_admissions([conference])
    url, sent = open_page(as_organiser, conference, organiser, name)
    CHANGES[what]()
    before = stored()
    page = parse(as_organiser.post(url, sent))
    assert stored() == before
    assert "This conference has changed since you opened this page" in page.text


@every_act
def test_without_a_change_it_is_done_and_again_changes_nothing(as_organiser, conference, organiser, name):
    url, sent = open_page(as_organiser, conference, organiser, name)
    before = stored()
    assert as_organiser.post(url, sent).status_code == 302
    after = stored()
    assert after != before
    if name != "delete-with-team":
        assert as_organiser.post(url, sent).status_code == 302
    assert stored() == after
