"""A compiled query gives what the queryset gives, for each set of values."""

import pytest
from django.contrib.auth.models import Permission
from django.db.models import F, Q

from confbox.kit.compiled_queries import CompiledQuery, parameter, parameters
from confbox.kit.tests.threads import InThread

pytestmark = pytest.mark.django_db
OF_APP = CompiledQuery(
    lambda: (
        Permission.objects.filter(~Q(codename=parameter("but")), content_type__app_label=parameter("app"))
        .annotate(label=F("content_type__app_label"))
        .select_related("content_type")
        .order_by("pk")
    )
)
LISTED = CompiledQuery(lambda: Permission.objects.filter(pk__in=parameters("pks", 4)).order_by("pk"))


def of_app(app, but=""):
    found = Permission.objects.filter(content_type__app_label=app).exclude(codename=but)
    return list(found.select_related("content_type").order_by("pk"))


@pytest.mark.parametrize("app", ["auth", "accounts"])
def test_objects_are_those_of_the_queryset(app):
    found, expected = OF_APP.all(app=app, but=""), of_app(app)
    assert found == expected
    assert [each.codename for each in found] == [each.codename for each in expected]


def test_joined_objects_and_annotations_are_read_with_them(django_assert_num_queries):
    with django_assert_num_queries(1):
        [first, *_] = OF_APP.all(app="auth", but="")
        assert (first.content_type.app_label, first.label) == ("auth", "auth")


def test_each_value_has_its_own_place():
    assert OF_APP.all(app="auth", but="add_group") == of_app("auth", but="add_group")


def test_first_is_the_first_or_none():
    assert OF_APP.first(app="auth", but="") == of_app("auth")[0]
    assert OF_APP.first(app="no such app", but="") is None


@pytest.mark.parametrize("count", [1, 3, 4])
def test_list_may_be_shorter_than_its_places(count):
    pks = [each.pk for each in of_app("auth")[:count]]
    assert [each.pk for each in LISTED.all(pks=pks)] == pks


def test_rows_have_the_columns_that_the_queryset_reads():
    codenames = CompiledQuery(lambda: Permission.objects.filter(pk=parameter("pk")).values_list("codename"))
    [expected, *_] = of_app("auth")
    assert [list(row) for row in codenames.rows(pk=expected.pk)] == [[expected.codename]]


def test_value_is_never_read_as_sql():
    assert OF_APP.all(app="auth' OR '1'='1", but="") == []
    assert OF_APP.all(app="%s", but="%(app)s") == []


@pytest.mark.parametrize("values", [{"app": "auth"}, {"app": "auth", "but": "", "pk": 1}])
def test_value_is_neither_left_out_nor_made_up(values):
    with pytest.raises(TypeError, match="The query needs"):
        OF_APP.all(**values)


def test_sql_is_written_once():
    written = []
    query = CompiledQuery(lambda: written.append(1) or Permission.objects.filter(pk=parameter("pk")))
    for pk in (1, 2, 3):
        query.all(pk=pk)
    assert written == [1]


@pytest.mark.django_db(transaction=True)
def test_each_thread_reads_over_its_own_connection():
    def read():
        return OF_APP.all(app="auth", but=""), OF_APP.of_thread.statement.compiler.connection

    here, mine = read()
    there, theirs = InThread(read).finish().result
    assert here == there == of_app("auth")
    assert mine is not theirs
