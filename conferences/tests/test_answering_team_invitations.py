"""How a person comes to an invitation to a team, and back to it: sign-up, second factor, "My page"."""

import re
from datetime import timedelta

import pytest
from django.core import mail
from django.core.cache import cache
from django.core.exceptions import ValidationError
from django.utils import timezone

from accounts.linked_addresses import link_address
from accounts.models import AdminAct
from accounts.tests.factories import log_in_freshly, make_user
from accounts.tests.second_factors import browser_of, form_of_app, form_of_key
from confbox.kit.outcomes import Change
from confbox.kit.tests.page import parse
from conferences.models import Role, TeamInvitation, TeamMember
from conferences.teams.actions import accept_invitation, decline_invitation
from conferences.tests.teams import TEAM_TOKEN, acting, make_series, make_team_invitation, make_team_member

pytestmark = pytest.mark.django_db
LINK = f"/team-invitations/{TEAM_TOKEN}/"
GUEST = "guest@example.org"


@pytest.fixture(autouse=True)
def _fresh_limits():
    cache.clear()


@pytest.fixture(params=["series", "conference"])
def scope(request, conference):
    return {"series": make_series(name="Guild"), "conference": conference}[request.param]


@pytest.fixture
def owner(scope):
    return make_team_member(scope, Role.OWNER, name="Olga Owner")


@pytest.fixture
def invitation(scope, owner):
    found = make_team_invitation(scope, GUEST, Role.REVIEWER)
    TeamInvitation.objects.update(invited_by=owner.person)
    found.refresh_from_db()
    return found


@pytest.fixture
def guest():
    return make_user(GUEST)


@pytest.fixture
def as_guest(client, guest):
    return log_in_freshly(client, guest)


def address_in(client, url):
    [address] = parse(client.get(url)).attributes("#id_email", "value") or [""]
    return address


def on_my_page(client):
    return " ".join(parse(client.get("/me/")).texts("#team-invitations"))


def page_of(invitation):
    return f"/me/team-invitations/{invitation.pk}/"


@pytest.mark.usefixtures("invitation")
def test_sign_up_has_the_invited_address_which_no_url_has(client):
    [sign_up] = parse(client.get(LINK)).attributes("a.btn-lg", "href")
    assert "guest" not in sign_up
    assert address_in(client, sign_up) == GUEST


@pytest.mark.usefixtures("invitation")
def test_sign_up_that_leads_elsewhere_does_not_show_the_invited_address(client):
    client.get(LINK)
    assert address_in(client, "/accounts/signup/") == ""


@pytest.mark.usefixtures("invitation")
def test_invited_person_signs_up_with_another_address_and_comes_back(client):
    client.get(LINK)
    typed = {"name": "Gus", "email": "gus@example.org", "password1": "correct-horse-battery", "next": LINK}
    client.post("/accounts/signup/", typed)
    code = re.search(r"\b\d{6}\b", mail.outbox[-1].body)[0]
    assert client.post("/accounts/signup/code/", {"code": code}).url == LINK
    client.logout()
    assert address_in(client, f"/accounts/signup/?next={LINK}") == ""


def test_my_page_shows_what_waits_for_an_answer(as_guest, invitation, scope):
    shown = on_my_page(as_guest)
    for fact in (str(scope), "Olga Owner invites you", "Your role: Reviewer", "Expires"):
        assert fact in shown
    assert page_of(invitation) in parse(as_guest.get("/me/")).links
    assert as_guest.post(page_of(invitation)).url == "/admin/"
    assert TeamMember.objects.of_team(scope).get(person__email=GUEST).role == "reviewer"
    assert on_my_page(as_guest) == ""


@pytest.mark.parametrize("when", ["expires_at", "withdrawn_at", "declined_at", "accepted_at"])
def test_my_page_shows_nothing_that_no_longer_waits(as_guest, invitation, when):
    TeamInvitation.objects.update(**{when: timezone.now() - timedelta(minutes=1)})
    assert on_my_page(as_guest) == ""


def test_my_page_shows_no_invitation_to_a_team_that_the_person_is_in(as_guest, guest, invitation, scope):
    make_team_member(scope, Role.OBSERVER, user=guest)
    assert on_my_page(as_guest) == ""


def test_invitation_to_an_address_that_is_not_confirmed_does_not_exist(client, invitation):
    person = make_user(GUEST, confirmed=False)
    log_in_freshly(client, person)
    assert on_my_page(client) == ""
    for method in (client.get, client.post):
        assert method(page_of(invitation)).status_code == 404
    assert not TeamMember.objects.filter(person=person).exists()


def test_my_page_shows_an_invitation_to_a_further_confirmed_address(as_stranger, stranger, invitation):
    link_address(email=GUEST, by=acting(TeamMember(person=stranger)))
    assert on_my_page(as_stranger)
    assert as_stranger.get(page_of(invitation)).status_code == 200


@pytest.mark.usefixtures("owner")
def test_guest_declines_and_who_invited_is_notified(as_guest, invitation, scope):
    answers = [as_guest.post(page_of(invitation), {"answer": "decline"}).url for _ in range(2)]
    assert answers == ["/me/", "/me/"]
    assert [(sent.to, GUEST in sent.body) for sent in mail.outbox] == [([invitation.invited_by.email], True)]
    assert AdminAct.objects.filter(act="change", what__contains="declined").count() == 1
    assert "This invitation was declined" in parse(as_guest.get(LINK)).text
    assert not TeamMember.objects.of_team(scope).filter(person__email=GUEST).exists()


def test_declined_invitation_cannot_be_accepted_nor_the_reverse(guest, stranger, invitation):
    by = acting(TeamMember(person=guest))
    with pytest.raises(ValidationError, match="not a confirmed email address of yours"):
        decline_invitation(invitation=invitation, by=acting(TeamMember(person=stranger)))
    assert decline_invitation(invitation=invitation, by=by) is Change.MADE
    with pytest.raises(ValidationError, match="was declined"):
        accept_invitation(invitation=invitation, by=by)
    TeamInvitation.objects.update(declined_at=None)
    accept_invitation(invitation=invitation, by=by)
    with pytest.raises(ValidationError, match="has been used"):
        decline_invitation(invitation=invitation, by=by)


@pytest.mark.parametrize("form", [form_of_app, form_of_key])
@pytest.mark.usefixtures("invitation")
def test_who_sets_up_a_required_second_factor_is_led_back_to_the_invitation(guest, settings, form):
    settings.STAFF_MFA_REQUIRED = True
    client = browser_of(guest)
    [to_factors] = parse(client.get(LINK)).attributes("a.btn-lg", "href")
    assert LINK not in parse(client.get(to_factors)).links
    url, sent = form(client)
    assert LINK in parse(client.post(url, sent, follow=True)).links
    assert LINK in parse(client.get("/accounts/2fa/")).links


@pytest.mark.parametrize("goal", ["https://evil.example/", "//evil.example/", "javascript:alert(1)"])
def test_second_factor_leads_to_no_other_site(guest, goal):
    client = browser_of(guest)
    client.get("/accounts/2fa/", {"next": goal})
    url, sent = form_of_app(client)
    assert goal not in parse(client.post(url, sent, follow=True)).links
