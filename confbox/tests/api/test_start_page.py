"""Every line of “Start here” works when it is copied into a shell."""

import json
import re
import subprocess

import pytest
from django.conf import settings

from accounts.tests.factories import make_user
from confbox.kit.tests.page import parse
from confbox.tests.api.calls import ALL_SCOPES, Program
from conferences.api_access.models import Scope
from conferences.models import Role
from conferences.tests.factories import make_membership
from conferences.tests.teams import make_team_member
from voting.tests.factories import make_pitch

TEXT = (settings.BASE_DIR / "confbox/api/start.md").read_text()
COMMANDS = [found for found in re.findall(r"```sh\n(.*?)```", TEXT, re.DOTALL) if "export" not in found]


@pytest.fixture
def shell(live_server, conference):
    ada = make_user("ada@example.org")
    make_team_member(conference, Role.ORGANISER, user=ada)
    program = Program(ada, *ALL_SCOPES, Scope.ORGANISE_READ)

    def run(command):
        known = {"SITE": live_server.url, "TOKEN": program.text, "PATH": "/usr/bin:/bin"}
        return subprocess.check_output(["bash", "-euc", command], env=known, text=True, timeout=20)

    return run


def test_lines_do_what_the_text_says_in_its_order(shell, conference):
    bob = make_membership(conference, name="Bob")
    make_pitch(bob)
    answers = [shell(command.replace("12}", f"{bob.pk}}}")) for command in COMMANDS]
    names = [
        "me",
        "list",
        "one",
        "join",
        "run",
        "ballot",
        "vote",
        "receipt",
        "error",
        "page",
        "tagged",
        "again",
    ]
    found = dict(zip(names, answers, strict=True))
    assert "HTTP/1.1 200" in found.pop("tagged")
    said = {name: json.loads(answer) for name, answer in found.items()}
    assert said["me"]["email"] == "ada@example.org"
    assert said["list"]["items"][0]["slug"] == said["one"]["slug"] == "open-conf"
    assert [each["name"] for each in said["run"]["items"]] == ["Ada", "Bob"]
    assert said["ballot"]["may_vote"]
    assert said["vote"] == {"outcome": "first"}
    assert said["receipt"]["choice"] == bob.pk
    assert said["again"] == said["join"]
    assert said["page"]["next"] is None
    assert said["error"]["status"] == 422
    example = json.loads(re.search(r"```json\n(.*?)```", TEXT, re.DOTALL)[1])
    assert said["error"] | {"request_id": ""} == example | {"request_id": ""}


def test_page_shows_the_text_to_anyone(client, db):
    page = client.get("/api-docs/start/").content.decode()
    assert page.count("<pre>") == TEXT.count("```") / 2


def test_lines_to_copy_have_the_url_of_this_site(client, db, settings):
    settings.SITE_URL = "https://vote.example.net"
    page = parse(client.get("/api-docs/start/"))
    assert page.mentions("export SITE=https://vote.example.net")
    assert not page.mentions("conferences.example.org")


@pytest.mark.parametrize("path", ["/api-docs/", "/api-docs/problems/refused/"])
def test_page_is_shown_to_anyone(client, db, path):
    assert client.get(path).status_code == 200


def test_every_page_links_to_the_reference(client, db):
    assert "/api-docs/" in parse(client.get("/")).attributes("footer a", "href")


def test_unknown_kind_of_problem_has_no_page(client, db):
    assert client.get("/api-docs/problems/nothing/").status_code == 404
