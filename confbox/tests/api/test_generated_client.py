"""A client that is generated from docs/openapi.json does on the real site what a member does."""

import importlib
import subprocess
import sys
from pathlib import Path

import pytest
from django.conf import settings

from accounts.tests.factories import make_user
from confbox.tests.api.calls import Program
from conferences.tests.factories import make_membership
from voting.elections.election.models import Election
from voting.tests.factories import close_by_clock, make_pitch

pytestmark = [pytest.mark.slow, pytest.mark.any_database]
GENERATOR = Path(sys.executable).parent / "openapi-python-client"
NAME = "generated_client"


@pytest.fixture
def generated(tmp_path, monkeypatch):
    """Finds a module of the client. The generator needs no network, and every part can be expressed."""
    (tmp_path / "config.yml").write_text("post_hooks: []\n")
    command = [GENERATOR, "generate", "--path", settings.BASE_DIR / "docs/openapi.json", "--meta", "none"]
    command += ["--config", tmp_path / "config.yml", "--output-path", tmp_path / NAME, "--fail-on-warning"]
    subprocess.run(command, check=True, capture_output=True, timeout=120)
    monkeypatch.syspath_prepend(tmp_path)
    yield lambda module: importlib.import_module(f"{NAME}.{module}")
    for module in [name for name in sys.modules if name.split(".")[0] == NAME]:
        del sys.modules[module]


class Session:
    """Calls operations with the token of one person."""

    def __init__(self, generated, url, token):
        self.generated = generated
        self.client = generated("client").AuthenticatedClient(base_url=url, token=token)

    def call(self, operation, *path, **fields):
        return self.generated(f"api.{operation}").sync(*path, client=self.client, **fields)


def test_member_signs_in_joins_votes_and_verifies_the_receipt(live_server, conference, generated):
    bob = make_membership(conference, name="Bob")
    make_pitch(bob)
    ada = make_user("ada@example.org")
    session, models = Session(generated, live_server.url, Program(ada).text), generated("models")

    assert session.call("me.me").email == "ada@example.org"
    assert session.call("conferences.conferences", q="Open").items[0].slug == "open-conf"
    assert session.call("conferences.join_conference", "open-conf", body=models.JoinRequest()).member_id
    ballot = session.call("votes.ballot", "open-conf")
    assert (ballot.may_vote, [candidate.name for candidate in ballot.items]) == (True, ["Bob"])
    choice = models.Choice(candidate=ballot.items[0].id)
    cast = [
        session.call("votes.cast_vote", "open-conf", body=choice, idempotency_key="vote-1").outcome
        for _ in range(2)
    ]
    assert cast == ["first", "first"]
    receipt = session.call("votes.receipt", "open-conf")

    close_by_clock(conference)
    Election.objects.update(results_visibility="after_close")
    refused = session.call("votes.cast_vote", "open-conf", body=choice)
    assert (refused.status, refused.type_) == (409, "/api-docs/problems/voting-not-open/")
    checked = models.ReceiptToCheck(receipt=models.ReceiptToCheckReceipt.from_dict(receipt.to_dict()))
    verified = session.call("votes.verify_receipt", "open-conf", body=checked)
    assert (verified.is_counted, verified.problems) == (True, [])
    assert session.call("results.results", "open-conf").candidates[0].member == bob.pk
