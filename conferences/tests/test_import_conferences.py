import json
from datetime import date
from io import StringIO
from pathlib import Path

import pytest
from django.core.exceptions import ValidationError
from django.core.management import CommandError, call_command

import conferences
from accounts.actors import Actor
from accounts.models import AdminAct
from conferences.importing.actions import import_conferences, plan_import
from conferences.models import Conference

pytestmark = pytest.mark.django_db

REAL = Path(conferences.__file__).parent / "data/conferences.json"
ROW = {
    "name": "Tram Conf",
    "url": "https://tram.example.org",
    "startDate": "2027-03-27",
    "endDate": "2027-03-28",
    "city": "Berlin",
    "country": "Germany",
    "online": False,
    "topic": "general",
}


def row(**changes):
    return {key: value for key, value in {**ROW, **changes}.items() if value is not ...}


def load(*rows, name="file.json", **options):
    return import_conferences(
        content=json.dumps(rows).encode(), name=name, **{"by": Actor.of_command()} | options
    )


def refusal(content, name="file.json"):
    with pytest.raises(ValidationError) as caught:
        import_conferences(content=content, name=name, by=Actor.of_command())
    assert not Conference.objects.exists()
    return caught.value.messages


def refusal_of(*rows):
    return refusal("[\n{}\n]".format(",\n".join(json.dumps(r) for r in rows)).encode())


def run(*arguments):
    out, err = StringIO(), StringIO()
    call_command("import_conferences", *map(str, arguments), stdout=out, stderr=err)
    return out.getvalue()


def test_the_real_conferences_import_twice_and_the_second_time_changes_nothing():
    assert "393 imported, 0 already there." in run(REAL)
    before = list(Conference.objects.values())
    assert "0 imported, 393 already there." in run(REAL)
    assert list(Conference.objects.values()) == before


def test_an_import_by_command_is_one_entry_in_the_audit_log(tmp_path):
    file = tmp_path / "conferences.json"
    file.write_text(json.dumps([row(), row(name="Rail Conf")]))
    run(file)
    act = AdminAct.objects.get()
    assert (act.by, act.channel, act.act, act.target) == (None, "command", "import", "conferences")
    assert act.what == "Imported from conferences.json. 2 conferences added."


def test_a_dry_run_is_not_in_the_audit_log():
    run(REAL, "--dry-run")
    assert not AdminAct.objects.exists()


def test_a_dry_run_says_what_would_happen_and_writes_nothing():
    out = run(REAL, "--dry-run")
    assert "393 would be imported, 0 already there." in out
    assert "new: IdentityShield Summit (identityshield-summit-2026, line 2)" in out
    assert not Conference.objects.exists()


def test_a_row_becomes_a_draft_of_whole_days_there():
    load(row())
    conference = Conference.objects.get()
    assert conference.is_all_day
    assert conference.starts_at.astimezone(conference.zone).date() == date(2027, 3, 27)
    assert conference.ends_at.astimezone(conference.zone).date() == date(2027, 3, 28)
    assert (conference.time_zone, conference.place) == ("Europe/Berlin", "Berlin, Germany")
    assert (conference.slug, conference.status) == ("tram-conf-2027", "draft")


def test_conferences_can_be_published_at_once():
    load(row(), status="active")
    assert Conference.objects.filter(status="active").count() == 1


@pytest.mark.parametrize(
    ("place", "zone"),
    [
        ({"city": "Denver, CO", "country": "U.S.A."}, "America/Denver"),
        ({"city": "Vancouver", "country": "Canada"}, "America/Vancouver"),
        ({"city": "Springfield", "country": "U.S.A."}, "UTC"),
        ({"city": ..., "country": ..., "online": True}, "UTC"),
        ({"timeZone": "Asia/Tokyo"}, "Asia/Tokyo"),
        ({"city": "Berlin", "country": "germany"}, "Europe/Berlin"),
        ({"city": "Utrecht", "country": "The Netherlands"}, "Europe/Amsterdam"),
        ({"city": "Izmir", "country": "turkiye"}, "Europe/Istanbul"),
        ({"city": "Sa\u0303o Paulo", "country": "Brazil"}, "America/Sao_Paulo"),
        ({"city": "SAO PAULO", "country": "BRAZIL"}, "America/Sao_Paulo"),
        ({"city": "denver, co", "country": "usa"}, "America/Denver"),
        ({"city": "Windhoek", "country": "Namibia"}, "Africa/Windhoek"),
        ({"city": "Port of Spain", "country": "Trinidad and Tobago"}, "America/Port_of_Spain"),
        ({"city": "Yekaterinburg", "country": "Russia"}, "Asia/Yekaterinburg"),
        ({"city": "Hamburg", "country": "Germany"}, "Europe/Berlin"),
        ({"city": "Manchester", "country": "UK"}, "Europe/London"),
        ({"city": "Pristina", "country": "Kosovo"}, "Europe/Belgrade"),
        ({"city": "Cairns", "country": "Australia"}, "Australia/Brisbane"),
        ({"city": "Alice Springs", "country": "Australia"}, "UTC"),
    ],
)
def test_the_time_zone_comes_from_its_column_or_the_place(place, zone):
    load(row(**place))
    assert Conference.objects.get().time_zone == zone


def test_every_real_place_has_a_zone():
    run(REAL)
    assert not Conference.objects.filter(time_zone="UTC").exclude(place="Online").exists()


@pytest.mark.parametrize(
    ("columns", "slug"),
    [
        ({"name": "東京開発者会議"}, "tram-example-org-2027"),
        ({"name": "東京開発者会議", "url": ...}, "conference-2027"),
        ({"name": "Łódź & Größe"}, "odz-groe-2027"),
        ({"name": "-- _ --", "url": ...}, "conference-2027"),
        ({"name": "word " * 40}, "word-word-word-word-word-word-word-word-word-word-2027"),
    ],
)
def test_every_title_gives_a_usable_address(columns, slug):
    load(row(**columns))
    assert Conference.objects.get().slug == slug


def test_addresses_that_are_taken_get_the_city_then_a_number():
    load(
        row(),
        row(startDate="2027-03-26"),
        row(startDate="2027-03-25"),
        row(startDate="2027-03-24", city=..., country=..., online=True),
    )
    assert sorted(Conference.objects.values_list("slug", flat=True)) == [
        "tram-conf-2027",
        "tram-conf-2027-2",
        "tram-conf-berlin-2027",
        "tram-conf-berlin-2027-2",
    ]


def test_a_row_that_repeats_another_is_left_out():
    plan = load(row(), row(name="  TRAM   conf "))
    assert Conference.objects.count() == 1
    assert [(r.line, r.first_line) for r in plan.repeated] == [(1, 1)]


def test_the_same_title_on_the_same_day_elsewhere_is_another_conference():
    load(row(), row(city="Paris", country="France", url="https://paris.example.org"))
    assert Conference.objects.count() == 2


def test_an_existing_conference_is_never_overwritten():
    load(row())
    Conference.objects.update(agenda="Written by hand", website="https://new.example.org")
    plan = load(row(topic="java"))
    assert len(plan.there) == 1
    assert Conference.objects.get().agenda == "Written by hand"
    assert Conference.objects.get().topic == "general"


def test_one_bad_row_keeps_out_all():
    assert len(refusal_of(row(), row(name="Other", startDate="2026-02-30"))) == 1


def test_every_bad_row_is_named_with_its_line_and_all_reasons():
    assert refusal_of(
        row(), row(name="Second", startDate="2026-02-30"), row(name=7, url="javascript:alert(1)"), "text"
    ) == [
        "Line 3 (Second): startDate must be a date such as 2027-03-31",
        "Line 4: name must be text in quotation marks; url: Enter a valid URL",
        "Line 5: this is not an object in curly brackets",
    ]


@pytest.mark.parametrize(
    ("changes", "reason"),
    [
        ({"name": ...}, "name is missing"),
        ({"name": "   "}, "name is missing"),
        ({"name": None}, "name is missing"),
        ({"name": 12}, "name must be text in quotation marks"),
        ({"name": ["x"]}, "name must be text in quotation marks"),
        ({"name": "A\nB"}, "name: Please use one line of ordinary characters"),
        ({"name": "A\0B"}, "name: This contains an invisible character"),
        ({"name": "A\u202eB"}, "name: This contains an invisible character"),
        ({"name": "\ud800"}, "name: This text contains a character that cannot be stored. Please retype it"),
        ({"url": "https://\ud800.org"}, "url: This text contains a character that cannot be stored"),
        ({"name": "x" * 65536}, "name: This can have 200 characters at most, and has 65536"),
        ({"city": "x" * 300}, "city, country: This can have 200 characters at most"),
        ({"topic": "x" * 51}, "topic: This can have 50 characters at most"),
        ({"url": "javascript:alert(1)"}, "url: Enter a valid URL"),
        ({"url": "https://[::1"}, "url: Enter a valid URL"),
        ({"url": "https://" + "a" * 400 + ".org"}, "url: Enter a valid URL"),
        ({"startDate": ...}, "startDate is missing"),
        ({"startDate": "2026-02-30"}, "startDate must be a date such as 2027-03-31"),
        ({"startDate": "20260301"}, "startDate must be a date such as 2027-03-31"),
        ({"startDate": "２０２６-03-01"}, "startDate must be a date such as 2027-03-31"),
        ({"startDate": "2026-03-01T10:00"}, "startDate must be a date such as 2027-03-31"),
        ({"startDate": "0001-01-01"}, "startDate must be between 1990 and 2100"),
        ({"endDate": "9999-12-31"}, "endDate must be between 1990 and 2100"),
        ({"endDate": "2027-03-26"}, "A conference cannot end before it starts"),
        ({"online": "maybe"}, "online must be true or false"),
        ({"online": 1}, "online must be true or false"),
        ({"timeZone": "Mars/Olympus"}, "timeZone: “Mars/Olympus” is not a time zone"),
        ({"timeZone": "../../etc/passwd"}, "timeZone: “../../etc/passwd” is not a time zone"),
    ],
)
def test_a_bad_row_is_refused_with_its_reason(changes, reason):
    [message] = refusal_of(row(**changes))
    assert message.startswith("Line 2")
    assert reason in message


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        (b"", "The file is empty."),
        (b" \n\t", "The file is empty."),
        (b"\xef\xbb\xbf", "The file is empty."),
        (b"[]", "The file has no conferences."),
        (b'{"name": "x"}', "The file must contain a list of conferences in square brackets."),
        (b'"text"', "The file must contain a list of conferences in square brackets."),
        (b"[{}", "Line 1, column 4: this is not valid JSON."),
        (b"[{},]", "Line 1, column 5: this is not valid JSON."),
        (b"[{}] []", "Line 1, column 6: this is not valid JSON."),
        (b"[{}\n{}]", "Line 2, column 1: this is not valid JSON."),
        (b'[\n{"name": oops}]', "Line 2, column 10: this is not valid JSON."),
        (b"[" * 100_000, "Line 1, column 2: this is not valid JSON."),
        (b'[{"name": ' + b"1" * 5000 + b"}]", "Line 1, column 2: this is not valid JSON."),
        (b"[\n\xff]", "Line 2: the file is not encoded as UTF-8. Please save it as UTF-8."),
        ('[{"name": "x"}]'.encode("utf-16"), "Line 1: the file is not encoded as UTF-8."),
        (b" " * 10_000_000 + b"[]", "The file is too large: at most 5.0"),
        (b"[" + b"{}," * 10_001 + b"{}]", "The file has more than 10000 conferences."),
    ],
)
def test_a_file_that_is_no_list_in_json_is_refused(content, reason):
    [message] = refusal(content)
    assert message.replace("\xa0", " ").startswith(reason)


CSV = "name,url,startDate,endDate,city,country,online,topic\n"
LINE = "Tram Conf,https://tram.example.org,2027-03-27,2027-03-28,Berlin,Germany,false,general\n"


@pytest.mark.parametrize(
    "text",
    [
        CSV + LINE,
        "\ufeff" + CSV + LINE,
        (CSV + LINE).replace("\n", "\r\n"),
        (CSV + LINE).replace(",", ";"),
        (CSV + LINE).replace(",", "\t"),
        CSV.upper() + "\n" + LINE + "\n",
        "sep=;\n" + (CSV + LINE).replace(",", ";"),
        "\ufeff" + "sep=;\r\n" + (CSV + LINE).replace(",", ";").replace("\n", "\r\n"),
        '"sep=,"\n' + CSV + LINE,
        "SEP=\t\n" + (CSV + LINE).replace(",", "\t"),
        CSV + LINE.removesuffix(",false,general\n") + "\n",
        CSV + LINE.replace("\n", ",,,\n"),
        '"name","startDate","endDate","city","country"\n"Tram Conf","2027-03-27",2027-03-28,Berlin,Germany\n',
    ],
)
def test_csv_is_read_whatever_its_delimiter_and_line_ends(text):
    import_conferences(content=text.encode(), name="file.csv", by=Actor.of_command())
    assert Conference.objects.get().title == "Tram Conf"
    assert Conference.objects.get().time_zone == "Europe/Berlin"


@pytest.mark.parametrize("encoding", ["utf-16", "utf-16-le", "utf-16-be"])
@pytest.mark.parametrize("delimiter", [",", "\t"])
def test_csv_of_a_spreadsheet_in_utf_16_is_read(encoding, delimiter):
    text = (CSV + LINE.replace("Tram", "Trâm")).replace(",", delimiter)
    content = text.encode(encoding) if encoding == "utf-16" else ("\ufeff" + text).encode(encoding)
    import_conferences(content=content, name="file.csv", by=Actor.of_command())
    assert Conference.objects.get().title == "Trâm Conf"


def test_csv_rows_after_a_line_of_the_delimiter_count_it():
    text = "sep=,\n" + CSV + LINE.replace("2027-03-27", "soon")
    assert refusal(text.encode(), "file.csv")[0].startswith("Line 3 (Tram Conf): startDate must be a date")


def test_csv_rows_count_the_lines_of_quoted_line_breaks():
    text = CSV + '"Two\nlines",,2027-03-27,2027-03-28,,,,\nBad,,soon,2027-03-28,,,,\n'
    assert refusal(text.encode(), "file.csv") == [
        "Line 2: name: Please use one line of ordinary characters",
        "Line 4 (Bad): startDate must be a date such as 2027-03-31",
    ]


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        (
            "Tram Conf,2027-03-27\n",
            "The first line must name the columns. Missing: name, startDate, endDate.",
        ),
        (CSV, "The file has no conferences."),
        ("name,name,startDate,endDate\n", "The first line names a column twice: name."),
        (CSV + LINE.replace("\n", ",extra\n"), "Line 2: 9 cells, but the first line names 8 columns"),
        (CSV + "only\n", "Line 2 (only): startDate is missing; endDate is missing"),
        (CSV + '"open,\n', "Line 2: this is not valid CSV; perhaps a quotation mark is missing."),
        (CSV + LINE.replace("false", "perhaps"), "Line 2 (Tram Conf): online must be true or false"),
        (CSV + "x" * 200_000, "Line 2: this is not valid CSV"),
    ],
)
def test_bad_csv_is_refused(text, reason):
    [message] = refusal(text.encode(), "file.csv")
    assert message.startswith(reason)


def test_columns_that_are_not_used_are_named():
    plan = plan_import(content=json.dumps([row(twitter="@tram")]).encode(), name="x.json")
    assert plan.unused_columns == ["twitter"]


def test_the_command_names_every_bad_row_and_fails(tmp_path):
    file = tmp_path / "bad.json"
    file.write_text(json.dumps([row(), row(name=3)]))
    with pytest.raises(CommandError, match=r"Line 1: name must be text(.|\n)*Nothing was imported\."):
        run(file)
    assert not Conference.objects.exists()


@pytest.mark.parametrize("options", [[], ["--dry-run"]])
def test_the_command_refuses_a_file_it_cannot_read(tmp_path, options):
    with pytest.raises(CommandError, match="cannot be read"):
        run(tmp_path / "missing.json", *options)
    with pytest.raises(CommandError, match="cannot be read"):
        run(tmp_path, *options)


def test_a_long_file_reports_its_progress(tmp_path):
    file, err = tmp_path / "long.json", StringIO()
    file.write_text(json.dumps([row(name=f"Conference {n}") for n in range(1200)]))
    call_command("import_conferences", str(file), "--dry-run", stdout=StringIO(), stderr=err)
    assert [line for line in err.getvalue().splitlines() if line] == [
        "500 of 1200 rows checked",
        "1000 of 1200 rows checked",
        "1200 of 1200 rows checked",
    ]
