"""Parts of pages that are kept for others show nothing of one person, and nothing of another request."""

import gc
from datetime import UTC, datetime, timedelta

import pytest
from django.test.utils import override_script_prefix
from django.utils import timezone

from accounts.models import User
from confbox.kit.fragments import _fragment, filled_fragment
from confbox.kit.tests.page import parse
from conferences.local_times import days_of
from conferences.models import Conference
from voting.elections.models import Election

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _nothing_kept():
    _fragment.cache_clear()


def page_of(client, person):
    client.force_login(person)
    return parse(client.get("/"))


def test_menu_shows_the_person_who_looks(client, alice, bob):
    for member in (alice, bob, alice):
        page = page_of(client, member.user)
        assert page.texts("details.menu .who strong") == [member.user.name]
        assert page.texts("details.menu .who span") == [member.user.email]


def test_changed_name_is_in_the_menu_at_once(client, alice):
    assert page_of(client, alice.user).texts("details.menu .who strong") == ["Alice"]
    User.objects.filter(pk=alice.user_id).update(name="Alicia")
    assert parse(client.get("/")).texts("details.menu .who strong") == ["Alicia"]


def test_only_who_organises_gets_the_links_to_organise(client, alice, organiser):
    assert page_of(client, organiser).mentions("/admin/")
    assert not page_of(client, alice.user).mentions("/admin/")
    User.objects.filter(pk=alice.user_id).update(is_staff=True)
    assert parse(client.get("/")).mentions("/admin/")


CHANGES = [
    ({"title": "Renamed Conf"}, "h2", "Renamed Conf"),
    ({"place": "Ghent"}, "p.dots bdi", "Ghent"),
    ({"topic": "Beekeeping"}, "p.dots bdi", "Beekeeping"),
    ({"visibility": "unlisted"}, ".badge-cb", "Unlisted"),
]


@pytest.mark.parametrize(("change", "part", "text"), CHANGES)
def test_changed_conference_is_in_the_list_at_once(client, alice, change, part, text):
    assert text not in page_of(client, alice.user).texts(f".conference-card {part}")
    Conference.objects.filter(pk=alice.conference_id).update(**change)
    assert text in parse(client.get("/?show=mine")).texts(f".conference-card {part}")


def test_moved_conference_has_its_new_days_in_the_list_at_once(client, alice):
    days = ".conference-card p.dots span"
    before = page_of(client, alice.user).texts(days)
    starts, ends = alice.conference.starts_at + timedelta(40), alice.conference.ends_at + timedelta(40)
    Conference.objects.filter(pk=alice.conference_id).update(starts_at=starts, ends_at=ends)
    assert parse(client.get("/")).texts(days) != before


def test_time_that_is_left_to_vote_goes_on_in_the_list(client, alice):
    client.force_login(alice.user)
    badge = ".conference-card .badge-open"
    before = parse(client.get("/")).texts(badge)
    Election.objects.filter(conference=alice.conference_id).update(
        closes_at=timezone.now() + timedelta(hours=5.5)
    )
    after = parse(client.get("/")).texts(badge)
    assert "Voting open, 5 hours left" in after
    assert after != before


def test_one_instant_is_of_different_days_in_different_zones(alice):
    start = datetime(2027, 3, 1, 12, tzinfo=UTC)
    zones = [
        Conference(starts_at=start, ends_at=start, has_dates=True, time_zone=zone)
        for zone in ("Pacific/Kiritimati", "Europe/Berlin")
    ]
    assert [days_of(conference) for conference in zones] == ["2 March 2027", "1 March 2027"]


def test_link_to_this_page_is_marked_on_it_alone(client, alice):
    marked = '#main-links > [aria-current="page"]'
    assert page_of(client, alice.user).texts(marked) == ["Conferences"]
    assert parse(client.get("/me/")).texts(marked) == ["My page"]
    assert parse(client.get("/people/profile/")).texts(marked) == []


def test_header_is_in_the_language_of_the_person(client, alice):
    assert page_of(client, alice.user).texts("#main-links > a")[1] == "My page"
    User.objects.filter(pk=alice.user_id).update(language="de")
    assert parse(client.get("/")).texts("#main-links > a")[1] == "Meine Seite"


def test_each_form_has_a_token_of_its_own_page(client, alice):
    tokens = [
        token
        for _ in range(2)
        for token in page_of(client, alice.user).attributes("header [name=csrfmiddlewaretoken]", "value")
    ]
    assert len(set(tokens)) == len(tokens) == 2


def test_paths_of_a_request_with_another_prefix_are_not_shown_to_others(client, alice):
    with override_script_prefix("/elsewhere/"):
        assert page_of(client, alice.user).attributes("a.brand", "href") == ["/elsewhere/"]
    assert page_of(client, alice.user).attributes("a.brand", "href") == ["/"]
    assert not parse(client.get("/")).mentions("/elsewhere/")


def test_nothing_of_the_person_is_kept(client, alice):
    User.objects.filter(pk=alice.user_id).update(name="Unmistakable", email="only.hers@example.org")
    client.force_login(alice.user)
    page = parse(client.get("/conferences/open-conf/ballot/?q=sesquipedalian"))
    token = page.attributes("header [name=csrfmiddlewaretoken]", "value")[0]
    shown = ["Unmistakable", "only.hers@example.org", "sesquipedalian", token]
    assert all(page.mentions(words) for words in shown)
    kept = everything_kept()
    assert "Log out" in kept
    assert not [words for words in shown if words in kept]


def everything_kept():
    """What has been rendered, and what it is found by."""
    return "".join(map(str, gc.get_referents(_fragment)))


def test_what_is_personal_is_escaped(client, alice):
    name = """<b>&"'</b>"""
    User.objects.filter(pk=alice.user_id).update(name=name)
    page = page_of(client, alice.user)
    assert page.texts("details.menu .who strong") == [name]
    assert not page.has("details.menu .who b")


@pytest.mark.parametrize(
    "changed", ["{{ path|urlencode }}", "{{ path }}{{ path|capfirst }}{{ path|slice:':40' }}"]
)
def test_a_template_that_changes_what_is_personal_is_refused(settings, tmp_path, changed):
    (tmp_path / "changed.html").write_text(changed)
    settings.TEMPLATES = [{**settings.TEMPLATES[0], "DIRS": [tmp_path]}]
    with pytest.raises(ValueError, match="print what is personal as it is"):
        filled_fragment("changed.html", path="/a b/")
