"""The review of a campaign for organisers, in each of its states."""

import pytest
from django.utils import timezone

from confbox.kit.tests.page import parse
from confbox.kit.tests.panels import states_of
from conferences.tests.factories import update_elections
from conferences.tests.rosters.entries import make_entry
from voting.campaigns.models import Campaign
from voting.campaigns.progress import Progress, SecretProgress
from voting.desk.campaign_panels import ANNOUNCE_PANEL, APPROVE_PANEL, TROUBLE_NOTE, VERBS, trouble_note
from voting.tests.campaigns import make_campaign
from voting.tests.factories import make_pitch
from voting.tests.invitations import write

pytestmark = pytest.mark.django_db
ACTS = [
    ("waiting", "requested", ["Approve", "Edit", "Refuse"], []),
    ("approved", "approved", ["Stop permanently"], []),
    ("sending", "sending", ["Stop permanently"], ["Pause"]),
    ("paused", "paused", ["Stop permanently"], ["Resume"]),
    ("none", "sent", [], []),
    ("none", "refused", [], []),
    ("none", "stopped", [], []),
    ("none", "withdrawn", [], []),
]
AGAIN = [("invitation", "Invite again"), ("candidates", "Write a new one")]
REVIEW = "/admin/voting/campaign/{}/change/"


@pytest.mark.parametrize(("state", "status", "links", "buttons"), ACTS)
def test_what_an_organiser_can_do_with_a_campaign(as_organiser, alice, state, status, links, buttons):
    campaign = make_campaign(alice)
    Campaign.objects.filter(pk=campaign.pk).update(status=status)
    answer = as_organiser.get(REVIEW.format(campaign.pk))
    assert answer.context["verbs"].state == state
    page = parse(answer)
    assert page.texts("#verbs a") == links
    assert page.attributes("#verbs input[type=submit]", "value") == buttons


def test_organiser_who_may_not_approve_reads_why(as_organiser, organiser, alice):
    campaign = make_campaign(alice)
    Campaign.objects.filter(pk=campaign.pk).update(requested_by=organiser)
    answer = as_organiser.get(REVIEW.format(campaign.pk))
    assert answer.context["verbs"].state == "waiting_for_another"
    page = parse(answer)
    assert page.texts("#verbs a") == ["Edit", "Withdraw"]
    assert page.mentions("another organiser has to approve it")


def test_own_request_is_withdrawn_where_that_of_another_is_refused(as_organiser, organiser, alice):
    campaign = make_campaign(alice)
    withdraw = f"/admin/voting/campaign/{campaign.pk}/withdraw/"
    assert as_organiser.post(withdraw).status_code == 403
    Campaign.objects.filter(pk=campaign.pk).update(requested_by=organiser)
    page = parse(as_organiser.get(REVIEW.format(campaign.pk)))
    assert page.attributes("#verbs a.is-danger", "href") == [withdraw]
    assert "Refuse" not in page.part("#verbs").text
    as_organiser.post(withdraw)
    assert Campaign.objects.get(pk=campaign.pk).status == "withdrawn"


def test_withdrawing_names_its_consequence_and_asks_first(as_organiser, organiser, conference):
    make_entry(conference)
    campaign = write(conference, organiser)
    path = f"/admin/voting/campaign/{campaign.pk}/withdraw/"
    page = parse(as_organiser.get(path)).part("#content .desk-panel")
    assert (page.mentions("No one gets it"), page.buttons) == (True, ["Withdraw it"])
    assert Campaign.objects.get().status == "requested"
    as_organiser.post(path)
    assert Campaign.objects.get().status == "withdrawn"
    assert as_organiser.get(path).url == REVIEW.format(campaign.pk)


@pytest.mark.parametrize("status", ["withdrawn", "refused", "stopped"])
@pytest.mark.parametrize(("kind", "words"), AGAIN)
def test_what_was_not_sent_can_be_written_again(as_organiser, organiser, bob, status, kind, words):
    make_entry(bob.conference)
    make_pitch(bob)
    campaign = write(bob.conference, organiser, kind)
    Campaign.objects.filter(pk=campaign.pk).update(status=status)
    answer = as_organiser.get(REVIEW.format(campaign.pk))
    assert answer.context["verbs"].state == "over"
    again = f"/admin/voting/campaign/announce/{bob.conference.pk}/{kind}/"
    assert parse(answer).texts(f"#verbs a[href='{again}']") == [words]


def test_list_says_that_nothing_waits_and_leads_to_all(as_organiser, alice):
    campaign, url = make_campaign(alice), "/admin/voting/campaign/"
    assert parse(as_organiser.get(url)).texts(".field-subject") == [campaign.subject]
    Campaign.objects.filter(pk=campaign.pk).update(status="sent")
    [to_all] = parse(as_organiser.get(url)).part("#nothing-waits").links
    page = parse(as_organiser.get(url + to_all))
    assert page.texts(".field-subject") == [campaign.subject]
    assert not page.has("#nothing-waits")
    assert to_all in page.attributes("#changelist-filter li.selected a", "href")


def test_clearing_all_filters_of_the_list_shows_all_campaigns(as_organiser, alice):
    campaign, url = make_campaign(alice), "/admin/voting/campaign/"
    Campaign.objects.filter(pk=campaign.pk).update(status="sent")
    filtered = parse(as_organiser.get(f"{url}?status__exact=refused"))
    [clear] = filtered.attributes("#changelist-filter-extra-actions a", "href")[-1:]
    assert parse(as_organiser.get(url + clear)).texts(".field-subject") == [campaign.subject]


def test_trouble_is_quoted_on_the_review(as_organiser, alice):
    campaign = make_campaign(alice)
    Campaign.objects.filter(pk=campaign.pk).update(status="paused", failures=2, trouble="451 Not now")
    page = parse(as_organiser.get(REVIEW.format(campaign.pk)))
    assert page.part("#trouble").text == "2 failures in a row. The mail server said: 451 Not now"


COUNTED = Progress(total=1, sent=0, failed=1, uncertain=0, skipped=0, per_minute=0)
TROUBLES = [
    (None, "", COUNTED),
    ("quoted", "451 Not now", COUNTED),
    ("code", "451 a@example.org", SecretProgress("", "", "", code="451")),
    ("refused", "a@example.org is full", SecretProgress("", "", "", code="")),
]


@pytest.mark.parametrize(("state", "trouble", "progress"), TROUBLES)
def test_note_of_trouble(state, trouble, progress):
    note = trouble_note(Campaign(trouble=trouble, failures=1), progress)
    assert (note.state if note else None) == state
    assert state == "quoted" or not note or trouble not in note.facts.values()


ANNOUNCEMENTS = [
    ("counted", "candidates", {}, "It would go to 2 members."),
    ("of_roster", "invitation", {}, "It would go to 1 person on the roster"),
    ("secret", "reminder", {}, "It goes to the members who have not voted by the time it is sent"),
    ("refused", "candidates", {"closes_at": timezone.now()}, "Voting is over"),
    ("refused", "reminder", {"closes_at": timezone.now()}, "Voting is over"),
]


@pytest.mark.parametrize(("state", "kind", "columns", "words"), ANNOUNCEMENTS)
def test_page_to_write_to_the_members(as_organiser, conference, alice, bob, state, kind, columns, words):
    make_entry(conference)
    update_elections(conference, **columns)
    answer = as_organiser.get(f"/admin/voting/campaign/announce/{conference.pk}/{kind}/")
    assert answer.context["panel"].state == state
    page = parse(answer).part("#content .desk-panel")
    assert words in page.text
    assert page.has("form") == (state != "refused")


APPROVALS = [
    ("counted", "promotion", "Send this email to 2 members?", "Approve for 2 members"),
    ("secret", "reminder", "Send this email to the members who have not voted?", "Approve"),
    ("of_roster", "invitation", "Send this email to 1 person on the roster?", "Approve for 1 person"),
]


@pytest.mark.parametrize(("state", "kind", "question", "button"), APPROVALS)
def test_page_to_approve_a_campaign(as_organiser, alice, bob, state, kind, question, button):
    make_entry(alice.conference)
    campaign = make_campaign(alice)
    candidate = alice if kind == "promotion" else None
    Campaign.objects.filter(pk=campaign.pk).update(kind=kind, candidate=candidate)
    answer = as_organiser.get(f"/admin/voting/campaign/{campaign.pk}/approve/")
    assert answer.context["panel"].state == state
    page = parse(answer).part("#content .desk-panel")
    assert page.texts("h2")[0].startswith(question)
    assert page.buttons == [button]


SENDING = [
    ("invitation", "Send to 1 person"),
    ("candidates", "Send to 2 members"),
    ("reminder", "Send"),
]


@pytest.mark.parametrize(("kind", "button"), SENDING)
def test_who_may_approve_their_own_standard_text_sends_it(as_organiser, organiser, alice, bob, kind, button):
    make_entry(alice.conference)
    make_pitch(alice)
    written = write(alice.conference, organiser, kind)
    page = parse(as_organiser.get(f"/admin/voting/campaign/{written.pk}/change/"))
    assert page.texts("#verbs .button")[0] == "Send"
    page = parse(as_organiser.get(f"/admin/voting/campaign/{written.pk}/approve/"))
    assert page.part("#content .desk-panel").buttons == [button]


# Each has a test of its own in test_invite_from_roster.
OF_ROSTER = {"refused_of_roster", "empty_roster", "no_one_left"}


def test_every_state_has_a_row_and_a_template():
    assert states_of(VERBS) == {state for state, *_ in ACTS} | {"waiting_for_another", "over"}
    assert states_of(TROUBLE_NOTE) == {state for state, *_ in TROUBLES if state}
    assert states_of(ANNOUNCE_PANEL) == {state for state, *_ in ANNOUNCEMENTS} | OF_ROSTER
    assert states_of(APPROVE_PANEL) == {state for state, *_ in APPROVALS}
