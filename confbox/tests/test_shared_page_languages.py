"""In which language nginx asks for a page that it keeps."""

import re

import pytest
from django.conf import settings
from django.utils.translation import get_language_from_request

from confbox.tests.echoing_application import is_kept, page, served
from confbox.tests.test_nginx import DEPLOY, pytestmark

__all__ = ["pytestmark"]
ACCEPTED = {
    "": "en",
    "de": "de",
    "de-AT,de;q=0.9,en;q=0.8": "de",
    "fr,en": "fr",
    "es-419,es;q=0.9": "es",
    "pt-BR,pt;q=0.9,en-US;q=0.8,en;q=0.7": "en",
    "it-IT,it;q=0.9,de;q=0.5": "de",
    "nl,sv;q=0.5": "en",
    "*": "en",
    "frr": "en",
    "ja,fr-CA;q=0.2": "fr",
    "ja, fr-CA;q=0.2, nl, fr": "fr",
    "hi-IN": "hi",
}
DOUBTFUL = [
    *(
        "en;q=0.5,de;q=0.9",
        "pt,en;q=0.3,de;q=0.8",
        "pt,de;q=0.8,en;q=0.3",
        "de;q=0,en",
        "pt,de;q=0.0,en;q=0.1",
    ),
    *("pt,en-US,de,en;q=0.1", "pt, fr-CA;q=0.5 , de"),
]


@pytest.fixture(scope="module")
def site(tmp_path_factory):
    with served(tmp_path_factory.mktemp("shared")) as site:
        yield site


@pytest.mark.parametrize(("header", "language"), ACCEPTED.items())
def test_application_is_asked_for_one_language(site, header, language):
    assert page(site, Accept_Language=header)["Accept-Language"] == language


@pytest.mark.parametrize("header", DOUBTFUL)
def test_page_in_a_language_that_only_the_application_can_choose_is_not_kept(site, header):
    assert not is_kept(site, Accept_Language=header)
    assert page(site, Accept_Language=header)["Accept-Language"] == header


@pytest.mark.parametrize(("header", "language"), ACCEPTED.items())
def test_language_is_the_one_that_django_would_choose(rf, header, language):
    assert get_language_from_request(rf.get("/", headers={"accept-language": header})) == language


def test_nginx_knows_the_languages_of_the_site():
    text = (DEPLOY / "nginx/pages.conf").read_text()
    languages = re.findall(r"en\|[a-z|]+", text)
    assert len(languages) == 6
    assert set(languages) == {"|".join(code for code, _ in settings.LANGUAGES)}
