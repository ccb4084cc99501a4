"""Numbers for people, and that there is one place for them."""

from __future__ import annotations

import re

import pytest

from engine.formatting import (
    SHAPES,
    byte_count,
    clock,
    duration,
    fine_duration,
    millions,
    plural,
    rough_duration,
    short_duration,
    short_number,
    workers,
)
from tests import ROOT


@pytest.mark.parametrize(
    ("function", "texts"),
    [
        (SHAPES.marks, {0: "0 shapes", 1: "1 shape", 1200: "1,200 shapes"}),
        (workers, {1: "1 worker", 8: "8 workers"}),
        (lambda count: plural(count, "word"), {1: "1 word", 2: "2 words"}),
        (byte_count, {999: "999 bytes", 999_499: "999 kB", 999_500: "1 MB", 2_100_000_000_000: "2.1 TB"}),
        (millions, {2_345_678: "2.35 M", 12: "0.00 M"}),
        (short_number, {0.05: "0.05", 2000: "2,000", 20_000: "20 k", -1.5e6: "-1.5 M"}),
        (duration, {0.4: "0 s", 59.6: "1 min 0 s", 65: "1 min 5 s", 7499: "2 h 4 min"}),
        (fine_duration, {5.24: "5.2 s", 65: "1 min 5 s"}),
        (rough_duration, {20: "half a minute", 61: "1 min", 4440: "1 h 14 min"}),
        (
            short_duration,
            {0.2: "0 s", 89: "89 s", 100: "1.7 min", 3000: "50 min", 9000: "2.5 h", 1e6: "12 d"},
        ),
        (clock, {5.29: "5.2 s", 65.9: "1:05 min", 7509: "2:05:09"}),
    ],
)
def test_a_number_is_this_text(function, texts):
    assert {number: function(number) for number in texts} == texts


def test_no_other_module_makes_texts_of_bytes_or_times():
    private = re.compile(r"/ ?1e[369]\b|divmod\(.*, 60\)|\b== 1 else|MB\"")
    # Whose texts are for programs, or what people type.
    names = ("formatting.py", "spec/fields.py", "cli/examples.py")
    ours = {ROOT / "engine" / name for name in names}
    found = [
        f"{path.relative_to(ROOT)}: {line.strip()}"
        for path in sorted((ROOT / "engine").rglob("*.py"))
        if path not in ours and path.relative_to(ROOT / "engine").parts[0] not in ("painters", "scene")
        for line in path.read_text().splitlines()
        if private.search(line)
    ]
    assert found == []
