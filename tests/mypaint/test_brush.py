import json
from pathlib import Path

import pytest

from engine.errors import SpecError
from engine.mypaint.brush import Brush, checked, read_brush, unknown_to_engine
from engine.mypaint.bundled import BUNDLED, bundled_text
from tests.doubles.paint_engine import needs_engine


def text(**settings):
    return json.dumps({"version": 3, "settings": settings}).encode()


GOOD = {"base_value": 0.5, "inputs": {"pressure": [[0, 0], [1, 1]]}}


@pytest.mark.parametrize(
    ("content", "sentence"),
    [
        (b"\x89PNG\0", "is no brush of MyPaint"),
        (b"not json", "is no brush of MyPaint"),
        (b"[]", "is no brush of MyPaint"),
        (b'{"version": 2, "settings": {}}', "is no brush of MyPaint"),
        (b'{"version": 3, "settings": []}', "is no brush of MyPaint"),
        (b" " * ((1 << 20) + 1), "is no brush of MyPaint"),
        (text(opaque=1), "opaque: has no base_value"),
        (text(opaque={"base_value": True}), "opaque: has no base_value"),
        (text(opaque={"base_value": 1, "inputs": []}), "opaque: an input is a list"),
        (text(opaque={"base_value": 1, "inputs": {"pressure": [[0, 0]]}}), "opaque: an input is a list"),
        (text(opaque={"base_value": 1, "inputs": {"random": [[0, 0, 1]] * 2}}), "opaque: an input is a list"),
        (text(opaque={"base_value": 1, "inputs": {"random": [[0, 0]] * 65}}), "opaque: an input is a list"),
    ],
)
def test_what_is_no_brush_is_refused_before_the_engine_sees_it(content, sentence):
    with pytest.raises(SpecError, match=sentence) as caught:
        checked(content, "my.myb")
    assert str(caught.value).startswith("my.myb: ")


def test_a_good_one_is_taken_as_it_is(tmp_path):
    path = tmp_path / "my.myb"
    path.write_bytes(text(opaque=GOOD))
    assert read_brush(path) == text(opaque=GOOD).decode()
    with pytest.raises(SpecError, match=r"gone\.myb: can't be read as a brush \(No such file"):
        read_brush(tmp_path / "gone.myb")


@pytest.mark.parametrize("name", BUNDLED)
def test_brushes_that_come_along_name_their_source_and_licence(name):
    found = json.loads(bundled_text(name))
    assert "mypaint-brushes" in found["notes"]
    assert "CC0-1.0" in found["notes"]
    assert found["parent_brush_name"].rpartition("/")[2] in found["notes"]
    assert "smudge" not in found["settings"]
    assert len(list(Path("engine/mypaint/brushes").glob("*.myb"))) == len(BUNDLED)


@needs_engine
@pytest.mark.parametrize("name", BUNDLED)
def test_the_engine_takes_those_that_come_along(name):
    brush = Brush(bundled_text(name))
    assert brush.get("smudge") == brush.get("eraser") == 0
    brush.set("radius_logarithmic", 2.0)
    assert brush.radius == pytest.approx(7.389, rel=1e-3)


@needs_engine
def test_what_the_engine_does_not_know_is_a_sentence():
    with pytest.raises(SpecError, match="no_such: is no setting"):
        Brush(bundled_text("oil")).set("no_such", 1)


@needs_engine
def test_a_lifted_brush_is_put_down_again():
    brush = Brush(bundled_text("oil"))
    before = brush.get("opaque_multiply")
    with brush.lifted():
        assert brush.get("opaque_multiply") < -10
    assert brush.get("opaque_multiply") == before


@needs_engine
def test_what_this_engine_does_not_have_is_left_out_and_named(capfd):
    curves = {"pressure": [[0, 0], [1, 1]], "surfacemap_x": [[0, 0], [1, 1]]}
    found = text(
        opaque={"base_value": 0.5, "inputs": curves}, wetness={"base_value": 1, "inputs": {}}
    ).decode()
    assert unknown_to_engine(found) == ["surfacemap_x", "wetness"]
    assert unknown_to_engine(bundled_text("oil")) == []
    assert Brush(found).get("opaque") == 0.5
    assert capfd.readouterr() == ("", "")
