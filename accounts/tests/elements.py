"""HTML as a parser reads it."""

from html.parser import HTMLParser


class Elements(HTMLParser):
    """The elements of a piece of HTML with their attributes, and its words."""

    def __init__(self, html):
        super().__init__()
        self.found, self.words = [], ""
        self.feed(html)

    def handle_starttag(self, tag, attrs):
        self.found.append((tag, dict(attrs)))

    def handle_data(self, data):
        self.words += data
