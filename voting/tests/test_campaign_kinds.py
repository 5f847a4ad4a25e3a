"""Every kind of campaign with all its parts: a new kind is a new row in each table."""

import ast
import functools
import re
from datetime import timedelta

import pytest
from django.conf import settings
from django.core import mail
from django.core.exceptions import ValidationError
from django.urls import resolve
from django.utils import timezone
from django.utils.translation import override

from accounts.actors import Actor
from accounts.tests.factories import make_organiser
from confbox.kit.tests.page import parse
from conferences.models import Conference, RosterEntry
from conferences.tests.factories import make_membership, update_elections
from conferences.tests.rosters.entries import make_entry
from voting.campaigns.emails import CampaignEmails
from voting.campaigns.kinds.registry import KINDS, kind_of, kinds_to_write
from voting.campaigns.models import Campaign, Delivery
from voting.campaigns.progress import progress_of
from voting.campaigns.recipients import campaign_to_be, count_recipients, recipients_of
from voting.campaigns.requester_emails import notify_requester
from voting.campaigns.rules import refusal_to_announce, refusal_to_approve, refusal_to_send
from voting.campaigns.sending.actions import pause_campaign
from voting.campaigns.subscriptions.actions import unsubscribe
from voting.elections.exclusions import exclude_member
from voting.elections.models import Decision, Pitch, WindowChange
from voting.tests.factories import make_pitch, make_vote

pytestmark = pytest.mark.django_db

every_kind = pytest.mark.parametrize("code", sorted(KINDS))


NO_ROW = object()


def delivery_to(membership, campaign, **columns):
    """A delivery as its kind has them: to the member, or to an entry of the roster."""
    if not kind_of(campaign).roster_audience:
        return Delivery(campaign=campaign, recipient=membership, **columns)
    entry = make_entry(campaign.conference, "listed@example.org", name="Lena")
    return Delivery(campaign=campaign, roster_entry=entry, **columns)


def table(**rows):
    """One row for each kind: a kind without one is a failure."""

    def with_rows(test):
        @functools.wraps(test)
        def checked(code, expected, **fixtures):
            if expected is NO_ROW:
                pytest.fail(f"no row for {code}")
            test(code=code, expected=expected, **fixtures)

        cases = [(code, rows.get(code, NO_ROW)) for code in sorted(KINDS)]
        return pytest.mark.parametrize(("code", "expected"), cases)(checked)

    return with_rows


@pytest.fixture
def make(conference, alice, organiser):
    """An email of this kind that waits for approval."""

    def make(code):
        campaign = Campaign.objects.create(
            conference=conference,
            kind=code,
            candidate=alice if code == "promotion" else None,
            requested_by=alice.user if code == "promotion" else organiser,
            subject="Stored subject",
            message="Stored message.",
        )
        if code in ("window", "windowinvite"):
            now = timezone.now()
            moved = {"act": "moved", "closed_before": now, "closes_at": now + timedelta(hours=5), "at": now}
            reason = "The hall is booked."
            change = WindowChange.objects.create(
                election=conference.election, by=organiser, reason=reason, **moved
            )
            column = "window_change" if code == "window" else "window_for_invited"
            setattr(campaign, column, change)
            campaign.save(update_fields=[column])
        if code == "steppeddown":
            campaign.decision = Decision.objects.create(
                election=conference.election,
                speaker=alice,
                speaker_name="Bob",
                decided_by=organiser,
                tally={},
                answer="withdrawn",
            )
            campaign.save(update_fields=["decision"])
        if code in ("conference", "changeinvite"):
            cancelled = {"act": "cancelled", "reason": "The hall has burnt down.", "at": timezone.now()}
            column = "conference_change" if code == "conference" else "change_for_invited"
            setattr(campaign, column, conference.changes.create(by=organiser, **cancelled))
            campaign.save(update_fields=[column])
        if code == "merged":
            merged = {
                "act": "merged",
                "before": {"title": "Old Conf", "slug": "old-conf"},
                "at": timezone.now(),
            }
            campaign.conference_change = conference.changes.create(
                by=organiser, after={"returned": []}, **merged
            )
            campaign.save(update_fields=["conference_change"])
        return campaign

    return make


def test_every_kind_of_the_model_has_an_object():
    assert list(KINDS) == Campaign.Kind.values
    assert [kind.label for kind in KINDS.values()] == [str(label) for label in Campaign.Kind.labels]


@every_kind
@pytest.mark.parametrize("language", [code for code, _ in settings.LANGUAGES])
def test_every_sentence_is_filled_in_for_every_language(make, code, language):
    campaign = make(code)
    kind = kind_of(campaign)
    with override(language):
        shown = [kind.label, kind.subject(campaign), kind.message(campaign), str(kind.action)]
        shown += [kind.origin_of(campaign), kind.why_of(campaign)]
        if kind.draft:
            shown += [str(kind.draft.link), *kind.draft.text_for(campaign.conference).values()]
    assert [text for text in shown if not text or "%(" in text] == []


@table(
    promotion=("Stored subject", "See the candidate", "member"),
    candidates=("Stored subject", "Go to the ballot", "ballot"),
    reminder=("Stored subject", "Vote now", "ballot"),
    result=("Stored subject", "See the result", "results"),
    steppeddown=("Bob can no longer speak at Open Conf", "See the result", "results"),
    window=("The voting deadline at Open Conf was moved", "See the vote", "ballot"),
    conference=("Open Conf is cancelled", "See the conference", "conference"),
    merged=("You are now a member of Open Conf", "See the conference", "conference"),
    opened=("Voting at Open Conf has opened", "Vote now", "ballot"),
    closessoon=("Voting at Open Conf closes soon", "Vote now", "ballot"),
    invitation=("Stored subject", "Accept the invitation", "invitation"),
    joinreminder=("Stored subject", "Accept the invitation", "invitation"),
    changeinvite=("Open Conf is cancelled", "See what has become of your invitation", "invitation"),
    windowinvite=("The voting deadline at Open Conf was moved", "See your invitation", "invitation"),
)
def test_the_email_has_the_subject_and_the_button_of_its_kind(make, bob, code, expected):
    campaign = make(code)
    message = CampaignEmails(campaign).to(delivery_to(bob, campaign))
    subject, action, page = expected
    assert message.subject == subject
    path = re.search(rf"{action}: {re.escape(settings.SITE_URL)}(/\S+)", message.body)[1]
    assert resolve(path).url_name == page


@table(
    promotion=True,
    candidates=True,
    reminder=True,
    result=False,
    steppeddown=False,
    window=False,
    conference=False,
    merged=False,
    opened=True,
    closessoon=True,
    invitation=True,
    joinreminder=True,
    changeinvite=True,
    windowinvite=True,
)
def test_an_email_that_can_be_unsubscribed_has_the_link_and_the_header(make, bob, code, expected):
    campaign = make(code)
    message = CampaignEmails(campaign).to(delivery_to(bob, campaign))
    assert ("List-Unsubscribe" in message.extra_headers) is expected
    assert ("/unsubscribe/" in message.body) is expected


@table(
    promotion={"Alice", "Bob", "Carol"},
    candidates={"Alice", "Bob", "Carol"},
    reminder={"Alice", "Carol"},
    result={"Alice", "Bob", "Carol", "Una"},
    steppeddown=set(),
    window={"Alice", "Bob", "Carol", "Una"},
    conference={"Alice", "Bob", "Carol", "Una"},
    merged=set(),
    opened={"Alice", "Bob", "Carol", "Una"},
    closessoon={"Alice", "Carol", "Una"},
    invitation={"Lena"},
    joinreminder={"Ina"},
    changeinvite={"Ina"},
    windowinvite={"Ina"},
)
def test_who_gets_it(conference, alice, bob, carol, code, expected):
    """Bob has voted; Una has opted out of campaigns; on the roster, Lena is listed and Ina is invited."""
    make_entry(conference, bob.user.email, name="Bob")
    make_entry(conference, "lena@example.org", name="Lena")
    ina = make_entry(conference, "ina@example.org", name="Ina")
    RosterEntry.objects.filter(pk=ina.pk).update(invited_at=timezone.now())
    make_vote(bob, alice)
    unsubscribe(
        conference=conference,
        by=Actor(make_membership(conference, name="Una").user),
        everywhere=False,
    )
    found = recipients_of(campaign_to_be(conference=conference, kind=code))
    assert {getattr(one, "user", one).name for one in found} == expected


@table(
    promotion=False,
    candidates=False,
    reminder=True,
    result=False,
    steppeddown=False,
    window=False,
    conference=False,
    merged=False,
    opened=False,
    closessoon=True,
    invitation=False,
    joinreminder=False,
    changeinvite=False,
    windowinvite=False,
)
def test_a_secret_audience_is_not_counted(make, bob, code, expected):
    campaign = make(code)
    Campaign.objects.update(status="sending", started_at=timezone.now())
    delivery_to(bob, campaign, status="sent").save()
    assert (count_recipients(campaign) is None) is expected
    assert hasattr(progress_of(campaign), "total") is not expected


ONCE_OPEN = "Voting will be over by then, so the email would come too late."
NOT_OPEN = "Voting will not be open at that time, so there is nothing to remind members of."
NO_RESULT = "There is no result yet."


@table(
    promotion={"scheduled": "", "open": "", "closed": ONCE_OPEN, "decided": ONCE_OPEN},
    candidates={"scheduled": "", "open": "", "closed": ONCE_OPEN, "decided": ONCE_OPEN},
    reminder={"scheduled": NOT_OPEN, "open": "", "closed": ONCE_OPEN, "decided": ONCE_OPEN},
    result={"scheduled": NO_RESULT, "open": NO_RESULT, "closed": NO_RESULT, "decided": ""},
    steppeddown={"scheduled": "", "open": "", "closed": "", "decided": ""},
    window={"scheduled": "", "open": "", "closed": "", "decided": ""},
    conference={"scheduled": "", "open": "", "closed": "", "decided": ""},
    merged={"scheduled": "", "open": "", "closed": "", "decided": ""},
    opened={"scheduled": "", "open": "", "closed": ONCE_OPEN, "decided": ONCE_OPEN},
    closessoon={"scheduled": NOT_OPEN, "open": "", "closed": ONCE_OPEN, "decided": ONCE_OPEN},
    invitation={"scheduled": "", "open": "", "closed": "", "decided": ""},
    joinreminder={"scheduled": "", "open": "", "closed": "", "decided": ""},
    changeinvite={"scheduled": "", "open": "", "closed": "", "decided": ""},
    windowinvite={"scheduled": "", "open": "", "closed": "", "decided": ""},
)
def test_in_which_state_of_the_vote_it_is_sent(make, bob, code, expected):
    campaign, now = make(code), timezone.now()
    hour = timedelta(hours=1)
    columns = {
        "scheduled": {"opens_at": now + hour, "closes_at": now + 2 * hour},
        "open": {"opens_at": now - hour, "closes_at": now + hour},
        "closed": {"opens_at": now - 2 * hour, "closes_at": now - hour},
        "decided": {"decided_at": now, "speaker": bob},
    }
    found = {}
    for state, changed in columns.items():
        update_elections(campaign.conference, **changed)
        found[state] = refusal_to_send(Campaign.objects.get(pk=campaign.pk))
    assert found == expected


@table(
    promotion=True,
    candidates=True,
    reminder=True,
    result=True,
    steppeddown=True,
    window=False,
    conference=False,
    merged=False,
    opened=True,
    closessoon=True,
    invitation=True,
    joinreminder=True,
    changeinvite=False,
    windowinvite=False,
)
def test_a_conference_that_is_not_active_stops_it(make, code, expected):
    campaign = make(code)
    Conference.objects.update(status="inactive")
    found = refusal_to_send(Campaign.objects.get(pk=campaign.pk))
    assert (found == "The conference is not active.") is expected


def test_a_promotion_needs_a_candidate_who_can_be_voted_for(make, alice):
    campaign = make("promotion")
    exclude_member(membership=alice, by=Actor.of_command(), reason="x")
    assert refusal_to_send(campaign) == "The member who asked for it can no longer be voted for."


@table(
    promotion=False,
    candidates=True,
    reminder=True,
    result=False,
    steppeddown=False,
    window=False,
    conference=False,
    merged=False,
    opened=False,
    closessoon=False,
    invitation=True,
    joinreminder=True,
    changeinvite=False,
    windowinvite=False,
)
def test_whether_an_organiser_can_write_one(as_organiser, conference, code, expected):
    page = as_organiser.get(f"/admin/voting/campaign/announce/{conference.pk}/{code}/")
    assert page.status_code == (200 if expected else 404)


@pytest.mark.parametrize(
    ("columns", "offered"),
    [
        ({}, ["candidates", "reminder"]),
        ({"closes_at": timezone.now()}, []),
        ({"closes_at": timezone.now(), "decided_at": timezone.now()}, []),
    ],
)
def test_the_desk_links_to_what_can_be_written(as_organiser, conference, columns, offered):
    update_elections(conference, **columns)
    found = Conference.objects.get(pk=conference.pk)
    assert [kind.code for kind in kinds_to_write(found)] == offered
    page = parse(as_organiser.get(f"/admin/voting/campaign/?conference__id__exact={conference.pk}"))
    links = [link for link in page.links if "/announce/" in link]
    assert [link.split("/")[-2] for link in links] == offered


@table(
    promotion=True,
    candidates=True,
    reminder=True,
    result=False,
    steppeddown=True,
    window=True,
    conference=True,
    merged=True,
    opened=True,
    closessoon=True,
    invitation=False,
    joinreminder=False,
    changeinvite=True,
    windowinvite=True,
)
def test_after_the_close_none_is_begun_that_asks_for_votes(conference, code, expected):
    update_elections(conference, closes_at=timezone.now())
    conference.refresh_from_db()
    found = refusal_to_announce(Conference.objects.get(pk=conference.pk), code)
    assert (found == "Voting is over, so the email would come too late.") is expected


@table(
    promotion=0,
    candidates=1,
    reminder=0,
    result=0,
    steppeddown=0,
    window=0,
    conference=0,
    merged=0,
    opened=0,
    closessoon=0,
    invitation=0,
    joinreminder=0,
    changeinvite=0,
    windowinvite=0,
)
def test_how_many_pitches_it_carries(conference, alice, code, expected):
    make_pitch(alice)
    assert len(KINDS[code].pitches(conference)) == expected


@table(
    promotion=False,
    candidates=True,
    reminder=False,
    result=False,
    steppeddown=False,
    window=False,
    conference=False,
    merged=False,
    opened=False,
    closessoon=False,
    invitation=False,
    joinreminder=False,
    changeinvite=False,
    windowinvite=False,
)
def test_no_one_approves_one_that_lacks_a_pitch(make, bob, code, expected):
    campaign = make(code)
    make_pitch(bob)
    second = make_organiser("second@example.org", name="Second")
    assert ("It must contain every pitch" in refusal_to_approve(campaign, second)) is expected
    Pitch.objects.all().delete()
    assert refusal_to_approve(campaign, second) == ""


@table(
    promotion=True,
    candidates=True,
    reminder=True,
    result=True,
    steppeddown=False,
    window=False,
    conference=False,
    merged=False,
    opened=True,
    closessoon=True,
    invitation=True,
    joinreminder=True,
    changeinvite=False,
    windowinvite=False,
)
def test_whether_an_organiser_can_pause_it(make, code, expected):
    campaign = make(code)
    Campaign.objects.update(status="sending")
    if expected:
        pause_campaign(campaign=campaign, by=Actor.of_command())
    else:
        with pytest.raises(ValidationError, match="this cannot be stopped"):
            pause_campaign(campaign=campaign, by=Actor.of_command())
    campaign.refresh_from_db()
    assert campaign.status == ("paused" if expected else "sending")


@table(
    promotion=True,
    candidates=False,
    reminder=False,
    result=False,
    steppeddown=False,
    window=False,
    conference=False,
    merged=False,
    opened=False,
    closessoon=False,
    invitation=False,
    joinreminder=False,
    changeinvite=False,
    windowinvite=False,
)
def test_whether_the_requester_is_notified(make, code, expected):
    campaign = make(code)
    campaign.status = "approved"
    notify_requester(campaign)
    assert [m.to for m in mail.outbox] == ([[campaign.requested_by.email]] if expected else [])


@table(
    promotion=0,
    candidates=0,
    reminder=1,
    result=0,
    steppeddown=0,
    window=0,
    conference=0,
    merged=0,
    opened=0,
    closessoon=1,
    invitation=0,
    joinreminder=0,
    changeinvite=0,
    windowinvite=0,
)
def test_its_start_reminds_those_whose_vote_is_void(make, bob, carol, code, expected):
    make_vote(carol, bob)
    exclude_member(membership=bob, by=Actor.of_command(), reason="x")
    mail.outbox.clear()
    KINDS[code].after_start(make(code))
    assert len([m for m in mail.outbox if m.to == [carol.user.email]]) == expected


@every_kind
def test_the_desk_shows_every_kind(as_organiser, make, bob, code):
    path = f"/admin/voting/campaign/{make(code).pk}/"
    assert [as_organiser.get(path + page).status_code for page in ("change/", "mail/", "approve/")] == [
        200
    ] * 3


def asks_for_a_kind(tree):
    """Comparisons of a `kind` with a code or with a member of Campaign.Kind."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Compare):
            sides = [node.left, *node.comparators]
            names = {getattr(side, "attr", getattr(side, "id", "")) for side in sides}
            codes = {side.value for side in sides if isinstance(side, ast.Constant)} & set(KINDS)
            if "kind" in names and (codes or any("Kind." in ast.unparse(side) for side in sides)):
                yield ast.unparse(node)


def test_no_code_asks_which_kind_it_is():
    root = settings.BASE_DIR / "voting"
    paths = [p for folder in ("campaigns", "desk", "home") for p in (root / folder).rglob("*.py")]
    assert [found for path in paths for found in asks_for_a_kind(ast.parse(path.read_text()))] == []
    templates = [
        p
        for folder in ("voting", "admin/voting/campaign")
        for p in (settings.BASE_DIR / "templates" / folder).rglob("*")
    ]
    named = re.compile(rf"\bkind\s*[!=]=\s*[\"'](?:{'|'.join(KINDS)})")
    assert [p.name for p in templates if p.is_file() and named.search(p.read_text())] == []


def test_asking_which_kind_it_is_is_found():
    for source in ("campaign.kind == 'reminder'", "kind != Campaign.Kind.RESULT", "kind == Kind.WINDOW"):
        assert list(asks_for_a_kind(ast.parse(source))) == [source]
    assert not list(asks_for_a_kind(ast.parse("signal.kind == 'mailbox'")))
