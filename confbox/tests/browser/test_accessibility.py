"""Every page, as each kind of person sees it: axe finds nothing, and nothing is cut off at any width."""

import pytest

from confbox.tests.browser.axe import violations
from conferences.models import Membership
from conferences.tests.factories import make_conference, make_membership
from voting.actions import decide_speaker
from voting.tests.factories import make_pitch, make_vote

pytestmark = pytest.mark.browser

ANONYMOUS = [
    "/",
    "/?q=nothing-like-it",
    "/?show=past",
    "/conferences/open-conf/",
    "/accounts/login/",
    "/accounts/signup/",
    "/accounts/password/reset/",
]
MEMBER = [
    "/",
    "/?show=mine",
    "/me/",
    "/conferences/open-conf/",
    "/conferences/open-conf/members/",
    "/conferences/open-conf/members/?q=nobody-like-it",
    "/conferences/open-conf/ballot/",
    "/conferences/open-conf/ballot/?q=Bob",
    "/conferences/open-conf/pitch/",
    "/conferences/open-conf/results/",
    "/conferences/closed-conf/ballot/",
    "/conferences/decided-conf/",
    "/conferences/decided-conf/ballot/",
    "/conferences/decided-conf/results/",
    "/conferences/scheduled-conf/",
    "/conferences/scheduled-conf/ballot/",
    "/conferences/plain-conf/ballot/",
    "/accounts/email/",
    "/accounts/password/change/",
    "/accounts/2fa/",
    "/accounts/sessions/",
    "/accounts/logout/",
]
LOOKS = [(390, "light"), (1280, "dark")]
SIDEWAYS = "document.documentElement.scrollWidth - document.documentElement.clientWidth"


@pytest.fixture
def everything(stage, alice_on_stage, organiser):
    """Every state that a conference can be in, with Alice a member of each."""
    make_vote(alice_on_stage, Membership.objects.get(conference=stage, user__name="Bob"))
    user = alice_on_stage.user
    for slug, voting in (
        ("closed", "closed"),
        ("decided", "closed"),
        ("scheduled", "scheduled"),
        ("plain", None),
    ):
        conference = make_conference(title=f"{slug} conference", slug=f"{slug}-conf", voting=voting)
        alice = make_membership(conference, user=user)
        dan = make_membership(conference, name="Dan")
        make_pitch(dan)
        if voting == "closed":
            make_vote(alice, dan)
            make_vote(dan, alice)
    decided = conference.__class__.objects.get(slug="decided-conf")
    chosen = decided.memberships.get(user=user)
    decide_speaker(conference=decided, candidate=chosen, by=organiser, reason="They led together.")
    return user


def look(page, path, visit, faults):
    visit(path)
    faults += [f"{path} {fault}" for fault in violations(page)]
    if page.evaluate(SIDEWAYS) > 0:
        faults.append(f"{path} scrolls sideways")


@pytest.mark.parametrize(("width", "theme"), LOOKS)
def test_pages_of_anybody_have_no_barrier(page, visit, everything, width, theme):
    page.set_viewport_size({"width": width, "height": 844})
    page.emulate_media(color_scheme=theme)
    faults = []
    for path in ANONYMOUS:
        look(page, path, visit, faults)
    assert faults == []


@pytest.mark.parametrize(("width", "theme"), LOOKS)
def test_pages_of_members_have_no_barrier(page, visit, log_in, everything, width, theme):
    log_in(everything)
    page.set_viewport_size({"width": width, "height": 844})
    page.emulate_media(color_scheme=theme)
    faults = []
    for path in [
        *MEMBER,
        *(m.get_absolute_url() for m in Membership.objects.filter(conference__slug="open-conf")),
    ]:
        look(page, path, visit, faults)
    assert faults == []


def test_nothing_is_cut_off_on_the_narrowest_phone(page, visit, log_in, everything):
    page.set_viewport_size({"width": 320, "height": 600})
    wide = []
    for path in ANONYMOUS:
        visit(path)
        wide += [path] if page.evaluate(SIDEWAYS) > 0 else []
    log_in(everything)
    for path in MEMBER:
        visit(path)
        wide += [path] if page.evaluate(SIDEWAYS) > 0 else []
    assert wide == []


def test_a_missing_page_has_no_barrier(page, visit, stage, complaints):
    visit("/conferences/nowhere/")
    assert violations(page) == []
    complaints.clear()


def test_the_chosen_theme_stays(page, visit, db):
    visit("/")
    page.get_by_role("button", name="Dark colours").click()
    page.wait_for_function("document.documentElement.dataset.bsTheme == 'dark'")
    page.wait_for_function("document.cookie.includes('theme=dark')")
    visit("/")
    assert page.evaluate("document.documentElement.dataset.bsTheme") == "dark"
