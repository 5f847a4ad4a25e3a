"""A page as a browser reads it: its text, links, fields and messages instead of substrings of its source."""

import re
from functools import cached_property

from selectolax.lexbor import LexborHTMLParser

UNSEEN = {"script", "style", "template", "noscript", "head", "-comment"}
# Inline elements, which do not separate words.
INLINE = re.compile("a|abbr|bd[io]|b|cite|code|del|em|i|ins|kbd|mark|q|small|span|strong|su[bp]|svg|s|time|u")


class Page:
    """A whole page or, by `part`, one element of it."""

    def __init__(self, node):
        self._node = node

    @cached_property
    def text(self):
        """The visible text, with single spaces; neither attributes nor the head."""
        return _words(self._node)

    @property
    def text_but_for_its_id(self):
        """Without the ID of the request, by which two answers to the same question differ."""
        return " ".join(word for word in self.text.split() if word not in self.texts("#request-id"))

    @property
    def source(self):
        return self._node.html

    def mentions(self, words):
        """Whether the words occur anywhere: in the text, an attribute, a script or a comment."""
        return words in self.text or words in self._everything or words in self.source

    @cached_property
    def _everything(self):
        nodes = [self._node, *self._node.css("*")]
        values = [value for node in nodes for value in node.attributes.values() if value]
        return "\n".join([_words(self._node, unseen=()), *values])

    def part(self, selector):
        """The only element that the selector finds."""
        found = self._node.css(selector)
        assert len(found) == 1, f"{len(found)} elements are {selector}"
        return Page(found[0])

    def has(self, selector):
        return bool(self._node.css(selector))

    def number_of(self, selector):
        return len(self._node.css(selector))

    def texts(self, selector):
        return [_words(node) for node in self._node.css(selector)]

    def lines(self, selector):
        """The text of one element as it was typed, line by line."""
        return self.part(selector)._node.text().splitlines()

    def attributes(self, selector, name):
        """This attribute of each matching element; elements without it are left out."""
        return [node.attributes[name] or "" for node in self._node.css(selector) if name in node.attributes]

    @property
    def elements(self):
        """The tag and the attributes of each element of the body, in document order."""
        return [(node.tag, node.attributes) for node in self._node.css("body *")]

    @property
    def raw_text(self):
        """Every character of the body's text, with white space as it was sent."""
        return self._node.css_first("body").text()

    @property
    def attribute_names(self):
        return {name for node in self._node.css("*") for name in node.attributes}

    @property
    def script(self):
        """The content of a script element."""
        return self._node.text()

    @property
    def language(self):
        return self._node.attributes["lang"]

    @property
    def title(self):
        return self.texts("title")[0]

    @property
    def heading(self):
        return self.texts("h1")[0]

    @property
    def messages(self):
        """The messages after an action, on the site's own pages and in the admin."""
        return self.texts("#messages .message > div, .messagelist li")

    @property
    def errors(self):
        return self.texts(".invalid-feedback, .errorlist li, .errornote, .alert-danger")

    @property
    def links(self):
        return self.attributes("a", "href")

    @property
    def actions(self):
        """The targets of its forms and their buttons."""
        return [*self.attributes("form", "action"), *self.attributes("button", "formaction")]

    @property
    def buttons(self):
        named = self.attributes("input[type=submit]", "value")
        return [*self.texts("button, a.btn"), *named]

    @property
    def rows(self):
        """The cells of each row of its tables."""
        return [[_words(cell) for cell in row.css("th, td")] for row in self._node.css("tr")]

    def field(self, name):
        """The attributes of the control with this name; a text area has its content as its value."""
        node = self._node.css(f'[name="{name}"]')[0]
        return node.attributes | ({"value": node.text()} if node.tag == "textarea" else {})

    def has_field(self, name):
        return self.has(f'[name="{name}"]')


def parse(answer):
    """The page of a response, or of HTML as it is."""
    html = answer if isinstance(answer, str) else answer.content.decode()
    return Page(LexborHTMLParser(html).root)


def _words(node, unseen=UNSEEN):
    return " ".join("".join(_pieces(node, unseen)).split())


def _pieces(node, unseen):
    for child in node.iter(include_text=True):
        if child.tag == "-text":
            yield child.text(deep=False)
        elif INLINE.fullmatch(child.tag):
            yield from _pieces(child, unseen)
        elif child.tag not in unseen:
            yield from (" ", *_pieces(child, unseen), " ")
