"""A team passes on reports about a profile; the organisers of the site remove what does not belong in it."""

import pytest
from django.core import mail
from django.core.exceptions import ValidationError
from django.db import connection

from accounts.actors import Actor
from accounts.models import AdminAct, User
from accounts.removal import remove_from_profile
from accounts.tests.factories import log_in_freshly, make_organiser, make_user
from confbox.kit.outcomes import Change
from confbox.kit.tests.page import parse
from confbox.kit.tests.threads import InThread
from conferences.models import Conference, Membership, Role
from conferences.teams.dashboard import waits_of
from conferences.tests.factories import make_conference, make_membership
from conferences.tests.teams import make_team_member
from voting.campaigns.models import Campaign
from voting.elections.moderation.hiding import hide_profile
from voting.elections.moderation.models import Report
from voting.elections.moderation.passing_on import answer_passed_on, pass_on_reports
from voting.elections.moderation.reporting import dismiss_reports, report_member
from voting.tests.campaigns import make_campaign
from voting.tests.factories import make_pitch

pytestmark = pytest.mark.django_db
WORDS = "That is not a face."
QUEUE = "/admin/conferences/conference/passed-on/"


@pytest.fixture
def shown(alice):
    User.objects.filter(pk=alice.user_id).update(profession="Secret agent", bio="Licence to bill")
    make_pitch(alice)
    alice.refresh_from_db()
    return alice


@pytest.fixture
def reviewer(conference):
    return make_team_member(conference, Role.REVIEWER, name="Rita Reviewer").person


def report(member, by, *, subject="profile"):
    return report_member(membership=member, subject=subject, reason="insult", text=WORDS, by=Actor(by.user))


def pass_on(member, by=None):
    return pass_on_reports(membership=member, by=Actor(by) if by else Actor.of_command())


def answer(member, by, outcome="dismissed", note="It is a mask."):
    return answer_passed_on(membership=member, outcome=outcome, note=note, by=Actor(by))


def remove(member, by=None, *parts):
    acting = Actor(by) if by else Actor.of_command()
    return remove_from_profile(user=member.user, parts=parts or ["bio"], reason="Rude.", by=acting)


def team_page(member):
    return f"/admin/conferences/conference/{member.conference_id}/moderation/{member.pk}/report/"


def question(member):
    return f"/admin/conferences/conference/{member.conference_id}/pass-on/{member.pk}/"


def outcomes():
    return list(Report.objects.order_by("pk").values_list("outcome", flat=True))


def emails_to(person):
    return [message for message in mail.outbox if message.to == [person.email]]


# --- passing on --------------------------------------------------------------------------------


def test_reviewer_passes_on_after_a_question_and_then_reads_that_it_was(client, shown, bob, reviewer, roles):
    report(shown, bob)
    log_in_freshly(client, reviewer)
    assert question(shown) in parse(client.get(team_page(shown))).links
    assert "in all conferences" in parse(client.get(question(shown))).text
    assert Report.objects.get().passed_on_at is None
    assert client.post(question(shown)).headers["Location"] == team_page(shown)
    page = parse(client.get(team_page(shown)))
    assert "Passed on to the site’s organisers on" in page.text
    assert question(shown) not in page.links


def test_passing_on_twice_sends_one_email_without_a_word_of_the_report(shown, bob, reviewer, organiser):
    report(shown, bob)
    assert [pass_on(shown, reviewer) for _ in range(2)] == [Change.MADE, Change.NONE]
    [email] = mail.outbox
    assert (email.to, QUEUE in email.body) == ([organiser.email], True)
    assert not [words for words in (WORDS, "Alice", "Bob") if words in email.body]
    entry = AdminAct.objects.get()
    assert (entry.act, entry.target, entry.about_id) == ("pass on reports", "Open Conf", None)


def test_only_reports_about_the_profile_are_passed_on(shown, bob, reviewer):
    report(shown, bob, subject="pitch")
    assert pass_on(shown, reviewer) is Change.NONE
    report(shown, bob)
    pass_on(shown, reviewer)
    passed = Report.objects.filter(passed_on_at__isnull=False)
    assert [each.subject for each in passed] == ["profile"]


def test_it_waits_for_the_site_and_no_longer_for_the_team(shown, bob, reviewer, organiser):
    report(shown, bob)
    pass_on(shown, reviewer)
    assert waits_of(reviewer) == {}
    [[wait]] = waits_of(organiser).values()
    assert (wait.words, wait.url) == ("1 report was passed on to you", QUEUE)


def test_later_report_about_the_same_profile_joins_those_passed_on(shown, bob, carol, reviewer):
    report(shown, bob)
    pass_on(shown, reviewer)
    report(shown, carol)
    assert not Report.objects.to_settle().exists()
    assert Report.objects.values("passed_on_at").distinct().count() == 1


def test_no_one_passes_on_reports_about_themselves(client, conference, bob):
    person = make_team_member(conference, Role.REVIEWER).person
    mine = make_membership(conference, user=person)
    report(mine, bob)
    log_in_freshly(client, person)
    assert client.post(question(mine)).status_code == 404
    with pytest.raises(ValidationError, match="your own page"):
        pass_on(mine, person)


@pytest.mark.parametrize("role", [Role.HELP_DESK, Role.OBSERVER, None])
def test_who_does_not_moderate_here_passes_on_nothing(client, conference, shown, bob, role):
    report(shown, bob)
    scope = conference if role else make_conference(slug="other")
    log_in_freshly(client, make_team_member(scope, role or Role.OWNER).person)
    for answered in (client.get(question(shown)), client.post(question(shown))):
        assert answered.status_code == (403 if role else 404)
    assert Report.objects.get().passed_on_at is None


def test_nothing_is_passed_on_from_a_rehearsal(conference, bob):
    twin = make_conference(slug="twin")
    Conference.objects.filter(pk=twin.pk).update(rehearses=conference)
    with pytest.raises(ValidationError, match="rehearsal"):
        pass_on(make_membership(twin))


def test_hiding_in_the_conference_leaves_it_waiting_for_the_site(shown, bob, reviewer):
    report(shown, bob)
    pass_on(shown, reviewer)
    hide_profile(membership=shown, reason="Rude.", by=Actor(reviewer))
    note = {"subject": "profile", "note": "No."}
    assert dismiss_reports(membership=shown, **note, by=Actor(reviewer)) is Change.NONE
    assert outcomes() == [""]
    assert not emails_to(bob.user)


# --- the queue of the site ---------------------------------------------------------------------


def test_organiser_of_the_site_reads_what_was_reported_and_not_by_whom(
    client, shown, bob, reviewer, organiser
):
    report(shown, bob)
    pass_on(shown, reviewer)
    log_in_freshly(client, organiser)
    assert f"{QUEUE}{shown.pk}/" in parse(client.get(QUEUE)).part("#passed-on").links
    page = parse(client.get(f"{QUEUE}{shown.pk}/"))
    assert WORDS in page.text
    assert f"/admin/accounts/user/{shown.user_id}/removal/?next={QUEUE}" in page.links
    assert not page.mentions("Bob")


def test_report_that_was_not_passed_on_is_not_in_it(as_organiser, shown, bob):
    report(shown, bob)
    assert not parse(as_organiser.get(QUEUE)).has("#passed-on article")
    assert as_organiser.get(f"{QUEUE}{shown.pk}/").status_code == 404


def test_report_about_a_member_who_left_stays_in_it(shown, bob, organiser):
    report(shown, bob)
    pass_on(shown)
    Membership.objects.filter(pk=shown.pk).update(left_at=shown.joined_at)
    assert Report.objects.passed_on_to(organiser).count() == 1


@pytest.mark.parametrize("who", ["owner", "member", "staff"])
def test_queue_is_only_for_organisers_of_the_site(client, conference, shown, bob, who):
    report(shown, bob)
    pass_on(shown)
    people = {
        "owner": lambda: make_team_member(conference, Role.OWNER).person,
        "member": lambda: bob.user,
        "staff": lambda: make_user("staff@example.org", is_staff=True),
    }
    person = people[who]()
    log_in_freshly(client, person)
    sent = {"outcome": "dismissed", "note": "No."}
    for answered in (
        client.get(QUEUE),
        client.get(f"{QUEUE}{shown.pk}/"),
        client.post(f"{QUEUE}{shown.pk}/", sent),
    ):
        assert answered.status_code == (302 if who == "member" else 403)
    assert outcomes() == [""]
    assert not Report.objects.passed_on_to(person).exists()


def test_organiser_of_the_site_finds_no_reports_about_themselves(client, conference, bob, organiser):
    mine = make_membership(conference, user=organiser)
    report(mine, bob)
    pass_on(mine)
    log_in_freshly(client, organiser)
    assert not parse(client.get(QUEUE)).has("#passed-on article")
    assert client.get(f"{QUEUE}{mine.pk}/").status_code == 404
    assert not emails_to(organiser)
    with pytest.raises(ValidationError, match="your own page"):
        answer(mine, organiser)


# --- answers -----------------------------------------------------------------------------------


def test_left_as_it_is_the_team_reads_the_note_and_the_reporter_is_told(
    client, shown, bob, reviewer, organiser
):
    report(shown, bob)
    pass_on(shown, reviewer)
    log_in_freshly(client, organiser)
    sent = {"outcome": "dismissed", "note": "It is a mask."}
    assert [client.post(f"{QUEUE}{shown.pk}/", sent).headers["Location"] for _ in range(2)] == [QUEUE] * 2
    [email] = emails_to(bob.user)
    assert "left it as it is" in email.body
    log_in_freshly(client, reviewer)
    page = parse(client.get(team_page(shown)))
    assert ("it was left as it is" in page.text, "It is a mask." in page.text) == (True, True)


def test_answer_needs_a_note(shown, bob, organiser):
    report(shown, bob)
    pass_on(shown)
    with pytest.raises(ValidationError, match="short note"):
        answer(shown, organiser, note=" ")


def test_report_is_settled_as_changed_only_if_the_profile_has_been_changed(shown, bob, organiser):
    report(shown, bob)
    pass_on(shown)
    with pytest.raises(ValidationError, match="Nothing of it has been changed"):
        answer(shown, organiser, "removed")
    User.objects.filter(pk=shown.user_id).update(name="Alice Arden")
    assert answer(shown, organiser, "removed") is Change.MADE
    assert "no longer see it" in emails_to(bob.user)[0].body


def test_removal_settles_the_reports_and_the_team_reads_it(client, shown, bob, reviewer, organiser):
    report(shown, bob)
    pass_on(shown, reviewer)
    assert [remove(shown, organiser), remove(shown, organiser)] == [Change.MADE, Change.NONE]
    assert outcomes() == ["removed"]
    assert ["no longer see it" in email.body for email in emails_to(bob.user)] == [True]
    log_in_freshly(client, reviewer)
    assert "has been removed" in parse(client.get(team_page(shown))).text


def test_removal_settles_reports_of_all_conferences_but_none_about_a_pitch(shown, bob, carol, organiser):
    other = make_conference(slug="other", voting="open")
    there = make_membership(other, user=shown.user)
    report(shown, bob)
    report(there, make_membership(other, user=carol.user))
    report(shown, carol, subject="pitch")
    remove(shown, organiser)
    assert outcomes() == ["removed", "removed", ""]


def test_person_is_not_told_of_the_reports(shown, bob, organiser):
    report(shown, bob)
    pass_on(shown)
    remove(shown, organiser)
    [email] = emails_to(shown.user)
    assert "Rude." in email.body
    assert not [words for words in ("report", WORDS, "Bob") if words in email.body]


def test_candidate_removes_nothing_from_a_rival_while_votes_count(shown, conference, organiser):
    mine = make_membership(conference, user=organiser)
    with pytest.raises(ValidationError, match="You can be voted for yourself"):
        remove(shown, organiser)
    Membership.objects.filter(pk=mine.pk).update(left_at=mine.joined_at)
    assert remove(shown, organiser) is Change.MADE


@pytest.mark.parametrize(
    "path",
    ["members/{0}/", "members/", "ballot/", "/people/{1}/"],
    ids=["member", "members", "ballot", "person"],
)
def test_removed_texts_are_on_no_page(client, shown, bob, path):
    path = path.format(shown.pk, shown.user_id)
    url = path if path.startswith("/") else f"/conferences/open-conf/{path}"
    client.force_login(bob.user)
    assert parse(client.get(url)).mentions("Secret agent")
    remove(shown, None, "profession", "bio")
    page = parse(client.get(url))
    assert (page.mentions("Secret agent"), page.mentions("Licence to bill")) == (False, False)


def test_removed_profession_is_in_no_email_of_the_candidates(shown, bob, organiser):
    pitches = [
        {"member": member.pk, "name": str(member), "profession": "Agent", "headline": "A", "statement": ""}
        for member in (shown, bob)
    ]
    campaign = make_campaign(shown)
    Campaign.objects.filter(pk=campaign.pk).update(kind="candidates", candidate=None, pitches=pitches)
    remove(shown, organiser, "bio")
    assert [pitch["profession"] for pitch in Campaign.objects.get().pitches] == ["Agent", "Agent"]
    remove(shown, organiser, "profession")
    assert [pitch["profession"] for pitch in Campaign.objects.get().pitches] == ["", "Agent"]


@pytest.mark.skipif(connection.vendor != "mysql", reason="SQLite has one writer at a time")
@pytest.mark.django_db(transaction=True)
def test_removal_and_answer_at_once_tell_the_reporter_once(roles):
    conference = make_conference(voting="open")
    member, by = (make_membership(conference) for _ in range(2))
    User.objects.filter(pk=member.user_id).update(bio="Licence to bill")
    one, two = (make_organiser(f"{name}@example.org") for name in ("one", "two"))
    report(member, by)
    pass_on(member)
    mail.outbox.clear()
    acts = [InThread(lambda: remove(member, one)), InThread(lambda: answer(member, two))]
    assert [act.finish().error for act in acts] == [None, None]
    assert len(emails_to(by.user)) == 1
