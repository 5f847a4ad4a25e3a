"""Lists of the admin whose length takes no longer to find for more rows."""

import pytest

from accounts.models import User
from accounts.tests.factories import make_user
from confbox.kit.row_counts import BoundedPaginator
from confbox.kit.tests.page import parse

pytestmark = pytest.mark.django_db


@pytest.fixture
def bound(monkeypatch):
    monkeypatch.setattr(BoundedPaginator, "MOST", 4)


def paginator():
    return BoundedPaginator(User.objects.order_by("pk"), 2)


@pytest.mark.parametrize(("people", "shown", "pages"), [(0, "0", 1), (4, "4", 2), (5, "4+", 2), (9, "4+", 2)])
def test_rows_are_counted_and_paged_up_to_the_bound(bound, people, shown, pages):
    for number in range(people):
        make_user(f"p{number}@example.org")
    assert (str(paginator().count), paginator().num_pages) == (shown, pages)


def test_list_of_people_says_that_there_are_more(as_organiser, bound):
    for number in range(5):
        make_user(f"p{number}@example.org")
    page = parse(as_organiser.get("/admin/accounts/user/"))
    assert "4+ people" in page.part(".paginator").text
    assert "Select all 4+ people" in page.part(".actions").text
