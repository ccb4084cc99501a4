"""The form of a look: what a visitor may set, within bounds that hold, in words."""

from __future__ import annotations

import json
from dataclasses import asdict

import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine.errors import SpecError
from engine.painters.registry import PAINTERS, params_of
from engine.spec.presets import read_preset
from engine.spec.resolution import check
from engine.spec.settings import from_keywords
from engine.web.form import form
from engine.web.looks import looks
from engine.web.options import Limits
from engine.web.wording import wording

PLAIN = {"XDG_CONFIG_HOME": "/nowhere"}
LOOKS = {look.name: look.painter for look in looks(PLAIN)}
FORMS = {name: form(name, Limits(), PLAIN) for name in LOOKS}


def fields_of(name):
    found = FORMS[name]
    return [*found.main, *(field for group in found.more for field in group.fields)]


FIELDS = [(name, field) for name in LOOKS for field in fields_of(name)]


def values_of(field):
    """All that the form lets a visitor choose."""
    words = st.sampled_from([choice.name for choice in field.choices or ()] or [field.default])
    match field.kind:
        case "choice":
            return words
        case "truth":
            return st.booleans()
        case "integer" | "seed":
            return st.integers(field.least, field.most) | (words if field.choices else st.nothing())
        case "number" | "duration":
            numbers = st.floats(field.least, field.most)
            return numbers | (words if field.choices else st.nothing())
        case "colours":
            colour = st.integers(0, 2**24 - 1).map(lambda number: f"#{number:06x}")
            return st.lists(colour, min_size=field.least, max_size=field.most) | words
    raise AssertionError(field.kind)


def accepted(name, values):
    return check([read_preset(name, PLAIN), from_keywords(values)], params_of, PAINTERS)


@given(st.sampled_from(FIELDS).flatmap(lambda each: st.tuples(st.just(each), values_of(each[1]))))
def test_whatever_is_within_bounds_is_accepted(drawn):
    (name, field), value = drawn
    accepted(name, {field.name: value})


@pytest.mark.parametrize("name", LOOKS)
def test_a_form_begins_with_what_the_preset_says_and_that_is_no_change(name):
    spec = accepted(name, {})
    assert accepted(name, {field.name: field.default for field in fields_of(name)}) == spec
    assert FORMS[name].painter == LOOKS[name]


@pytest.mark.parametrize("name", LOOKS)
def test_the_settings_that_matter_come_first(name):
    assert {"count", "size", "effort", "seed"} <= {field.name for field in FORMS[name].main}
    assert len(FORMS[name].main) <= 5
    titles = [group.title for group in FORMS[name].more]
    assert titles == ["The picture", "How it is painted", "The film"] or titles == ["The picture", "The film"]


def test_every_field_has_words_and_all_words_have_a_field():
    texts = wording()["settings"]
    assert {field.name for _, field in FIELDS} == set(texts)
    assert all(text.get("label") and "about" in text for text in texts.values())
    offered: dict[str, set[str]] = {}
    for _, field in FIELDS:
        offered.setdefault(field.name, set()).update(choice.name for choice in field.choices or ())
        assert field.default is not None
    for name, text in texts.items():
        assert set(text.get("choices", {})) <= offered[name], name


def test_choices_are_told_in_words_and_the_default_is_among_them():
    for _, field in FIELDS:
        if field.kind == "choice":
            assert field.default in [choice.name for choice in field.choices]
            assert all(choice.label and "`" not in choice.label + choice.about for choice in field.choices)
        if field.kind in ("integer", "number", "duration") and not isinstance(field.default, str):
            assert field.least <= field.default <= field.most
            assert 0 < field.step <= field.most - field.least


def test_marks_are_called_as_the_painter_calls_them():
    labels = {name: FORMS[name].main[0].label for name in ("triangles", "stipple", "lace", "crayons")}
    assert labels == {
        "triangles": "Shapes",
        "stipple": "Dots",
        "lace": "Points of the net",
        "crayons": "Strokes",
    }


def test_a_hosts_limits_are_the_ends():
    found = form("triangles", Limits(count=700, size=300, effort=2.5, film_seconds=20), PLAIN)
    ends = {field.name: field.most for field in found.main}
    assert (ends["count"], ends["size"], ends["effort"]) == (700, 300, 2.5)
    film = next(group for group in found.more if group.title == "The film")
    duration = next(field for field in film.fields if field.name == "film.duration")
    assert (duration.most, duration.unit, duration.default) == (20, "s", 12.0)


def test_what_a_visitor_has_no_use_for_is_not_there():
    everything = {name: {field.name for field in fields_of(name)} for name in LOOKS}
    for names in everything.values():
        assert not {"out", "target", "from", "notify.on-success", "film.encoder", "look", "weights"} & names
        assert not {name for name in names if name.startswith(("export.", "notify.", "checkpoint."))}
    for setting, look, other in (
        ("painter.dots", "stipple", "lace"),
        ("painter.threshold", "pen", "lace"),
        ("painter.inks", "pen", "neon"),
        ("shape", "triangles", "pen"),
    ):
        assert setting in everything[look] - everything[other]
    assert "scipy" not in json.dumps(asdict(FORMS["triangles"]))


@pytest.mark.parametrize(
    "name", ["zzz", "../presets/net.yaml", "/etc/passwd.yaml", "engine/presets/net.yaml"]
)
def test_there_is_no_form_of_a_preset_that_is_not_there(name):
    with pytest.raises(SpecError, match="there is no look"):
        form(name, Limits(), PLAIN)


def test_what_is_drawn_on_blank_paper_is_no_look():
    with pytest.raises(SpecError, match="blank paper"):
        form("curls", Limits(), PLAIN)


def test_without_a_preset_there_is_the_form_of_the_default():
    found = form(None, Limits(), PLAIN)
    assert (found.painter, found.main[0].default) == ("polygons", 1000)
