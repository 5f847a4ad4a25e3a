import pytest
from django.db import DatabaseError, connection

from accounts.models import AdminAct
from conferences.models import Membership
from voting.elections.models import Pitch, Vote
from voting.tests.factories import close_by_clock, make_vote

PAGE = "/conferences/open-conf/pitch/"
SENT = {"headline": "On trust", "statement": "Hear me.", "accepts_votes": "on"}


def acts():
    return list(AdminAct.objects.order_by("pk").values_list("act", flat=True))


def test_a_pitch_that_is_saved_unchanged_is_not_written(as_alice):
    as_alice.post(PAGE, SENT)
    before = Pitch.objects.values().get()
    assert as_alice.post(PAGE, SENT).status_code == 302
    assert Pitch.objects.values().get() == before
    assert acts() == ["write pitch"]


@pytest.mark.parametrize("changed", [{"headline": "on Trust"}, {"statement": "Hear me. "}, {"statement": ""}])
def test_every_change_of_a_pitch_is_saved(as_alice, changed):
    as_alice.post(PAGE, SENT)
    as_alice.post(PAGE, SENT | changed)
    saved = Pitch.objects.get()
    expected = {name: text.strip() for name, text in (SENT | changed).items()}
    assert (saved.headline, saved.statement) == (expected["headline"], expected["statement"])


def test_a_share_survives_a_change_of_the_pitch(as_alice):
    as_alice.post(PAGE, SENT)
    as_alice.post(f"{PAGE}share/")
    as_alice.post(PAGE, SENT | {"headline": "On doubt"})
    assert Pitch.objects.get().shared_at is not None


def test_an_opt_out_with_a_pitch_that_cannot_be_saved_is_not_stored(as_alice, alice, bob):
    make_vote(bob, alice)

    def fail(execute, sql, *arguments):
        if sql.startswith("INSERT INTO") and "voting_pitch" in sql:
            raise DatabaseError
        return execute(sql, *arguments)

    with connection.execute_wrapper(fail), pytest.raises(DatabaseError):
        as_alice.post(PAGE, {"headline": "On trust", "statement": ""})
    assert Membership.objects.get(pk=alice.pk).accepts_votes
    assert Vote.objects.valid().filter(candidate=alice).exists()
    assert acts() == []


def test_a_pitch_with_a_refused_opt_out_is_not_stored(as_alice, conference, alice, bob):
    make_vote(bob, alice)
    close_by_clock(conference)
    page = as_alice.post(PAGE, {"headline": "On trust", "statement": ""})
    assert "you can no longer opt out" in page.context["form"].errors["accepts_votes"][0]
    assert not Pitch.objects.exists()
