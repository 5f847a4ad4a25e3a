"""A word that is longer than the screen breaks, on every page."""

import pytest
from django.apps import apps

from confbox.tests.browser.documents import DocumentStore, collect
from confbox.tests.browser.layout import lost
from voting.campaigns.models import Campaign

pytestmark = [pytest.mark.browser, pytest.mark.django_db]

WORD = "Donaudampfschifffahrtselektrizitätenhauptbetriebswerkbauunterbeamtengesellschaft" * 2
TYPED = {
    "User": ("name", "profession", "bio", "phone"),
    "Conference": ("title", "place", "agenda", "topic"),
    "Membership": ("exclusion_reason",),
    "Pitch": ("headline", "statement"),
    "Decision": ("reason",),
    "Campaign": ("subject", "message", "reason"),
}


def retype():
    """Turns everything that people typed into one word, as long as its column allows, at most 120 letters."""
    for app in ("accounts", "conferences", "voting"):
        for name in TYPED.keys() & {model.__name__ for model in apps.get_app_config(app).get_models()}:
            model = apps.get_model(app, name)
            texts = {
                column: WORD[: min(model._meta.get_field(column).max_length, 120)] for column in TYPED[name]
            }
            model.objects.exclude(pk=None).update(**texts)
    Campaign.objects.exclude(pitches=[]).update(pitches=[])


@pytest.fixture(scope="module")
def documents_of_long_words(django_db_setup, django_db_blocker, tmp_path_factory):
    with django_db_blocker.unblock():
        return collect(tmp_path_factory.mktemp("documents"), retype)


@pytest.fixture(scope="module")
def store(browser):
    context = browser.new_context(reduced_motion="reduce")
    yield DocumentStore(context.new_page())
    context.close()


def test_no_page_is_wider_than_the_narrowest_screen(documents_of_long_words, store):
    store.page.set_viewport_size({"width": 320, "height": 844})
    faults = []
    for document in documents_of_long_words:
        store.open(document)
        faults += [f"{document.name}: {fault}" for fault in lost(store.page)]
    assert faults == [], "\n".join(faults)
