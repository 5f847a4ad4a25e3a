"""Merging a duplicate into the conference that stays."""

from datetime import timedelta

import pytest
from django.core import mail
from django.core.exceptions import ValidationError
from django.utils import timezone

from accounts.actors import Actor
from accounts.models import AdminAct
from accounts.tests.factories import log_in_freshly, make_user
from confbox.kit.mailbox_digests import mailbox_digest
from confbox.kit.tests.page import parse
from conferences.actions import join_conference
from conferences.copying.names import free_slug
from conferences.merging.actions import merge_conferences
from conferences.models import (
    Conference,
    ConferenceChange,
    ExcludedMailbox,
    JoinRequest,
    Membership,
    OldAddress,
    Role,
    RosterEntry,
)
from conferences.tests.admission import ask, code_for, only
from conferences.tests.factories import make_conference, make_membership, update_elections
from conferences.tests.rosters.entries import make_entry
from conferences.tests.teams import make_series, make_team_member
from voting.campaigns.models import Campaign
from voting.campaigns.recipients import recipients_of
from voting.campaigns.subscriptions.models import Unsubscription
from voting.elections.models import Pitch
from voting.elections.moderation.models import Report
from voting.elections.roll.actions import freeze_roll
from voting.elections.roll.models import RollEntry
from voting.rehearsal.actions import start_rehearsal
from voting.tests.campaigns import dispatch_due, make_campaign, send
from voting.tests.consent import make_request
from voting.tests.factories import close_and_decide, make_pitch, make_vote

pytestmark = pytest.mark.django_db
TITLE, ADDRESS = "Open Conf 2", "open-conf-2"
PAGE = "/admin/conferences/conference/{}/merge/"


@pytest.fixture
def stays(conference):
    update_elections(conference, opens_at=timezone.now() + timedelta(days=1), closes_at=None)
    update_elections(conference, closes_at=timezone.now() + timedelta(days=9))
    conference.refresh_from_db()
    return conference


@pytest.fixture
def duplicate(stays):
    return make_conference(title=TITLE, slug="open-conf-2", voting="scheduled")


@pytest.fixture
def merge(duplicate, stays, organiser):
    def merge(*, into=stays, address=ADDRESS, by=organiser):
        return merge_conferences(duplicate=duplicate, stays=into, address=address, by=Actor(by))

    return merge


def open_vote(conference, **rules):
    now = timezone.now()
    update_elections(conference, opens_at=now - timedelta(hours=1), **rules)
    conference.refresh_from_db()


# What moves.


def test_members_of_the_duplicate_become_members_of_the_one_that_stays(merge, duplicate, stays):
    dora = make_membership(duplicate, name="Dora")
    change = merge()
    dora.refresh_from_db()
    assert (dora.conference, dora.joined_at, dora.left_at) == (stays, change.at, None)
    assert not Conference.objects.filter(slug="open-conf-2").exists()


def test_a_pitch_its_reports_and_opting_out_move_with_the_member(merge, duplicate, stays, alice):
    dora = make_membership(duplicate, name="Dora", accepts_votes=False)
    make_pitch(dora, headline="Queues")
    report = Report.objects.create(
        membership=dora, subject="pitch", reason="insult", reported_at=timezone.now(), reported_by=alice.user
    )
    merge()
    dora.refresh_from_db()
    report.refresh_from_db()
    assert (dora.pitch.headline, dora.accepts_votes, report.membership) == ("Queues", False, dora)


def test_a_member_of_both_keeps_the_membership_of_the_one_that_stays(merge, duplicate, alice):
    twice = make_membership(duplicate, user=alice.user)
    before = alice.joined_at
    merge()
    alice.refresh_from_db()
    assert alice.joined_at == before
    assert not Membership.objects.filter(pk=twice.pk).exists()


@pytest.mark.parametrize(("own", "kept"), [("", "Queues"), ("Locks", "Locks")])
def test_a_member_of_both_keeps_their_own_pitch_or_else_that_of_the_duplicate(
    merge, duplicate, alice, own, kept
):
    make_pitch(make_membership(duplicate, user=alice.user), headline="Queues")
    if own:
        make_pitch(alice, headline=own)
    merge()
    assert Pitch.objects.get().headline == kept
    assert Pitch.objects.get().membership == alice


def test_a_member_of_both_gets_the_text_of_the_pitch_that_is_not_kept_once(merge, duplicate, alice):
    twice = make_membership(duplicate, user=alice.user)
    make_pitch(twice, headline="Queues", statement="They are everywhere.")
    make_pitch(alice, headline="Locks")
    merge()
    merge()
    [message] = [each for each in mail.outbox if each.to == [alice.user.email]]
    assert message.subject == f"Your pitch at {TITLE} was not kept"
    assert "Queues\n\nThey are everywhere." in message.body
    assert "Locks" not in message.body


def test_a_member_of_both_is_not_notified_if_nothing_is_lost(merge, duplicate, alice):
    for member in (make_membership(duplicate, user=alice.user), alice):
        make_pitch(member, headline="Locks")
    merge()
    assert not [each for each in mail.outbox if each.to == [alice.user.email]]


def test_author_of_a_hidden_pitch_gets_its_text_back(merge, duplicate, alice):
    make_pitch(make_membership(duplicate, user=alice.user, pitch_hidden_at=timezone.now()), headline="Queues")
    merge()
    [message] = [each for each in mail.outbox if each.to == [alice.user.email]]
    assert "hidden by its organisers" in message.body
    assert "Queues" in message.body


def test_a_pitch_that_was_hidden_does_not_come_back_by_a_merge(merge, duplicate, alice):
    make_pitch(make_membership(duplicate, user=alice.user, pitch_hidden_at=timezone.now()))
    merge()
    assert not Pitch.objects.exists()


def test_a_member_who_had_left_the_one_that_stays_is_back_and_notified(merge, duplicate, stays, alice):
    Membership.objects.filter(pk=alice.pk).update(left_at=timezone.now())
    make_pitch(make_membership(duplicate, user=alice.user), headline="Queues")
    change = merge()
    alice.refresh_from_db()
    assert (alice.left_at, alice.pitch.headline) == (None, "Queues")
    assert alice in recipients_of(change.notice)


def test_who_had_left_the_duplicate_does_not_become_a_member(merge, duplicate, stays):
    gone = make_membership(duplicate, left_at=timezone.now())
    merge()
    assert not Membership.objects.filter(user=gone.user).exists()


def test_a_member_who_was_hidden_by_default_is_not_listed_by_a_merge(merge, duplicate, stays):
    Conference.objects.filter(pk=duplicate.pk).update(members_are_listed=False)
    dora = make_membership(duplicate)
    merge()
    dora.refresh_from_db()
    assert dora.is_listed is False


def test_who_wants_no_campaigns_of_the_duplicate_gets_none_of_the_other(merge, duplicate, stays):
    dora = make_membership(duplicate)
    Unsubscription.objects.create(conference=duplicate, user=dora.user)
    merge()
    assert Unsubscription.objects.get().conference == stays


def test_an_exclusion_moves_with_the_member_and_the_mailbox(merge, duplicate, stays):
    dora = make_membership(duplicate, excluded_at=timezone.now(), exclusion_reason="Fraud.")
    ExcludedMailbox.objects.create(conference=duplicate, digest=mailbox_digest(dora.user.email))
    merge()
    dora.refresh_from_db()
    assert dora.excluded_at
    assert ExcludedMailbox.objects.get().conference == stays


def test_an_exclusion_of_the_one_that_stays_applies_to_who_moves_there(merge, duplicate, stays):
    dora = make_membership(duplicate)
    ExcludedMailbox.objects.create(conference=stays, digest=mailbox_digest(dora.user.email))
    merge()
    dora.refresh_from_db()
    assert dora.excluded_at


def test_who_was_excluded_does_not_come_back_by_a_merge(merge, duplicate, stays, alice):
    Membership.objects.filter(pk=alice.pk).update(left_at=timezone.now())
    out = {"excluded_at": timezone.now(), "exclusion_reason": "Fraud.", "profile_hidden_at": timezone.now()}
    make_membership(duplicate, user=alice.user, **out)
    merge()
    alice.refresh_from_db()
    assert (alice.left_at, alice.exclusion_reason) == (None, "Fraud.")
    assert alice.profile_hidden_at


def report(membership, **columns):
    found = {"subject": "profile", "reason": "insult", "reported_at": timezone.now()} | columns
    return Report.objects.create(membership=membership, **found)


def test_of_two_reports_by_one_member_about_a_member_of_both_one_waits(merge, duplicate, alice, bob):
    twice = make_membership(duplicate, user=alice.user)
    for member in (alice, twice):
        report(member, reported_by=bob.user)
    merge()
    assert Report.objects.get().membership == alice


def test_reports_of_people_who_have_deleted_their_account_all_stay(merge, duplicate, alice):
    twice = make_membership(duplicate, user=alice.user)
    for member in (alice, twice):
        report(member)
    merge()
    assert Report.objects.filter(membership=alice).count() == 2


def test_a_report_that_was_passed_on_waits_for_the_site_with_those_about_the_same(
    merge, duplicate, alice, bob
):
    twice = make_membership(duplicate, user=alice.user)
    report(twice, reported_by=bob.user, passed_on_at=timezone.now())
    report(alice, reported_by=make_user("other@example.org"))
    merge()
    assert Report.objects.passed_on().count() == 2


def test_a_report_that_was_passed_on_is_not_lost_to_one_that_was_not(merge, duplicate, alice, bob):
    twice = make_membership(duplicate, user=alice.user)
    report(twice, reported_by=bob.user, passed_on_at=timezone.now())
    report(alice, reported_by=bob.user)
    merge()
    assert Report.objects.passed_on().get().membership == alice


def test_requests_to_join_are_answered_by_the_team_of_the_one_that_stays(merge, duplicate, stays, stranger):
    ask(only(duplicate, approval=True), stranger)
    merge()
    assert JoinRequest.objects.waiting().get().conference == stays


def test_a_merge_uses_the_tickets_of_the_one_that_stays(merge, duplicate, stays):
    dora = make_membership(duplicate)
    for each in (duplicate, stays):
        make_entry(each, dora.user.email)
    merge()
    assert RosterEntry.objects.get().membership == dora


# Who can vote.


def test_who_moves_while_voting_is_open_votes_as_a_late_joiner(merge, duplicate, stays):
    alice = make_membership(stays, joined_at=timezone.now() - timedelta(days=1))
    open_vote(stays)
    dora = make_membership(duplicate)
    merge()
    assert RollEntry.objects.get(membership=dora).kind == "late"
    assert RollEntry.objects.get(membership=alice).kind == "frozen"


def test_a_merge_lets_no_one_vote_where_late_joiners_may_not(merge, duplicate, stays):
    alice = make_membership(stays, joined_at=timezone.now() - timedelta(days=1))
    open_vote(stays, late_joiners="may_not_vote")
    dora = make_membership(duplicate)
    merge()
    assert not RollEntry.objects.filter(membership=dora).exists()
    assert RollEntry.objects.filter(membership=alice).exists()


def test_a_merge_adds_no_one_to_a_list_of_voters_that_is_the_roster(merge, duplicate, stays):
    make_entry(stays, "listed@example.org")
    open_vote(stays, who_votes="roster")
    freeze_roll(conference=stays)
    dora = make_membership(duplicate)
    merge()
    assert not RollEntry.objects.filter(membership=dora).exists()
    assert RollEntry.objects.count() == 1


# What is refused.


def refused(merge, **options):
    with pytest.raises(ValidationError) as refusal:
        merge(**options)
    assert Conference.objects.filter(slug="open-conf-2").exists()
    assert not OldAddress.objects.exists()
    return refusal.value.messages[0]


def test_a_duplicate_in_which_members_have_voted_is_not_merged(merge, duplicate, stays):
    open_vote(duplicate)
    make_vote(make_membership(duplicate), make_membership(duplicate))
    assert "merge the other conference into it instead" in refused(merge)


def test_a_duplicate_whose_vote_has_closed_is_not_merged(merge, duplicate, stays):
    open_vote(duplicate, closes_at=timezone.now())
    assert "voting has closed" in refused(merge)


def test_no_vote_moves_even_if_the_vote_has_not_opened(merge, duplicate):
    make_vote(make_membership(duplicate), make_membership(duplicate))
    assert "votes stay where they were cast" in refused(merge)


def test_two_conferences_at_which_members_have_voted_are_not_merged(merge, duplicate, stays):
    for conference in (duplicate, stays):
        open_vote(conference)
        make_vote(make_membership(conference), make_membership(conference))
    assert "the two can no longer be merged" in refused(merge)


def test_a_duplicate_with_a_speaker_is_not_merged(merge, duplicate, organiser):
    open_vote(duplicate)
    close_and_decide(
        conference=duplicate, candidate=make_membership(duplicate), by=organiser, reason="Only one."
    )
    assert "A speaker has been chosen" in refused(merge)


@pytest.mark.parametrize("status", ["requested", "approved", "sending", "paused"])
def test_not_while_a_campaign_of_the_duplicate_waits_or_is_sent(merge, duplicate, status):
    make_campaign(make_membership(duplicate), status=status)
    assert "1 campaign of Open Conf 2 is waiting or being sent" in refused(merge)


def test_campaigns_that_were_sent_do_not_keep_a_duplicate(merge, duplicate, organiser):
    dora = make_membership(duplicate)
    send(make_campaign(dora), organiser)
    merge()
    assert Campaign.objects.get().kind == "merged"


@pytest.mark.parametrize(
    ("columns", "sentence"),
    [
        ({"status": "draft"}, "is not published"),
        ({"status": "inactive"}, "is not published"),
        ({"status": "cancelled", "stopped_at": timezone.now()}, "is cancelled"),
        ({"starts_at": timezone.now() - timedelta(days=3), "ends_at": timezone.now()}, "is over"),
    ],
)
def test_the_one_that_stays_takes_place_and_is_published(merge, stays, columns, sentence):
    Conference.objects.filter(pk=stays.pk).update(**columns)
    assert sentence in refused(merge)


def test_not_while_a_second_person_is_asked(merge, duplicate):
    make_request(make_membership(duplicate), make_user("asks@example.org", is_staff=True))
    assert "waiting for a second person" in refused(merge)


def test_not_during_a_rehearsal(merge, duplicate, organiser):
    start_rehearsal(conference=duplicate, by=Actor(organiser))
    assert "A rehearsal of Open Conf 2 is running" in refused(merge)


@pytest.mark.parametrize("is_duplicate", [True, False])
def test_a_rehearsal_is_neither_merged_nor_kept(as_organiser, duplicate, stays, organiser, is_duplicate):
    start_rehearsal(conference=duplicate, by=Actor(organiser))
    twin = Conference.objects.get(rehearses=duplicate)
    pair = {"duplicate": twin, "stays": stays} if is_duplicate else {"duplicate": stays, "stays": twin}
    url = f"{PAGE.format(pair['duplicate'].pk)}{pair['stays'].pk}/"
    assert "A rehearsal cannot be merged" in parse(as_organiser.get(url)).text
    with pytest.raises(ValidationError, match="A rehearsal cannot be merged"):
        merge_conferences(**pair, address=pair["duplicate"].slug, by=Actor(organiser))


def test_not_while_the_one_that_stays_is_rehearsed(merge, stays, organiser):
    start_rehearsal(conference=stays, by=Actor(organiser))
    assert "A rehearsal of Open Conf is running" in refused(merge)


def test_not_while_a_second_person_is_asked_at_the_one_that_stays(merge, alice):
    make_request(alice, make_user("asks@example.org", is_staff=True))
    assert "A request at Open Conf is waiting" in refused(merge)


def test_not_if_people_on_a_roster_would_be_lost(merge, duplicate, stays):
    make_entry(stays, "listed@example.org")
    make_entry(duplicate, "only-there@example.org")
    assert "1 person on the roster of Open Conf 2 is not on that of Open Conf" in refused(merge)


def test_not_if_two_accounts_of_one_mailbox_would_be_members(merge, duplicate, stays):
    Conference.objects.filter(pk=duplicate.pk).update(one_account_per_mailbox=False)
    for tag in ("one", "two"):
        make_membership(duplicate, user=make_user(f"dora+{tag}@example.org"))
    assert "1 member of Open Conf 2 has another account with the same mailbox" in refused(merge)


def test_not_if_a_second_person_confirms_who_is_added_to_the_list_of_voters(merge, duplicate, stays):
    series = make_series(needs_consent=["roll"])
    Conference.objects.update(series=series)
    make_membership(duplicate)
    open_vote(stays)
    assert "no organiser makes others voters alone" in refused(merge)


def test_the_web_address_of_the_duplicate_is_typed_to_confirm(merge):
    assert refused(merge, address="open-conf") == "This is not the web address of the duplicate."


@pytest.mark.parametrize(
    "typed", [" Open-Conf-2 ", "/conferences/open-conf-2/", "https://a.test/open-conf-2"]
)
def test_the_web_address_may_be_typed_or_pasted_in_full(merge, duplicate, typed):
    merge(address=typed)
    assert not Conference.objects.filter(pk=duplicate.pk).exists()


def owner_of(*conferences):
    person = make_team_member(conferences[0], Role.OWNER).person
    for other in conferences[1:]:
        make_team_member(other, Role.OWNER, user=person)
    return person


def test_an_owner_of_both_merges_them(merge, duplicate, stays):
    merge(by=owner_of(duplicate, stays))
    assert OldAddress.objects.get().conference == stays


def test_an_owner_of_one_of_them_does_not(merge, duplicate, stays):
    assert "Only an owner of both" in refused(merge, by=owner_of(duplicate))


def test_only_an_organiser_of_the_site_merges_across_series(merge, duplicate, stays):
    owner = owner_of(duplicate, stays)
    Conference.objects.filter(pk=stays.pk).update(series=make_series())
    assert "different series" in refused(merge, by=owner)
    merge()
    assert OldAddress.objects.exists()


# What stays of it.


def test_the_same_request_again_gets_the_same_answer(merge, duplicate):
    make_membership(duplicate)
    assert merge() == merge()
    assert ConferenceChange.objects.count() == Campaign.objects.count() == 1


def test_a_merge_of_one_that_is_gone_is_refused_in_words(merge, duplicate, stays, organiser):
    merge()
    with pytest.raises(ValidationError, match="merged or deleted in the meantime"):
        merge_conferences(duplicate=stays, stays=duplicate, address="open-conf", by=Actor(organiser))
    assert Conference.objects.filter(pk=stays.pk).exists()


def test_both_are_in_the_audit_log(merge, duplicate, stays):
    make_membership(duplicate)
    gone, here = duplicate.pk, stays.pk
    merge()
    acts = AdminAct.objects.filter(act="merge")
    assert {(act.of_conference, act.target) for act in acts} == {(gone, TITLE), (here, "Open Conf")}


def test_only_members_who_are_new_get_one_email(merge, duplicate, alice, bob):
    dora = make_membership(duplicate, name="Dora")
    make_membership(duplicate, user=bob.user)
    change = merge()
    dispatch_due()
    (message,) = mail.outbox
    assert change.notice.kind == "merged"
    assert (message.to, message.subject) == ([dora.user.email], "You are now a member of Open Conf")
    assert "Open Conf 2 and Open Conf were the same conference" in message.body


def test_no_email_is_made_if_no_one_is_new(merge, duplicate, alice):
    make_membership(duplicate, user=alice.user)
    merge()
    assert not Campaign.objects.exists()


def test_the_team_of_the_duplicate_is_notified(merge, duplicate, stays, django_capture_on_commit_callbacks):
    member = make_team_member(duplicate, Role.OBSERVER).person
    both = make_team_member(duplicate, Role.OBSERVER).person
    make_team_member(stays, Role.OBSERVER, user=both)
    with django_capture_on_commit_callbacks(execute=True):
        merge()
    assert [message.to for message in mail.outbox] == [[member.email]]
    assert mail.outbox[0].subject == "Open Conf 2 has been merged into Open Conf"


# Its web address.


@pytest.mark.parametrize(
    ("path", "leads_to"),
    [
        ("", ""),
        ("members/", None),
        ("ballot/", None),
        ("card.png", "card.png"),
        ("?from=email", "?from=email"),
    ],
)
def test_old_links_lead_to_the_one_that_stays(client, merge, path, leads_to):
    merge()
    response = client.get(f"/conferences/open-conf-2/{path}")
    if leads_to is None:
        assert response.status_code == 302
        client.force_login(make_user("reader@example.org"))
        response, leads_to = client.get(f"/conferences/open-conf-2/{path}"), path
    assert (response.status_code, response["Location"]) == (301, f"/conferences/open-conf/{leads_to}")


def test_old_calendars_lead_to_the_one_that_stays(client, merge):
    merge()
    response = client.get("/conferences/open-conf-2.ics")
    assert (response.status_code, response["Location"]) == (301, "/conferences/open-conf.ics")


def test_a_form_of_an_old_page_keeps_what_was_typed(client, merge, duplicate):
    dora = make_membership(duplicate)
    merge()
    client.force_login(dora.user)
    pitch = {"headline": "Queues", "statement": "", "accepts_votes": "on"}
    client.post("/conferences/open-conf-2/pitch/", pitch, follow=True)
    assert Pitch.objects.get().membership == dora


def test_leaving_on_an_old_page_leaves_nothing(client, merge, duplicate, alice):
    make_membership(duplicate, user=alice.user)
    merge()
    client.force_login(alice.user)
    page = client.post("/conferences/open-conf-2/leave/", follow=True)
    assert "Nothing was changed" in parse(page).text
    alice.refresh_from_db()
    assert alice.left_at is None


def test_an_old_web_address_does_not_show_a_conference_for_members_only(client, merge, stays):
    merge()
    Conference.objects.filter(pk=stays.pk).update(visibility="members_only")
    assert client.get("/conferences/open-conf-2/").status_code == 404


def test_of_a_chain_of_merges_each_web_address_leads_to_the_last(client, merge, stays, organiser):
    merge()
    last = make_conference(title="Last", slug="last", voting="scheduled")
    merge_conferences(duplicate=stays, stays=last, address="open-conf", by=Actor(organiser))
    assert client.get("/conferences/open-conf-2/")["Location"] == "/conferences/last/"


def test_no_other_conference_takes_an_old_web_address(merge):
    merge()
    assert free_slug("open-conf-2") == "open-conf-2-2"
    with pytest.raises(ValidationError, match="has been merged into another one"):
        make_conference(status="draft").__class__(slug="Open-Conf-2").clean_fields(
            exclude=["title", "starts_at", "ends_at"]
        )


# Its pages.


def test_those_most_like_it_come_first(as_organiser, duplicate, stays):
    make_conference(title="Something else", place="Lyon")
    alike = make_conference(title=TITLE.upper(), slug="alike")
    page = parse(as_organiser.get(PAGE.format(duplicate.pk)))
    links = [url for url in page.attributes("a", "href") if f"{duplicate.pk}/merge/" in url]
    assert links[0].endswith(f"/merge/{alike.pk}/")
    assert len(links) == 3


def test_the_search_finds_by_title(as_organiser, duplicate, stays):
    make_conference(title="Something else")
    page = parse(as_organiser.get(PAGE.format(duplicate.pk), {"q": "something"}))
    assert "Something else" in page.text
    assert "No conference" in parse(as_organiser.get(PAGE.format(duplicate.pk), {"q": "nothing"})).text


def test_the_page_names_what_follows(as_organiser, duplicate, stays, alice):
    make_membership(duplicate)
    make_membership(duplicate, user=alice.user)
    code_for(duplicate)
    make_team_member(duplicate)
    url = f"{PAGE.format(duplicate.pk)}{stays.pk}/"
    text = parse(as_organiser.get(url)).text
    for sentence in (
        "1 member of Open Conf 2 becomes a member of Open Conf",
        "1 person is a member of both",
        "When voting at Open Conf opens, new members can vote like all others.",
        "1 join code of Open Conf 2 stops working.",
        "1 person is in the team of Open Conf 2",
        "This cannot be undone.",
    ):
        assert sentence in text
    as_organiser.post(url, {"address": "open"})
    assert Conference.objects.filter(pk=duplicate.pk).exists()
    there = as_organiser.post(url, {"address": ADDRESS})
    assert there["Location"] == f"/admin/conferences/conference/{stays.pk}/"


def test_a_form_that_is_sent_twice_gets_the_same_answer(as_organiser, duplicate, stays):
    url = f"{PAGE.format(duplicate.pk)}{stays.pk}/"
    answers = [as_organiser.post(url, {"address": ADDRESS}) for _ in range(2)]
    assert {answer["Location"] for answer in answers} == {f"/admin/conferences/conference/{stays.pk}/"}
    assert ConferenceChange.objects.count() == 1


def test_a_form_that_is_sent_twice_leads_no_other_team_anywhere(client, merge, duplicate, stays):
    owner, gone = owner_of(make_conference()), duplicate.pk
    merge()
    log_in_freshly(client, owner)
    assert client.post(f"{PAGE.format(gone)}{stays.pk}/", {"address": ADDRESS}).status_code == 404


def test_a_draft_without_dates_is_like_no_other_by_its_time(as_organiser, duplicate, stays):
    draft = make_conference(title="Draft", status="draft", voting=None)
    same_time = {"starts_at": stays.starts_at, "ends_at": stays.ends_at, "place": ""}
    Conference.objects.filter(pk=draft.pk).update(has_dates=False, **same_time)
    assert "same time" not in parse(as_organiser.get(PAGE.format(draft.pk))).text
    assert "The dates are not set yet" in parse(as_organiser.get(f"{PAGE.format(draft.pk)}{stays.pk}/")).text


def test_a_page_that_refuses_has_no_form(as_organiser, duplicate, stays):
    open_vote(duplicate)
    make_vote(make_membership(duplicate), make_membership(duplicate))
    page = parse(as_organiser.get(f"{PAGE.format(duplicate.pk)}{stays.pk}/"))
    assert "Keep Open Conf 2, and merge" in page.text
    assert not page.attributes("input[name=address]", "name")
    assert f"{PAGE.format(stays.pk)}{duplicate.pk}/" in page.attributes("a", "href")


def test_for_an_owner_of_the_duplicate_another_teams_conference_does_not_exist(client, duplicate, stays):
    log_in_freshly(client, owner_of(duplicate))
    assert "Open Conf" not in parse(client.get(PAGE.format(duplicate.pk))).texts("main *")
    url = f"{PAGE.format(duplicate.pk)}{stays.pk}/"
    assert client.get(url).status_code == client.post(url, {"address": ADDRESS}).status_code == 404
    assert client.get(f"{PAGE.format(stays.pk)}{duplicate.pk}/").status_code == 404


@pytest.mark.parametrize("role", [Role.ORGANISER, Role.REVIEWER, Role.HELP_DESK, Role.OBSERVER])
def test_other_roles_of_a_team_do_not_merge(client, duplicate, stays, role):
    person = make_team_member(duplicate, role).person
    make_team_member(stays, role, user=person)
    log_in_freshly(client, person)
    assert client.post(f"{PAGE.format(duplicate.pk)}{stays.pk}/", {"address": ADDRESS}).status_code == 403


def test_joining_the_one_that_stays_works_as_before(merge, stays, stranger):
    merge()
    assert join_conference(conference=stays, by=Actor(stranger)).conference == stays
