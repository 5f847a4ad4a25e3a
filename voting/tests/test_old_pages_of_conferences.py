"""An act on a conference is confirmed on a page that was opened before the conference changed."""

import pytest
from django.utils import timezone

from accounts.actors import Actor
from accounts.tests.factories import log_in_freshly, make_user
from confbox.kit.tests.page import parse
from conferences.admission.actions import create_admissions
from conferences.changes.actions import cancel_conference
from conferences.models import Admission, Conference
from conferences.tests.factories import make_conference, update_elections
from voting.elections.actions import decide_speaker
from voting.elections.answers import answer_decision
from voting.elections.models import Decision, Pitch
from voting.tests.factories import make_pitch

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


@pytest.mark.parametrize("what", ["the place", "the title", "the day", "when voting opened"])
def test_voting_is_not_closed_on_an_old_page(as_organiser, conference, what):
    url = f"/admin/voting/votes/{conference.pk}/close/"
    sent = REASON | {"seen": parse(as_organiser.get(url)).field("seen")["value"]}
    CHANGES[what]()
    assert "has changed since you opened this page" in parse(as_organiser.post(url, sent)).text
    assert Conference.objects.as_of_now().get().election.is_open()
    again = REASON | {"seen": parse(as_organiser.get(url)).field("seen")["value"]}
    assert as_organiser.post(url, again).status_code == 302
    assert not Conference.objects.as_of_now().get().election.is_open()


@pytest.mark.parametrize("changed", ["duplicate", "stays"])
def test_conferences_are_not_merged_on_an_old_page(client, roles, changed):
    owner = make_user("owner@example.org", is_superuser=True, is_staff=True)
    pair = {name: make_conference(title="Twin", slug=name) for name in ("duplicate", "stays")}
    url = "/admin/conferences/conference/{.pk}/merge/{.pk}/".format(*pair.values())
    log_in_freshly(client, owner)
    sent = {"address": "duplicate", "seen": parse(client.get(url)).field("seen")["value"]}
    Conference.objects.filter(pk=pair[changed].pk).update(place="Bonn")
    assert "has changed since you opened this page" in parse(client.post(url, sent)).text
    assert Conference.objects.count() == 2
    again = sent | {"seen": parse(client.get(url)).field("seen")["value"]}
    assert client.post(url, again).status_code == 302
    assert Conference.objects.count() == 1


def decline(candidate, organiser):
    decision = decide_speaker(
        conference=candidate.conference, candidate=candidate, by=Actor(organiser), reason="x"
    )
    answer_decision(decision=decision, accept=False, by=Actor(candidate.user))


def rewrite(candidate, _organiser):
    Pitch.objects.filter(membership=candidate).update(statement="Something else.")


@pytest.mark.parametrize("change", [decline, rewrite])
def test_speaker_is_not_chosen_on_an_old_page(as_organiser, conference, organiser, alice, bob, change):
    make_pitch(bob)
    update_elections(conference, closes_at=timezone.now())
    url = f"/admin/voting/votes/{conference.pk}/decide/{bob.pk}/"
    sent = REASON | {"seen": parse(as_organiser.get(url)).field("seen")["value"]}
    change(bob, organiser)
    page = parse(as_organiser.post(url, sent))
    assert "This has changed since you opened this page" in page.text
    assert not Decision.objects.current().exists()
    assert as_organiser.post(url, REASON | {"seen": page.field("seen")["value"]}).status_code == 302
    assert Decision.objects.current().get().speaker == bob
