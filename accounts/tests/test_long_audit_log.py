"""A long audit log: its newest acts are searched, and none is read to offer times and filters."""

from datetime import UTC, datetime, timedelta

import pytest
from django.db import connection
from django.utils import timezone

from accounts.models import AdminAct
from confbox.kit.row_counts import BoundedPaginator
from confbox.kit.tests.page import parse
from confbox.kit.tests.rows_read import rows_read

pytestmark = pytest.mark.django_db
LOG = "/admin/accounts/adminact/"
on_mariadb = pytest.mark.skipif(connection.vendor != "mysql", reason="SQLite is for fewer people")


@pytest.fixture
def long(monkeypatch):
    """As if four acts were many."""
    monkeypatch.setattr(BoundedPaginator, "MOST", 4)


def log_acts(number, *, until=None, **columns):
    """So many, an hour apart, the newest last."""
    until = until or timezone.now()
    columns = {"act": "publish", "kind": "conference", "channel": "command"} | columns
    AdminAct.objects.bulk_create(
        AdminAct(at=until - timedelta(hours=number - n), target=f"Conference {n}", **columns)
        for n in range(number)
    )


def targets(page):
    return page.texts("td.field-target")


def test_the_newest_acts_are_searched(as_organiser, long):
    AdminAct.objects.all().delete()
    log_acts(9)
    page = parse(as_organiser.get(LOG, {"q": "conference"}))
    assert targets(page) == [f"Conference {n}" for n in (8, 7, 6, 5)]
    assert page.messages == [
        "The newest 4 acts are searched. For older ones, first choose a time or a filter."
    ]


def test_a_time_or_a_filter_leads_to_older_ones(as_organiser, long):
    log_acts(3, until=datetime(2024, 5, 2, tzinfo=UTC))
    log_acts(9)
    page = parse(as_organiser.get(LOG, {"q": "conference", "at__year": "2024"}))
    assert (len(targets(page)), page.messages) == (3, [])


def test_a_search_in_a_short_log_finds_all(as_organiser):
    log_acts(9)
    page = parse(as_organiser.get(LOG, {"q": "conference"}))
    assert (len(targets(page)), page.messages) == (9, [])


def test_filters_offer_what_the_newest_acts_are(as_organiser, long):
    log_acts(1, act="delete")
    log_acts(9)
    offered = parse(as_organiser.get(LOG)).attributes("#changelist-filter a", "href")
    assert "?act=publish" in offered
    assert "?act=delete" not in offered


PERIODS = [
    ({}, ["2024", "2025", "2026"], None),
    ({"at__year": "2024"}, ["November 2024", "December 2024"], "All dates"),
    ({"at__year": "2024", "at__month": "11"}, ["29 November", "30 November"], "2024"),
    ({"at__year": "2024", "at__month": "11", "at__day": "30"}, ["30 November"], "November 2024"),
]


@on_mariadb
@pytest.mark.parametrize(("chosen", "offered", "back"), PERIODS)
def test_times_are_offered_from_the_first_act_until_today(as_organiser, long, chosen, offered, back):
    log_acts(6, until=datetime(2024, 11, 29, 20, tzinfo=UTC))
    AdminAct.objects.filter(at__year__gt=2024).delete()
    log_acts(1)
    page = as_organiser.get(LOG, chosen)
    periods = page.context["cl"].periods
    assert [choice["title"] for choice in periods.get("choices") or []][: len(offered)] == offered
    assert (periods.get("back") or {"title": None})["title"] == back


@on_mariadb
def test_a_month_that_does_not_exist_shows_the_whole_log(as_organiser, long):
    log_acts(6)
    answer = as_organiser.get(LOG, {"at__year": "2024", "at__month": "13"})
    assert (answer.status_code, answer["Location"]) == (302, f"{LOG}?e=1")


@on_mariadb
def test_a_time_leads_to_its_acts(as_organiser, long):
    log_acts(6, until=datetime(2024, 11, 29, 20, tzinfo=UTC))
    log_acts(6)
    page = parse(as_organiser.get(LOG, {"at__year": "2024"}))
    [month] = [link for link in page.attributes(".toplinks a", "href") if "month=11" in link]
    assert len(targets(parse(as_organiser.get(LOG + month)))) == 6


QUERIES = ["", "?q=conference", "?q=nothing", "?at__year={year}", "?of_conference=7", "?of_conference=7&q=x"]


@on_mariadb
@pytest.mark.django_db(transaction=True)
def test_a_page_reads_few_acts_of_many_and_sorts_none(as_organiser, monkeypatch):
    monkeypatch.setattr(BoundedPaginator, "MOST", 150)
    log_acts(6000, of_conference=7)
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE TABLE accounts_adminact")
    for query in QUERIES:
        url = LOG + query.format(year=timezone.now().year)
        as_organiser.get(url)
        with rows_read() as page:
            as_organiser.get(url)
        # A search sorts what it found.
        assert (query, page.read < 4000, page.sorted <= 200) == (query, True, True)
