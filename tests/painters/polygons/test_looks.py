"""What polygons may look like: how it is said, how it is refused, and that every polygon keeps to it."""

from pathlib import Path

import numpy as np
import pytest

from engine.image.palette import find_palette
from engine.image.target import open_target
from engine.painters.polygons.painter import PolygonPainter
from engine.painters.polygons.params import PolygonParams
from engine.painters.registry import params_of
from engine.spec.resolution import resolve
from engine.spec.settings import from_assignments, from_flags
from tests.doubles.toy_specs import read, refusal

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


COLOURS = (
    "must be none, a number of colours from 2 to 256, or colours such as black,tomato or "
    '"#000000,#ffcc00" (in YAML an unquoted # starts a comment), not'
)


@pytest.mark.parametrize(
    ("text", "palette", "written"),
    [
        ("none", "none", "none"),
        ("6", 6, "6"),
        ('"#000000,#FFcc00"', ("#000000", "#ffcc00"), "['#000000', '#ffcc00']"),
        ("['#0000ff', '#00ff00', '#0000FF']", ("#0000ff", "#00ff00"), "['#0000ff', '#00ff00']"),
        ('"#0000ff"', ("#0000ff",), "['#0000ff']"),
    ],
)
def test_palettes(tmp_path: Path, text, palette, written):
    spec = settle(read(tmp_path / "spec.yaml", f"palette: {text}"))
    assert spec.painter.params == PolygonParams(palette=palette)
    assert f"  palette: {written}\n" in spec.to_yaml()
    assert settle(read(tmp_path / "again.yaml", spec.to_yaml())) == spec


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("1", "1"),
        ("257", "257"),
        ("6.5", "6.5"),
        ("redd", "redd; perhaps red is meant"),
        ("#000000", "null"),
        ("'#00000'", "#00000"),
        ("'#000000;#ffffff'", "'#000000;#ffffff'"),
        ("'#000000,whit'", "#000000,whit; perhaps white is meant"),
        ("[]", "[]"),
        ("yes", "yes"),
    ],
)
def test_other_palettes_are_refused(tmp_path: Path, text, shown):
    path = tmp_path / "spec.yaml"
    said = refusal(lambda: settle(read(path, f"palette: {text}")))
    assert said == f"{path}:1: palette {COLOURS} {shown}."


def nearest_error(pixels, palette):
    colours = np.array([list(bytes.fromhex(colour[1:])) for colour in palette], float)
    return np.square(pixels.reshape(-1, 1, 3) - colours).sum(axis=2).min(axis=1).mean()


def test_a_palette_is_found_from_the_picture():
    pixels = open_target("coffee", 100).pixels
    found = find_palette(pixels, 6)
    assert len(found) == 6
    assert find_palette(pixels, 6) == found
    rng = np.random.default_rng(0)
    picked = [rng.permutation(pixels.reshape(-1, 3))[:6] for _ in range(50)]
    others = [[f"#{bytes(colour).hex()}" for colour in colours.tolist()] for colours in picked]
    assert nearest_error(pixels, found) < min(nearest_error(pixels, other) for other in others)


def test_a_picture_of_few_colours_has_no_more():
    pixels = np.zeros((400, 400, 3), np.uint8)
    pixels[:, 200:] = (255, 128, 0)
    assert sorted(find_palette(pixels, 6)) == ["#000000", "#ff8000"]


@pytest.mark.parametrize("alpha", [0, 1, 127, 255])
def test_a_palette_is_found_however_little_can_be_seen(alpha):
    pixels = np.zeros((400, 400, 4), np.uint8)
    pixels[1, 1] = alpha
    assert find_palette(pixels, 6) == ("#ffffff" if alpha else "#000000",)


@pytest.mark.parametrize(("background", "expected"), [("mean", (1, 128 / 255, 0)), ("white", (1, 1, 1))])
def test_a_mean_background_is_one_of_the_palette_and_a_chosen_one_stays(background, expected):
    target = open_target("chelsea", 50, background)
    analysis = PolygonPainter(PolygonParams(palette=("#0000ff", "#ff8000"))).analyse(target)
    assert analysis.background == expected
    assert analysis.params.palette == ("#0000ff", "#ff8000")


def test_without_a_palette_there_is_nothing_to_learn():
    target = open_target("chelsea", 50)
    analysis = PolygonPainter(PolygonParams()).analyse(target)
    assert (analysis.params, analysis.background) == (PolygonParams(), target.background)
