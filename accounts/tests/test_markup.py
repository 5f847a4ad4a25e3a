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
    ],
)
def test_what_could_harm_a_reader_is_taken_out(text, forbidden):
    assert forbidden not in markdown_to_html(text)


@pytest.mark.parametrize(
    "text", ["", " ", "\0", "[" * 3000, "> " * 300 + "x", "*" * 5000, "e" + "\u0301" * 1000]
)
def test_any_text_is_rendered(text):
    assert isinstance(markdown_to_html(text), str)
