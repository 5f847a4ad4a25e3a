"""No page, in any answer, shows a text that was not marked for translation."""

import ast
import re
from zoneinfo import available_timezones

import pytest
from django.conf import settings
from django.core.cache import cache
from django.db import transaction

from accounts.audit_words import NAME
from confbox.kit.languages import languages
from confbox.settings import BASE_DIR
from confbox.tests import operations, pseudo, routes
from confbox.tests.offenders import offenders

# Names, units and notations that are the same in every language.
SAME_EVERYWHERE = re.compile(
    r"ConferenceBox|UTC|TOTP|Markdown|SHA-256|JSON|CSV|XLSX?|Python|verify\.py|ballots\.csv|iCalendar|\.ics"
    r"|conferencebox-[\w.-]+|\blocalhost\b|\b[a-z]+(?:_[a-z]+)+ = [\w?]+"
    r"|\b[0-9A-Z]{4}-[0-9A-Z]{4}\b|[A-Z2-7]{32}|https?://\S+|\S+@\S+|testserver\S*|\bdeploy/[\w/.-]+|/[\w/.-]+|[\w-]+\.(?:py|csv|json|html|ics)\b"
)

# Django's admin does not translate its search button and its symbols for yes, no and nothing.
DJANGOS_ADMIN = {"Search", "True", "False"}
# Emails, and the handbooks, which are files of their own in each language.
IN_THE_RECIPIENTS_LANGUAGE = {
    "help/",
    "help/<str:handbook>/",
    "help/<str:handbook>/<str:chapter>/",
    "admin/voting/campaign/<row:campaign_id>/mail/",
    "admin/voting/votes/<row:conference_id>/timetable/",
}


# The documentation of the API is for programmers, like its reference and the code.
IN_ENGLISH = {"api-docs/start/"}


@pytest.fixture
def cast(roles, settings, tmp_path):
    cache.clear()
    settings.MEDIA_ROOT = tmp_path / "media"
    settings.EMAIL_FILE_PATH = str(tmp_path / "mails")
    cast = routes.set_up()
    with pseudo.speaking_pseudo(tmp_path / "locale"):
        yield cast


def texts_of_no_language():
    """Longest first: what people wrote, the names of time zones, and languages in their own."""
    zones = available_timezones()
    names = (
        zones
        | {zone.replace("_", " ") for zone in zones}
        | {name for _code, name in languages()}
        | DJANGOS_ADMIN
        | {"nothing"}
    )
    stored = pseudo.stored_texts()
    # The audit log keeps sentences in the language of those who acted, with a place for a name.
    around_names = {part for text in stored if NAME in text for part in text.split(NAME) if len(part) > 3}
    return sorted(names | stored | around_names, key=len, reverse=True)


def unmarked(html, stored):
    found = []
    for text in pseudo.words_of(html):
        if any(text in known for known in stored):
            continue
        rest = SAME_EVERYWHERE.sub(" ", text)
        for known in stored:
            rest = rest.replace(known, " ")
        if pseudo.LATIN.search(rest):
            found.append(text[:120])
    return found


@pytest.mark.slow
@pytest.mark.any_database
@pytest.mark.parametrize("method", ["GET", "POST"])
@pytest.mark.parametrize("role", ["anonymous", "member", "organiser"])
def test_no_page_shows_an_unmarked_text(cast, role, method):
    stored = texts_of_no_language()
    client = cast.client(role)
    client.cookies[settings.LANGUAGE_COOKIE_NAME] = pseudo.CODE
    found = {}
    for route in routes.routes(cast):
        if route.pattern in IN_THE_RECIPIENTS_LANGUAGE | IN_ENGLISH or operations.is_of_api(route.path):
            continue
        with transaction.atomic():
            response = client.generic(method, route.path)
            transaction.set_rollback(True)
        if response.headers.get("Content-Type", "").startswith("text/html"):
            for text in unmarked(response.content.decode(), stored):
                found.setdefault(text, route.pattern)
    assert "\n".join(f"{p}: {t}" for t, p in found.items()) == ""


TRANSLATED_BLOCK = re.compile(
    r"{% blocktranslate.*?{% endblocktranslate %}|{% comment.*?{% endcomment %}", re.DOTALL
)
TEMPLATE_CODE = re.compile(r"{%.*?%}|{{.*?}}|{#.*?#}", re.DOTALL)
# The component gallery, and a template whose tags are put together from pieces.
NOT_READ = {"gallery.html", "button.html"}
TEMPLATES = sorted(
    path
    for path in (BASE_DIR / "templates").rglob("*")
    if path.suffix in (".html", ".txt") and path.name not in NOT_READ
)


def unmarked_in_template(path):
    source = TEMPLATE_CODE.sub(" ", TRANSLATED_BLOCK.sub(" ", path.read_text()))
    texts = (SAME_EVERYWHERE.sub(" ", text) for text in pseudo.words_of(source))
    return [text for text in texts if pseudo.LATIN.search(text)]


def test_no_template_holds_an_unmarked_text():
    assert offenders(unmarked_in_template, TEMPLATES) == {}


SPOKEN = {"ValidationError", "success", "error", "info", "warning", "add_error", "message_user"}
SENTENCE = re.compile(r"[A-Za-z]+ [a-z]+ ")


APPS = ["accounts", "conferences", "voting", "confbox"]
GETTEXT = {"_", "gettext", "gettext_lazy", "ngettext", "pgettext"}


def nodes_of(app):
    for path in (BASE_DIR / app).rglob("*.py"):
        if not {"tests", "migrations"} & set(path.parts):
            yield path, list(ast.walk(ast.parse(path.read_text())))


@pytest.mark.parametrize("app", APPS)
def test_no_text_is_marked_within_an_f_string_where_none_is_collected(app):
    found = []
    for path, nodes in nodes_of(app):
        for outer in (node for node in nodes if isinstance(node, ast.JoinedStr)):
            names = {getattr(n.func, "id", "") for n in ast.walk(outer) if isinstance(n, ast.Call)}
            found += [(path.name, outer.lineno)] if names & GETTEXT else []
    assert found == []


@pytest.mark.parametrize("app", APPS)
def test_no_refusal_or_message_is_unmarked(app):
    found = []
    for path, nodes in nodes_of(app):
        for call in (node for node in nodes if isinstance(node, ast.Call)):
            name = getattr(call.func, "id", getattr(call.func, "attr", ""))
            if getattr(getattr(call.func, "value", None), "id", "") == "logger":
                continue
            said = [arg.value for arg in call.args if isinstance(arg, ast.Constant)] if name in SPOKEN else []
            found += [(path.name, text) for text in said if SENTENCE.search(str(text))]
    assert found == []
