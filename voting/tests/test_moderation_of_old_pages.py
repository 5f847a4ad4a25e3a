"""An organiser decides about a pitch or a profile that was changed while its page was open."""

import pytest
from django.utils import timezone

from accounts.actors import Actor
from accounts.models import User
from accounts.tests.factories import log_in_freshly, make_organiser
from confbox.kit.tests.page import parse
from conferences.models import Membership, Role
from conferences.tests.teams import make_team_member
from voting.elections import pitches
from voting.elections.moderation.models import Report
from voting.tests.factories import make_pitch

pytestmark = pytest.mark.django_db
NOW = timezone.now()
ASKED = {"pitch_hidden_at": NOW, "pitch_hidden_reason": "Rude.", "showing_asked_at": NOW}
# The page, what is sent, and the state of the member in which the page offers it.
ACTS = {
    "hide the pitch": ("pitch", {"act": "hide", "reason": "Rude."}, {}),
    "show the pitch again": ("pitch", {"act": "show"}, ASKED),
    "keep the pitch hidden": ("pitch", {"act": "keep", "reason": "Still rude."}, ASKED),
    "hide the profile": ("person", {"act": "hide", "reason": "Rude."}, {}),
    "show the profile again": ("person", {"act": "show"}, {"profile_hidden_at": NOW}),
    "leave the pitch as it is": ("report", {"subject": "pitch", "note": "Fine."}, {}),
    "leave the profile as it is": ("report", {"subject": "profile", "note": "Fine."}, {}),
}
OF_PROFILE = ("hide the profile", "show the profile again", "leave the profile as it is")
every_act = pytest.mark.parametrize("name", ACTS)


@pytest.fixture
def member(alice):
    make_pitch(alice, headline="Rude words")
    return alice


def change(member, name):
    if name in OF_PROFILE:
        User.objects.filter(pk=member.user_id).update(bio="Kind words")
        return
    texts = {"headline": "Kind words", "statement": "", "accepts_votes": True}
    pitches.save_pitch(membership=member, **texts, by=Actor(member.user))


def open_page(client, member, name):
    """The address of the page, and what its button sends."""
    page, sent, columns = ACTS[name]
    Membership.objects.filter(pk=member.pk).update(**columns)
    if page == "report":
        about = {"membership": member, "subject": sent["subject"], "shown_text": "Rude words"}
        Report.objects.create(**about, reason="insult", reported_at=NOW)
    log_in_freshly(client, make_team_member(member.conference, Role.REVIEWER).person)
    url = f"/admin/conferences/conference/{member.conference_id}/moderation/{member.pk}/{page}/"
    return url, sent | {"seen": parse(client.get(url)).field("seen")["value"]}


def stored(member):
    columns = ("pitch_hidden_at", "pitch_hidden_reason", "showing_asked_at", "profile_hidden_at")
    return [*Membership.objects.values_list(*columns), *Report.objects.values_list("settled_at")]


@every_act
def test_what_was_changed_meanwhile_is_not_decided_about_unread(client, member, name):
    url, sent = open_page(client, member, name)
    before = stored(member)
    change(member, name)
    page = parse(client.post(url, sent))
    assert stored(member) == before
    assert page.errors == [
        "Alice has changed this since you opened this page, so nothing was done. Please read it again."
    ]
    assert "Kind words" in page.text


@every_act
def test_the_page_of_the_refusal_decides_about_what_it_shows(client, member, name):
    url, sent = open_page(client, member, name)
    before = stored(member)
    change(member, name)
    again = parse(client.post(url, sent)).field("seen")["value"]
    assert client.post(url, sent | {"seen": again}).status_code == 302
    assert stored(member) != before


@every_act
def test_unchanged_it_is_done_and_a_second_click_changes_nothing(client, member, name):
    url, sent = open_page(client, member, name)
    before = stored(member)
    assert client.post(url, sent).status_code == 302
    after = stored(member)
    assert after != before
    assert client.post(url, sent).status_code == 302
    assert stored(member) == after


def test_site_organiser_does_not_answer_for_a_profile_that_was_changed_unread(client, roles, member):
    about = {"membership": member, "subject": "profile", "shown_text": "Alice", "passed_on_at": NOW}
    Report.objects.create(**about, reason="insult", reported_at=NOW)
    log_in_freshly(client, make_organiser("site@example.org"))
    url = f"/admin/conferences/conference/passed-on/{member.pk}/"
    seen = parse(client.get(url)).field("seen")["value"]
    change(member, "hide the profile")
    page = parse(client.post(url, {"outcome": "dismissed", "note": "Fine.", "seen": seen}))
    assert "has changed this since you opened this page" in page.errors[0]
    assert Report.objects.get().settled_at is None
