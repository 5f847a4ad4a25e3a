"""Wherever people write Markdown, a text that is too expensive is refused and what was typed is kept."""

import pytest

from confbox.kit.tests.page import parse
from conferences.models import Conference
from conferences.tests.factories import make_membership
from voting.elections.models import Pitch

pytestmark = pytest.mark.django_db

TABLE = "|" + "a|" * 120 + "\n|" + "-|" * 120 + "\n" + "|\n" * 50
PITCH = {"headline": "Fine", "accepts_votes": "on", "statement": TABLE}
FORMS = {
    "/conferences/open-conf/pitch/": PITCH,
    "/conferences/open-conf/campaigns/new/": {"subject": "Fine", "message": TABLE},
    "/people/profile/": {"name": "Alice", "bio": TABLE},
}


@pytest.mark.parametrize("path", FORMS)
def test_table_that_is_too_large_is_refused_and_kept(as_alice, path):
    answer = as_alice.post(path, FORMS[path])
    assert answer.status_code == 200
    page = parse(answer)
    assert "A table may have at most 20 columns and 1000 cells." in page.text
    assert TABLE in page.raw_text.replace("\r\n", "\n")


def test_agenda_with_a_table_that_is_too_large_is_refused(as_organiser, conference):
    url = f"/admin/conferences/conference/{conference.pk}/change/"
    version = as_organiser.get(url).context["adminform"].form.initial["version"]
    answer = as_organiser.post(url, {"title": "Kept", "agenda": TABLE, "version": version})
    assert "at most 20 columns and 1000 cells" in str(answer.context["errors"])
    assert not Conference.objects.filter(title="Kept").exists()


def test_ballot_with_large_tables_from_before_stays_small(as_alice, conference):
    for number in range(20):
        person = make_membership(conference, name=f"Member {number}")
        Pitch.objects.create(membership=person, headline="Table", statement=TABLE[:598])
    page = as_alice.get("/conferences/open-conf/ballot/")
    assert not parse(page).has("table")
    assert len(page.content) < 150_000
