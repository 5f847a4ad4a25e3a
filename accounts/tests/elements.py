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


class Texts(HTMLParser):
    """The words inside each element of one tag and, if given, one class."""

    def __init__(self, html, tag, class_=""):
        super().__init__()
        self.wanted, self.found, self._open = (tag, class_), [], []
        self.feed(html)

    def handle_starttag(self, tag, attrs):
        classes = (dict(attrs).get("class") or "").split()
        if tag == self.wanted[0] and (not self.wanted[1] or self.wanted[1] in classes):
            self.found.append("")
            self._open.append([len(self.found) - 1, 0])
        elif self._open and tag == self.wanted[0]:
            self._open[-1][1] += 1

    def handle_endtag(self, tag):
        if self._open and tag == self.wanted[0]:
            if self._open[-1][1]:
                self._open[-1][1] -= 1
            else:
                self._open.pop()

    def handle_data(self, data):
        for number, _ in self._open:
            self.found[number] += data


def texts(html, tag, class_=""):
    return [" ".join(found.split()) for found in Texts(html, tag, class_).found]
