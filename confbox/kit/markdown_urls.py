"""Links absolute http(s) URLs in a text, and nothing else that looks like a domain.

markdown-it's own rule searches the whole text again at every colon: seconds for a text made of colons.
"""

import re

from markdown_it.rules_inline import StateInline

LONGEST = 2000
SCHEME = re.compile(r"(?:^|[^\w.+-])(https?)\Z", re.IGNORECASE)
REST = re.compile(rf"://\w[^\s<>\"`\\“”«»]{{0,{LONGEST}}}")
# Punctuation that ends a sentence or opens emphasis is not part of a URL.
PUNCTUATION = frozenset("?!.,:;*_~'’…。，、")
BRACKETS = {")": "(", "]": "[", "}": "{"}


def link_bare_url(state: StateInline, silent: bool) -> bool:
    """A parser rule, called at each colon."""
    scheme = None if silent or state.linkLevel else SCHEME.search(state.pending[-6:])
    rest = REST.match(state.src, state.pos, state.posMax) if scheme else None
    if not scheme or not rest or len(rest[0]) > LONGEST:
        return False
    end = _without_punctuation(rest[0])
    state.pending = state.pending[: -len(scheme[1])]
    url = scheme[1] + end
    state.push("link_open", "a", 1).attrs = {"href": state.md.normalizeLink(url)}
    state.push("text", "", 0).content = url
    state.push("link_close", "a", -1)
    state.pos += len(end)
    return True


def _without_punctuation(url: str) -> str:
    """Cuts off the punctuation after the URL; a closing bracket stays if it was opened in the URL."""
    surplus = {close: url.count(close) - url.count(opening) for close, opening in BRACKETS.items()}
    end = len(url)
    while url[end - 1] in PUNCTUATION or surplus.get(url[end - 1], 0) > 0:
        end -= 1
        surplus[url[end]] = surplus.get(url[end], 0) - 1
    return url[:end]
