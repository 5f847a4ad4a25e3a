"""Members report pitches and people: no one learns who did, and the team settles all reports at once."""

import pytest
from django.core import mail
from django.core.cache import cache
from django.core.exceptions import ValidationError

from accounts.actors import Actor
from accounts.models import AdminAct, User
from accounts.my_data.export import everything_about
from accounts.tests.factories import log_in_freshly
from confbox.kit.outcomes import Change
from confbox.kit.tests.page import parse
from conferences.models import Membership, Role
from conferences.teams.dashboard import waits_of
from conferences.tests.factories import make_conference, make_membership
from conferences.tests.teams import make_team_member
from voting.elections import my_data
from voting.elections.models import Pitch
from voting.elections.moderation.hiding import hide_pitch, hide_profile
from voting.elections.moderation.models import Report
from voting.elections.moderation.reporting import dismiss_reports, report_member
from voting.tests.factories import make_pitch

pytestmark = pytest.mark.django_db
WORDS = "She calls Dan names."
REPORT = "/conferences/open-conf/members/{}/report/"


@pytest.fixture
def pitched(alice):
    make_pitch(alice, headline="Rude words")
    return alice


@pytest.fixture
def reviewer(conference):
    return make_team_member(conference, Role.REVIEWER, name="Rita Reviewer").person


def report(member, by, *, subject="pitch", reason="insult", text=WORDS):
    return report_member(membership=member, subject=subject, reason=reason, text=text, by=Actor(by.user))


def dismiss(member, by, *, subject="pitch", note="It is a joke."):
    return dismiss_reports(membership=member, subject=subject, note=note, by=Actor(by))


def moderation(member, end=""):
    return f"/admin/conferences/conference/{member.conference_id}/moderation/{end}"


def outcomes():
    return list(Report.objects.order_by("pk").values_list("outcome", flat=True))


def emails_to(person):
    return [message for message in mail.outbox if message.to == [person.email]]


# --- reporting ---------------------------------------------------------------------------------


def test_each_member_reports_the_same_once(pitched, bob, carol):
    done = [report(pitched, member) for member in (bob, bob, carol)]
    assert done == [Change.MADE, Change.NONE, Change.MADE]
    assert Report.objects.count() == 2


@pytest.mark.parametrize(
    "path", ["members/{0}/", "ballot/", "/people/{1}/"], ids=["member", "ballot", "person"]
)
def test_page_of_another_member_links_to_the_report(client, pitched, bob, path):
    Pitch.objects.update(statement="Why I should speak.")
    path = path.format(pitched.pk, pitched.user_id)
    url = path if path.startswith("/") else f"/conferences/open-conf/{path}"
    client.force_login(bob.user)
    assert REPORT.format(pitched.pk) in parse(client.get(url)).links
    client.force_login(pitched.user)
    assert REPORT.format(pitched.pk) not in parse(client.get(url)).links


def test_member_reports_on_the_page_and_then_reads_that_they_did(client, pitched, bob):
    client.force_login(bob.user)
    url = REPORT.format(pitched.pk)
    sent = {"subject": "pitch", "reason": "insult", "text": WORDS}
    assert client.post(url, sent).headers["Location"] == pitched.get_absolute_url()
    stored = Report.objects.get()
    assert (stored.membership, stored.reported_by, stored.text) == (pitched, bob.user, WORDS)
    assert stored.shown_text.startswith("Rude words")
    assert parse(client.get(url)).has("#sent")


@pytest.mark.parametrize("who", ["stranger", "self"])
def test_page_does_not_exist_for_strangers_and_for_oneself(client, pitched, stranger, who):
    client.force_login(stranger if who == "stranger" else pitched.user)
    sent = {"subject": "pitch", "reason": "insult"}
    assert client.get(REPORT.format(pitched.pk)).status_code == 404
    assert client.post(REPORT.format(pitched.pk), sent).status_code == 404


def test_something_else_needs_words_and_the_form_says_so(client, pitched, bob):
    client.force_login(bob.user)
    assert "Needed if you have chosen “Something else”." in parse(client.get(REPORT.format(pitched.pk))).text
    answer = client.post(REPORT.format(pitched.pk), {"subject": "pitch", "reason": "other"})
    assert "Please say what is wrong." in parse(answer).text
    assert not Report.objects.exists()


def test_pitch_that_no_one_sees_is_not_reported(pitched, bob):
    hide_pitch(membership=pitched, reason="Rude.", by=Actor.of_command())
    with pytest.raises(ValidationError, match="nothing to report"):
        report(pitched, bob)


def test_who_left_reports_nothing(pitched, bob):
    Membership.objects.filter(pk=bob.pk).update(left_at=bob.joined_at)
    with pytest.raises(ValidationError, match="Only members"):
        report(pitched, bob)


def test_one_person_sends_twenty_reports_an_hour(client, pitched, bob):
    cache.clear()
    client.force_login(bob.user)
    sent = {"subject": "pitch", "reason": "insult"}
    found = [client.post(REPORT.format(pitched.pk), sent).status_code for _ in range(21)]
    assert found == [302] * 20 + [429]


def test_audit_log_does_not_know_of_a_report(pitched, bob):
    report(pitched, bob)
    assert not AdminAct.objects.exists()


# --- the queue ---------------------------------------------------------------------------------


def test_team_reads_what_was_reported_by_how_many_and_not_by_whom(client, pitched, bob, carol, reviewer):
    report(pitched, bob)
    report(pitched, carol, text="")
    log_in_freshly(client, reviewer)
    queue = parse(client.get(moderation(pitched))).part("#reported")
    assert "Reported by 2 members" in queue.text
    page = parse(client.get(moderation(pitched, f"{pitched.pk}/report/")))
    assert WORDS in page.part("#pitch").text
    assert "Rude words" in page.part("#pitch").text
    assert not [name for name in ("Bob", "Carol") if page.mentions(name)]


def test_reports_wait_on_the_dashboard_until_they_are_settled(pitched, bob, reviewer):
    report(pitched, bob)
    [[wait]] = waits_of(reviewer).values()
    assert wait.words == "1 report of a member"
    dismiss(pitched, reviewer)
    assert waits_of(reviewer) == {}


def test_queue_has_pages_and_each_of_its_reports_can_be_opened(client, conference, bob, reviewer):
    members = [make_membership(conference) for _ in range(21)]
    for member in members:
        report(member, bob, subject="profile")
    log_in_freshly(client, reviewer)
    pages = [parse(client.get(moderation(bob, f"?reports={number}"))) for number in (1, 2)]
    shown = [page.links for page in pages]
    assert [page.number_of("#reported article") for page in pages] == [20, 1]
    assert moderation(bob, f"{members[-1].pk}/report/") in shown[1]
    assert parse(client.get(moderation(bob, f"{members[-1].pk}/report/"))).has("#profile")
    assert "?reports=2" in shown[0]


def test_who_is_reported_finds_nothing_of_it_in_their_team(client, conference, bob):
    person = make_team_member(conference, Role.REVIEWER, name="Rita Reviewer").person
    mine = make_membership(conference, user=person)
    make_pitch(mine)
    report(mine, bob)
    log_in_freshly(client, person)
    assert waits_of(person) == {}
    assert not parse(client.get(moderation(mine))).has("#reported")
    assert client.get(moderation(mine, f"{mine.pk}/report/")).status_code == 404
    with pytest.raises(ValidationError, match="your own page"):
        dismiss(mine, person)


def test_team_of_another_conference_finds_nothing(client, pitched, bob):
    report(pitched, bob)
    other = make_team_member(make_conference(slug="other"), Role.OWNER).person
    log_in_freshly(client, other)
    assert client.get(moderation(pitched, f"{pitched.pk}/report/")).status_code == 404
    assert waits_of(other) == {}


def test_reports_words_are_told_from_the_pitch(client, pitched, bob, reviewer):
    report(pitched, bob)
    log_in_freshly(client, reviewer)
    page = parse(client.get(moderation(pitched, f"{pitched.pk}/report/")))
    assert page.texts("#pitch h4")[:2] == ["In the words of those who reported it", "What was reported"]


def test_change_after_the_report_is_noted(client, pitched, bob, reviewer):
    report(pitched, bob)
    log_in_freshly(client, reviewer)
    url = moderation(pitched, f"{pitched.pk}/report/")
    assert "Changed since" not in parse(client.get(url)).part("#pitch").text
    Pitch.objects.update(headline="Kind words")
    shown = parse(client.get(url)).part("#pitch").text
    assert [words in shown for words in ("Changed since", "Rude words", "Kind words")] == [True] * 3


def test_reason_that_members_gave_is_suggested(client, pitched, bob, reviewer):
    report(pitched, bob)
    log_in_freshly(client, reviewer)
    page = parse(client.get(moderation(pitched, f"{pitched.pk}/pitch/")))
    assert page.part("[name=reason]").text.strip() == "It insults, threatens or harasses people."


# --- settling ----------------------------------------------------------------------------------


def test_hiding_the_pitch_settles_all_reports_about_it_and_no_others(pitched, bob, carol, reviewer):
    for member in (bob, carol):
        report(pitched, member)
    report(pitched, bob, subject="profile")
    hide_pitch(membership=pitched, reason="Rude.", by=Actor(reviewer))
    assert outcomes() == ["hidden", "hidden", ""]
    hide_profile(membership=pitched, reason="Rude.", by=Actor(reviewer))
    assert outcomes() == ["hidden"] * 3


def test_who_reported_learns_the_outcome_and_not_the_reason(pitched, bob, carol, reviewer):
    for member in (bob, carol):
        report(pitched, member)
    User.objects.filter(pk=carol.user_id).update(receives_notices=False)
    hide_pitch(membership=pitched, reason="Unkind to Dan.", by=Actor(reviewer))
    [email] = emails_to(bob.user)
    assert "no longer see it" in email.body
    assert "Unkind" not in email.body
    assert not emails_to(carol.user)
    assert not [words for words in ("Bob", "report", WORDS) if words in emails_to(pitched.user)[0].body]


def test_reporter_reads_that_a_reply_shows_who_they_are(pitched, bob, reviewer):
    report(pitched, bob)
    dismiss(pitched, reviewer)
    [email] = [message for message in mail.outbox if message.to == [bob.user.email]]
    assert "Those who read your reply learn that you reported it." in email.body


def test_dismissing_keeps_the_note_and_tells_only_who_reported(client, pitched, bob, reviewer):
    report(pitched, bob)
    log_in_freshly(client, reviewer)
    url = moderation(pitched, f"{pitched.pk}/report/")
    client.post(url, {"subject": "pitch", "note": "It is a joke."})
    client.post(url, {"subject": "pitch", "note": "It is a joke."})
    stored = Report.objects.get()
    assert (stored.outcome, stored.note, stored.settled_by) == ("dismissed", "It is a joke.", reviewer)
    [email] = emails_to(bob.user)
    assert "left it as it is" in email.body
    assert not emails_to(pitched.user)
    entry = AdminAct.objects.get()
    assert (entry.act, entry.target, entry.about_id) == ("dismiss reports", "Open Conf", None)


def test_dismissing_needs_a_note(pitched, bob, reviewer):
    report(pitched, bob)
    with pytest.raises(ValidationError, match="short note"):
        dismiss(pitched, reviewer, note=" ")


def test_dismissed_pitch_is_reported_again_only_once_it_has_changed(pitched, bob, carol, reviewer):
    report(pitched, bob)
    dismiss(pitched, reviewer)
    with pytest.raises(ValidationError, match="left it as it is"):
        report(pitched, bob)
    assert report(pitched, carol) is Change.MADE
    Pitch.objects.update(headline="Ruder words")
    assert report(pitched, bob) is Change.MADE


# --- accounts ----------------------------------------------------------------------------------


def test_download_has_own_reports_and_none_about_oneself(pitched, bob):
    report(pitched, bob)
    mine = str(everything_about(bob.user))
    assert WORDS in mine
    assert "Rude words" not in mine
    assert WORDS not in str(everything_about(pitched.user))


def test_report_of_a_deleted_account_stays_without_person_and_words(pitched, bob):
    report(pitched, bob)
    my_data.delete(bob.user)
    stored = Report.objects.get()
    assert (stored.reported_by, stored.text, stored.reason) == (None, "", "insult")


def test_reports_about_a_deleted_account_are_gone(pitched, bob):
    report(pitched, bob)
    my_data.delete(pitched.user)
    assert not Report.objects.exists()
