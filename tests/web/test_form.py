"""The form of a look: what a visitor may set, within bounds that hold, in words."""

from __future__ import annotations

import json
from dataclasses import asdict

import pytest
from hypothesis import given
from hypothesis import strategies as st

pytest.importorskip("fastapi", reason="needs the extra web")

from engine.errors import SpecError
from engine.spec.models import RunSpec
from engine.spec.settings import SHORT_NAMES
from engine.web.allowed import allowed
from engine.web.bounds import bounds_of
from engine.web.form import form
from engine.web.looks import looks
from engine.web.options import Limits
from engine.web.refused import Refused
from engine.web.wanted import wanted
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
    return wanted({"preset": name, **values}, Limits(), PLAIN).spec


def ends_of(name, field):
    """The least and the most that a field's model and the server's rules allow, which may be open."""
    path = SHORT_NAMES.get(field.name, field.name).replace("-", "_")
    group, _, key = path.rpartition(".")
    spec = accepted(name, {})
    owner = spec.painter.params if group == "painter" else getattr(spec, group) if group else spec
    told, most = bounds_of(RunSpec if owner is spec else type(owner), key), allowed(Limits())[path].most
    return told.least, min(end for end in (told.most, most) if end is not None)


NUMBERS = [each for each in FIELDS if each[1].kind in ("integer", "number", "duration", "seed")]


@pytest.mark.parametrize("beyond", ["least", "most"])
@given(st.sampled_from(NUMBERS), st.integers(1, 10**6))
def test_whatever_is_out_of_bounds_is_refused_with_a_sentence(beyond, drawn, step):
    name, field = drawn
    least, most = ends_of(name, field)
    assert least <= field.least < field.most <= most
    value = least - step if beyond == "least" else most + step
    with pytest.raises(Refused) as found:
        accepted(name, {field.name: value})
    assert field.name in found.value.sentence
    assert found.value.sentence.endswith(".")
    assert str(value) in found.value.sentence


@given(st.sampled_from([each for each in FIELDS if each[1].kind in ("choice", "colours", "truth")]))
def test_words_that_a_setting_does_not_take_are_refused_with_a_sentence(drawn):
    name, field = drawn
    with pytest.raises(Refused, match=rf"^{field.name} must be .*, not zzz"):
        accepted(name, {field.name: "zzz"})


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
    assert titles == ["The picture", "How it is painted", "The film", "For the curious"]


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


def test_what_a_hosts_own_preset_says_is_within_the_bounds_of_its_form(tmp_path):
    folder = tmp_path / "tessera" / "presets"
    folder.mkdir(parents=True)
    (folder / "own.yaml").write_text("size: 40\ncount: 900\neffort: 0.05\nfilm: {duration: 90s, hold: 0s}\n")
    environ = {"XDG_CONFIG_HOME": str(tmp_path)}
    limits = Limits(count=500, film_seconds=30)
    found = form("own", limits, environ)
    fields = {
        field.name: field for field in (*found.main, *(each for group in found.more for each in group.fields))
    }
    told = {
        name: (fields[name].least, fields[name].default, fields[name].most)
        for name in ("size", "count", "effort")
    }
    assert told == {"size": (40, 40, 1024), "count": (1, 500, 500), "effort": (0.05, 0.05, 8)}
    assert (fields["film.duration"].default, fields["film.duration"].most) == (30, 30)
    same = {name: field.default for name, field in fields.items()}
    assert (
        wanted({"preset": "own", **same}, limits, environ).spec
        == wanted({"preset": "own"}, limits, environ).spec
    )
