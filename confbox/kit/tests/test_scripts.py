"""Each script of a page carries the digest of its content."""

import base64
import hashlib
from html.parser import HTMLParser

import pytest


class Scripts(HTMLParser):
    def __init__(self, page):
        super().__init__()
        self.found = []
        self.feed(page)

    def handle_starttag(self, tag, attrs):
        known = dict(attrs)
        if tag == "script" and "src" in known:
            self.found.append(known)


@pytest.mark.parametrize("path", ["/", "/accounts/login/", "/accounts/signup/", "/conferences/open-conf/"])
def test_digest_is_that_of_the_file_that_is_served(client, conference, path):
    scripts = Scripts(client.get(path).content.decode()).found
    assert len(scripts) > 3
    for script in scripts:
        served = b"".join(client.get(script["src"]).streaming_content)
        digest = base64.b64encode(hashlib.sha384(served).digest()).decode()
        assert script["integrity"] == f"sha384-{digest}", script["src"]


def test_policy_for_html_is_made_before_any_other_script_runs(client, db):
    assert "trusted-types" in Scripts(client.get("/").content.decode()).found[0]["src"]
