import pytest

from engine.spec.forms import choices, guess, meanings, metavar


@pytest.mark.parametrize(
    ("schema", "word"),
    [
        ({"type": "integer"}, "N"),
        ({"type": "number", "exclusiveMinimum": 0, "exclusiveMaximum": 1}, "0..1"),
        ({"type": "number", "minimum": 0}, "X"),
        ({"type": "boolean"}, "true|false"),
        ({"enum": ["a", "b"]}, "a|b"),
        ({"enum": ["perceived", "even", "log-shapes", "decay"]}, "WORD"),
        ({"anyOf": [{"const": "auto"}, {"type": "integer"}, {"type": "null"}]}, "auto|N"),
        ({"type": "array", "items": {"enum": ["a", "b"]}}, "a|b"),
        ({"type": "array", "items": {"enum": ["a" * 20, "b" * 20]}}, "WORD,..."),
        ({"type": "integer", "metavar": "PX"}, "PX"),
        ({}, ""),
    ],
)
def test_a_word_for_a_value(schema, word):
    assert metavar(schema) == word


def test_words_and_what_they_mean():
    assert choices({"anyOf": [{"const": "auto"}, {"enum": ["a", "b"]}]}) == {"auto": "", "a": "", "b": ""}
    assert choices({"words": [["a", "this"], ["b", ""]]}) == {"a": "this", "b": ""}
    assert choices({"type": "integer"}) == {}
    text = "One of many. `a`: this and that; `b-c`, `d`: others; of `e: f` nothing. More."
    assert meanings(text) == {
        "a": "this and that",
        "b-c": "others; of `e: f` nothing",
        "d": "others; of `e: f` nothing",
    }


@pytest.mark.parametrize(
    ("value", "word"),
    [("triangel", "triangle"), ("x=2,triangel", "triangle"), ("zzz", ""), (5, ""), ("triangle", "")],
)
def test_guesses(value, word):
    assert guess(value, {"enum": ["triangle", "circle"]}) == word
