import time

import pytest

from confbox.kit.html_to_text import html_to_text
from confbox.kit.markdown import markdown_to_html
from confbox.kit.templatetags.markdown import is_long
from confbox.kit.tests.page import parse


def elements_of(text):
    return parse(markdown_to_html(text)).elements


def words_of(text):
    return parse(markdown_to_html(text)).raw_text


def text_of(text):
    return html_to_text(markdown_to_html(text))


def links_of(text):
    return [attributes["href"] for _tag, attributes in elements_of(text) if "href" in attributes]


def test_markdown_becomes_paragraphs_lists_and_links():
    html = markdown_to_html("Hello **you**\n\n- one\n- two\n\n[site](https://example.org/)")
    assert "<strong>you</strong>" in html
    assert "<li>two</li>" in html
    assert '<a href="https://example.org/" rel="noopener nofollow ugc">site</a>' in html


def test_headings_begin_below_those_of_the_page():
    assert markdown_to_html("# Big\n\n## Smaller") == "<h3>Big</h3>\n<h4>Smaller</h4>"


def test_headings_skip_no_level():
    html = markdown_to_html("## One\n\n#### Two\n\n## Three")
    assert html == "<h3>One</h3>\n<h4>Two</h4>\n<h3>Three</h3>"


@pytest.mark.parametrize(
    "text",
    [
        "<script>alert(1)</script>",
        '<p onclick="alert(1)">x</p>',
        '<p style="position:fixed">x</p>',
        "[x](javascript:alert(1))",
        "[x](JaVaScRiPt&#58;alert(1))",
        "[x](data:text/html;base64,PHNjcmlwdD4=)",
        "[x](//evil.example/)",
        "[x](/accounts/logout/)",
        "![x](https://evil.example/pixel.png)",
        '<img src="https://evil.example/pixel.png">',
        '<iframe src="x://evil.example/"></iframe>',
        '<form action="x://evil.example/"><input name="password"></form>',
        "<svg><a xlink:href='javascript:alert(1)'>x</a></svg>",
        "<style>body{display:none}</style>",
        '<h3 id="main">x</h3>',
        "[x](https:/accounts/logout/)",
        "[x](http:logout)",
        "[x](https:\\\\evil.example)",
        "<javascript:alert(1)>",
        "<x:y>",
    ],
)
def test_what_could_harm_a_reader_is_no_element_and_no_link(text):
    found = elements_of(text)
    assert {tag for tag, _attributes in found} <= {"p", "a"}
    assert {name for _tag, attributes in found for name in attributes} <= {"rel", "href"}
    assert set(links_of(text)) <= {"https://evil.example/pixel.png"}


@pytest.mark.parametrize("text", ["Vec<String>", "Dear <Name>,", "<b>bold</b>", "a <!-- note --> b", "x<y>z"])
def test_words_in_angle_brackets_are_shown_as_typed(text):
    assert words_of(text) == text
    assert text_of(text) == text


def test_words_of_a_picture_are_kept():
    assert words_of("![A chart](https://example.org/a.png) shows it") == "A chart shows it"


def test_year_that_begins_a_line_ends_a_list():
    typed = "1. one\n2. two\n\n1986. A great year"
    assert text_of(typed) == typed
    assert [tag for tag, _attributes in elements_of(typed)] == ["ol", "li", "li", "p"]


@pytest.mark.parametrize(
    "text", ["1986. A great year", "1986. A great year\n1990. Another one", "2027) Next", "> 1986. Quoted"]
)
def test_year_that_begins_a_line_begins_no_list(text):
    assert "ol" not in {tag for tag, _attributes in elements_of(text)}
    assert text_of(text) == text.removeprefix("> ")


@pytest.mark.parametrize(
    ("text", "start", "values"),
    [
        ("12. May", "12", [None]),
        ("0. nothing", "0", [None]),
        ("7. a\n8. b", "7", [None, None]),
        ("1. a\n3. b\n4. c", None, [None, "3", None]),
        ("1. a\n   - x\n   - y\n5. b", None, [None, None, None, "5"]),
    ],
)
def test_numbers_of_a_list_are_those_that_were_typed(text, start, values):
    found = elements_of(text)
    assert [a.get("start") for tag, a in found if tag == "ol"] == [start]
    assert [a.get("value") for tag, a in found if tag == "li"] == values
    assert text_of(text).split() == text.split()


def test_list_of_equal_numbers_is_counted():
    assert text_of("1. a\n1. b\n1. c") == "1. a\n2. b\n3. c"


@pytest.mark.parametrize(
    ("text", "url"),
    [
        ("https://example.org/a?b=1&c=2", "https://example.org/a?b=1&c=2"),
        ("see http://example.org/a.", "http://example.org/a"),
        ("(https://example.org/a_(b))", "https://example.org/a_(b)"),
        ("[https://example.org/a]", "https://example.org/a"),
        ("“https://example.org/a”, he said", "https://example.org/a"),
        ("https://example.org/a_b_c/*d*", "https://example.org/a_b_c/*d"),
        ("**https://example.org/**", "https://example.org/"),
        ("https://example.org/?q=a,b;c!", "https://example.org/?q=a,b;c"),
        ("HTTPS://EXAMPLE.ORG/", "HTTPS://EXAMPLE.ORG/"),
        ("https://münchen.example/", "https://xn--mnchen-3ya.example/"),
        ("| a |\n| - |\n| https://example.org/ |", "https://example.org/"),
        ("[words](https://example.org/)", "https://example.org/"),
        ("[https://example.com/](https://example.org/)", "https://example.org/"),
    ],
)
def test_whole_url_is_a_link_without_what_follows_it(text, url):
    assert links_of(text) == [url]
    assert [a["rel"] for tag, a in elements_of(text) if tag == "a"] == ["noopener nofollow ugc"]


@pytest.mark.parametrize(
    "text",
    [
        *("example.org", "www.example.org", "//example.org/", "me@example.org", "ftp://example.org/"),
        *("https://", "https:// example.org", "xhttps://example.org/", "`https://example.org/`"),
        *("javascript://example.org/%0aalert(1)", "https://example.org/" + "a" * 3000),
    ],
)
def test_anything_less_than_a_whole_url_is_no_link(text):
    assert links_of(text) == []
    assert words_of(text) == text.strip("`")


def test_url_in_a_text_part_comes_once():
    assert text_of("see https://example.org/?a=1&b=2.") == "see https://example.org/?a=1&b=2."


@pytest.mark.parametrize(
    "piece", ["http://a.", "https://a.org/(", "://", "https://a.org/ ", "http://a)", "'a://"]
)
def test_text_made_of_urls_costs_no_time(piece):
    began = time.process_time()
    markdown_to_html(piece * (50_000 // len(piece)))
    assert time.process_time() - began < 1


@pytest.mark.parametrize(
    ("text", "plain"),
    [
        ("one\ntwo", "one\ntwo"),
        ("one  \ntwo\n\nthree", "one\ntwo\n\nthree"),
        ("- one\n- two\n  - three", "- one\n- two\n  - three"),
        ("1. one\n\n2. two", "1. one\n\n2. two"),
        ("```\none\n\n  two\n```", "one\n\n  two"),
        ("> one\n> two", "one\ntwo"),
    ],
)
def test_text_part_has_the_line_breaks_that_were_typed(text, plain):
    assert text_of(text) == plain


@pytest.mark.parametrize(
    "text",
    [
        *("", " ", "\0", "e" + "\u0301" * 1000),
        *(piece * 2500 for piece in ("[", "![", "> ", "- ", "1. ", "*", "_a ", "[a](", "`a", "|", "<", "# ")),
    ],
)
def test_any_text_is_rendered(text):
    assert isinstance(markdown_to_html(text), str)


def test_nothing_is_nested_deeper_than_anyone_reads():
    html = markdown_to_html("1. " * 1600)
    assert 1 < html.count("<ol>") <= 20
    assert markdown_to_html("1. one\n   - two\n     - three").count("<ul>") == 2


def test_a_line_break_and_a_table_are_kept():
    assert markdown_to_html("one\ntwo") == "<p>one<br>\ntwo</p>"
    assert "<td>1</td>" in markdown_to_html("| a |\n| - |\n| 1 |")


def test_email_addresses_can_be_linked():
    assert 'href="mailto:me@example.org"' in markdown_to_html("[me](mailto:me@example.org)")


@pytest.mark.parametrize(
    ("text", "is_cut"),
    [("Short.", False), ("x" * 1500, False), ("x" * 1501, True), ("a\n" * 24, False), ("a\n" * 25, True)],
)
def test_a_text_is_long_by_its_characters_or_its_lines(text, is_cut):
    assert is_long(text) is is_cut
