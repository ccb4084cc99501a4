"""JSON from anywhere: what is taken, and that all else is a ValueError."""

import json
import math
import re
from contextlib import suppress

import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine.strict_json import MAX_DEPTH, parse

LETTERS = st.characters(exclude_categories=["Cs"])
SCALARS = st.one_of(
    st.none(),
    st.booleans(),
    st.integers(-(2**63), 2**63 - 1),
    st.floats(allow_nan=False, allow_infinity=False),
    st.text(LETTERS),
)
VALUES = st.recursive(SCALARS, lambda inner: st.lists(inner) | st.dictionaries(st.text(LETTERS), inner))


@given(VALUES, st.booleans())
def test_what_python_writes_reads_back_the_same(value, ascii_only):
    text = json.dumps(value, ensure_ascii=ascii_only)
    for content in (text, text.encode(), text.encode("utf-8-sig"), text.encode("utf-16")):
        assert repr(parse(content)) == repr(value)


def held(value):
    """The slow, obvious check of all that a value promises."""
    if isinstance(value, dict):
        return all(held(each) for pair in value.items() for each in pair)
    if isinstance(value, list):
        return all(map(held, value))
    if isinstance(value, str):
        return not any(0xD800 <= ord(letter) < 0xE000 for letter in value)
    if isinstance(value, float):
        return math.isfinite(value)
    return value is None or -(2**63) <= value < 2**63


TOKENS = [
    *'[]{},:"\\-',
    "9" * 19,
    "9223372036854775807",
    "9223372036854775808",
    *("1e308", "1e400", "1E+999", "-1e-400", "0", "1.5", "NaN", "Infinity", "true", "null"),
    *('"a"', '"b"', '"\\ud83d"', '"\\ud83d\\ude00"', '"\\\\ud83d"', '"\ud83d"', '"\0"', "[" * 70, "]" * 70),
]


@given(st.lists(st.sampled_from(TOKENS), max_size=12))
def test_anything_else_is_a_value_error(tokens):
    text = "".join(tokens)
    try:
        value = parse(text)
    except ValueError:
        return
    assert held(value)
    assert repr(value) == repr(json.loads(text))


@given(st.binary(max_size=60))
def test_any_bytes_are_a_value_or_a_value_error(content):
    with suppress(ValueError):
        assert held(parse(content))


@pytest.mark.parametrize(
    ("text", "word"),
    [
        ("[" * 100_000, "nested deeper than 64"),
        ('{"a":' * 100_000 + "1" + "}" * 100_000, "nested deeper than 64"),
        ("[" * (MAX_DEPTH + 1) + "]" * (MAX_DEPTH + 1), "nested deeper than 64"),
        ("9" * 5000, "an integer of 5000 digits"),
        ("-" + "9" * 400, "an integer of 400 digits"),
        ("9223372036854775808", "an integer of 19 digits; the largest is 9223372036854775807"),
        ("-9223372036854775809", "an integer of 19 digits"),
        ("1e309", "1e309 is too large"),
        ("9" * 400 + ".0", "is too large"),
        ("[NaN]", "NaN is no number"),
        ("-Infinity", "-Infinity is no number"),
        ('{"\\ud800": 1}', "half of a surrogate pair"),
        ('["\\ude00\\ud83d"]', "half of a surrogate pair"),
        ('["\ud83d"]', "half of a surrogate pair"),
        ('{"size": 1, "size": 2}', "'size' is given twice"),
        ("", "Expecting value"),
        ("{} {}", "Extra data"),
        (b"\xff\xff", "can't decode"),
        (b"\0", "Expecting value"),
    ],
)
def test_what_is_refused_says_why(text, word):
    with pytest.raises(ValueError, match=re.escape(word)) as caught:
        parse(text)
    str(caught.value).encode()  # it can be shown, whatever was in the text


@pytest.mark.parametrize("number", [2**63 - 1, -(2**63), 1.7976931348623157e308, 5e-324, 10**18])
def test_numbers_at_the_limits_are_taken(number):
    assert parse(json.dumps([number])) == [number]


def test_brackets_in_words_nest_nothing():
    words = ["[" * 1000, '\\"[{' * 500, "}" * 99]
    assert parse(json.dumps(words)) == words
    assert parse(json.dumps([[]] * 1000)) == [[]] * 1000
    deepest = "[" * MAX_DEPTH + "]" * MAX_DEPTH
    assert parse(deepest) == json.loads(deepest)


def test_digits_in_a_hash_are_no_numbers():
    assert parse('{"checksum": "9e99912345678901234567890", "step": 3}')["step"] == 3
