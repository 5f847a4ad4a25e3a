"""A copy that is made several times at once, each on a connection of its own."""

import pytest
from django.core.exceptions import ValidationError
from django.db import connection

from confbox.kit.tests.threads import InThread
from conferences.copying import actions
from conferences.copying.actions import Copied
from conferences.models import Conference, Role
from conferences.tests.copying import copied, dates
from conferences.tests.factories import make_conference
from conferences.tests.teams import make_series, make_team_member

pytestmark = [
    pytest.mark.django_db(transaction=True),
    pytest.mark.skipif(connection.vendor != "mysql", reason="SQLite has one writer at a time"),
]


def at_once(acts):
    finished = [thread.finish() for thread in [InThread(act) for act in acts]]
    return [thread.error or thread.result for thread in finished]


@pytest.fixture
def source():
    return make_conference(series=make_series())


def copies_made_at_once(source, number=6):
    owner, entered = make_team_member(source.series, Role.OWNER), dates()
    return at_once([lambda: copied(source, by=owner, dates=entered)] * number)


def test_the_same_copy_made_several_times_at_once_is_one(source):
    results = copies_made_at_once(source)
    assert len({copy for copy, _outcome in results}) == 1
    outcomes = [outcome for _copy, outcome in results]
    assert (outcomes.count(Copied.NEW), outcomes.count(Copied.AGAIN)) == (1, 5)


def test_control_without_the_lock_the_others_are_refused_or_fail(source, monkeypatch):
    def unlocked(source, _series):
        return Conference.objects.as_of_now().get(pk=source.pk)

    monkeypatch.setattr(actions, "_lock", unlocked)
    results = copies_made_at_once(source)
    assert Conference.objects.filter(slug="next-conf").count() == 1
    assert any(isinstance(result, Exception) for result in results)


def test_a_url_name_that_copies_of_two_conferences_take_at_once_is_refused_in_words_to_one():
    sources = [make_conference(series=make_series()) for _ in range(2)]
    results = at_once([lambda s=s: copied(s) for s in sources])
    refusals = [result for result in results if isinstance(result, Exception)]
    assert [type(refusal) for refusal in refusals] == [ValidationError]
    assert [*refusals[0].message_dict] == ["slug"]


def test_a_source_that_is_deleted_at_once_is_copied_or_refused_in_words(source):
    results = at_once([lambda: copied(source), lambda: Conference.objects.get(pk=source.pk).delete()])
    if isinstance(results[0], Exception):
        assert isinstance(results[0], ValidationError)
    assert not isinstance(results[1], Exception)
