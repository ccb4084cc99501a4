"""A file of shapes: exact there and back, written by hand, and refused in a sentence whatever is in it."""

import copy
import json
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine.errors import RunError
from engine.export import json_shapes
from engine.export.json_shapes import FORMAT, read_shapes, to_json
from engine.scene.kinds import BEZIER, CIRCLE, ELLIPSE, LINE, RECTANGLE, ROTATED_ELLIPSE, ROTATED_RECTANGLE
from engine.scene.shape_scene import ShapeScene
from engine.scene.shapes import Shapes
from tests.export.strokes import scene as scene_of_marks
from tests.export.strokes import strokes

GEOMETRIES: dict[int, list[float]] = {
    3: [1, 2, 30, 5, 7, 18],
    6: [1, 2, 10, 0, 30, 5, 20, 15, 9, 18, 2, 9],
    RECTANGLE: [20, 10, 8, 4],
    ROTATED_RECTANGLE: [20, 10, 3, 4, 2],
    ELLIPSE: [20, 10, 8, 4],
    ROTATED_ELLIPSE: [20, 10, 6, -8, 3],
    CIRCLE: [20, 10, 7.5],
    LINE: [5, 4, 30, 12, 1.5],
    BEZIER: [5, 4, 20, 25, 35, 4, 1.5],
}
BY_HAND: dict[str, Any] = {
    "format": FORMAT,
    "version": 1,
    "width": 40,
    "height": 20,
    "background": [0, 0.5, 1],
    "painter": "polygons",
    "marks": [
        {"form": "polygon", "points": [[1, 2], [30, 5], [7, 18]], "colour": [1, 0, 0], "opacity": 0.5},
        {"form": "rectangle", "points": [[20, 10], [28, 10], [20, 14]], "colour": [0, 1, 0]},
        {"form": "ellipse", "points": [[20, 10], [23.3, 14.4], [21.6, 8.8]], "colour": [0, 0, 0]},
        {"form": "stroke", "points": [[5, 4], [20, 25], [35, 4]], "colour": [0.2, 0, 1], "width": 3},
    ],
}


def scene(numbers=1, seed=0, background=(0.1, 1 / 3, 0.5)):
    """`numbers` shapes of every kind, of any size, at any place."""
    rng = np.random.default_rng(seed)
    kinds = np.repeat(list(GEOMETRIES), numbers)
    shapes = Shapes.empty(len(kinds), 12, 3 if background else 4)
    for at, kind in enumerate(kinds):
        geometry = np.array(GEOMETRIES[kind]) * 10 ** rng.uniform(-1, 2, len(GEOMETRIES[kind]))
        shapes.geometry[at, : len(geometry)] = geometry
    shapes.ids[:] = np.arange(len(kinds))
    shapes.kinds[:] = kinds
    shapes.colours[:, :3] = rng.random((len(kinds), 3))
    shapes.opacities[:] = rng.random(len(kinds))
    return ShapeScene(200, 400, background, shapes, len(kinds))


def read(path, content):
    path.write_text(content if isinstance(content, str) else json.dumps(content))
    return read_shapes(path)


def scene_of(content):
    return ShapeScene.from_marks(content.height, content.width, content.background, content.marks)


def refusal(path, content):
    with pytest.raises(RunError) as caught:
        read(path, content)
    said = str(caught.value)
    assert said.isprintable()
    assert said.endswith(".")
    return said.removeprefix(f"{path}: ")


@pytest.mark.parametrize("background", [(0.1, 1 / 3, 0.5), None])
def test_every_bit_survives(tmp_path, background):
    before = scene(300, background=background)
    content = read(tmp_path / "a.json", to_json(before, "polygons"))
    assert (content.painter, content.background) == ("polygons", background)
    after = scene_of(content)
    for name, array in before.arrays().items():
        np.testing.assert_array_equal(after.arrays()[name], array, name)


def test_it_is_a_line_for_each_mark_in_few_digits():
    text = to_json(scene(), "polygons")
    head, *lines, last = text.splitlines()
    assert (len(lines), last) == (len(GEOMETRIES), "]}")
    assert json.loads(head + last) | {"marks": []} == json.loads(head + last)
    for line in lines:
        assert json.loads(line.rstrip(","))["form"]
    number = json.loads(lines[0].rstrip(","))["colour"][0]
    assert len(str(number)) < 12, "as a float, not as a double"


def test_an_empty_scene_is_one(tmp_path):
    blank = ShapeScene.empty(3, 5, None, 6)
    assert len(scene_of(read(tmp_path / "a.json", to_json(blank, "polygons")))) == 0


def test_a_file_written_by_hand_is_understood(tmp_path):
    content = read(tmp_path / "a.json", BY_HAND)
    assert (content.height, content.width, content.background) == (20, 40, (0, 0.5, 1))
    shapes = scene_of(content).shapes
    assert shapes.kinds.tolist() == [3, RECTANGLE, ROTATED_ELLIPSE, BEZIER]
    assert shapes.opacities.tolist() == [0.5, 1, 1, 1]
    np.testing.assert_array_equal(shapes.geometry[1, :4], [20, 10, 8, 4])
    np.testing.assert_allclose(shapes.geometry[2, :5], [20, 10, 3.3, 4.4, 2], rtol=1e-6)
    np.testing.assert_array_equal(shapes.geometry[3, :7], [5, 4, 20, 25, 35, 4, 1.5])
    least = {key: BY_HAND[key] for key in ("format", "version", "width", "height")} | {"marks": []}
    assert read(tmp_path / "a.json", least).painter is None


@given(st.lists(strokes, max_size=5))
def test_strokes_read_back_to_equal_marks(tmp_path_factory, marks):
    path = tmp_path_factory.getbasetemp() / "strokes.json"
    path.write_text(to_json(scene_of_marks(*marks), "curves"))
    found = read_shapes(path).marks
    assert len(found) == len(marks)
    for one, other in zip(found, marks, strict=True):
        np.testing.assert_array_equal(one.points.astype(np.float32), other.points)
        assert (one.form, one.cap) == (other.form, other.cap)
        for name in ("colour", "opacity", "width"):
            np.testing.assert_array_equal(np.float32(getattr(one, name)), np.float32(getattr(other, name)))
    assert path.read_text().count('"cap": "round"') == sum(mark.cap == "round" for mark in marks)
    assert '"butt"' not in path.read_text()


def test_half_axes_may_be_written_in_any_direction(tmp_path):
    for ends in ([[28, 10], [20, 6]], [[12, 10], [20, 14]], [[20, 14], [28, 10]]):
        mark = {"form": "ellipse", "points": [[20, 10], *ends], "colour": [0, 0, 0]}
        drawn = scene_of(read(tmp_path / "a.json", BY_HAND | {"marks": [mark]})).draw(20, 40)
        mark["points"] = [[20, 10], [28, 10], [20, 14]]
        upright = scene_of(read(tmp_path / "a.json", BY_HAND | {"marks": [mark]})).draw(20, 40)
        assert np.abs(drawn.astype(int) - upright).max() <= 2


POINTS = "points must be a list of [x, y] in pixels (at most a million away)"
COLOUR = "colour must be red, green and blue from 0 to 1 (sRGB)"


@pytest.mark.parametrize(
    ("change", "sentence"),
    [
        ({"opacity": 1.5}, "opacity must be a number from 0 to 1, not 1.5"),
        ({"opacity": "0.5"}, "opacity must be a number from 0 to 1, not 0.5"),
        ({"opacity": True}, "opacity must be a number from 0 to 1, not True"),
        ({"colour": [255, 0, 0]}, f"{COLOUR}, not [255, 0, 0]"),
        ({"colour": "#ff0000"}, f"{COLOUR}, not #ff0000"),
        ({"colour": None}, f"{COLOUR}, not null"),
        ({"points": [[1, 2], [3, 4, 5]]}, f"{POINTS}, not [[1, 2], [3, 4, 5]]"),
        ({"points": [[1, 2], [3, 4], [1e7, 5]]}, f"{POINTS}, not [[1, 2], [3, 4], [10000000.0, 5]]"),
        ({"points": [[1, 2], [3, 4]]}, "points must be 3 or more for form polygon, not 2"),
        ({"points": []}, "points must be 3 or more for form polygon, not 0"),
        ({"form": "ellipse", "points": [[1, 2]] * 4}, "points must be 3 for form ellipse, not 4"),
        ({"form": "ellipse", "points": [[1, 2]] * 7}, "points must be 3 for form ellipse, not 7"),
        (
            {"form": "stroke", "points": [[1, 2]] * 5},
            "points must be 2, 3, 4, 7 or 10 for form stroke, not 5",
        ),
        ({"form": "stroke", "points": [[1, 2]]}, "points must be 2, 3, 4, 7 or 10 for form stroke, not 1"),
        ({"form": "stroke", "width": 1, "cap": "flat"}, "cap must be butt or round, not flat"),
        ({"cap": "round"}, "cap is for strokes alone"),
        ({"form": "stroke"}, "width must be above 0 for a stroke, and is for nothing else"),
        ({"width": 2}, "width must be above 0 for a stroke, and is for nothing else"),
        ({"form": "heart"}, "form must be polygon, rectangle, ellipse or stroke, not heart"),
        (
            {"color": 1},
            "color isn't known here; there are form, points, colour, opacity, width, cap, blend, touch",
        ),
    ],
)
def test_a_wrong_mark_is_named(tmp_path, change, sentence):
    marks = [BY_HAND["marks"][0], BY_HAND["marks"][0] | change]
    assert refusal(tmp_path / "a.json", BY_HAND | {"marks": marks}) == f"mark 2: {sentence}."


@pytest.mark.parametrize(
    ("content", "sentence"),
    [
        ("", "is not JSON (Expecting value: line 1 column 1 (char 0)); mend it, or export it again."),
        ("[" * 100_000, "is not JSON ("),
        ("[]", "is no file of shapes (there is no format 'tessera shapes' in it); tessera export RUN"),
        (BY_HAND | {"version": 2}, "version must be 1, which is what this program reads, not 2."),
        (BY_HAND | {"width": 0}, "width must be a whole number from 1 to 20000, not 0."),
        (json.dumps(BY_HAND).replace("40", 5000 * "4"), "is not JSON (an integer of 5000 digits; the"),
        (json.dumps(BY_HAND).replace("0.5", "NaN"), "is not JSON (NaN is no number in JSON); mend it"),
        (json.dumps(BY_HAND).replace("0.5", "1e400"), "is not JSON (1e400 is too large a number); mend it"),
        (BY_HAND | {"version": "1\n" * 99}, "version must be 1,"),
        (BY_HAND | {"painter": "\ud800"}, "is not JSON (half of a surrogate pair"),
        (json.dumps(BY_HAND).replace("width", "\\ud800"), "is not JSON (half of a surrogate pair"),
        ('{"width": 1, "width": 1}', "is not JSON ('width' is given twice in one object); mend it"),
        (BY_HAND | {"marks": [{"form": "star", "\0": [1]}]}, "mark 1: "),
        (BY_HAND | {"height": 3.5}, "height must be a whole number from 1 to 20000, not 3.5."),
        (BY_HAND | {"background": [1]}, "background must be red, green and blue from 0 to 1 (sRGB), or"),
        (BY_HAND | {"size": 1}, "size isn't known here; there are width, height, background, painter,"),
        (BY_HAND | {"marks": {}}, "marks must be a list of shapes."),
        (BY_HAND | {"marks": [1]}, "mark 1: must be an object with a form, points and a colour."),
    ],
)  # fmt: skip
def test_what_is_no_file_of_shapes_is_refused(tmp_path, content, sentence):
    assert refusal(tmp_path / "a.json", content).startswith(sentence)


def test_too_much_is_refused_before_it_is_in_memory(tmp_path, monkeypatch):
    path = tmp_path / "a.json"
    with path.open("wb") as file:
        file.truncate(300_000_000)
    with pytest.raises(RunError, match=r"can't be read \(larger than 250 MB\); check the path\.$"):
        read_shapes(path)
    monkeypatch.setattr(json_shapes, "MOST", 3)
    assert refusal(path, BY_HAND) == "4 marks are too many; there can be 3."
    monkeypatch.setattr(json_shapes, "BRACKETS", 20)
    assert "has more lists than 3 marks need" in refusal(path, BY_HAND)
    monkeypatch.setattr(json_shapes, "parse", lambda text: (_ for _ in ()).throw(MemoryError))
    monkeypatch.setattr(json_shapes, "BRACKETS", 1000)
    assert "there is no memory for so many marks" in refusal(path, BY_HAND)


def test_what_cannot_be_read_is_refused(tmp_path):
    with pytest.raises(RunError, match=r"can't be read \(No such file or directory\); check the path\.$"):
        read_shapes(tmp_path / "nothing.json")
    (tmp_path / "bytes.json").write_bytes(b"\xff\xfe\xfd{")
    with pytest.raises(RunError, match="is not JSON"):
        read_shapes(tmp_path / "bytes.json")


anything = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=5), inner, max_size=3),
    max_leaves=6,
)


def assert_understood_or_refused(path, content):
    said = ""
    try:
        scene_of(read(path, content)).draw(20, 40)
    except RunError as error:
        said = str(error).removeprefix(f"{path}: ")
        assert said.endswith(".")
    except ValueError as error:  # a mark of which the painter has none
        said = str(error)
        assert said.startswith("mark ")
    assert said.isprintable()


@given(st.data())
def test_whatever_is_changed_it_is_understood_or_refused(tmp_path_factory, data):
    path = tmp_path_factory.getbasetemp() / "mutated.json"
    tree = copy.deepcopy(BY_HAND)
    node = tree
    while True:
        key = data.draw(st.sampled_from(sorted(node) if isinstance(node, dict) else range(len(node))))
        if isinstance(node[key], list | dict) and node[key] and data.draw(st.booleans()):
            node = node[key]
            continue
        if data.draw(st.booleans()):
            del node[key]
        else:
            node[key] = data.draw(anything)
        break
    assert_understood_or_refused(path, tree)


@given(st.data())
def test_whatever_a_text_loses_or_gets_it_is_understood_or_refused(tmp_path_factory, data):
    path = tmp_path_factory.getbasetemp() / "garbled.json"
    text = json.dumps(BY_HAND)
    start = data.draw(st.integers(0, len(text)))
    stop = data.draw(st.integers(start, min(start + 30, len(text))))
    new = data.draw(st.text('{}[],:"0123456789eE.-nul\\', max_size=5))
    assert_understood_or_refused(path, text[:start] + new + text[stop:])
