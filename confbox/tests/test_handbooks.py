"""The handbooks under `/help/`: their pages, their links, and what they promise about the site."""

import re
import subprocess
from pathlib import Path

import pytest
from django.conf import settings
from django.contrib.staticfiles import finders
from django.urls import get_resolver
from django.utils.translation import gettext, override

from accounts.actors import Actor
from accounts.tests.factories import log_in_freshly
from confbox.kit.handbooks.contents import HANDBOOKS
from confbox.kit.handbooks.reading import FOLDER, chapter_of, handbook_of
from confbox.kit.handbooks.topics import TOPICS
from confbox.kit.tests.page import parse
from confbox.tests.test_translations import catalogue
from conferences.organising.tabs import TABS
from conferences.tests.factories import make_membership
from voting.elections import actions
from voting.elections.election.models import Election
from voting.elections.receipts.models import PublishedBallots

LANGUAGES = [code for code, _name in settings.LANGUAGES]
CHAPTERS = [(book, name) for book, names in HANDBOOKS.items() for name in ("cover", *names)]
PAGES = [
    "/help/",
    *(f"/help/{book}/" for book in HANDBOOKS),
    "/help/members/check/",
    "/help/organisers/start/",
]
LARGEST_PICTURE_BYTES = 80_000
ANCHOR = re.compile(r"^#+ .*\{#([a-z0-9-]+)\}$", re.MULTILINE)
PICTURE = re.compile(r"!\[[^\]]+\]\((\S+)\)")
COMMANDS = re.compile(r"```sh\n(.*?)```", re.DOTALL)
QUOTED = re.compile(r"\*\*(.+?)\*\*", re.DOTALL)
LINK = re.compile(r"\]\((\S+?\.md\S*)\)")


def text_of(language, book, name):
    return (FOLDER / language / book / f"{name}.md").read_text("utf-8")


def quoted(text):
    """What is in bold: names that the site shows."""
    return [re.sub(r"[ \n]+", " ", name) for name in QUOTED.findall(text)]


def shape(text):
    """What every translation of a text has in the same order."""
    headings = [len(level) for level in re.findall(r"^(#+) ", text, re.MULTILINE)]
    return [headings, ANCHOR.findall(text), PICTURE.findall(text), COMMANDS.findall(text), LINK.findall(text)]


def anchors_of(book, name):
    return {section.anchor for section in chapter_of(book, name, "en").sections}


def topic_exists(topic):
    book, _slash, rest = topic.partition("/")
    name, _hash, anchor = rest.partition("#")
    return name in HANDBOOKS.get(book, ()) and (not anchor or anchor in anchors_of(book, name))


# Texts


@pytest.mark.parametrize("language", LANGUAGES)
def test_each_language_has_the_same_chapters(language):
    found = {
        path.relative_to(FOLDER / language).with_suffix("") for path in (FOLDER / language).rglob("*.md")
    }
    assert sorted(map(str, found)) == sorted("/".join(chapter) for chapter in CHAPTERS)


@pytest.mark.parametrize("language", LANGUAGES[1:])
def test_translations_have_the_headings_pictures_commands_and_links_of_the_english(language):
    wrong = [
        chapter
        for chapter in CHAPTERS
        if shape(text_of(language, *chapter)) != shape(text_of("en", *chapter))
    ]
    assert wrong == []


@pytest.mark.parametrize("book", HANDBOOKS)
def test_no_anchor_occurs_twice_in_a_handbook(book):
    found = [section.anchor for chapter in handbook_of(book, "en").chapters for section in chapter.sections]
    assert sorted(found) == sorted(set(found))
    assert "" not in found


def test_names_in_bold_are_texts_of_the_site():
    known = {entry.msgid for entry in catalogue("de")} | {entry.msgid_plural for entry in catalogue("de")}
    found = {name for chapter in CHAPTERS for name in quoted(text_of("en", *chapter))}
    assert sorted(name for name in found - known if not is_of_a_library(name)) == []


def is_of_a_library(name):
    with override("de"):
        return gettext(name) != name


@pytest.mark.parametrize("language", LANGUAGES[1:])
def test_translations_quote_the_site_in_its_own_words(language):
    words = {}
    for entry in catalogue(language):
        words.setdefault(entry.msgid, set()).add(entry.msgstr)
    wrong = []
    for chapter in CHAPTERS:
        there = quoted(text_of(language, *chapter))
        with override(language):
            expected = [(name, words.get(name, {gettext(name)})) for name in quoted(text_of("en", *chapter))]
        wrong += [(*chapter, name) for name, known in expected if not known & set(there)]
    assert wrong == []


@pytest.mark.parametrize(("book", "name"), CHAPTERS)
def test_links_lead_to_sections_that_exist(book, name):
    for link in LINK.findall(text_of("en", book, name)):
        path, hash_sign, anchor = link.partition("#")
        file = (FOLDER / "en" / book / path).resolve()
        assert topic_exists(f"{file.parent.name}/{file.stem}{hash_sign}{anchor}"), link


# Pages


@pytest.mark.any_database
@pytest.mark.parametrize("path", PAGES)
def test_visitors_read_the_handbooks(client, db, path):
    page = parse(client.get(path))
    assert page.has("h1")
    assert [
        link for link in page.links if link.startswith("/help/") and client.get(link).status_code != 200
    ] == []


def test_a_handbook_on_one_page_has_every_chapter_in_order(client, db):
    page = parse(client.get("/help/organisers/"))
    assert page.attributes("article > section > h2", "id") == [
        f"chapter-{c}" for c in HANDBOOKS["organisers"]
    ]


@pytest.mark.parametrize("path", ["/help/nobody/", "/help/members/nothing/", "/help/members/cover/"])
def test_a_chapter_that_does_not_exist_is_missing(client, db, path):
    assert client.get(path).status_code == 404


def test_chapters_lead_to_the_previous_and_the_next(client, db):
    links = parse(client.get("/help/members/vote/")).attributes(".help-turn a[rel]", "href")
    assert links == ["/help/members/stand/", "/help/members/check/"]


def test_a_page_that_has_not_changed_is_not_sent_again(client, db):
    first = client.get("/help/members/vote/")
    again = client.get("/help/members/vote/", headers={"if-none-match": first["ETag"]})
    assert (first.status_code, again.status_code) == (200, 304)


def test_a_text_without_translation_is_shown_in_english_and_says_so(client, db, tmp_path, monkeypatch):
    (tmp_path / "en").symlink_to(FOLDER / "en")
    monkeypatch.setattr("confbox.kit.handbooks.reading.FOLDER", tmp_path)
    page = parse(client.get("/help/members/vote/", headers={"accept-language": "de"}))
    assert page.attributes("article", "lang") == ["en"]
    assert page.has(".message-info")


def test_pictures_have_a_size_and_a_text_in_both_themes(client, db):
    page = parse(client.get("/help/members/vote/"))
    assert page.attributes(".help-picture img", "class") == ["in-light", "in-dark"]
    assert all(page.attributes(".help-picture img", name) for name in ("alt", "width", "height"))


def test_pictures_are_small():
    names = {Path(name).name for chapter in CHAPTERS for name in PICTURE.findall(text_of("en", *chapter))}
    both = {name.replace("-light.", f"-{theme}.") for name in names for theme in ("light", "dark")}
    sizes = {name: Path(finders.find(f"help/{name}")).stat().st_size for name in both}
    assert {name for name, size in sizes.items() if size > LARGEST_PICTURE_BYTES} == set()


# Links from the pages of the site


def test_each_page_with_a_link_to_the_handbooks_exists_and_so_does_the_topic():
    assert [name for name in TOPICS if name not in url_names()] == []
    assert [topic for topic in TOPICS.values() if not topic_exists(topic)] == []


def url_names():
    """Also of pages that are there only where a log-in provider is set up."""
    found, folders = set(), [get_resolver(), get_resolver("confbox.tests.provider_urls")]
    while folders:
        for pattern in folders.pop().url_patterns:
            folders += [pattern] if hasattr(pattern, "url_patterns") else []
            found.add(getattr(pattern, "name", None))
    return found


@pytest.mark.any_database
def test_every_tab_of_a_conference_leads_to_the_handbook(as_organiser, conference):
    missing = []
    for tab in TABS:
        page = parse(as_organiser.get(tab.url(conference.pk)))
        missing += [] if page.has(".help-link a") else [tab.name]
    assert missing == []


@pytest.mark.parametrize(
    ("path", "topic"),
    [("ballot/", "vote/#vote"), ("pitch/", "stand/#pitch"), ("campaigns/new/", "stand/#campaign")],
)
def test_members_find_help_where_questions_arise(as_alice, path, topic):
    page = parse(as_alice.get(f"/conferences/open-conf/{path}"))
    assert page.attributes(".help-link a", "href") == [f"/help/members/{topic}"]


@pytest.mark.parametrize(
    ("path", "anchor"),
    [
        ("email/", "email-address"),
        ("2fa/", "second-factor"),
        ("sessions/", "second-factor"),
        ("tokens/", "tokens"),
        ("tokens/new/", "tokens"),
    ],
)
def test_pages_of_the_own_account_lead_to_their_section(client, alice, path, anchor):
    page = parse(log_in_freshly(client, alice.user).get(f"/accounts/{path}"))
    assert page.attributes(".help-link a", "href") == [f"/help/members/account/#{anchor}"]


@pytest.mark.parametrize("path", ["login/", "login/code/"])
def test_page_to_log_in_leads_to_ways_without_a_password(client, db, path):
    page = parse(client.get(f"/accounts/{path}"))
    assert page.attributes(".help-link a", "href") == ["/help/members/account/#log-in-code"]


def test_every_page_leads_to_help(client, db):
    assert "/help/" in parse(client.get("/")).links


# Commands


def commands():
    return [c for chapter in CHAPTERS for c in COMMANDS.findall(text_of("en", *chapter))]


@pytest.fixture
def folder(conference, as_alice, alice, bob, tmp_path):
    """What a member has after following the chapter “Check that your vote was counted”."""
    Election.objects.update(results_visibility="after_close")
    for voter in (alice, *(make_membership(conference) for _ in range(4))):
        actions.cast_vote(by=Actor(voter.user), slug=conference.slug, candidate_id=bob.pk)
    (tmp_path / "receipt.json").write_text(as_alice.get("/conferences/open-conf/vote/receipt.json").text)
    actions.close_voting(conference=conference)
    for name in ("results/ballots.csv", "results/result.json", "results/verify.py", "roll/roll.csv"):
        answer = as_alice.get(f"/conferences/open-conf/{name}")
        (tmp_path / name.rpartition("/")[2]).write_bytes(answer.content)
    return tmp_path


@pytest.mark.parametrize("command", commands())
def test_every_command_in_the_handbooks_finds_the_result_correct(command, folder, alice):
    values = {"DIGEST": PublishedBallots.objects.get().digest, "MEMBER_ID": str(alice.pk)}
    line = re.sub("DIGEST|MEMBER_ID", lambda found: values[found[0]], command)
    done = subprocess.run(["bash", "-euc", line], cwd=folder, capture_output=True, text=True, check=False)
    assert (done.returncode, done.stderr) == (0, "")


def test_there_are_commands_to_run():
    assert len(commands()) > 2
