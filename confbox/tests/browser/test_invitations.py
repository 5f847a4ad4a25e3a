"""Invitations on a phone: an organiser invites those on the roster, and they join; without scripts, too."""

import pytest
from playwright.sync_api import expect

from accounts.tests.factories import PASSWORD, make_user
from confbox.tests.browser.axe import violations
from confbox.tests.browser.conftest import session_of
from confbox.tests.browser.layout import lost
from conferences.models import RosterEntry
from conferences.roster.actions import remove_entry
from conferences.tests.rosters.entries import BY_COMMAND, imported
from voting.campaigns.tokens import mailbox_token
from voting.tests.campaigns import dispatch_due
from voting.tests.invitations import invitations_to, invite, link_in, make_invited, path_of

pytestmark = pytest.mark.browser


def test_organiser_invites_and_people_join_by_their_links(page_of, open_conference, organiser):
    imported(open_conference, "Ada Lovelace <ada@example.org>\nbob@work.example")
    desk = page_of(organiser)
    desk.goto(f"/admin/conferences/conference/{open_conference.pk}/roster/")
    desk.get_by_role("link", name="Invite 2 people").click()
    desk.get_by_role("button", name="Continue to the preview").click()
    desk.get_by_role("link", name="Send", exact=True).click()
    desk.get_by_role("button", name="Send to 2 people").click()
    expect(desk.get_by_text("The email will be sent to 2 people.")).to_be_visible()
    dispatch_due()
    [to_ada], [to_bob] = invitations_to("ada@example.org"), invitations_to("bob@work.example")

    ada = page_of()
    ada.goto(link_in(to_ada))
    expect(ada.get_by_label("Name")).to_have_value("Ada Lovelace")
    ada.get_by_label("Password").fill(PASSWORD)
    ada.get_by_role("button", name="Join this conference").click()
    expect(ada.get_by_text("Welcome, Ada Lovelace. You have joined Open Conf.")).to_be_visible()

    bob = page_of(make_user("bob@home.example", name="Robert"))
    bob.goto(link_in(to_bob))
    bob.get_by_role("button", name="Join as Robert").click()
    expect(bob.get_by_text("You joined Open Conf.")).to_be_visible()

    desk.goto(f"/admin/conferences/conference/{open_conference.pk}/roster/?state=joined")
    expect(desk.get_by_role("rowheader")).to_have_count(2)


def test_organiser_sends_the_invitation_to_one_again(page_of, open_conference, organiser):
    imported(open_conference, "ada@example.org")
    invite(open_conference, organiser)
    RosterEntry.objects.get().deliveries.update(sent_at=None)
    desk = page_of(organiser)
    desk.goto(f"/admin/conferences/conference/{open_conference.pk}/roster/")
    desk.get_by_role("button", name="Send again").click()
    expect(desk.get_by_text("The invitation is on its way to ada@example.org.")).to_be_visible()
    dispatch_due()
    assert len(invitations_to("ada@example.org")) == 2


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_pages_of_invitations_are_accessible_and_lose_nothing(
    page, context, visit, live_server, open_conference, organiser, stranger, theme, complaints
):
    free, removed = (make_invited(open_conference, f"{name}@example.org") for name in ("free", "removed"))
    known = make_invited(open_conference, "x" * 60 + "@example.org")
    remove_entry(entry=removed, reason="Returned", by=BY_COMMAND)
    make_user(known.mailbox)
    roster = f"/admin/conferences/conference/{open_conference.pk}/roster/"
    announce = f"/admin/voting/campaign/announce/{open_conference.pk}"
    page.emulate_media(color_scheme=theme)
    page.set_viewport_size({"width": 320, "height": 844})
    faults = []
    for user, paths in {
        None: [
            path_of(free),
            path_of(removed),
            path_of(known),
            f"/unsubscribe/{mailbox_token('a@b.example')}/",
        ],
        stranger: [path_of(free)],
        organiser: [roster, f"{announce}/invitation/", f"{announce}/joinreminder/"],
    }.items():
        if user:
            context.add_cookies([session_of(user, live_server)])
        for path in paths:
            visit(path)
            faults += [(path, fault) for fault in (*violations(page), *lost(page))]
    assert faults == []
