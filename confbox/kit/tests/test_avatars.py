"""The initials of a person without a picture, in every script."""

import pytest

from confbox.kit.templatetags.avatars import initials


@pytest.mark.parametrize(
    ("name", "shown"),
    [
        ("Alice Lindqvist", "AL"),
        ("bob", "B"),
        ("Marguerite de la Tour d’Aubigny", "MD"),
        ("(Bob) O’Neil", "BO"),
        ("ßtefan ßmith", "ßß"),
        ("გიორგი მაისურაძე", "გმ"),
        ("Олена кравченко", "ОК"),
        ("陈薇", "陈"),
        ("高橋 由紀", "高由"),
        ("김 지우", "김지"),
        ("क्षमा शर्मा", "क्षश"),
        ("நீலா", "நீ"),
        ("สมชาย ใจดี", "สใ"),
        ("Nguyễn Thùy Linh", "NL"),
        ("A\u0301gnes E\u0308va", "A\u0301E\u0308"),
        ("ليلى الحداد", "ل\u200cا"),
        ("נועה כהן", "נ\u200cכ"),
        ("🦊 Fox", "F"),
        ("👩🏽‍💻", "👩🏽‍💻"),
        ("🇬🇪🇫🇷", "🇬🇪"),
        ("1st Place", "1P"),
        ("\u200fMoshe", "M"),
        ("", ""),
        ("—", "—"),
    ],
)
def test_initials_are_whole_characters(name, shown):
    assert initials(name) == shown
