"""Who comes through to the desk of a vote, and who does not."""

import pytest

from accounts.models import AdminAct
from confbox.tests.api.answers import kind
from confbox.tests.api.calls import Program
from confbox.tests.api.desk import REASON, RULES
from confbox.tests.api.organising import program_of_stranger
from voting.elections.election.models import Election

pytestmark = pytest.mark.django_db
READS = [
    *("turnout", "candidates", "result", "rules", "decision", "fraud", "roll", "roll/members", "timetable"),
    *("keep-linked", "close", "audit-log", "campaigns", "invitations", "rehearsal", "announce/reminder"),
    "move-deadline/?closes_at=2030-01-01T10:00:00Z",
]
WRITES = {
    "close": REASON,
    "move-deadline": REASON | {"closes_at": "2030-01-01T10:00:00Z"},
    "window-changes/1/correct-reason": REASON,
    "rules": RULES,
    "result/export": {},
    "keep-linked": REASON | {"until": "2030-01-01T10:00:00Z"},
    "decide/1": REASON,
    "take-back/1": REASON,
    "reply-by/1": {"reply_by": "2030-01-01T10:00:00Z"},
    "exclude/1": REASON,
    "readmit/1": REASON,
    "roll/1/add": REASON,
    "roll/1/remove": REASON,
    "roll/listed/1/add": REASON,
    "timetable/opened": {"is_on": False},
    "campaigns/1/approve": {"version": 1},
    "campaigns/1/edit": {"version": 1, "subject": "A", "message": "B"},
    "campaigns/1/refuse": REASON,
    "campaigns/1/stop": REASON,
    "campaigns/1/pause": {},
    "campaigns/1/resume": {},
    "campaigns/1/settle": {"send_again": True},
    "campaigns/1/withdraw": {},
    "announce/reminder": {"subject": "A", "message": "B"},
    "invitations/1": {},
    "rehearsal/start": {},
    "rehearsal/end": {},
}
SENSITIVE = [
    *(
        "close",
        "move-deadline",
        "window-changes/1/correct-reason",
        "result/export",
        "keep-linked",
        "decide/1",
    ),
    *("take-back/1", "reply-by/1", "exclude/1", "readmit/1", "roll/listed/1/add"),
]


def url(desk, name):
    return f"{desk}{name}" if "?" in name else f"{desk}{name}/"


@pytest.mark.parametrize("name", READS)
def test_vote_of_another_team_is_not_found(desk, name):
    assert program_of_stranger().get(url(desk, name)).status_code == 404


@pytest.mark.parametrize("name", READS)
def test_reading_changes_nothing(conference, desk, name, owner):
    before = [*Election.objects.values()]
    owner.get(url(desk, "roll"))
    acts = AdminAct.objects.count()
    assert owner.get(url(desk, name)).status_code == 200
    frozen = {"roll_frozen_at", "roll_size", "roll_digest", "updated_at", "consent_at_opening"}
    stay = before[0].keys() - frozen
    assert [{key: each[key] for key in stay} for each in Election.objects.values()] == [
        {key: each[key] for key in stay} for each in before
    ]
    assert AdminAct.objects.count() == acts


@pytest.mark.parametrize("name", WRITES)
def test_act_on_a_vote_of_another_team_is_not_found(desk, name):
    assert program_of_stranger().post(f"{desk}{name}/", WRITES[name]).status_code == 404


@pytest.mark.parametrize("name", [name for name in WRITES if name != "result/export"])
def test_observer_does_nothing(desk, name, observer):
    assert observer.post(f"{desk}{name}/", WRITES[name]).status_code in (403, 404)


@pytest.mark.parametrize("name", SENSITIVE)
def test_browser_has_to_have_logged_in_recently(conference, desk, name, owner):
    program = Program()
    program.client.force_login(conference.team.get().person)
    response = program.post(f"{desk}{name}/", WRITES[name])
    assert (response.status_code, kind(response)) == (403, "log-in-again")
