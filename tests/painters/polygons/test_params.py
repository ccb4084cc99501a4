import pytest

from engine.errors import SpecError
from engine.painters.polygons.params import KINDS, PolygonParams, weights
from engine.painters.registry import params_of
from engine.scene.kinds import CIRCLE, ELLIPSE
from engine.spec.resolution import resolve
from engine.spec.settings import from_flags, read_document


@pytest.mark.parametrize(
    ("given", "kept"),
    [
        ("triangle", "triangle"),
        ("Quad", "quad"),
        ("polygon:05", "polygon:5"),
        ("mixed", "mixed"),
        (" triangle = 2, ellipse=1 ", "triangle=2,ellipse"),
        (["circle", "line=.5"], "circle,line=0.5"),
        ("triangle=2000000,ellipse=.00001", "triangle=2e+06,ellipse=1e-05"),
    ],
)
def test_shapes_are_kept_in_short(given, kept):
    assert PolygonParams(shape=given).shape == kept
    assert PolygonParams(shape=kept).shape == kept


def test_weights():
    assert weights("triangle=2,ellipse,polygon:3") == {3: 3.0, ELLIPSE: 1.0}
    assert weights("circle") == {CIRCLE: 1.0}
    assert weights("circle=2e+06,ellipse=1e-05") == {CIRCLE: 2e6, ELLIPSE: 1e-5}
    assert weights("mixed") == dict.fromkeys(KINDS.values(), 1.0)


@pytest.mark.parametrize(
    "text",
    [
        "circel",
        "polygon:2",
        "polygon:99",
        "triangle=-1",
        "triangle=0",
        "triangle=x",
        "triangle=1e999",
        "triangle,",
        "",
        "mixed,quad",
    ],
)
def test_anything_else_is_refused_in_one_sentence(text):
    with pytest.raises(SpecError) as caught:
        resolve([from_flags({"target": "a", "shape": text})], params_of)
    message = str(caught.value)
    assert message.startswith("--shape must be triangle, quad, rectangle,")
    assert "polygon:N (N from 3 to 16)" in message
    assert text in message
    assert message.count("\n") == 0


@pytest.mark.parametrize(
    "shape", ["triangle=2,ellipse", "[triangle=2, ellipse]", "\n- triangle=2\n- ellipse"]
)
def test_a_spec_file_has_the_same_text_or_a_list(shape, tmp_path):
    path = tmp_path / "spec.yaml"
    path.write_text(f"target: a\nshape: {shape}\n")
    spec = resolve([read_document(path)], params_of)
    assert spec.painter.params == PolygonParams(shape="triangle=2,ellipse")
