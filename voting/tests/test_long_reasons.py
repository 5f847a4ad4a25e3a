"""A reason that is too long is refused with its limit, and nothing of it is cut."""

import pytest

from confbox.kit.tests.page import parse
from conferences.models import ConferenceChange
from voting.elections.models import WindowChange

pytestmark = pytest.mark.django_db

FORMS = {
    "conferences/conference/{}/move/": 300,
    "conferences/conference/{}/cancel/": 300,
    "voting/votes/{}/move-deadline/": 1000,
    "voting/votes/{}/close/": 1000,
}
each_form = pytest.mark.parametrize(("path", "longest"), FORMS.items())


@each_form
def test_browser_does_not_cut_a_reason_and_counts_its_characters(as_organiser, conference, path, longest):
    page = parse(as_organiser.get(f"/admin/{path.format(conference.pk)}"))
    assert page.attributes("textarea[name=reason]", "maxlength") == []
    assert page.attributes("textarea[name=reason]", "data-longest") == [str(longest)]
    assert page.has("script[src*=characters-left]")


@each_form
def test_reason_that_is_too_long_is_refused_with_its_limit_and_kept(as_organiser, conference, path, longest):
    typed = "x" * (longest + 1)
    page = parse(as_organiser.post(f"/admin/{path.format(conference.pk)}", {"reason": typed}))
    limit = f"This can have {longest} characters at most, and has {longest + 1}."
    assert any(limit in said for said in page.errors)
    assert page.part("textarea[name=reason]").text.strip() == typed
    assert not ConferenceChange.objects.exists()
    assert not WindowChange.objects.exists()
