"""No one learns who gets a reminder, or how many: each of them is a member who has not voted."""

import re

import pytest
from django.contrib.admin.models import LogEntry
from django.contrib.auth.models import Permission
from django.core import mail
from django.test import Client
from django.utils import timezone

from accounts.actors import Actor
from accounts.models import AdminAct
from accounts.tests.factories import log_in_freshly, make_organiser, make_user
from confbox.kit.tests.page import parse
from conferences.tests.factories import make_membership
from voting.campaigns.models import Campaign, Delivery
from voting.campaigns.progress import progress_of
from voting.campaigns.sending import batches
from voting.campaigns.sending.outcomes import Outcome
from voting.campaigns.subscriptions.models import UndeliverableAddress
from voting.elections.exclusions import exclude_member
from voting.elections.models import Vote
from voting.tests.campaigns import approve, dispatch_due, make_members
from voting.tests.factories import make_vote

pytestmark = [pytest.mark.django_db, pytest.mark.slow, pytest.mark.any_database]
SECRET = ["Nora", "nora@", "Vera", "vera@"]


@pytest.fixture
def nora(conference):
    """She has not voted."""
    return make_membership(conference, user=make_user("nora@example.org", name="Nora"))


@pytest.fixture
def vera(conference, alice):
    """She has."""
    vera = make_membership(conference, user=make_user("vera@example.org", name="Vera"))
    make_vote(vera, alice)
    return vera


@pytest.fixture
def reminder(conference, roles, nora, vera):
    by = make_organiser("writer@example.org")
    return Campaign.objects.create(
        conference=conference, kind="reminder", requested_by=by, subject="Vote!", message="Please."
    )


@pytest.fixture
def observers(organiser, alice):
    reviewer = make_user("reviewer@example.org", is_staff=True)
    codes = ["view_campaign", "review_campaign", "view_undeliverableaddress"]
    reviewer.user_permissions.set(Permission.objects.filter(codename__in=codes))
    root = make_user("root@example.org", is_staff=True, is_superuser=True)
    return {"organiser": organiser, "superuser": root, "reviewer": reviewer, "member": alice.user}


def pages(campaign):
    one = f"/admin/voting/campaign/{campaign.pk}"
    return [
        f"{one}/change/",
        f"{one}/change/?page=2",
        f"{one}/progress/?shown=requested",
        f"{one}/mail/",
        f"{one}/approve/",
        f"{one}/edit/",
        f"{one}/stop/",
        f"/admin/voting/campaign/announce/{campaign.conference_id}/reminder/",
        "/admin/voting/campaign/?kind__exact=reminder",
        "/admin/voting/undeliverableaddress/",
        "/admin/voting/",
        "/admin/",
    ]


RANDOM = re.compile(r'name="csrfmiddlewaretoken" value="[^"]*"|nonce-[^\'" ;]+|nonce="[^"]*"')


def seen(client, campaign):
    client.get("/")
    found = {}
    for page in pages(campaign):
        answer = client.get(page)
        found[page] = answer.status_code, RANDOM.sub("", answer.content.decode())
    return found


@pytest.mark.parametrize("role", ["organiser", "superuser", "reviewer", "member"])
@pytest.mark.parametrize("status", ["requested", "approved", "sending", "paused", "sent", "stopped"])
def test_no_page_of_a_reminder_changes_when_a_member_votes(observers, reminder, nora, alice, role, status):
    started = None if status in ("requested", "approved") else timezone.now()
    Campaign.objects.update(status=status, started_at=started)
    if started:
        Delivery.objects.create(campaign=reminder, recipient=nora)
    client = log_in_freshly(Client(), observers[role])
    before = seen(client, reminder)
    make_vote(nora, alice)
    Delivery.objects.all().update(status="skipped")
    after = seen(client, reminder)
    for page, answer in before.items():
        assert after[page] == answer, page
        assert not [word for word in SECRET if word in answer[1]], page


@pytest.mark.parametrize("role", ["organiser", "superuser", "reviewer"])
def test_no_page_of_a_reminder_shows_whose_vote_an_exclusion_voided(
    observers, reminder, nora, vera, alice, bob, role
):
    """The fault: excluding a candidate put those who had voted for her on the list of the reminder."""
    client = log_in_freshly(Client(), observers[role])
    before = seen(client, reminder)
    exclude_member(membership=alice, by=Actor.of_command(), reason="x")
    after = seen(client, reminder)
    for page, answer in before.items():
        if page != "/admin/":
            assert after[page] == answer, page


def test_excluding_says_the_same_whether_anyone_had_voted_for_the_member(as_organiser, vera, alice, bob):
    def said(member):
        path = f"/admin/voting/votes/{member.conference_id}/exclude/{member.pk}/"
        page = parse(as_organiser.post(path, {"reason": "x"}, follow=True))
        return page.messages[0].replace(str(member), "NAME")

    assert said(alice) == said(bob)
    assert [m.to for m in mail.outbox if "vote again" in m.subject] == [["vera@example.org"]]


def test_approving_a_reminder_counts_no_one(as_organiser, reminder):
    answer = as_organiser.post(f"/admin/voting/campaign/{reminder.pk}/approve/", {"version": 1}, follow=True)
    assert parse(answer).messages == ["Approved for the members who have not voted by the time it is sent."]
    for entry in LogEntry.objects.all():
        assert not re.search(r"\d+ member", str(entry))
    for act in AdminAct.objects.all():
        assert not re.search(r"\d+ member", f"{act.what} {act.reason}")


def test_a_reminder_still_goes_to_those_who_have_not_voted(reminder, organiser, nora, vera, alice):
    make_vote(alice, nora)
    approve(reminder, organiser)
    dispatch_due()
    assert [m.to for m in mail.outbox] == [["nora@example.org"]]
    reminder.refresh_from_db()
    assert reminder.status == "sent"


def test_those_whose_vote_is_void_are_reminded_separately(reminder, organiser, nora, vera, alice, bob):
    make_vote(nora, vera)
    make_vote(bob, vera)
    exclude_member(membership=alice, by=Actor.of_command(), reason="x")
    approve(reminder, organiser)
    mail.outbox.clear()
    dispatch_due()
    assert [m.to for m in mail.outbox] == [["vera@example.org"]]
    assert not Delivery.objects.exists()


@pytest.mark.parametrize(("failed", "shown"), [(0, ""), (1, "a few"), (4, "a few"), (5, "5"), (9, "9")])
def test_failures_of_a_reminder_are_counted_from_five(conference, reminder, failed, shown):
    Campaign.objects.update(status="sending", started_at=timezone.now())
    for member in make_members(conference, failed):
        Delivery.objects.create(
            campaign=reminder, recipient=member, status="failed", error="550 no such user"
        )
    assert progress_of(reminder).failed == shown


def test_problems_of_a_reminder_name_no_one(as_organiser, reminder, nora):
    trouble = "550 5.1.1 <nora@example.org>: Nora unknown"
    Campaign.objects.update(status="paused", started_at=timezone.now(), trouble=trouble, failures=20)
    for status in ("failed", "uncertain"):
        Delivery.objects.update_or_create(
            campaign=reminder, recipient=nora, defaults={"status": status, "error": trouble}
        )
        shown = parse(as_organiser.get(f"/admin/voting/campaign/{reminder.pk}/change/"))
        assert "with the code 550 5.1.1." in shown.text
        assert "a few" in shown.texts("dd")
        assert not [word for word in SECRET if shown.mentions(word)]


def test_uncertain_emails_of_a_reminder_are_settled_uncounted(as_organiser, reminder, nora):
    Campaign.objects.update(status="sent", started_at=timezone.now())
    Delivery.objects.create(campaign=reminder, recipient=nora, status="uncertain")
    shown = parse(as_organiser.get(f"/admin/voting/campaign/{reminder.pk}/change/"))
    assert "Some emails may or may not have been sent" in shown.text
    assert not shown.mentions("1 email may or may not have been sent")
    as_organiser.post(f"/admin/voting/campaign/{reminder.pk}/settle/", {"wish": "leave"})
    assert Delivery.objects.get().status == "skipped"


@pytest.mark.parametrize(("kind", "marked"), [("reminder", 0), ("result", 1)])
def test_a_reminder_marks_no_address_as_dead(reminder, nora, kind, marked):
    Campaign.objects.update(kind=kind)
    delivery = Delivery.objects.create(campaign=reminder, recipient=nora, status="sending")
    batches.record(delivery, Outcome(Delivery.Status.FAILED, "550 no such user", is_dead=True))
    assert Delivery.objects.get().status == "failed"
    assert UndeliverableAddress.objects.count() == marked


def test_the_page_on_deleting_an_account_counts_no_votes_for_the_person(alice, vera, bob):
    """A candidate could see there how many votes they had."""

    def shown(member):
        page = parse(log_in_freshly(Client(), member.user).get("/people/delete/", follow=True))
        return [item for item in page.texts("li") if "vote" in item]

    assert shown(alice) == shown(bob)
    assert any("are notified that they can vote again" in item for item in shown(bob))


def test_a_member_who_asks_for_a_campaign_previews_it_without_their_link_to_unsubscribe(as_alice, alice):
    typed = {"subject": "Hear me", "message": "Please.", "preview": "yes"}
    page = parse(as_alice.post("/conferences/open-conf/campaigns/new/", typed))
    [frame] = page.attributes("iframe", "src")
    shown = parse(as_alice.get(frame))
    assert "Hello Alice," in shown.text
    assert not shown.mentions("/unsubscribe/")


def test_leaving_says_the_same_whether_anyone_had_voted_for_the_leaver(alice, vera, bob):
    def said(member):
        client = log_in_freshly(Client(), member.user)
        page = parse(client.post("/conferences/open-conf/leave/", follow=True))
        return page.part("main").text.replace(str(member), "NAME")

    assert said(alice).partition("Conferences")[0] == said(bob).partition("Conferences")[0]
    assert Vote.objects.filter(voided_because="candidate_left").exists()
    assert not alice.conference.election.is_count_final()
