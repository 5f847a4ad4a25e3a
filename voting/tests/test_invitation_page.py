"""The page behind the link of an invitation: who opens it, what they can do, and what no link does."""

from datetime import timedelta

import pytest
import time_machine
from allauth.account.models import EmailAddress
from django.core import mail
from django.core.cache import cache
from django.test import Client
from django.utils import timezone

from accounts.actors import Actor
from accounts.hashers import _refuse
from accounts.models import User
from accounts.tests.factories import PASSWORD, make_user
from confbox.kit.tests.page import parse
from confbox.kit.tests.panels import states_of
from conferences.admission.actions import set_admission
from conferences.changes.actions import cancel_conference
from conferences.models import Conference, Membership, RosterEntry
from conferences.roster.actions import change_entry, remove_entry, restore_entry
from conferences.tests.factories import make_conference, make_membership, update_elections
from conferences.tests.rosters.entries import BY_COMMAND
from voting.campaigns.invitations.panels import INVITATION_PANEL
from voting.campaigns.subscriptions.models import UndeliverableAddress
from voting.campaigns.tokens import invitation_token
from voting.elections.actions import leave_conference
from voting.tests.invitations import FORM, invitations_to, invite, link_in, make_invited, path_of

pytestmark = pytest.mark.django_db

CONFERENCE = "/conferences/open-conf/"


@pytest.fixture(autouse=True)
def _fresh_limits():
    cache.clear()


@pytest.fixture
def entry(conference):
    return make_invited(conference, name="Ada Lovelace")


def is_logged_in(client):
    return "_auth_user_id" in client.session


def state_of(client, entry):
    return client.get(path_of(entry)).context["panel"].state


def owner_of(entry):
    membership = RosterEntry.objects.get(pk=entry.pk).membership
    return membership and membership.user


def starts_soon():
    """In two days, for a month."""
    now = timezone.now()
    Conference.objects.update(starts_at=now + timedelta(days=2), ends_at=now + timedelta(days=30))


def later(**span):
    return time_machine.travel(timezone.now() + timedelta(**span))


# One row for each state of the page: what leads to it, and its buttons.


def no_one(client, entry):
    pass


def with_account(client, entry):
    make_user("ada@example.org")


def with_a_second_address(client, entry):
    person = make_user("lovelace@example.org")
    EmailAddress.objects.create(user=person, email="ada@example.org", verified=True, primary=False)


def as_owner(client, entry):
    client.force_login(make_user("ada@example.org"))


def as_owner_of_a_second_address(client, entry):
    with_a_second_address(client, entry)
    client.force_login(User.objects.get(email="lovelace@example.org"))


def as_other(client, entry):
    client.force_login(make_user("bob@example.org", name="Bob"))


def as_other_member(client, entry):
    tina = make_membership(entry.conference, user=make_user("tina@example.org", name="Tina"))
    client.force_login(tina.user)


def as_other_member_with_entry(client, entry):
    as_other_member(client, entry)
    own = make_invited(entry.conference, "tina@example.org")
    RosterEntry.objects.filter(pk=own.pk).update(membership=Membership.objects.get())


def after_joining(client, entry):
    client.post(path_of(entry), FORM)


def after_joining_elsewhere(client, entry):
    Client().post(path_of(entry), FORM)


def test_who_was_invited_reads_that_the_conference_is_cancelled_and_why(client, entry):
    cancelled(client, entry)
    page = parse(client.get(path_of(entry)))
    assert page.mentions("This conference is cancelled.")
    assert page.mentions("A storm.")


def removed(client, entry):
    remove_entry(entry=entry, reason="Returned", by=BY_COMMAND)


def over(client, entry):
    Conference.objects.update(status="inactive")


def cancelled(client, entry):
    cancel_conference(
        conference=entry.conference, reason="A storm.", by=Actor(make_user("chair@example.org"))
    )


STATES = [
    ("sign_up", no_one, ["Join this conference"]),
    ("log_in", with_account, ["Log in to join"]),
    ("log_in", with_a_second_address, ["Log in to join"]),
    ("join", as_owner, ["Join this conference"]),
    ("join", as_owner_of_a_second_address, ["Join this conference"]),
    ("other_person", as_other, ["Join as Bob", "Log out"]),
    ("other_member", as_other_member, ["Go to the conference", "Use this invitation", "Log out"]),
    ("other_member_with_entry", as_other_member_with_entry, ["Go to the conference", "Log out"]),
    ("member", after_joining, ["Go to the conference"]),
    ("used", after_joining_elsewhere, ["Log in", "Send a new link to my email address"]),
    ("removed", removed, ["Send a new link to my email address"]),
    ("over", over, []),
    ("cancelled", cancelled, []),
    ("expired", no_one, ["Send a new link to my email address"]),
]


@pytest.mark.parametrize(("state", "before", "buttons"), STATES)
def test_what_the_page_offers(client, entry, state, before, buttons):
    url = path_of(entry)
    starts_soon()
    before(client, entry)
    with later(days=15 if state == "expired" else 0):
        answer = client.get(url)
    assert answer.context["panel"].state == state
    assert parse(answer).part("#invitation").buttons == buttons


def test_every_state_has_a_row_and_a_template():
    assert states_of(INVITATION_PANEL) == {state for state, *_ in STATES}


def test_a_member_who_opens_an_invitation_of_someone_else_is_shown_that_they_are_a_member(client, entry):
    as_other_member_with_entry(client, entry)
    page = parse(client.get(path_of(entry))).part("#invitation")
    assert page.mentions("You are already a member, as Tina. This invitation was sent to ada@example.org.")
    client.post(path_of(entry))
    assert owner_of(entry) is None


def test_a_member_without_an_entry_can_use_their_second_invitation(client, entry):
    as_other_member(client, entry)
    answer = client.post(path_of(entry), follow=True)
    assert parse(answer).messages == ["The invitation is now yours."]
    assert owner_of(entry).name == "Tina"


@pytest.mark.parametrize("before", [no_one, as_owner])
@pytest.mark.parametrize(
    ("is_listed", "words"), [(True, "Other members will see you"), (False, "Other members will not see you")]
)
def test_page_says_whether_other_members_will_see_them(client, entry, before, is_listed, words):
    Conference.objects.update(members_are_listed=is_listed)
    before(client, entry)
    assert words in parse(client.get(path_of(entry))).part("#invitation").text


def test_invited_person_joins_a_conference_for_members_only(client, entry):
    Conference.objects.update(visibility="members_only")
    assert client.get(CONFERENCE).status_code == 404
    client.post(path_of(entry), FORM)
    assert client.get(CONFERENCE).status_code == 200


# The link.


@pytest.mark.parametrize("method", ["get", "head", "options"])
def test_a_scanner_that_follows_the_link_changes_nothing(client, entry, method):
    for _ in range(3):
        getattr(client, method)(path_of(entry))
    assert (User.objects.count(), Membership.objects.count()) == (0, 0)
    assert not is_logged_in(client)
    assert state_of(client, entry) == "sign_up"


def test_the_link_of_the_email_leads_to_the_page(client, conference, organiser):
    make_invited(conference)
    RosterEntry.objects.update(invited_at=None)
    invite(conference, organiser)
    [message] = invitations_to("ada@example.org")
    assert client.get(link_in(message)).context["panel"].state == "sign_up"


@pytest.mark.parametrize("change", [lambda t: t[:-1], lambda t: t + "x", lambda t: "1" + t, lambda t: "x.y"])
def test_a_forged_link_is_refused_in_words(client, entry, change):
    url = f"/invitation/{change(invitation_token(entry))}/"
    answer = client.post(url, FORM)
    assert answer.status_code == 404
    assert "This link is not valid" in parse(answer).text
    assert client.post(f"{url}new-link/").status_code == 404
    assert not User.objects.exists()


def test_a_link_is_not_for_an_address_that_the_entry_got_since(client, entry):
    url = path_of(entry)
    change_entry(entry=entry, email="ada+new@example.org", name="", reference="", by=BY_COMMAND)
    assert client.get(url).status_code == 404


def test_it_lasts_until_the_conference_starts(client, entry):
    url = path_of(entry)
    Conference.objects.update(
        starts_at=timezone.now() + timedelta(days=21), ends_at=timezone.now() + timedelta(days=23)
    )
    with later(days=20, hours=23):
        assert client.get(url).context["panel"].state == "sign_up"
    with later(days=21, minutes=1):
        assert client.post(url, FORM).context["panel"].state == "expired"


def test_it_lasts_fourteen_days_where_the_conference_starts_earlier(client, entry):
    starts_soon()
    url = path_of(entry)
    with later(days=13, hours=23):
        assert client.get(url).context["panel"].state == "sign_up"
    with later(days=14, minutes=1):
        assert client.post(url, FORM).context["panel"].state == "expired"
    assert not User.objects.exists()


def test_the_page_is_never_kept_and_names_no_one_to_strangers(client, entry):
    answer = client.get(path_of(entry))
    assert "no-store" in answer.headers["Cache-Control"]
    assert answer.headers["Referrer-Policy"] == "strict-origin"
    assert parse(answer).has("meta[name=robots][content=noindex]")


# A new person.


def test_name_and_password_make_the_account_and_the_membership(client, entry):
    answer = client.post(path_of(entry), FORM | {"time_zone": "Asia/Tokyo"})
    assert answer.url == CONFERENCE
    person = User.objects.get()
    assert (person.email, person.name, person.time_zone) == ("ada@example.org", "Ada Lovelace", "Asia/Tokyo")
    assert person.check_password(PASSWORD)
    assert EmailAddress.objects.get(user=person, primary=True).verified
    assert owner_of(entry) == person
    assert is_logged_in(client)
    page = parse(client.get(CONFERENCE))
    assert page.messages == ["Welcome, Ada Lovelace. You have joined Open Conf."]


def test_the_name_of_the_roster_is_proposed(client, entry):
    assert parse(client.get(path_of(entry))).field("name")["value"] == "Ada Lovelace"


@pytest.mark.parametrize(
    ("data", "error"),
    [
        ({"name": ""}, "This field is required."),
        ({"password1": "short"}, "This password is too short"),
        ({"password1": "ada@example.org"}, "This password is too similar"),
        ({"name": "12"}, "at least one letter"),
    ],
)
def test_a_form_with_mistakes_keeps_what_was_typed_and_makes_nothing(client, entry, data, error):
    page = parse(client.post(path_of(entry), FORM | data))
    assert [each for each in page.errors if error in each]
    assert page.field("name").get("value", "") == (FORM | data)["name"]
    assert not User.objects.exists()


def test_no_other_address_can_be_smuggled_in(client, entry):
    client.post(path_of(entry), FORM | {"email": "evil@example.org"})
    assert User.objects.get().email == "ada@example.org"


def test_it_works_once(client, entry):
    client.post(path_of(entry), FORM)
    other = Client()
    answer = other.post(path_of(entry), {"name": "Eve", "password1": PASSWORD})
    assert answer.context["panel"].state == "used"
    assert (User.objects.count(), is_logged_in(other)) == (1, False)
    assert "has already been used" in parse(answer).text


def test_if_no_one_can_join_no_account_is_made_either(client, conference, entry):
    Conference.objects.update(one_account_per_mailbox=True)
    with_same_mailbox = make_user("ada+other@example.org")
    from accounts.actors import Actor
    from conferences.actions import join_conference

    join_conference(conference=Conference.objects.get(), by=Actor(with_same_mailbox))
    answer = client.post(path_of(entry), FORM, follow=True)
    assert "Another account with the same mailbox is already a member" in parse(answer).messages[0]
    assert list(User.objects.values_list("email", flat=True)) == ["ada+other@example.org"]


def test_a_refused_address_that_accepts_gets_emails_again(client, entry):
    UndeliverableAddress.objects.create(address="ada@example.org", answer="550")
    client.post(path_of(entry), FORM)
    assert not UndeliverableAddress.objects.exists()


# People with accounts.


def test_the_owner_of_an_account_logs_in_and_joins(client, entry):
    person = make_user("ada@example.org")
    url = path_of(entry)
    log_in = next(link for link in parse(client.get(url)).links if "login" in link)
    answer = client.post(log_in.split("?")[0], {"login": person.email, "password": PASSWORD, "next": url})
    assert answer.url == url
    assert client.post(url, follow=True).redirect_chain == [(CONFERENCE, 302)]
    assert owner_of(entry) == person


def test_a_visitor_cannot_join_for_an_account_by_its_link(client, entry):
    person = make_user("ada@example.org")
    answer = client.post(path_of(entry), FORM)
    assert answer.status_code == 200
    assert not is_logged_in(client)
    assert not Membership.objects.exists()
    assert User.objects.get(pk=person.pk).check_password(PASSWORD)


def test_someone_else_reads_who_they_are_and_joins_with_the_entry(client, entry):
    as_other(client, entry)
    page = parse(client.get(path_of(entry)))
    assert "sent to ada@example.org. You are logged in as Bob (bob@example.org)." in page.text
    client.post(path_of(entry))
    assert owner_of(entry).email == "bob@example.org"
    assert not User.objects.filter(email="ada@example.org").exists()


def test_someone_else_logs_out_and_the_invited_person_joins(client, entry):
    as_other(client, entry)
    url = path_of(entry)
    assert client.post("/accounts/logout/", {"next": url}).url == url
    client.post(url, FORM)
    assert owner_of(entry).email == "ada@example.org"


def test_a_member_who_is_on_the_list_with_another_address_leaves_it_free(client, conference, entry):
    bob = make_user("bob@example.org")
    make_invited(conference, "bob@example.org")
    RosterEntry.objects.filter(mailbox="bob@example.org").update(
        membership=make_membership(conference, user=bob)
    )
    EmailAddress.objects.create(user=bob, email="ada@example.org", verified=True, primary=False)
    client.force_login(bob)
    answer = client.post(path_of(entry), follow=True)
    assert "You have already joined with another email address on the list" in parse(answer).messages[0]
    assert owner_of(entry) is None


def test_a_member_with_another_address_claims_the_entry(client, alice, entry):
    client.force_login(alice.user)
    client.post(path_of(entry))
    assert owner_of(entry) == alice.user
    assert Membership.objects.count() == 1


def test_who_left_comes_back_by_the_same_link(client, entry):
    client.post(path_of(entry), FORM)
    from accounts.actors import Actor

    membership = Membership.objects.get()
    leave_conference(membership=membership, by=Actor(membership.user))
    assert state_of(client, entry) == "join"
    client.post(path_of(entry))
    assert Membership.objects.get().left_at is None


def test_an_entry_that_is_removed_while_the_form_is_open_admits_no_one(client, entry):
    as_owner(client, entry)
    client.get(path_of(entry))
    remove_entry(entry=entry, reason="Returned", by=BY_COMMAND)
    assert client.post(path_of(entry)).context["panel"].state == "removed"
    assert not Membership.objects.exists()


# A new link.


def ask(client, entry):
    return client.post(f"{path_of(entry)}new-link/", follow=True)


@pytest.mark.parametrize("before", [no_one, after_joining_elsewhere, removed, with_account])
def test_asking_for_a_new_link_is_answered_alike(client, entry, before):
    before(client, entry)
    [said] = parse(ask(client, entry)).messages
    assert said.startswith(
        "If this email address can still be invited, an email with a new link is on its way"
    )


def test_a_new_link_is_sent_to_the_address_and_works(client, entry):
    starts_soon()
    with later(days=15):
        ask(client, entry)
        [message] = invitations_to("ada@example.org")
        assert message.subject == "Your new link to join Open Conf"
        assert client.post(link_in(message), FORM).url == CONFERENCE


@pytest.mark.parametrize("before", [after_joining_elsewhere, removed, over])
def test_no_link_is_sent_for_an_entry_that_is_not_free(client, entry, before):
    before(client, entry)
    mail.outbox.clear()
    ask(client, entry)
    assert mail.outbox == []


def test_who_is_listed_again_gets_a_new_link(client, entry):
    removed(client, entry)
    restore_entry(entry=entry, by=BY_COMMAND)
    ask(client, entry)
    assert len(invitations_to("ada@example.org")) == 1


def test_new_links_are_limited(client, entry):
    ask(client, entry)
    [said] = parse(ask(client, entry)).messages
    assert "We have just sent an email to this address." in said
    assert len(mail.outbox) == 1


def test_an_invitation_to_one_conference_is_none_to_another(client, entry):
    other = make_conference(slug="other-conf")
    client.post(path_of(entry), FORM)
    assert not Membership.objects.filter(conference=other).exists()


def test_it_admits_also_where_no_rule_would(client, conference, entry):
    no_rules = {"everyone": False, "roster": False, "email_domains": [], "approval": False}
    set_admission(conference=conference, by=BY_COMMAND, **no_rules)
    client.post(path_of(entry), FORM)
    assert owner_of(entry) == User.objects.get()


@pytest.mark.parametrize("before", [as_owner, as_other, as_owner_of_a_second_address])
def test_following_the_link_while_logged_in_changes_nothing(client, entry, before):
    before(client, entry)
    client.get(path_of(entry))
    client.head(path_of(entry))
    assert owner_of(entry) is None
    assert not Membership.objects.exists()


def test_header_leads_to_a_sign_up_with_the_invited_address(client, entry):
    client.get(path_of(entry))
    page = parse(client.get(f"/accounts/signup/?next={path_of(entry)}"))
    assert page.field("email")["value"] == entry.mailbox


VOTE = {
    "scheduled": ({"opens_at": 1, "closes_at": 2}, "Voting opens on"),
    "open": ({"opens_at": -1, "closes_at": 2}, "Voting is open until"),
    "closed": ({"opens_at": -2, "closes_at": -1}, "so you can join but no longer vote."),
}


@pytest.mark.parametrize("state", VOTE)
def test_page_says_where_the_vote_is_now(client, entry, state):
    days, words = VOTE[state]
    update_elections(**{name: timezone.now() + timedelta(days=n) for name, n in days.items()})
    assert words in parse(client.get(path_of(entry))).text


def test_page_says_that_members_who_join_now_cannot_vote(client, entry):
    update_elections(late_joiners="may_not_vote")
    assert parse(client.get(path_of(entry))).text.count("Members who join now can no longer vote.") == 1


def test_page_of_an_invitation_that_is_over_says_nothing_of_the_vote(client, entry):
    remove_entry(entry=entry, reason="Returned", by=BY_COMMAND)
    assert "Voting is open" not in parse(client.get(path_of(entry))).text


def test_newcomer_who_has_to_wait_for_others_joins_without_typing_again(monkeypatch, entry):
    client, url = Client(), path_of(entry)
    with monkeypatch.context() as patched:
        patched.setattr("voting.campaigns.invitations.views.make_password", lambda _: _refuse())
        waiting = client.post(url, FORM)
    page = parse(waiting)
    assert (waiting.status_code, page.attributes("form[data-continue]", "action")) == (503, [url])
    assert PASSWORD not in waiting.text
    waited = page.attributes("[name=waited]", "value")[0]
    assert client.post(url, {"waited": waited}).url == CONFERENCE
    assert is_logged_in(client)
