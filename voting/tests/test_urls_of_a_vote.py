"""What a web server could log of a vote names no one: no URL, no redirect and no referrer."""

import pytest

from confbox.kit.tests.page import parse
from voting.tests.factories import make_pitch, make_vote

CONFERENCE = "/conferences/open-conf/"


def paths_asked(client, path, form):
    """The paths that a browser requests one after another."""
    answer = client.post(path, form, follow=True)
    return [path, *(url for url, _status in answer.redirect_chain)]


@pytest.mark.parametrize("first", [False, True])
def test_casting_and_moving_name_no_candidate(as_alice, alice, bob, carol, first):
    if not first:
        make_vote(alice, carol)
    asked = paths_asked(as_alice, f"{CONFERENCE}vote/", {"candidate": bob.pk, "moves": "yes"})
    assert asked == [f"{CONFERENCE}vote/", f"{CONFERENCE}ballot/"]


def test_withdrawing_names_no_candidate(as_alice, alice, bob):
    make_vote(alice, bob)
    asked = paths_asked(as_alice, f"{CONFERENCE}vote/withdraw/", {})
    assert asked == [f"{CONFERENCE}vote/withdraw/", f"{CONFERENCE}ballot/"]


def test_every_form_that_votes_is_sent_to_the_same_url(as_alice, bob, carol):
    make_pitch(bob)
    make_pitch(carol)
    for path in ("ballot/", "ballot/?q=Bob", f"members/{bob.pk}/"):
        page = parse(as_alice.get(CONFERENCE + path))
        assert page.attributes(f'form:has([value="{bob.pk}"])', "action") == [f"{CONFERENCE}vote/"]
        assert not page.has(f'[formaction*="{bob.pk}"], [data-hx-post*="{bob.pk}"]')


@pytest.mark.parametrize("path", ["ballot/", "ballot/?q=Bob", "members/{bob}/"])
def test_a_page_to_vote_from_leaves_no_path_in_the_referrer(as_alice, bob, path):
    answer = as_alice.get(CONFERENCE + path.format(bob=bob.pk))
    assert answer.headers["Referrer-Policy"] == "strict-origin"
