import pytest

from confbox.kit.tests.page import parse
from voting.elections import member_page

TEXT = "<section id='offer'>{{ viewer }} can ask {{ asked }}</section>"


@pytest.fixture
def part(settings, tmp_path):
    """A part with a template of its own, registered as an app would when the site starts."""
    (tmp_path / "offer.html").write_text(TEXT)
    settings.TEMPLATES = [{**engine, "DIRS": [*engine["DIRS"], tmp_path]} for engine in settings.TEMPLATES]
    offered = member_page.MemberPart(
        facts=lambda person, viewer: {"asked": person, "viewer": viewer}, below_pitch="offer.html"
    )
    member_page.MEMBER_PARTS.append(offered)
    yield offered
    member_page.MEMBER_PARTS.remove(offered)


def page_of(client, member):
    return parse(client.get(f"/conferences/open-conf/members/{member.pk}/"))


def test_a_registered_part_is_on_the_page_of_a_member(as_alice, alice, bob, part):
    assert page_of(as_alice, bob).part("#offer").text == "Alice can ask Bob"
    assert page_of(as_alice, alice).part("#offer").text == "Alice can ask Alice"


def test_a_part_that_is_not_registered_is_not_on_it(as_alice, bob):
    assert not page_of(as_alice, bob).has("#offer")
