from datetime import UTC, datetime, timedelta

import pytest
from django_tasks_db.models import DBTaskResult

from confbox.kit.queries_at_a_time import QueryAtATime

HOUR = timedelta(hours=1)
NOON = datetime(2026, 5, 1, 12, tzinfo=UTC)


@pytest.fixture
def times(db):
    """Those of three tasks, which are named by their number."""
    times = [NOON - 2 * HOUR, NOON, NOON + 2 * HOUR]
    rows = {"args_kwargs": {}, "exception_class_path": "", "traceback": "", "backend_name": "default"}
    for number, time in enumerate(times):
        DBTaskResult.objects.create(task_path=str(number), run_after=time, **rows)
    return times


@pytest.fixture
def query():
    def within_an_hour(now):
        near = DBTaskResult.objects.filter(run_after__gt=now - HOUR, run_after__lte=now + HOUR)
        return near.values_list("task_path")

    return QueryAtATime(within_an_hour)


def test_each_answer_is_that_of_its_time(query, times):
    assert [query.rows(time) for time in times] == [[("0",)], [("1",)], [("2",)]]


def test_a_time_is_compared_to_the_microsecond(query, times):
    assert query.rows(NOON - HOUR) == [("1",)]
    assert query.rows(NOON - HOUR - timedelta(microseconds=1)) == [("0",)]


def test_the_sql_is_written_once(times):
    composed = []

    def compose(now):
        composed.append(now)
        return DBTaskResult.objects.filter(run_after__lte=now).values_list("pk")

    query = QueryAtATime(compose)
    assert [len(query.rows(time)) for time in times] == [1, 2, 3]
    assert len(composed) == 1
