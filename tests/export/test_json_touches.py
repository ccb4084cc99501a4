"""Strokes of brushes in a file of shapes: every number comes back, and what is none is refused."""

from __future__ import annotations

import json

import numpy as np
import pytest

from engine.errors import RunError
from engine.export.json_shapes import read_shapes, to_json
from engine.scene.scene import Brushwork
from tests.painters.brush.scenes import painting

WORK = Brushwork("made", False, "canvas")


@pytest.fixture
def content():
    return json.loads(to_json(painting(4, paper="canvas"), "brush"))


def test_every_number_of_a_stroke_comes_back(tmp_path):
    path, scene = tmp_path / "a.json", painting(12, paper="canvas")
    path.write_text(to_json(scene, "brush"))
    found = read_shapes(path).marks
    assert len(found) == 12
    for one, other in zip(found, scene.marks(), strict=True):
        assert one.touch is not None
        assert other.touch is not None
        assert one.touch.work == WORK
        assert one.touch.level == other.touch.level
        for name in ("radius", "opacity", "pressures", "grain"):
            told, kept = getattr(one.touch, name), getattr(other.touch, name)
            np.testing.assert_array_equal(np.float32(told), np.float32(kept))
        np.testing.assert_array_equal(one.points.astype(np.float32), other.points)


def test_marks_of_others_say_nothing_of_a_brush(tmp_path, content):
    assert content["brush"] == {"name": "made", "opaque": False, "paper": "canvas"}
    del content["marks"][0]["touch"]
    (tmp_path / "a.json").write_text(json.dumps(content))
    marks = read_shapes(tmp_path / "a.json").marks
    assert [mark.touch is None for mark in marks] == [True, False, False, False]


@pytest.mark.parametrize(
    ("change", "sentence"),
    [
        ({"touch": {"radius": 0, "pressures": [0, 1]}}, "mark 2: touch: radius must be"),
        ({"touch": {"radius": 3}}, "mark 2: touch: pressures is missing: it must be two numbers from 0 to 1"),
        ({"touch": {"radius": 3, "pressures": [0, 2]}}, "mark 2: touch: pressures must be two numbers"),
        ({"touch": {"radius": 3, "pressures": [0, 1], "hue": 1}}, "mark 2: touch: hue isn't known here"),
        ({"touch": 3}, "mark 2: touch must be an object with a radius and pressures, not 3"),
        ({"form": "polygon", "width": 0, "cap": "butt"}, "mark 2: touch is for strokes alone"),
        ({"brush": None}, "mark 1: touch wants a brush, and the file names none"),
        ({"brush": {"name": 3}}, "brush: name must be"),
    ],
)
def test_what_is_wrong_is_named(tmp_path, content, change, sentence):
    (content if "brush" in change else content["marks"][1]).update(change)
    (tmp_path / "a.json").write_text(json.dumps(content))
    with pytest.raises(RunError) as caught:
        read_shapes(tmp_path / "a.json")
    said = str(caught.value).removeprefix(f"{tmp_path / 'a.json'}: ")
    assert said.startswith(sentence)
    assert said.endswith(".")
