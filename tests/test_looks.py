"""What polygons may look like: how it is said, how it is refused, and that every polygon keeps to it."""

from pathlib import Path

import pytest

from engine.painter import params_of
from engine.painters.polygons.painter import PolygonParams
from engine.settings import from_assignments, from_flags, resolve
from tests.toy_specs import read, refusal

SAID = "must be solved, a number from 0.01 to 1, or a range of two such as 0.2-0.7, not"


def settle(*documents):
    return resolve([from_flags({"target": "a"}), *documents], params_of)


@pytest.mark.parametrize(
    ("text", "ends", "written"),
    [
        ("solved", (0.1, 1.0), "solved"),
        ("Solved", (0.1, 1.0), "solved"),
        ("0.5", (0.5, 0.5), "0.5"),
        (".5", (0.5, 0.5), "0.5"),
        ("1", (1.0, 1.0), "1.0"),
        ("0.2-0.7", (0.2, 0.7), "0.2-0.7"),
        ("'.2 - 1'", (0.2, 1.0), "0.2-1.0"),
        ("[0.25, 0.7]", (0.25, 0.7), "0.25-0.7"),
    ],
)
def test_opacities(tmp_path: Path, text, ends, written):
    spec = settle(read(tmp_path / "spec.yaml", f"opacity: {text}"))
    assert spec.painter.params == PolygonParams(opacity=ends)
    assert f"  opacity: {written}\n" in spec.to_yaml()
    assert settle(read(tmp_path / "again.yaml", spec.to_yaml())) == spec


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("0", "0"),
        ("1.5", "1.5"),
        ("0.7-0.2", "0.7-0.2"),
        ("0.2-0.5-0.7", "0.2-0.5-0.7"),
        ("nan", "nan"),
        ("high", "high"),
        ("[0.2]", "[0.2]"),
        ("[0.2, 2]", "[0.2, 2]"),
        ("null", "null"),
    ],
)
def test_other_opacities_are_refused(text, shown):
    said = refusal(lambda: settle(from_assignments([f"opacity={text}"])))
    assert said == f"--set opacity {SAID} {shown}."
