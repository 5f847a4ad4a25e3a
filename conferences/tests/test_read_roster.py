"""What a roster can be read from: pasted lines, and tables of every kind."""

import pytest
from django.core.exceptions import ValidationError

from conferences.roster.reading import read_file, read_text
from conferences.tests.rosters import workbook

HEAD = "Name,Email,Reference\n"


def read(text):
    """Email address, name and reference of each person of a pasted text."""
    return [(row.email, row.name, row.reference) for row in listing(text).rows]


def listing(text):
    return read_text(text, "pasted")


def refused(text):
    return [(row.line, row.reason) for row in listing(text).refused]


def read_bytes(content, name="roster.csv"):
    return [(row.email, row.name, row.reference) for row in read_file(content, name).rows]


@pytest.mark.parametrize(
    ("line", "expected"),
    [
        ("ada@example.org", ("ada@example.org", "", "")),
        ("  ada@example.org , .", ("ada@example.org", "", "")),
        ("ada@example.org.", ("ada@example.org", "", "")),
        ("<ada@example.org>", ("ada@example.org", "", "")),
        ("Ada Lovelace <Ada@Example.org>", ("Ada@Example.org", "Ada Lovelace", "")),
        ('"Lovelace, Ada" <ada@example.org>;', ("ada@example.org", "Lovelace, Ada", "")),
        ("Ada Lovelace (ada@example.org)", ("ada@example.org", "Ada Lovelace", "")),
        ("Ada Lovelace ada@example.org", ("ada@example.org", "Ada Lovelace", "")),
        ("Ada Lovelace;ada@example.org;T-17", ("ada@example.org", "Ada Lovelace", "T-17")),
        ("ada@example.org\tAda Lovelace\tT-17", ("ada@example.org", "Ada Lovelace", "T-17")),
        ("ada@example.org;4711", ("ada@example.org", "", "4711")),
        ('"Ada Lovelace","ada@example.org"', ("ada@example.org", "Ada Lovelace", "")),
        ("* mailto:ada@example.org", ("ada@example.org", "", "")),
        ("ada@bücher.example", ("ada@bücher.example", "", "")),
        ("ａｄａ＠ｅｘａｍｐｌｅ．ｏｒｇ", ("ada@example.org", "", "")),
        ("zo\u00ade\u200b@example.org\ufeff", ("zoe@example.org", "", "")),
        ("Zoë \u202eGray\u200b <zoe@example.org>", ("zoe@example.org", "Zoë Gray", "")),
        ("o'brien@example.org", ("o'brien@example.org", "", "")),
    ],
)
def test_one_person_of_a_line_is_read(line, expected):
    assert read(line) == [expected]


def test_several_people_of_a_line_are_parted_by_commas_and_semicolons():
    text = (
        "ada@example.org, .\nAda <a@example.org>; Grace Hopper <g@example.org>,k@example.org , l@example.org"
    )
    assert read(text) == [
        ("ada@example.org", "", ""),
        ("a@example.org", "Ada", ""),
        ("g@example.org", "Grace Hopper", ""),
        ("k@example.org", "", ""),
        ("l@example.org", "", ""),
    ]


@pytest.mark.parametrize("end", ["\n", "\r\n", "\r"])
def test_each_row_knows_its_line_whatever_ends_it(end):
    rows = listing(end.join(["a@example.org", "", "Bob <b@example.org>"])).rows
    assert [row.line for row in rows] == [1, 3]


def test_spellings_of_one_address_are_one_mailbox():
    rows = listing("ADA@Example.ORG\nada@BÜCHER.example\nada@xn--bcher-kva.example").rows
    assert [row.mailbox for row in rows] == [
        "ada@example.org",
        "ada@xn--bcher-kva.example",
        "ada@xn--bcher-kva.example",
    ]


def test_german_sharp_s_and_double_s_are_two_domains():
    rows = listing("ada@straße.example\nada@strasse.example").rows
    assert len({row.mailbox for row in rows}) == 2


@pytest.mark.parametrize(
    ("line", "reason"),
    [
        ("Ada Lovelace", "There is no email address on this line."),
        ("ada@", "This is not an email address."),
        ("@example.org", "This is not an email address."),
        ("ada@@example.org", "This is not an email address."),
        ("ada@example", "This is not an email address."),
        ("ada..l@example.org", "This is not an email address."),
        ("аda@example.org", "Before the @, use only letters from a to z, digits and symbols."),
        ("ada@exa_mple.örg", "The part after the @ is not a domain that receives email."),
        ("x" * 5000 + "@example.org", "The email address is longer than 1000 characters."),
        ("x" * 250 + "@example.org", "The email address is longer than 254 characters."),
        ("N" * 5000 + " <ada@example.org>", "The name is longer than 1000 characters."),
        ("N" * 151 + " <ada@example.org>", "The name is longer than 150 characters."),
        ("Ada;ada@example.org;" + "7" * 101, "The reference is longer than 100 characters."),
    ],
)
def test_a_line_that_is_no_person_is_refused_with_its_number_and_a_reason(line, reason):
    assert refused(f"grace@example.org\n{line}") == [(2, reason)]


def test_a_line_of_a_megabyte_is_looked_at_once():
    with pytest.raises(ValidationError, match="more than 20,000 rows"):
        listing("a@x.org," * 100_000)
    assert refused(f"{'x' * 1_000_000}\na@x.org")[0][0] == 1


NAMES_ONLY = "Vornam;Nachnam\n" + "Ada;Lovelace\n" * 300


@pytest.mark.parametrize("text", ["", " \n\t\n", ", . ;", "\ufeff", "Ada", NAMES_ONLY])
def test_nothing_is_said_to_be_nothing(text):
    with pytest.raises(ValidationError, match="no email address"):
        listing(text)


@pytest.mark.parametrize("delimiter", [",", ";", "\t", "|"])
def test_a_table_is_read_by_its_headings_under_every_delimiter(delimiter):
    rows = [["Ticket number", "Name", "E-Mail"], ["T-17", "Ada Lovelace", "ada@example.org"]]
    text = "\r\n".join(delimiter.join(row) for row in rows)
    assert read(text) == [("ada@example.org", "Ada Lovelace", "T-17")]


@pytest.mark.parametrize(
    ("header", "expected"),
    [
        ("Email,First name,Last name,Order", ("ada@example.org", "Ada Lovelace", "A1")),
        ("E-Mail-Adresse,Vorname,Nachname,Bestellnummer", ("ada@example.org", "Ada Lovelace", "A1")),
        ("E-Mail,Vorname,Name,Mitgliedsnummer", ("ada@example.org", "Ada Lovelace", "A1")),
        ("Adresse e-mail,Prénom,Nom,N° de commande", ("ada@example.org", "Ada Lovelace", "")),
        ("Courriel,Prénom,Nom de famille,Référence", ("ada@example.org", "Ada Lovelace", "A1")),
        ("Correo electrónico,Nombre,Apellidos,Referencia", ("ada@example.org", "Ada Lovelace", "A1")),
        ("MAIL,vorname,nachname,Ref.", ("ada@example.org", "Ada Lovelace", "A1")),
    ],
)
def test_headings_are_known_in_four_languages(header, expected):
    assert read(f"{header}\nada@example.org,Ada,Lovelace,A1") == [expected]


def test_columns_that_are_not_used_are_named():
    assert listing("Name,Email,T-shirt,Diet\nAda,ada@example.org,M,\n").unused_columns == ["Diet", "T-shirt"]


def test_a_separator_line_of_a_spreadsheet_is_understood():
    found = listing("sep=;\r\nName;Email\r\nAda;ada@example.org\r\n").rows
    assert [(row.email, row.line) for row in found] == [("ada@example.org", 3)]


def test_a_quoted_cell_may_have_line_breaks_and_keeps_the_lines_right():
    rows = listing('Email,Note\nada@example.org,"a\nb"\ngrace@example.org,x\n').rows
    assert [(row.email, row.line) for row in rows] == [("ada@example.org", 2), ("grace@example.org", 4)]


@pytest.mark.parametrize(
    ("row", "reason"),
    [
        ("Ada,nowhere,", "This is not an email address."),
        ("Ada,ada@example.org,1,2,3", "5 cells, but the first line names 3 columns"),
        ("Ada,ada@example.org; ada@example.net,", "This cell has several email addresses."),
        (f"{'x' * 5000},ada@example.org,", "The name is longer than 1000 characters."),
        (f"Ada,{'x' * 5000}@example.org,", "The email address is longer than 1000 characters."),
    ],
)
def test_a_row_of_a_table_that_is_no_person_is_refused_with_its_line_and_a_reason(row, reason):
    [(line, found)] = refused(f"{HEAD}Grace,grace@example.org,\n{row}\n")
    assert (line, found.startswith(reason)) == (3, True)


def test_a_row_without_an_address_is_left_out_and_said():
    found = listing(f"{HEAD}Ada,,T-1\n")
    assert (found.rows, found.refused) == ([], [])
    assert [str(row) for row in found.left_out] == ["Line 2 (Ada): it has no email address"]


def test_a_long_cell_in_a_column_that_is_not_used_does_no_harm():
    assert read(f"Email,Note\nada@example.org,{'x' * 5000}\n") == [("ada@example.org", "", "")]


def test_a_table_without_a_column_of_addresses_says_what_to_call_it():
    with pytest.raises(ValidationError, match="Please call the one with the email addresses"):
        listing("Name,Reference\nAda,1\n")


def test_a_missing_quotation_mark_is_said_with_its_line():
    with pytest.raises(ValidationError, match="Line 3: this is not valid CSV"):
        listing(f'{HEAD}Ada,ada@example.org,\nGrace,"grace@example.org\n')


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "utf-16-le", "utf-16-be"])
def test_every_encoding_of_spreadsheets_is_read(encoding):
    mark = "\ufeff" if encoding in ("utf-16-le", "utf-16-be") else ""
    content = f"{mark}Name;Email\r\nJörg;joerg@example.org\r\n".encode(encoding)
    assert read_bytes(content) == [("joerg@example.org", "Jörg", "")]


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        (b"", "The file is empty."),
        (b"Name;Email\r\nJ\x81;j@example.org", "Line 2: the file is not encoded as UTF-8"),
        (b"\x89PNG\r\n\x1a\n\0\0", "This is a picture, not a list."),
        (b"\xff\xd8\xff\xe0\0\x10JFIF", "This is a picture, not a list."),
        (b"RIFF\x24\0\0\0WEBPVP8 ", "This is a picture, not a list."),
        (b"\0\0\0\x18ftypheic", "This is a picture, not a list."),
        (b"%PDF-1.7\n%\xe2\xe3", "This is a PDF, not a list."),
        ("a@example.org".encode("utf-16-le"), "The file is not encoded as UTF-8"),
        (b"a@example.org\n" * 400_000, "The file is too large"),
        (b"a@example.org\n" * 100_000, "more than 20,000 rows"),
        (b"PK\x03\x04nonsense", "not an Excel file that can be read"),
        (b"PK\x03\x04" + b" " * 6_000_000, "The file is too large"),
        (b"\xd0\xcf\x11\xe0" + b" " * 600, "has a password or is in an old format"),
    ],
)
def test_a_file_that_cannot_be_read_is_refused_in_words(content, reason):
    with pytest.raises(ValidationError, match=reason):
        read_file(content, "roster.csv")


def test_the_list_of_an_old_spreadsheet_is_read_as_windows_1252():
    found = read_file("Name;Email\r\nJörg “J”;j@example.org\r\n".encode("cp1252"), "roster.csv")
    assert [(row.email, row.name) for row in found.rows] == [("j@example.org", "Jörg “J”")]
    assert found.is_windows_1252
    assert not read_file("Jörg <j@example.org>".encode(), "roster.csv").is_windows_1252


def test_a_workbook_is_read_below_its_title():
    content = workbook(
        [["Members 2026"], [], ["Name", "E-mail", "Reference"], ["Ada", "ada@example.org", 17.0]]
    )
    assert read_bytes(content) == [("ada@example.org", "Ada", "17")]
    assert read_file(content, "roster.xlsx").rows[0].line == 4


def test_a_workbook_without_headings_is_read_as_lines():
    content = workbook([["Ada", "ada@example.org"], ["Grace", "grace@example.org", "T-2"]])
    assert read_bytes(content) == [("ada@example.org", "Ada", ""), ("grace@example.org", "Grace", "T-2")]


@pytest.mark.parametrize("row", [["Ada", '="ada"&"@example.org"'], ["=1+1", "ada@example.org"]])
def test_a_formula_of_a_workbook_is_refused_and_not_calculated(row):
    [found] = read_file(workbook([["Name", "Email"], row]), "roster.xlsx").refused
    assert (found.line, "Formulas are not calculated" in found.reason) == (2, True)


def test_what_begins_like_a_formula_in_a_text_is_a_text():
    assert read('Name,Email\n"=HYPERLINK(""x"")",ada@example.org\n')[0][1] == '=HYPERLINK("x")'
