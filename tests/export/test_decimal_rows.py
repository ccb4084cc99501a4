"""Many numbers at once read as they do one by one."""

import re

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from engine.export.decimal_rows import rows_as_text
from engine.export.svg import number

units = st.one_of(st.integers(-120, 120), st.integers(-(10**9), 10**9), st.sampled_from([0, 50, 100, -100]))
rows = st.integers(1, 5).flatmap(lambda k: st.lists(st.lists(units, min_size=k, max_size=k), max_size=9))


@given(rows, st.integers(0, 4))
def test_numbers_are_those_of_one_by_one_with_spaces_where_they_would_run_together(found, decimals):
    expected = ""
    for row in found:
        last = ""
        for place, each in enumerate(row):
            new = number(each / 10**decimals, decimals)
            is_apart = new.startswith("-") or (new.startswith(".") and "." in last)
            expected += ("m" if place == 0 else "" if is_apart else " ") + new
            last = new
    array = np.array(found, np.int64).reshape(len(found), len(found[0]) if found else 2)
    assert rows_as_text(array, decimals, "m") == expected


def test_the_text_of_many_rows_is_read_again():
    array = np.random.default_rng(1).integers(-99_999, 99_999, (70_000, 4))
    lines = rows_as_text(array, 2, "m").split("m")[1:]
    assert len(lines) == len(array)
    for line, row in zip(lines[65_530:65_545], array[65_530:65_545].tolist(), strict=True):
        assert [float(each) for each in re.findall(r"-?(?:\d+\.?\d*|\.\d+)", line)] == [
            each / 100 for each in row
        ]
