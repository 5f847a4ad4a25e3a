import pytest

from accounts.markup import markdown_to_html


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
    ("text", "forbidden"),
    [
        ("<script>alert(1)</script>", "alert"),
        ('<p onclick="alert(1)">x</p>', "onclick"),
        ('<p style="position:fixed">x</p>', "style"),
        ("[x](javascript:alert(1))", "javascript"),
        ("[x](JaVaScRiPt&#58;alert(1))", "href"),
        ("[x](data:text/html;base64,PHNjcmlwdD4=)", "data:"),
        ("[x](//evil.example/)", "href"),
        ("[x](/accounts/logout/)", "href"),
        ("![x](https://evil.example/pixel.png)", "img"),
        ('<img src="https://evil.example/pixel.png">', "img"),
        ('<iframe src="https://evil.example/"></iframe>', "iframe"),
        ('<form action="https://evil.example/"><input name="password"></form>', "form"),
        ("<svg><a xlink:href='javascript:alert(1)'>x</a></svg>", "svg"),
        ("<style>body{display:none}</style>", "display"),
        ('<h3 id="main">x</h3>', "id="),
        ("[x](https:/accounts/logout/)", "href"),
        ("[x](http:logout)", "href"),
        ("[x](https:\\\\evil.example)", "href"),
    ],
)
def test_what_could_harm_a_reader_is_taken_out(text, forbidden):
    assert forbidden not in markdown_to_html(text)


@pytest.mark.parametrize(
    "text",
    [
        *("", " ", "\0", "e" + "\u0301" * 1000),
        *(piece * 2500 for piece in ("[", "![", "> ", "- ", "1. ", "*", "_a ", "[a](", "`a", "|", "<", "# ")),
    ],
)
def test_any_text_is_rendered(text):
    assert isinstance(markdown_to_html(text), str)


def test_nothing_is_nested_deeper_than_anybody_reads():
    html = markdown_to_html("1. " * 1600)
    assert 1 < html.count("<ol>") <= 20
    assert markdown_to_html("1. one\n   - two\n     - three").count("<ul>") == 2


def test_a_line_break_and_a_table_are_kept():
    assert markdown_to_html("one\ntwo") == "<p>one<br>\ntwo</p>"
    assert "<td>1</td>" in markdown_to_html("| a |\n| - |\n| 1 |")


def test_mail_addresses_can_be_linked():
    assert 'href="mailto:me@example.org"' in markdown_to_html("[me](mailto:me@example.org)")
