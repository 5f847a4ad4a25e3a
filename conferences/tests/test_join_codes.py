"""Join codes: how they are read, made, renewed and ended."""

from datetime import timedelta

import pytest
from django.core.exceptions import ValidationError
from django.db import IntegrityError

from accounts.models import AdminAct
from accounts.my_data.export import everything_about
from accounts.tests.factories import make_user
from confbox.kit.clock import database_now
from confbox.kit.outcomes import Change
from conferences.admission import actions
from conferences.admission.actions import MOST_CODES, end_code, make_code, renew_code
from conferences.admission.codes import ALPHABET, draw_code, read_code
from conferences.models import JoinCode, Membership
from conferences.tests.admission import BY_COMMAND, code_for, is_member, join, long_ago, only
from conferences.tests.factories import make_conference


@pytest.fixture
def conference(db):
    return only(make_conference(title="Conf 26", slug="conf-26"))


@pytest.fixture
def ada(db):
    return make_user("ada@example.org", name="Ada")


TYPED = [
    "7K3M-90X1",
    "7k3m90x1",
    " 7K3M 90X1 ",
    "7K3M–9OXI",
    "7k3m 9oxl",
    "7K3M\u200b-90X1\ufeff",
    "７Ｋ３Ｍ－９０Ｘ１",
    "https://conf.example.org/j/7K3M90X1/",
    "https://conf.example.org/j/7k3m-90x1/?utm=1",
]


@pytest.mark.parametrize("typed", TYPED)
def test_code_is_read_as_people_type_and_paste_it(typed):
    assert read_code(typed) == "7K3M90X1"


@pytest.mark.parametrize("typed", ["", "7K3M", "7K3M90X12", "7K3M90X!", "КОД12345", "x" * 5000, "\0" * 8])
def test_what_cannot_be_a_code_is_refused_with_an_example(typed):
    with pytest.raises(ValidationError, match="eight letters and digits, such as"):
        read_code(typed)


def test_drawn_code_has_no_letter_that_is_read_as_another():
    drawn = [draw_code() for _ in range(200)]
    assert len(set(drawn)) == 200
    assert set("".join(drawn)) <= set(ALPHABET)
    assert not set("ILOU") & set(ALPHABET)
    assert [read_code(code) for code in drawn] == drawn


def test_code_admits_and_its_uses_are_counted(conference, ada):
    code = code_for(conference)
    join(conference, ada, code=str(code).lower())
    code.refresh_from_db()
    assert (is_member(conference, ada), code.uses) == (True, 1)


def test_joining_twice_with_a_code_uses_it_once(conference, ada):
    code = code_for(conference, most_uses=1)
    first, again = (join(conference, ada, code=code.code) for _ in range(2))
    code.refresh_from_db()
    assert (first, code.uses) == (again, 1)


DEAD = [
    ("has expired", {"expires_at": "past"}),
    ("has been used the maximum number of times", {"most_uses": 2, "uses": 2}),
    ("was replaced or ended", {"ended_at": "past"}),
]


@pytest.mark.parametrize(("why", "columns"), DEAD)
def test_dead_code_says_why_it_admits_no_one(conference, ada, why, columns):
    code = code_for(conference)
    columns = {name: long_ago() if value == "past" else value for name, value in columns.items()}
    JoinCode.objects.filter(pk=code.pk).update(**columns)
    with pytest.raises(ValidationError, match=why):
        join(conference, ada, code=code.code)
    assert not is_member(conference, ada)
    code.refresh_from_db()
    assert code.uses == columns.get("uses", 0)


def test_code_of_another_conference_admits_no_one(conference, ada):
    other = code_for(only(make_conference()))
    with pytest.raises(ValidationError, match="no such join code"):
        join(conference, ada, code=other.code)


def test_database_counts_no_use_beyond_the_limit(conference):
    code = code_for(conference, most_uses=1)
    with pytest.raises(IntegrityError):
        JoinCode.objects.filter(pk=code.pk).update(uses=2)


def test_person_who_comes_back_uses_the_code_again(conference, ada):
    code = code_for(conference, most_uses=2)
    join(conference, ada, code=code.code)
    Membership.objects.update(left_at=long_ago())
    join(conference, ada, code=code.code)
    code.refresh_from_db()
    assert code.uses == 2


def test_renewed_code_no_longer_admits_and_the_new_one_does(conference, ada):
    old = code_for(conference, most_uses=5)
    new = renew_code(code=old, expires_at=None, most_uses=3, by=BY_COMMAND)
    with pytest.raises(ValidationError, match="replaced or ended"):
        join(conference, ada, code=old.code)
    join(conference, ada, code=new.code)
    assert (new.most_uses, new.code == old.code) == (3, False)


def test_code_is_renewed_once(conference):
    code = code_for(conference)
    renew_code(code=code, expires_at=None, most_uses=None, by=BY_COMMAND)
    with pytest.raises(ValidationError, match="already been ended or replaced"):
        renew_code(code=code, expires_at=None, most_uses=None, by=BY_COMMAND)
    assert JoinCode.objects.count() == 2


def test_refused_renewal_leaves_the_old_code_as_it_is(conference):
    code = code_for(conference)
    with pytest.raises(ValidationError):
        renew_code(code=code, expires_at=long_ago(), most_uses=None, by=BY_COMMAND)
    assert JoinCode.objects.usable().get() == code


def test_renewed_code_has_the_name_of_the_old_one(conference):
    old = code_for(conference, name="Newsletter")
    assert renew_code(code=old, expires_at=None, most_uses=None, by=BY_COMMAND).name == "Newsletter"
    again = JoinCode.objects.usable().get()
    assert renew_code(code=again, expires_at=None, most_uses=None, name="", by=BY_COMMAND).name == ""


@pytest.mark.parametrize("name", ["x" * 61, "two\nlines", "\ud800", "a\u202eb"])
def test_name_that_is_not_one_line_is_refused(conference, name):
    with pytest.raises(ValidationError) as refused:
        make_code(conference=conference, expires_at=None, most_uses=None, name=name, by=BY_COMMAND)
    assert set(refused.value.message_dict) == {"name"}
    assert not JoinCode.objects.exists()


def test_own_data_have_the_code_with_which_a_person_joined(conference, ada):
    code = code_for(conference, name="Newsletter")
    join(conference, ada, code=code.code)
    [exported] = everything_about(ada)["conferences"]
    assert exported["join_code"] == str(code)


def test_member_keeps_the_code_with_which_they_came_last(conference, ada):
    code = code_for(conference)
    member = join(conference, ada, code=code.code)
    assert Membership.objects.get(join_code=code) == member
    Membership.objects.update(left_at=long_ago())
    join(only(conference, email_domains=["example.org"]), ada)
    assert Membership.objects.get().join_code is None


def test_ending_a_code_twice_changes_nothing(conference):
    code = code_for(conference)
    assert [end_code(code=code, by=BY_COMMAND) for _ in range(2)] == [Change.MADE, Change.NONE]


@pytest.mark.parametrize(
    ("limits", "field"),
    [
        ({"most_uses": 0}, "most_uses"),
        ({"most_uses": 10**7}, "most_uses"),
        ({"expires_at": timedelta(hours=-1)}, "expires_at"),
    ],
)
def test_code_that_could_admit_no_one_is_refused(conference, limits, field):
    if "expires_at" in limits:
        limits = {"expires_at": database_now() + limits["expires_at"]}
    with pytest.raises(ValidationError) as refused:
        make_code(conference=conference, by=BY_COMMAND, **{"expires_at": None, "most_uses": None} | limits)
    assert set(refused.value.message_dict) == {field}
    assert not JoinCode.objects.exists()


def test_usable_codes_have_a_limit(conference):
    codes = [code_for(conference) for _ in range(MOST_CODES)]
    with pytest.raises(ValidationError, match="20 usable join codes"):
        code_for(conference)
    end_code(code=codes[0], by=BY_COMMAND)
    code_for(conference)


def test_code_that_another_conference_has_is_drawn_again(conference, monkeypatch):
    taken = code_for(make_conference())
    drawn = iter([taken.code, taken.code, "7K3M90X1"])
    monkeypatch.setattr(actions, "draw_code", lambda: next(drawn))
    assert code_for(conference).code == "7K3M90X1"


def test_log_names_codes_by_their_id(conference):
    AdminAct.objects.all().delete()
    code = code_for(conference, most_uses=5)
    end_code(code=code, by=BY_COMMAND)
    reasons = [act.what for act in AdminAct.objects.order_by("pk")]
    assert reasons == [
        f"Join code {code.pk} made: at most 5 uses, does not expire.",
        f"Join code {code.pk} ended after 0 uses.",
    ]


def test_log_says_that_a_code_was_for_one_use_and_was_used_once(conference):
    AdminAct.objects.all().delete()
    code = code_for(conference, most_uses=1)
    JoinCode.objects.update(uses=1)
    end_code(code=JoinCode.objects.get(), by=BY_COMMAND)
    assert [act.what.partition(": ")[2] or act.what for act in AdminAct.objects.order_by("pk")] == [
        "at most 1 use, does not expire.",
        f"Join code {code.pk} ended after 1 use.",
    ]


def test_log_names_codes_as_their_organisers_do(conference):
    AdminAct.objects.all().delete()
    limits = {"expires_at": None, "most_uses": None, "by": BY_COMMAND}
    old = make_code(conference=conference, name="Slide", **limits)
    new = renew_code(code=old, **limits)
    end_code(code=new, by=BY_COMMAND)
    assert [act.what.partition(":")[0] for act in AdminAct.objects.order_by("pk")] == [
        f"Join code {old.pk} “Slide” made",
        f"Join code {old.pk} “Slide” replaced by {new.pk} “Slide”",
        f"Join code {new.pk} “Slide” ended after 0 uses.",
    ]
