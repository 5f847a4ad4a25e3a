"""While a second person is asked, a pitch is covered: no one else sees its text, and no vote is affected."""

from datetime import timedelta
from functools import partial

import pytest
from django.core import mail
from django.core.exceptions import ValidationError
from django.utils import timezone

from accounts.actors import Actor
from accounts.models import AdminAct
from accounts.my_data.actions import delete_account
from accounts.tests.factories import log_in_freshly
from confbox.kit.outcomes import Change
from confbox.kit.tests.page import parse
from conferences.consent.actions import cancel_request, confirm_request, do_or_ask
from conferences.consent.my_data import export
from conferences.consent.steps import lapse_requests
from conferences.local_times import in_zone
from conferences.models import ConsentRequest, Membership, Role
from conferences.tests.factories import make_membership
from voting.campaigns.actions import announce
from voting.campaigns.models import Campaign
from voting.campaigns.rules import refusal_to_ask
from voting.desk.exports import _rows
from voting.elections import actions, pitches
from voting.elections.models import Pitch, Vote
from voting.elections.moderation.hiding import hide_pitch, restore_pitch
from voting.elections.moderation.reporting import report_member
from voting.elections.sharing.actions import share_pitch
from voting.elections.sharing.card import candidate_card
from voting.elections.tally import tally_of
from voting.tests.campaigns import approve, dispatch_due, make_campaign
from voting.tests.consent import make_team
from voting.tests.factories import close_by_clock, make_pitch, make_vote

pytestmark = pytest.mark.django_db
REASON = "It names a phone number."
SENTENCE = "The organisers are checking the text of this pitch"


@pytest.fixture
def team(conference):
    return make_team(conference, "exclusion", second=Role.REVIEWER)


@pytest.fixture
def pitched(alice):
    make_pitch(alice, headline="Rude words", statement="Call 555-0100.")
    return alice


def ask(member, person):
    by = Actor(person)
    member = Membership.objects.get(pk=member.pk)
    return do_or_ask(partial(hide_pitch, membership=member, reason=REASON, by=by), reason=REASON, by=by)


@pytest.fixture
def asked(pitched, team):
    return ask(pitched, team[0])


def is_covered(member):
    return Pitch.objects.get(membership=member).is_covered


def let_expire(asked):
    """As if a day had passed."""
    past = timezone.now() - timedelta(seconds=1)
    Pitch.objects.filter(covered_until=asked.expires_at).update(covered_until=past)
    ConsentRequest.objects.filter(pk=asked.pk).update(expires_at=past)


def write(member, headline):
    texts = {"headline": headline, "statement": ""}
    pitches.save_pitch(membership=member, **texts, accepts_votes=True, by=Actor(member.user))


def emails_to(person):
    return [message for message in mail.outbox if message.to == [person.email]]


# --- what it does ------------------------------------------------------------------------------


@pytest.mark.parametrize("path", ["ballot/", "ballot/?q=alice", "members/{0}/", "candidates/{0}/"])
def test_a_sentence_is_on_the_page_instead_of_the_text(client, pitched, team, bob, path):
    Pitch.objects.update(shared_at=timezone.now())
    client.force_login(bob.user)
    url = f"/conferences/open-conf/{path.format(pitched.pk)}"
    assert parse(client.get(url)).mentions("Rude words")
    ask(pitched, team[0])
    shown = parse(client.get(url))
    assert not shown.mentions("Rude words")
    assert not shown.mentions("555-0100")
    assert SENTENCE in shown.text


def test_preview_card_is_without_the_headline(pitched, asked):
    member = Membership.objects.select_related("pitch", "user", "conference").get(pk=pitched.pk)
    assert candidate_card(member).text == ""


def test_description_of_the_public_page_is_without_the_headline(client, pitched, asked):
    Pitch.objects.update(shared_at=timezone.now())
    page = parse(client.get(f"/conferences/open-conf/candidates/{pitched.pk}/"))
    assert page.attributes("meta[property='og:description']", "content") == ["Open Conf"]


def test_candidate_stays_on_the_ballot_and_votes_count(pitched, asked, bob, carol):
    make_vote(bob, pitched)
    actions.cast_vote(by=Actor(carol.user), slug="open-conf", candidate_id=pitched.pk)
    assert Vote.objects.valid().filter(candidate=pitched).count() == 2
    assert not emails_to(bob.user)


def test_covered_pitch_is_not_made_public(pitched, asked):
    with pytest.raises(ValidationError, match="are checking your pitch"):
        share_pitch(membership=pitched, by=Actor(pitched.user))


def test_covered_pitch_is_not_reported(pitched, asked, bob):
    with pytest.raises(ValidationError, match="do not see this"):
        report_member(membership=pitched, subject="pitch", reason="insult", text="", by=Actor(bob.user))


def test_of_a_member_with_a_covered_pitch_only_the_profile_is_reported(client, pitched, asked, bob):
    page = f"/conferences/{pitched.conference.slug}/members/{pitched.pk}/"
    client.force_login(bob.user)
    shown = parse(client.get(page))
    assert shown.text.count("Report the profile") == 1
    Membership.objects.filter(pk=pitched.pk).update(profile_hidden_at=timezone.now())
    assert f"{page}report/" not in parse(client.get(page)).links


def test_covered_pitch_is_not_in_the_exported_tally(conference, pitched, asked, bob):
    make_vote(bob, pitched)
    close_by_clock(conference)
    assert [row[-1] for row in _rows(tally_of(conference).standings)] == [""]


def test_author_still_sees_the_text_and_until_when_it_is_covered(client, pitched, asked):
    client.force_login(pitched.user)
    for path in (f"members/{pitched.pk}/", "pitch/"):
        page = parse(client.get(f"/conferences/open-conf/{path}"))
        assert page.mentions("Rude words")
        assert "at the latest until" in page.part("#covered-pitch").text


def test_author_gets_an_email_with_the_reason_and_not_by_whom(pitched, team):
    ask(pitched, team[1])
    [email] = emails_to(pitched.user)
    assert "is being checked" in email.subject
    assert REASON in email.body
    assert team[1].name not in email.body


def test_it_is_in_the_audit_log(pitched, asked, team):
    act = AdminAct.objects.get(act="cover pitch")
    assert (act.by, act.target) == (team[0], "Alice")


# --- how it ends -------------------------------------------------------------------------------


def test_confirmed_request_hides_it(pitched, asked, team):
    confirm_request(asked=asked, by=Actor(team[1]))
    pitched.refresh_from_db()
    assert (pitched.is_pitch_hidden, is_covered(pitched)) == (True, False)
    assert "has been hidden" in emails_to(pitched.user)[-1].subject


@pytest.mark.parametrize("place", [0, 1], ids=["withdrawn", "declined"])
def test_text_is_back_when_the_request_is(pitched, asked, team, place):
    cancel_request(asked=asked, by=Actor(team[place]))
    assert not is_covered(pitched)
    assert "is shown again" in emails_to(pitched.user)[-1].subject
    assert AdminAct.objects.filter(act="uncover pitch", by=team[place]).exists()


def test_text_is_back_once_the_request_has_expired_and_its_author_is_notified_once(pitched, asked):
    let_expire(asked)
    assert not is_covered(pitched)
    assert [lapse_requests(), lapse_requests()] == [1, 0]
    assert [mail.subject for mail in emails_to(pitched.user)][1:] == [
        "Your pitch at Open Conf is shown again"
    ]


def test_request_that_is_refused_when_it_is_confirmed_uncovers_it(conference, pitched, asked, team):
    make_membership(conference, user=team[0])
    assert confirm_request(asked=asked, by=Actor(team[1])).refusal
    assert not is_covered(pitched)


def test_pitch_that_was_hidden_and_is_shown_again_is_not_covered(pitched, asked, team):
    confirm_request(asked=asked, by=Actor(team[1]))
    restore_pitch(membership=Membership.objects.get(pk=pitched.pk), by=Actor(team[1]))
    assert not is_covered(pitched)


def test_the_one_who_asked_reads_that_the_text_is_shown(asked, team):
    cancel_request(asked=asked, by=Actor(team[1]))
    [email] = [message for message in emails_to(team[0]) if "Declined" in message.subject]
    assert "The text of the pitch is shown." in email.body


# --- how often ---------------------------------------------------------------------------------


def test_same_text_is_not_covered_a_second_time(pitched, asked, team):
    cancel_request(asked=asked, by=Actor(team[1]))
    sent = len(emails_to(pitched.user))
    ask(pitched, team[0])
    assert not is_covered(pitched)
    assert len(emails_to(pitched.user)) == sent


def test_text_that_was_changed_after_that_can_be_covered(pitched, asked, team):
    cancel_request(asked=asked, by=Actor(team[1]))
    write(pitched, "Ruder words")
    ask(pitched, team[0])
    assert is_covered(pitched)


def test_text_that_is_changed_while_it_is_covered_stays_covered(pitched, asked):
    write(pitched, "Ruder words")
    assert is_covered(pitched)


def test_second_request_while_one_waits_covers_no_longer(pitched, asked, team):
    until = Pitch.objects.get().covered_until
    with pytest.raises(ValidationError, match="already requested"):
        ask(pitched, team[1])
    assert Pitch.objects.get().covered_until == until == asked.expires_at


def test_nothing_is_covered_when_there_is_no_second_person(conference, pitched):
    first, second = make_team(conference, "exclusion")
    type(second).objects.filter(pk=second.pk).update(is_active=False)
    with pytest.raises(ValidationError, match="no second person"):
        ask(pitched, first)
    assert not is_covered(pitched)


def test_rival_covers_nothing(conference, pitched, team):
    make_membership(conference, user=team[0])
    with pytest.raises(ValidationError, match="You can be voted for yourself"):
        ask(pitched, team[0])
    assert not is_covered(pitched)


# --- what the team reads -----------------------------------------------------------------------


def page_of_pitch(member):
    return f"/admin/conferences/conference/{member.conference_id}/moderation/{member.pk}/pitch/"


def test_page_says_what_happens_until_a_second_person_has_confirmed(client, pitched, team):
    log_in_freshly(client, team[0])
    notice = parse(client.get(page_of_pitch(pitched))).part("#second-person").text
    assert "The candidate stays on the ballot, and votes count." in notice
    page = parse(client.post(page_of_pitch(pitched), {"act": "hide", "reason": REASON}, follow=True))
    assert "members see a sentence instead of it" in page.part(".messagelist").text


def test_page_says_that_a_text_is_not_covered_again(client, pitched, asked, team):
    cancel_request(asked=asked, by=Actor(team[1]))
    log_in_freshly(client, team[0])
    notice = parse(client.get(page_of_pitch(pitched))).part("#second-person").text
    assert "a text is covered only once" in notice


def test_second_person_reads_the_text_and_that_it_is_covered(client, conference, pitched, asked, team):
    log_in_freshly(client, team[1])
    page = parse(client.get(f"/admin/conferences/conference/{conference.pk}/second-person/{asked.pk}/"))
    assert "Call 555-0100." in page.part("#consent-request").text
    assert "Until then, the text of the pitch is covered" in page.part("#consent-request").text
    [email] = emails_to(team[1])
    assert "Until then, the text of the pitch is covered" in email.body
    assert "Nothing changes" not in email.body


def request_page(client, asked, person):
    log_in_freshly(client, person)
    return parse(client.get(f"/admin/conferences/conference/{asked.conference_id}/second-person/{asked.pk}/"))


def test_second_person_reads_the_text_as_it_was_and_as_it_is(client, pitched, asked, team):
    assert not request_page(client, asked, team[1]).has("#pitch-before")
    write(pitched, "Kind words")
    page = request_page(client, asked, team[1])
    assert "changed the pitch since you were asked" in page.part("#consent-request").text
    assert page.part("#pitch-before").text.split() == ["Rude", "words", "Call", "555-0100."]
    assert "Kind words" in page.part("#consent-request h3 bdi").text


def test_text_that_is_changed_while_the_second_person_reads_it_is_not_hidden_unread(
    client, pitched, asked, team
):
    confirmed = {"act": "confirm", "seen": request_page(client, asked, team[1]).field("seen")["value"]}
    write(pitched, "Kind words")
    path = f"/admin/conferences/conference/{asked.conference_id}/second-person/{asked.pk}/"
    page = parse(client.post(path, confirmed, follow=True))
    pitched.refresh_from_db()
    assert not pitched.is_pitch_hidden
    assert "has changed since you opened this page" in page.messages[0]
    assert page.part("#pitch-before").text.split()[:2] == ["Rude", "words"]
    assert "Kind words" in page.part("#consent-request h3 bdi").text


def test_rewritten_text_stays_covered_and_is_hidden_when_it_is_confirmed(pitched, asked, team):
    write(pitched, "Kind words")
    assert is_covered(pitched)
    assert ask(pitched, team[0]) == asked
    confirm_request(asked=asked, by=Actor(team[1]))
    pitched.refresh_from_db()
    assert pitched.is_pitch_hidden


def test_request_from_before_the_text_was_noted_can_still_be_confirmed(client, pitched, asked, team):
    ConsentRequest.objects.update(payload={"member": pitched.pk})
    write(pitched, "Kind words")
    assert not request_page(client, asked, team[1]).has("#pitch-before")
    confirmed = confirm_request(asked=asked, by=Actor(team[1]))
    assert confirmed.refusal == ""


def test_noted_text_goes_with_its_author_and_is_no_one_elses_data(pitched, asked, team):
    [row] = export(team[0])["requests_for_a_second_person"]
    assert "Rude words" not in str(row)
    assert "Rude words" in str(ConsentRequest.objects.get().payload)
    delete_account(by=Actor(pitched.user))
    assert ConsentRequest.objects.get().payload == {"member": pitched.pk}


def test_page_of_the_pitch_says_who_is_asked_and_until_when(client, conference, pitched, asked, team):
    for person, verb in zip(team, ("Withdraw", "Confirm or decline"), strict=True):
        log_in_freshly(client, person)
        page = parse(client.get(page_of_pitch(pitched))).part("#moderation")
        until = in_zone(conference, asked.expires_at)
        assert f"These can confirm it until {until}: Second Person." in page.text
        assert verb in page.part("a.button").text


def test_overview_says_that_the_request_is_under_way(client, conference, pitched, team, bob):
    report_member(membership=pitched, subject="pitch", reason="insult", text="", by=Actor(bob.user))
    log_in_freshly(client, team[0])
    url = f"/admin/conferences/conference/{conference.pk}/"
    assert "1 report of a member" in parse(client.get(url)).part(".overview-step").text
    asked = ask(pitched, team[0])
    step = parse(client.get(url)).part(".overview-step")
    assert "report of a member" not in step.text
    until = in_zone(conference, asked.expires_at)
    assert f"Hide the pitch of Alice. These can confirm it until {until}: Second Person." in step.text
    cancel_request(asked=asked, by=Actor(team[1]))
    assert "1 report of a member" in parse(client.get(url)).part(".overview-step").text


def test_report_about_the_profile_still_waits(client, conference, pitched, asked, team, bob):
    report_member(membership=pitched, subject="profile", reason="insult", text="", by=Actor(bob.user))
    log_in_freshly(client, team[0])
    step = parse(client.get(f"/admin/conferences/conference/{conference.pk}/")).part(".overview-step")
    assert "1 report of a member" in step.text


def test_request_of_another_is_not_shown_as_ones_own(client, conference, asked, team):
    log_in_freshly(client, team[1])
    step = parse(client.get(f"/admin/conferences/conference/{conference.pk}/")).part(".overview-step")
    assert "You asked a second person" not in step.text
    assert "1 request that waits for you as the second person" in step.text


# --- emails with the pitch ---------------------------------------------------------------------


def meet_candidates(conference, organiser):
    return announce(conference=conference, kind="candidates", subject="S", message="M", by=Actor(organiser))


def test_approved_email_about_the_candidates_is_not_sent(conference, organiser, pitched, team):
    meet = approve(meet_candidates(conference, organiser), team[0], send_at=timezone.now())
    ask(pitched, team[0])
    mail.outbox.clear()
    dispatch_due()
    meet.refresh_from_db()
    assert (meet.status, mail.outbox) == (Campaign.Status.STOPPED, [])


def test_no_email_about_the_candidates_is_written_meanwhile(conference, organiser, pitched, asked):
    with pytest.raises(ValidationError, match="covered until a second person"):
        meet_candidates(conference, organiser)


def test_approved_campaign_of_the_author_is_not_sent(conference, organiser, pitched, team):
    campaign = approve(make_campaign(pitched), organiser, send_at=timezone.now())
    ask(pitched, team[0])
    dispatch_due()
    campaign.refresh_from_db()
    assert campaign.status == Campaign.Status.STOPPED


def test_author_asks_for_no_campaign_meanwhile(pitched, asked):
    member = Membership.objects.get(pk=pitched.pk)
    assert "are checking your pitch" in refusal_to_ask(member)


def test_confirming_twice_is_one_act(pitched, asked, team):
    for _ in range(2):
        confirm_request(asked=asked, by=Actor(team[1]))
    assert AdminAct.objects.filter(act="hide pitch").count() == 1
    pitched.refresh_from_db()
    assert hide_pitch(membership=pitched, reason=REASON, by=Actor(team[1])) is Change.NONE


def test_pages_of_moderation_say_who_is_asked_and_until_when(client, conference, pitched, team, bob):
    report_member(membership=pitched, subject="pitch", reason="insult", text="", by=Actor(bob.user))
    asked = ask(pitched, team[0])
    log_in_freshly(client, team[0])
    until = f"These can confirm it until {in_zone(conference, asked.expires_at)}: Second Person."
    url = f"/admin/conferences/conference/{conference.pk}/moderation/"
    listed = parse(client.get(url))
    for place in ("#reported", f"article[aria-labelledby=member-{pitched.pk}]"):
        assert until in listed.part(place).text
    assert "Hide the pitch of Alice" not in listed.texts("a")
    report = parse(client.get(f"{url}{pitched.pk}/report/"))
    assert until in report.part("#pitch").text
    assert not report.has("a.button.is-danger")


def test_note_of_a_report_belongs_to_leaving_it_as_it_is(client, conference, pitched, team, bob):
    report_member(membership=pitched, subject="pitch", reason="insult", text="", by=Actor(bob.user))
    log_in_freshly(client, team[0])
    url = f"/admin/conferences/conference/{conference.pk}/moderation/{pitched.pk}/report/"
    assert "Or leave it as it is" in parse(client.get(url)).texts("#pitch h4")
