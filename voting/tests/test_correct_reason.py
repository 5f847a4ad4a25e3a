"""A reason that members read can be corrected: the audit log keeps both, and no one gets a second email."""

from datetime import timedelta
from functools import partial

import pytest
from django.core import mail
from django.core.exceptions import ValidationError
from django.utils import timezone

from accounts.actors import Actor
from accounts.models import AdminAct
from accounts.tests.factories import log_in_freshly
from confbox.kit.outcomes import Change
from confbox.kit.tests.page import parse
from conferences.actions import publish_conference
from conferences.changes.actions import cancel_conference, move_conference, unpublish_conference
from conferences.changes.corrections import correct_reason, last_with_reason
from conferences.models import Conference, ConferenceChange, Role
from conferences.tests.factories import make_conference, make_membership, update_elections
from conferences.tests.teams import make_team_member
from voting.campaigns.models import Campaign
from voting.elections.models import WindowChange
from voting.elections.window import correct_reason_of_window, move_deadline

pytestmark = pytest.mark.django_db
WRONG, RIGHT = "The hall is being renovaetd.", "The hall is being renovated."
DAY = timedelta(days=1)


def by_of(conference):
    return Actor(make_team_member(conference, Role.ORGANISER).person)


def cancelled(conference):
    cancel_conference(conference=conference, reason=WRONG, by=by_of(conference))
    return f"/admin/conferences/conference/{conference.pk}/correct-reason/"


def moved(conference):
    dates = {"starts_at": conference.starts_at + DAY, "ends_at": conference.ends_at + DAY, "place": "Lyon"}
    move_conference(conference=conference, reason=WRONG, by=by_of(conference), **dates)
    return f"/admin/conferences/conference/{conference.pk}/correct-reason/"


def deadline_moved(conference):
    closes_at = conference.election.closes_at + timedelta(minutes=1)
    change = move_deadline(conference=conference, closes_at=closes_at, reason=WRONG, by=by_of(conference))
    return f"/admin/voting/votes/{conference.pk}/correct-reason/{change.pk}/"


each_change = pytest.mark.parametrize("change", [cancelled, moved, deadline_moved])


def sent(page, **typed):
    """The form as the page shows it, with what is typed."""
    names = page.attributes("#correction form input[type=hidden]", "name")
    values = page.attributes("#correction form input[type=hidden]", "value")
    return dict(zip(names, values, strict=True)) | {"reason": RIGHT} | typed


@each_change
def test_members_read_the_corrected_reason_and_get_no_second_email(as_organiser, client, conference, change):
    alice = make_membership(conference, name="Alice").user
    url = change(conference)
    emails, announced = len(mail.outbox), Campaign.objects.count()
    page = parse(as_organiser.get(url))
    assert page.part("[name=reason]").text.strip() == WRONG
    for _ in range(2):
        assert as_organiser.post(url, sent(page)).status_code == 302
    assert (len(mail.outbox), Campaign.objects.count()) == (emails, announced)
    client.force_login(alice)
    shown = parse(client.get("/conferences/open-conf/"))
    assert (shown.mentions(RIGHT), shown.mentions(WRONG)) == (True, False)


@each_change
def test_audit_log_keeps_both_reasons_once(as_organiser, conference, change):
    url = change(conference)
    page = parse(as_organiser.get(url))
    for _ in range(2):
        as_organiser.post(url, sent(page))
    [act] = AdminAct.objects.filter(act="correct reason")
    assert WRONG in act.what
    assert (act.reason, act.of_conference) == (RIGHT, conference.pk)


@each_change
@pytest.mark.parametrize("typed", ["", "x" * 1001])
def test_reason_that_is_missing_or_too_long_is_not_stored(as_organiser, conference, change, typed):
    url = change(conference)
    page = parse(as_organiser.post(url, sent(parse(as_organiser.get(url)), reason=typed)))
    assert page.errors
    assert page.part("[name=reason]").text.strip() == typed
    assert not AdminAct.objects.filter(act="correct reason").exists()


@each_change
def test_old_page_does_not_overwrite_what_another_organiser_has_corrected(as_organiser, conference, change):
    url = change(conference)
    old = parse(as_organiser.get(url))
    as_organiser.post(url, sent(old))
    page = parse(as_organiser.post(url, sent(old, reason="Something else.")))
    assert any(RIGHT in said for said in page.errors)
    assert {*_reasons()} == {RIGHT}


def _reasons():
    yield from ConferenceChange.objects.values_list("reason", flat=True)
    yield from WindowChange.objects.values_list("reason", flat=True)


def test_form_of_a_move_corrects_that_move_also_after_the_next_one(as_organiser, conference):
    url = moved(conference)
    page = parse(as_organiser.get(url))
    cancel_conference(conference=conference, reason="Another reason.", by=by_of(conference))
    as_organiser.post(url, sent(page))
    assert [*ConferenceChange.objects.order_by("pk").values_list("reason", flat=True)] == [
        RIGHT,
        "Another reason.",
    ]
    assert Conference.objects.get().stop_reason == "Another reason."


def test_page_of_the_last_move_is_there_after_a_cancellation(as_organiser, conference):
    url = moved(conference)
    cancel_conference(conference=conference, reason="Another reason.", by=by_of(conference))
    page = parse(as_organiser.get(f"{url}?act=moved"))
    assert page.part("[name=reason]").text.strip() == WRONG


def test_reason_of_another_conference_is_not_corrected(as_organiser, conference):
    url = cancelled(conference)
    other = make_conference(voting="open")
    closes = deadline_moved(other)
    moved(other)
    foreign = ConferenceChange.objects.get(conference=other).pk
    as_organiser.post(url, {"change": foreign, "reason": RIGHT, "before": WRONG})
    wrong_path = closes.replace(str(other.pk), str(conference.pk), 1)
    assert as_organiser.post(wrong_path, {"reason": RIGHT}).status_code == 404
    assert {*_reasons()} == {WRONG}


@each_change
@pytest.mark.parametrize("role", [Role.REVIEWER, Role.HELP_DESK, Role.OBSERVER])
def test_only_those_who_may_change_the_conference_correct_a_reason(client, conference, change, role):
    url = change(conference)
    log_in_freshly(client, make_team_member(conference, role).person)
    assert client.post(url, {"reason": RIGHT}).status_code == 403
    assert {*_reasons()} == {WRONG}


@each_change
def test_overview_or_turnout_leads_to_it(as_organiser, conference, change):
    url = change(conference)
    paths = (f"conferences/conference/{conference.pk}/", f"voting/votes/{conference.pk}/turnout/")
    links = [link for path in paths for link in parse(as_organiser.get(f"/admin/{path}")).links]
    assert url in links


def test_without_a_change_there_is_nothing_to_correct(as_organiser, conference):
    answer = as_organiser.get(f"/admin/conferences/conference/{conference.pk}/correct-reason/", follow=True)
    assert parse(answer).mentions("there is none to correct")


def test_reason_for_taking_it_off_is_no_longer_corrected_once_it_is_back(conference):
    update_elections(conference, closes_at=timezone.now())
    by = by_of(conference)
    unpublish_conference(conference=conference, reason=WRONG, by=by)
    assert last_with_reason(conference).reason == WRONG
    publish_conference(conference=conference, by=by)
    assert last_with_reason(conference) is None


@pytest.mark.parametrize("make", [moved, deadline_moved])
def test_the_same_reason_again_changes_nothing(conference, make):
    make(conference)
    change = [*ConferenceChange.objects.all(), *WindowChange.objects.all()][0]
    verb = correct_reason if isinstance(change, ConferenceChange) else correct_reason_of_window
    correct = partial(verb, change=change, by=by_of(conference))
    assert correct(reason=f" {WRONG} ") is Change.NONE
    assert [correct(reason=RIGHT), correct(reason=RIGHT)] == [Change.MADE, Change.NONE]
    with pytest.raises(ValidationError, match="Please give a reason"):
        correct(reason="  ")
