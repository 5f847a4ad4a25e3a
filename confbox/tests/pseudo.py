"""A pseudo-language: our texts in full-width letters, written from right to left.

A text in ordinary Latin letters on a page has then not been translated. The language code is that of
Arabic, so Django and allauth use texts of their own in another script.
"""

import re
from html.parser import HTMLParser

import polib
from django.apps import apps
from django.conf import settings
from django.core.cache import cache
from django.db import models
from django.test import override_settings
from django.utils.translation import trans_real

from confbox.settings import BASE_DIR

CODE = "ar"
KEPT = re.compile(r"%\(\w+\)[a-z]|%[a-z%]|\{\w*\}|<[^>]*>|&\w+;")
FULL_WIDTH = {n: n + 0xFEE0 for n in [*range(ord("A"), ord("Z") + 1), *range(ord("a"), ord("z") + 1)]}
SHOWN = {"title", "alt", "aria-label", "placeholder", "aria-description", "label"}
SILENT = {"script", "style", "code", "pre", "textarea", "kbd"}
LATIN = re.compile(r"[A-Za-z]{2,}")


def wide(text):
    """The text in full-width letters; placeholders, tags and entities stay as they are."""
    parts, end = [], 0
    for kept in KEPT.finditer(text):
        parts += [text[end : kept.start()].translate(FULL_WIDTH), kept[0]]
        end = kept.end()
    return "".join([*parts, text[end:].translate(FULL_WIDTH)])


def write_catalogue(folder):
    """Compiles the pseudo-locale under `folder`; date formats stay as they are."""
    po = polib.POFile()
    po.metadata = {
        "Content-Type": "text/plain; charset=UTF-8",
        "Plural-Forms": "nplurals=2; plural=(n != 1);",
    }
    for entry in polib.pofile(str(BASE_DIR / "locale/de/LC_MESSAGES/django.po")):
        new = polib.POEntry(msgid=entry.msgid, msgctxt=entry.msgctxt, msgid_plural=entry.msgid_plural)
        is_format = entry.msgctxt and not LATIN.search(entry.msgid)
        if entry.msgid_plural:
            new.msgstr_plural = {0: wide(entry.msgid), 1: wide(entry.msgid_plural)}
        else:
            new.msgstr = entry.msgid if is_format else wide(entry.msgid)
        po.append(new)
    target = folder / CODE / "LC_MESSAGES"
    target.mkdir(parents=True)
    po.save_as_mofile(str(target / "django.mo"))


class speaking_pseudo(override_settings):  # used like the context manager it is  # noqa: N801
    """The site with the pseudo-locale among its languages."""

    def __init__(self, folder):
        write_catalogue(folder)
        languages = [*settings.LANGUAGES, (CODE, "Pseudo")]
        super().__init__(LANGUAGES=languages, LOCALE_PATHS=[folder])

    def enable(self):
        super().enable()
        self._forget()

    def disable(self):
        super().disable()
        self._forget()

    def _forget(self):
        for remembered in (
            trans_real.get_languages,
            trans_real.translation_catalog_exists,
            trans_real._get_supported_language_variant,
        ):
            remembered.cache_clear()
        cache.clear()


class Words(HTMLParser):
    """Collects what a page shows or reads out: text and attributes."""

    def __init__(self):
        super().__init__()
        self.found, self._silent = [], 0

    def handle_starttag(self, tag, attrs):
        attributes = dict(attrs)
        if tag in SILENT:
            self._silent += 1
        self.found += [value for name, value in attrs if name in SHOWN and value]
        if tag == "meta" and attributes.get("name") == "description":
            self.found.append(attributes["content"])
        if tag == "input" and attributes.get("type") in ("submit", "button"):
            self.found.append(attributes.get("value") or "")

    def handle_endtag(self, tag):
        if tag in SILENT:
            self._silent -= 1

    def handle_data(self, data):
        if not self._silent:
            self.found.append(data)


def words_of(html):
    words = Words()
    words.feed(html)
    return [" ".join(text.split()) for text in words.found if text.strip()]


def stored_texts():
    """Everything that the database stores as text: it is shown as a person wrote it."""
    found = set()
    for model in apps.get_models():
        names = [f.name for f in model._meta.fields if isinstance(f, models.CharField | models.TextField)]
        for row in model._default_manager.values_list(*names) if names else []:
            found |= {" ".join(str(value).split()) for value in row if value}
    return found
