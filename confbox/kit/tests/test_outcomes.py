import pytest

from confbox.kit.outcomes import Change


def test_change_is_made_if_a_row_was():
    assert [Change.of(rows) for rows in (0, 1, 2)] == [Change.NONE, Change.MADE, Change.MADE]


@pytest.mark.parametrize("outcome", Change)
def test_an_outcome_is_no_condition(outcome):
    with pytest.raises(TypeError, match="neither true nor false"):
        bool(outcome)
