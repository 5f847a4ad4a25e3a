"""`manage.py import_roster` reports what it does, and writes nothing from a file with a mistake."""

from io import StringIO

import pytest
from django.core.management import CommandError, call_command

from accounts.models import AdminAct
from conferences.models import RosterEntry
from conferences.tests.factories import make_conference

pytestmark = pytest.mark.django_db


@pytest.fixture
def run(tmp_path):
    make_conference(slug="conf-26")

    def command(text, *options, slug="conf-26"):
        file, out = tmp_path / "roster.csv", StringIO()
        file.write_text(text)
        call_command("import_roster", slug, str(file), *options, stdout=out, stderr=out)
        return out.getvalue()

    return command


def test_the_people_of_a_file_are_on_the_roster(run):
    said = run("ada@example.org\ngrace@example.org\nADA@example.org\n")
    counts = "2 new, 0 changed, 0 listed again, 0 already there, 1 repeated in the file"
    assert said == f"{counts}, 0 left out, 0 refused, 0 not in the file.\n"
    assert RosterEntry.objects.count() == 2
    assert AdminAct.objects.get().channel == "command"


def test_a_dry_run_writes_nothing(run):
    assert run("ada@example.org\n", "--dry-run").startswith("Would be: 1 new")
    assert RosterEntry.objects.count() == 0


def test_those_who_are_missing_are_removed_where_that_is_asked_for(run):
    run("ada@example.org\ngrace@example.org\n")
    assert "1 removed." in run("ada@example.org\n", "--remove-missing")
    assert RosterEntry.objects.present().count() == 1


def test_a_file_with_a_mistake_is_refused_whole(run):
    with pytest.raises(CommandError, match=r"Line 2 .*\nNothing was imported\."):
        run("ada@example.org\nnowhere\n")
    assert RosterEntry.objects.count() == 0


def test_refused_rows_are_left_out_where_that_is_asked_for(run):
    said = run("ada@example.org\nnowhere\n", "--leave-out-refused")
    assert "  refused and left out: Line 2 (nowhere): There is no email address on this line." in said
    assert "1 new" in said
    assert "1 refused" in said
    assert RosterEntry.objects.get().mailbox == "ada@example.org"
    assert "refused and left out: 1" in AdminAct.objects.get().what.lower()


def test_a_dry_run_reports_the_refused_rows_that_would_be_left_out(run):
    said = run("ada@example.org\nnowhere\n", "--leave-out-refused", "--dry-run")
    assert "Line 2 (nowhere)" in said
    assert "Would be: 1 new" in said
    assert RosterEntry.objects.count() == 0


def test_a_file_in_which_every_row_is_refused_removes_no_one(run):
    run("ada@example.org\n")
    with pytest.raises(CommandError, match=r"Nothing was imported\."):
        run("ada@exam_ple\n", "--leave-out-refused", "--remove-missing")
    assert RosterEntry.objects.present().count() == 1


def test_an_unknown_conference_is_said(run):
    with pytest.raises(CommandError, match="There is no conference nowhere"):
        run("ada@example.org\n", slug="nowhere")


def test_a_long_file_is_followed_row_by_row(run):
    text = "\n".join(f"person{number}@example.org" for number in range(1500))
    said = run(text)
    assert "1000 of 1500 rows checked" in said
    assert "1500 of 1500 rows checked" in said


def test_a_file_that_is_not_there_is_said():
    make_conference(slug="conf-26")
    with pytest.raises(CommandError, match="cannot be read"):
        call_command("import_roster", "conf-26", "nowhere.csv")
