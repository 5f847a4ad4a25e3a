"""Members move to another site by `dumpdata` and `loaddata`: people and conferences are named, not numbered.

Votes and rolls do not: they are part of the backup of a site.
"""

from datetime import UTC, datetime

import pytest
from allauth.account.models import EmailAddress
from django.core.management import call_command

from accounts.models import User
from accounts.tests.factories import make_user
from conferences.models import Admission, Conference, JoinCode, JoinRequest, Membership, RosterEntry
from conferences.tests.admission import ask, code_for, only
from conferences.tests.factories import make_conference, make_membership
from conferences.tests.rosters.entries import make_entry

pytestmark = pytest.mark.django_db(transaction=True)
KEYS = {"use_natural_foreign_keys": True, "use_natural_primary_keys": True}
# JSON has milliseconds only.
JOINED_AT = datetime(2026, 5, 4, 12, 30, tzinfo=UTC)
PARTS = ["accounts", "account.emailaddress", "conferences"]


def members():
    found = Membership.objects.order_by("conference__slug", "user__email")
    return list(found.values_list("conference__slug", "user__email", "joined_at", "accepts_votes"))


def entries():
    found = RosterEntry.objects.order_by("conference__slug", "mailbox")
    return list(found.values_list("conference__slug", "mailbox", "name", "membership__user__email"))


def ways_in():
    codes = JoinCode.objects.order_by("code").values_list("code", "uses", "created_by__email")
    requests = JoinRequest.objects.values_list("conference__slug", "user__email", "sentence", "answer")
    rules = Admission.objects.values_list("conference__slug", "everyone", "email_domains", "approval")
    return list(rules), list(codes), list(requests)


@pytest.fixture
def exported(tmp_path):
    conference = make_conference(slug="moved")
    for accepts in (True, False):
        member = make_membership(conference, accepts_votes=accepts, joined_at=JOINED_AT)
        make_entry(conference, member.user.email, name=member.user.name)
    make_entry(conference, "not-joined@example.org")
    ask(only(conference, approval=True, email_domains=["uni.example"]), make_user("asks@example.org"))
    code_for(conference, uses=3, created_by=member.user)
    file = tmp_path / "members.json"
    call_command("dumpdata", *PARTS, output=file, **KEYS)
    return file


def be_another_site():
    """Every ID is another one there."""
    call_command("flush", interactive=False, verbosity=0)
    for _ in range(3):
        make_membership(make_conference(slug="moved"))
        for model in (Membership, Conference, User):
            model.objects.all().delete()


def test_members_and_their_roster_arrive(exported, client):
    before, others = (members(), entries()), ways_in()
    assert [owner for *_others, owner in before[1]] == [None, *(email for _, email, *_ in before[0])]
    be_another_site()
    call_command("loaddata", exported, verbosity=0)
    assert (members(), entries()) == before
    assert ways_in() == others
    assert EmailAddress.objects.filter(verified=True).count() == User.objects.count()
    assert client.get("/conferences/moved/").status_code == 200


def test_importing_them_again_changes_nothing(exported):
    before = members(), entries(), ways_in()
    call_command("loaddata", exported, verbosity=0)
    assert (members(), entries(), ways_in()) == before
