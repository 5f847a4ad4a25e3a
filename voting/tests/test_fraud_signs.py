from datetime import timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from accounts.actors import Actor
from accounts.models import User
from accounts.tests.factories import make_user
from confbox.kit import ip_addresses
from confbox.kit.mailbox_columns import DomainOf, MailboxOf
from confbox.kit.mailbox_digests import mailbox_of
from confbox.kit.row_counts import BoundedPaginator
from confbox.kit.tests.page import parse
from confbox.kit.tests.rows_read import rows_read
from conferences.models import Membership
from conferences.tests.crowds import make_crowd
from conferences.tests.factories import make_conference, make_membership
from voting.elections import actions, fraud_signs
from voting.elections.fraud_signs import is_disposable, signals_of, with_members
from voting.elections.models import Vote
from voting.tests.factories import make_vote

pytestmark = pytest.mark.django_db


MAILBOXES = [
    ("ann@example.org", "ann@example.org"),
    ("ann+vote2@example.org", "ann@example.org"),
    ("a.n.n@example.org", "a.n.n@example.org"),
    ("a.n.n+x@gmail.com", "ann@gmail.com"),
    ("Ann@GoogleMail.com", "ann@gmail.com"),
    ("+tag@example.org", "+tag@example.org"),
    ("+tag+x@example.org", "+tag@example.org"),
    ("+tag@gmail.com", "+tag@gmail.com"),
    ('"ann"@example.org', "ann@example.org"),
    ('"ann+vote2"@example.org', "ann@example.org"),
    (r'"a\nn"@example.org', "ann@example.org"),
    ('"an@n"@example.org', "an@n@example.org"),
    ('""@example.org', "@example.org"),
    ('"."@gmail.com', ".@gmail.com"),
]


@pytest.mark.parametrize(("address", "mailbox"), MAILBOXES)
def test_mailbox_behind_an_address(address, mailbox):
    assert mailbox_of(address) == mailbox


@pytest.mark.parametrize("address", [address for address, _mailbox in MAILBOXES])
def test_the_database_finds_the_same_mailbox_and_domain(address):
    user = User(email=address, password="!")
    User.objects.bulk_create([user])
    found = User.objects.annotate(mailbox=MailboxOf("email"), domain=DomainOf("email")).get()
    assert found.mailbox == mailbox_of(address)
    assert found.domain == found.email.rpartition("@")[2]


@pytest.mark.parametrize(
    ("address", "expected"),
    [
        ("x@mailinator.com", True),
        ("x@in.mailinator.com", True),
        ("x@Yopmail.com", True),
        ("x@0-mail.com", True),
        ("x@gmail.com", False),
        ("x@notyopmail.com", False),
        ("x@example.org", False),
        ("x@com", False),
    ],
)
def test_disposable_domains_are_known(address, expected):
    assert is_disposable(address) is expected


def join(conference, *addresses, **columns):
    return [make_membership(conference, user=make_user(a, **columns)) for a in addresses]


def found(conference):
    return {(s.kind, s.what): s.number for s in signals_of(conference)}


def test_ordinary_members_give_no_signal(conference, alice, bob, carol):
    assert found(conference) == {}


def test_one_mailbox_under_two_addresses_is_flagged(conference):
    join(conference, "a.nn@gmail.com", "ann+2@googlemail.com")
    assert found(conference) == {("mailbox", "ann@gmail.com"): 2}


def test_disposable_addresses_stand_out(conference):
    join(conference, "one@yopmail.com")
    assert found(conference) == {("disposable", "yopmail.com"): 1}


@pytest.mark.parametrize(("members", "signals"), [(4, {}), (5, {("network", "192.0.2.0/24"): 5})])
def test_many_from_one_network_stand_out(conference, members, signals):
    join(conference, *(f"n{n}@example.org" for n in range(members)), signup_network="192.0.2.0/24")
    assert found(conference) == signals


def test_a_burst_of_joins_is_flagged(conference):
    rows = join(conference, *(f"b{n}@example.org" for n in range(12)))
    hour = conference.created_at.replace(minute=10)
    Membership.objects.filter(pk__in=[m.pk for m in rows]).update(joined_at=hour)
    Membership.objects.filter(pk=rows[0].pk).update(joined_at=hour - timedelta(hours=30))
    assert [(s.kind, s.number) for s in signals_of(conference)] == [("burst", 11)]


def test_a_large_group_is_counted_whole_and_shown_in_part(as_organiser, conference):
    join(conference, *(f"n{n}@yopmail.com" for n in range(25)))
    found = [each for each in signals_of(conference) if each.kind == "disposable"]
    [signal] = with_members(conference, found)
    assert (signal.number, len(signal.shown)) == (25, 20)
    shown = text(as_organiser.get(SIGNALS.format(conference.pk)))
    assert "25 members" in shown
    assert "and 5 more" in shown


def test_a_member_who_left_gives_no_signal(conference):
    one, _two = join(conference, "ann@gmail.com", "a.nn@gmail.com")
    actions.leave_conference(membership=one, by=Actor(one.user))
    assert found(conference) == {}


SIGNALS = "/admin/voting/votes/{}/fraud/"
EXCLUDE = "/admin/voting/votes/{}/exclude/{}/"


def text(answer):
    return " ".join(answer.content.decode().split())


def test_the_page_lists_signals_and_changes_nothing(as_organiser, conference):
    join(conference, "a.nn@gmail.com", "ann+2@googlemail.com")
    shown = text(as_organiser.get(SIGNALS.format(conference.pk)))
    assert "Several addresses of one mailbox: ann@gmail.com" in shown
    assert not Membership.objects.exclude(excluded_at=None).exists()


def test_the_page_costs_the_same_queries_with_more_members(as_organiser, conference):
    join(conference, "one@yopmail.com", "two@yopmail.com")
    # The first page of an hour starts the count of the limit, which the others continue.
    as_organiser.get(SIGNALS.format(conference.pk))
    with CaptureQueriesContext(connection) as few:
        as_organiser.get(SIGNALS.format(conference.pk))
    join(conference, *(f"x{n}@yopmail.com" for n in range(30)))
    with CaptureQueriesContext(connection) as many:
        as_organiser.get(SIGNALS.format(conference.pk))
    assert len(many) == len(few)


def tamper(conference):
    """Signs of each kind, and members who give none."""
    rows = join(conference, *(f"n{n}@yopmail.com" for n in range(12)), "ann+1@example.org", "ann@example.org")
    rows += join(conference, "bob@example.org", "b.ob@example.org", "c.c@gmail.com", "cc+x@googlemail.com")
    User.objects.filter(memberships__in=rows[:6]).update(signup_network="2001:db8::/64")
    User.objects.filter(memberships__in=rows[6:9]).update(signup_network="2001:db8:1::/64")
    User.objects.filter(pk=rows[0].user_id).update(is_active=False)
    hour = conference.created_at.replace(minute=10)
    Membership.objects.filter(pk__in=[row.pk for row in rows]).update(joined_at=hour)
    Membership.objects.filter(pk=rows[-1].pk).update(joined_at=hour - timedelta(hours=40))
    # Members elsewhere are no sign here.
    join(make_conference(), *(f"m{n}@yopmail.com" for n in range(6)), "bob+y@example.org")
    User.objects.filter(email__startswith="m").update(signup_network="2001:db8:1::/64")


KINDS = {"disposable": 11, "network": 5, "burst": 16}


@pytest.mark.skipif(connection.vendor != "mysql", reason="on SQLite, no conference is large")
def test_a_large_conference_has_the_same_signs(conference, monkeypatch):
    tamper(conference)
    small = with_members(conference, signals_of(conference))
    monkeypatch.setattr(BoundedPaginator, "MOST", 3)
    monkeypatch.setattr(fraud_signs, "NETWORKS_AT_ONCE", 1)
    assert set(with_members(conference, signals_of(conference))) == set(small)
    assert {s.kind: s.number for s in small if s.kind != "mailbox"} == KINDS
    assert {s.what: s.number for s in small if s.kind == "mailbox"} == {
        "ann@example.org": 2,
        "cc@gmail.com": 2,
    }


def test_each_sign_shows_who_gives_it(conference):
    tamper(conference)
    for signal in with_members(conference, signals_of(conference)):
        assert len(signal.shown) == signal.number


@pytest.mark.skipif(connection.vendor != "mysql", reason="on SQLite, no conference is large")
def test_a_large_conference_is_checked_when_an_organiser_asks_for_it(as_organiser, conference, monkeypatch):
    monkeypatch.setattr(BoundedPaginator, "MOST", 3)
    join(conference, *(f"n{n}@yopmail.com" for n in range(5)))
    page = parse(as_organiser.get(SIGNALS.format(conference.pk)))
    [check] = page.part("#check").links
    assert "yopmail" not in page.text
    checked = parse(as_organiser.get(SIGNALS.format(conference.pk) + check))
    assert ("yopmail.com" in checked.text, checked.has("#check")) == (True, False)


@pytest.mark.skipif(connection.vendor != "mysql", reason="MariaDB says how many rows it read")
def test_few_rows_are_read_before_it_is_asked_for(as_organiser, conference, monkeypatch):
    monkeypatch.setattr(BoundedPaginator, "MOST", 100)
    make_crowd(conference, 3000)
    as_organiser.get(SIGNALS.format(conference.pk))
    with rows_read() as page:
        as_organiser.get(SIGNALS.format(conference.pk))
    assert page.read < 1000


def test_a_member_is_excluded_with_a_reason_and_everyone_concerned_is_notified(
    as_organiser, conference, alice, bob, mailoutbox
):
    make_vote(alice, bob)
    page = EXCLUDE.format(conference.pk, bob.pk)
    assert "Exclude Bob from the vote?" in text(as_organiser.get(page))
    shown = text(as_organiser.post(page, {"reason": "Twice the same person."}, follow=True))
    assert (
        "Bob has been excluded. Members who had voted for them are notified that they can vote again."
        in shown
    )
    assert "Readmit Bob" in shown
    assert {m.to[0] for m in mailoutbox} == {alice.user.email, bob.user.email}
    assert not Vote.objects.valid().exists()


def test_an_exclusion_without_a_reason_is_asked_again(as_organiser, conference, bob):
    page = as_organiser.post(EXCLUDE.format(conference.pk, bob.pk), {"reason": " "})
    assert "Please give a reason." in text(page)
    assert Membership.objects.get(pk=bob.pk).excluded_at is None


def test_an_exclusion_after_the_close_is_refused(as_organiser, conference, bob):
    actions.close_voting(conference=conference)
    page = as_organiser.post(EXCLUDE.format(conference.pk, bob.pk), {"reason": "Late."})
    assert "the count is final, so no member can be excluded now" in text(page)


def test_excluding_again_is_said_and_tells_no_one(as_organiser, conference, bob, mailoutbox):
    page = EXCLUDE.format(conference.pk, bob.pk)
    as_organiser.post(page, {"reason": "First."})
    mailoutbox.clear()
    assert "Bob had already been excluded." in text(
        as_organiser.post(page, {"reason": "Second."}, follow=True)
    )
    assert mailoutbox == []


def test_an_excluded_member_is_readmitted(as_organiser, conference, bob):
    page = EXCLUDE.format(conference.pk, bob.pk)
    as_organiser.post(page, {"reason": "A mistake."})
    assert "Let Bob vote again?" in text(as_organiser.get(f"{page}?again=1"))
    as_organiser.post(f"{page}?again=1", {"reason": "It was one."})
    assert Membership.objects.get(pk=bob.pk).excluded_at is None


def test_the_result_says_how_many_are_excluded(as_organiser, conference, alice, bob, organiser):
    make_vote(alice, bob)
    as_organiser.post(EXCLUDE.format(conference.pk, alice.pk), {"reason": "x"})
    assert "1 excluded" in text(as_organiser.get(f"/admin/voting/votes/{conference.pk}/turnout/"))


def paths_of(conference, member):
    return [SIGNALS.format(conference.pk), EXCLUDE.format(conference.pk, member.pk)]


@pytest.mark.parametrize("who", ["client", "as_alice", "as_stranger"])
def test_wrong_people_do_not_enter(request, who, conference, bob):
    browser = request.getfixturevalue(who)
    for path in paths_of(conference, bob):
        assert browser.get(path).status_code == 302
        assert browser.post(path, {"reason": "x"}).status_code == 302
    assert Membership.objects.get(pk=bob.pk).excluded_at is None


def test_staff_without_permission_do_not_enter(client, conference, bob):
    client.force_login(make_user("staff@example.org", is_staff=True))
    assert [client.get(path).status_code for path in paths_of(conference, bob)] == [403, 403]
    assert client.post(paths_of(conference, bob)[1], {"reason": "x"}).status_code == 403


def test_member_of_another_conference_is_missing(as_organiser, conference):
    other = make_membership(make_conference())
    assert as_organiser.post(EXCLUDE.format(conference.pk, other.pk), {"reason": "x"}).status_code == 404


@pytest.mark.parametrize(
    ("address", "network"),
    [
        ("192.0.2.77", "192.0.2.0/24"),
        ("2001:db8:1:2::3", "2001:db8:1::/48"),
        ("::ffff:192.0.2.77", "192.0.2.0/24"),
        ("nonsense", ""),
    ],
)
def test_only_the_range_of_an_address_is_kept(rf, monkeypatch, address, network):
    monkeypatch.setattr(ip_addresses, "client_ip_address", lambda request: address)
    assert ip_addresses.client_network(rf.get("/")) == network
    assert User._meta.get_field("signup_network").max_length >= len(network)
