"""The tests' parser finds what is on a page, and nothing that is not."""

from confbox.kit.tests.page import parse

PAGE = parse("""<!doctype html><html><head>
<title>The &amp; title</title><script>let hidden = 1</script></head>
<body><!-- a comment --><h1>The <b>head</b>ing</h1>
<div id="messages"><div class="message message-error"><svg></svg><div>It is
  wrong.</div></div></div>
<p class="a">Fish &amp;
  chips</p><p title="only said">Bread</p><style>.unseen {}</style>
<a href="/there/?a=1&amp;b=2">There</a> <a>Nowhere</a>
<form action="/send/"><input name="code" inputmode="numeric"><textarea name="words">
a &lt; b</textarea><button formaction="/other/">Send</button><input type="submit" value="Save"></form>
<table><tr><th>Name</th><td>Bob</td></tr></table></body></html>""")


def test_text_is_what_is_read():
    assert PAGE.text.startswith("The heading It is wrong. Fish & chips Bread There Nowhere")
    assert "hidden" not in PAGE.text
    assert "unseen" not in PAGE.text
    assert "title" not in PAGE.text


def test_what_is_mentioned_anywhere_is_found():
    for words in (
        "Fish & chips",
        "only said",
        "hidden",
        "unseen",
        "a comment",
        "a=1&b=2",
        "The & title",
        "chips</p>",
    ):
        assert PAGE.mentions(words), words
    assert not PAGE.mentions("butter")


def test_parts_of_a_page_have_names():
    assert (PAGE.title, PAGE.heading, PAGE.messages) == ("The & title", "The heading", ["It is wrong."])
    assert (PAGE.links, PAGE.actions) == (["/there/?a=1&b=2"], ["/send/", "/other/"])
    assert (PAGE.buttons, PAGE.rows) == (["Send", "Save"], [["Name", "Bob"]])


def test_fields_have_their_attributes_and_content():
    assert PAGE.field("code")["inputmode"] == "numeric"
    assert PAGE.field("words")["value"] == "a < b"
    assert PAGE.has_field("code")
    assert not PAGE.has_field("other")


def test_a_part_is_one_element_alone():
    assert PAGE.part("p.a").text == "Fish & chips"
    assert not PAGE.part("p.a").mentions("Bread")
    assert PAGE.texts("p") == ["Fish & chips", "Bread"]
    assert PAGE.attributes("p", "title") == ["only said"]
