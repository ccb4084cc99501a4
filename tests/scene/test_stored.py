"""Scenes from files: what a scene has given is taken back, and nothing else is."""

import numpy as np
import pytest

from engine.painters.gng.scene import GasScene
from engine.scene.scene import Mark
from engine.scene.shape_scene import ShapeScene

MARKS = (
    Mark("polygon", np.array([[0, 0], [9, 0], [0, 9.0]]), (1, 0, 0), 0.5),
    Mark("ellipse", np.array([[5, 5], [8, 5], [5, 8.0]]), (0, 1, 0), 1.0),
    Mark("stroke", np.array([[1, 1], [4, 9], [7, 1.0]]), (0, 0, 1), 0.9, 2.0),
)


def arrays_of(kind, background=(1.0, 1.0, 1.0)):
    return kind.from_marks(10, 12, background, MARKS).arrays()


def gas_arrays():
    arrays = arrays_of(GasScene)
    arrays |= {
        "born": np.array(4),
        "nodes.ids": np.array([0, 1, 3]),
        "nodes.places": np.zeros((3, 2), np.float32),
        "nodes.errors": np.array([0, np.inf, 1], np.float32),
        "nodes.inks": np.zeros(3, np.uint8),
        "nodes.radii": np.ones(3, np.float32),
        "nodes.colours": np.zeros((3, 3), np.uint8),
    }
    for name, ends in (("lines", [[0, 1]]), ("faces", [[0, 1, -64]])):
        arrays |= {
            f"{name}.ends": np.array(ends),
            f"{name}.widths": np.ones(1, np.float32),
            f"{name}.colours": np.zeros((1, 3), np.uint8),
            f"{name}.opacities": np.ones(1, np.float32),
        }
    return arrays


@pytest.mark.parametrize("background", [None, (0.5, 0.25, 1.0)])
@pytest.mark.parametrize("kind", [ShapeScene, GasScene])
def test_what_a_scene_has_given_is_taken_back(kind, background):
    arrays = arrays_of(kind, background)
    again = kind.from_arrays(arrays)
    assert again.draw(20, 24).tobytes() == kind.from_marks(10, 12, background, MARKS).draw(20, 24).tobytes()
    for name, array in again.arrays().items():
        np.testing.assert_array_equal(array, arrays[name])
    assert GasScene.from_arrays(gas_arrays()).draw(10, 12).shape == (10, 12, 3)


def set_to(array, value):
    changed = array.copy()
    changed.reshape(-1)[-1] = value
    return changed


DAMAGES = {
    "missing": lambda array: None,
    "short": lambda array: array[:-1] if array.ndim else array.reshape(1),
    "long": lambda array: np.concatenate([array, array]) if array.ndim else np.array([array, array]),
    "another type": lambda array: array.astype(np.float16),
    "text": lambda array: array.astype("U8"),
    "another shape": lambda array: array[..., None],
    "negative": lambda array: set_to(array, -1000) if array.dtype != np.uint8 else array[..., None],
    "far": lambda array: set_to(array, 1e30) if array.dtype.kind == "f" else array.astype(np.int32),
    "not a number": lambda array: set_to(array, np.nan) if array.dtype.kind == "f" else array.astype(bool),
}
ALLOWED = {("geometry", "negative"), ("strokes.geometry", "negative"), ("nodes.places", "negative"),
           ("nodes.errors", "negative"), ("nodes.errors", "far"), ("strokes.ids", "negative"),
           ("background", "missing")}  # fmt: skip


def cases():
    for kind, arrays in ((ShapeScene, arrays_of(ShapeScene)), (GasScene, gas_arrays())):
        for name in arrays:
            for damage in DAMAGES:
                if (name, damage) not in ALLOWED:
                    yield pytest.param(kind, arrays, name, damage, id=f"{kind.__name__}-{name}-{damage}")


@pytest.mark.parametrize(("kind", "arrays", "name", "damage"), list(cases()))
def test_each_array_is_looked_at(kind, arrays, name, damage):
    changed = DAMAGES[damage](arrays[name])
    damaged = {each: array for each, array in arrays.items() if each != name}
    if changed is not None:
        damaged[name] = changed
    with pytest.raises(ValueError, match=r"."):
        kind.from_arrays(damaged)


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("kinds", np.array([3, 105, 2], np.int16)),
        ("kinds", np.array([3, 105, 108], np.int16)),
        ("kinds", np.array([16, 105, 107], np.int16)),  # for which there are too few numbers
        ("ids", np.array([0, 0, 1])),
        ("ids", np.array([0, 1, 3])),  # never born
        ("ids", np.array([-1, 1, 2])),
        ("size", np.array([0, 10])),
        ("size", np.array([10, 10**9])),
        ("background", np.array([0.5, 0.5])),
        ("background", np.array([])),  # transparent, where colours have three channels
        ("colours", np.full((3, 3), 1.5, np.float32)),
        ("opacities", np.full(3, -0.5, np.float32)),
    ],
)
def test_each_number_is_looked_at(name, value):
    with pytest.raises(ValueError, match=r"."):
        ShapeScene.from_arrays({**arrays_of(ShapeScene), name: value})


def test_a_length_is_not_negative():
    arrays = arrays_of(ShapeScene)
    geometry = arrays["geometry"].copy()
    geometry[2, 6] = -1  # half of the stroke's width
    with pytest.raises(ValueError, match="negative length"):
        ShapeScene.from_arrays({**arrays, "geometry": geometry})


def test_a_link_leads_to_nodes_or_points_of_the_rim():
    for name, ends in (("faces", [0, 1, -65]), ("lines", [0, -1]), ("lines", [0, 99])):
        with pytest.raises(ValueError, match="lead to no node"):
            GasScene.from_arrays({**gas_arrays(), f"{name}.ends": np.array([ends])})
