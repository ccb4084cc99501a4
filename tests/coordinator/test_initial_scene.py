"""Starting from another run: what is taken from it, how it is refused, and growing, thinning, resizing it."""

import json
import shutil
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from engine.coordinator.initial_scene import open_start, with_background
from engine.errors import RunError
from engine.export.json_shapes import FORMAT, to_json
from engine.image.metric import rmse
from engine.image.target import Target
from engine.painters.registry import PAINTERS, painter_class, params_of
from engine.scene.scene import Mark
from engine.spec.resolution import resolve
from engine.spec.settings import from_flags
from engine.storage.run_folder import CHECKPOINTS, RunFolder
from engine.storage.snapshots import read_scene, read_snapshots
from tests.conftest import result
from tests.contracts.painter_contract import content
from tests.doubles.running import like_polygons
from tests.doubles.toy import NOWHERE, picture
from tests.doubles.toy_specs import read, refusal

SCENE = painter_class("polygons").scene_class
FLAGS = ["--effort", "0.1", "--no-film", "--size", "90", "--workers", "1"]


def spec_of(start, painter="polygons"):
    flags = {"target": "a", "from": None if start is None else str(start), "painter": painter}
    return resolve([from_flags(flags)], params_of)


def target_of(height=60, width=90, background=(0.2, 0.4, 0.6), is_mean=True):
    return Target(picture(height, width), background, is_mean, (height, width), None, NOWHERE)


def refused(start, target=None, painter="polygons"):
    with pytest.raises(RunError) as caught:
        open_start(spec_of(start, painter), target or target_of(), print)
    message = str(caught.value)
    assert message.isprintable()
    assert message.endswith(".")
    return message


@pytest.fixture
def copy(run_folder, tmp_path):
    return Path(shutil.copytree(run_folder, tmp_path / "copy"))


def test_from_is_a_setting_like_all_others(tmp_path):
    spec = resolve([read(tmp_path / "spec.yaml", "target: a\nfrom: outputs/a")], params_of)
    assert spec.start == "outputs/a"
    assert "\nfrom: outputs/a\n" in spec.to_yaml()
    assert resolve([read(tmp_path / "again.yaml", spec.to_yaml())], params_of) == spec
    assert resolve([read(tmp_path / "no.yaml", "target: a\nfrom: null")], params_of).start is None
    said = refusal(lambda: resolve([read(tmp_path / "bad.yaml", "target: a\nfrom: ''")], params_of))
    path = tmp_path / "bad.yaml"
    either = "the folder of a run such as outputs/photo, or a file of shapes such as picture.json"
    assert said == f"{path}:2: from must be {either}, or null, not ''."
    said = refusal(lambda: resolve([read(path, "target: a\nstart: a")], params_of))
    assert said.startswith(f"{path}:2: start isn't a setting")


def test_without_from_there_is_no_start():
    assert open_start(spec_of(None), target_of(), print) is None


def test_the_start_is_the_last_scene_of_the_run(run_folder):
    scene = open_start(spec_of(run_folder), target_of(), print)
    folder = RunFolder.open(run_folder)
    last = read_scene(folder, read_snapshots(folder)[-1], SCENE)
    assert scene is not None
    np.testing.assert_array_equal(scene.draw(60, 90), last.draw(60, 90))
    target = np.asarray(Image.open(run_folder / "target.png"))
    assert rmse(scene.draw(60, 90), target) == pytest.approx(result(run_folder)["error"])


@pytest.mark.parametrize(
    ("height", "width"), [(60, 90), (61, 90), (120, 180), (20, 30), (7, 10), (682, 1024)]
)
def test_any_size_of_the_same_proportions_will_do(run_folder, height, width):
    assert open_start(spec_of(run_folder), target_of(height, width), print) is not None


@pytest.mark.parametrize(("height", "width"), [(90, 60), (63, 90), (60, 60), (1000, 1460)])
def test_other_proportions_are_refused(run_folder, height, width):
    said = refused(run_folder, target_of(height, width))
    assert said.startswith(f"{run_folder}: ")
    assert "90 x 60" in said
    assert f"{width} x {height}" in said


def test_what_is_no_run_is_refused(tmp_path, photo):
    for path in (tmp_path, tmp_path / "nothing", photo):
        assert refused(path).startswith(f"{path}: is not a run folder")


def test_a_run_without_snapshots_has_a_checkpoint(copy):
    scene = open_start(spec_of(copy), target_of(), print)
    shutil.rmtree(copy / "snapshots")
    again = open_start(spec_of(copy), target_of(), print)
    assert scene is not None
    assert again is not None
    assert content(again) == content(scene)


def test_a_run_without_checkpoints_and_snapshots_or_with_damaged_ones_is_refused(copy):
    for name in CHECKPOINTS:
        (copy / name).write_bytes(b"damaged")
    last = sorted((copy / "snapshots").iterdir())[-1]
    last.write_bytes(last.read_bytes()[:100])
    assert str(last) in refused(copy)
    last.unlink()
    assert refused(copy).startswith(f"{last}: is damaged or missing (No such file or directory);")
    (copy / "snapshots.jsonl").write_text("")
    assert "has no snapshots" in refused(copy)
    (copy / "snapshots.jsonl").unlink()
    assert refused(copy).startswith(f"{copy / 'snapshots.jsonl'}: is missing; render the picture again.")


def test_another_painters_run_is_refused(run_folder, monkeypatch):
    monkeypatch.setitem(PAINTERS, "vandal", like_polygons("tests.doubles.toy:Vandal"))
    said = refused(run_folder, painter="vandal")
    assert said.startswith(f"{run_folder}: was painted by polygons, and vandal can't go on with that")


def test_a_file_of_shapes_is_a_start_like_a_run(run_folder, tmp_path):
    scene = open_start(spec_of(run_folder), target_of(), print)
    assert scene is not None
    for name in ("shapes.json", "shapes.JSON"):
        (tmp_path / name).write_text(to_json(scene, "polygons"))
        again = open_start(spec_of(tmp_path / name), target_of(120, 180), print)
        assert again is not None
        assert again.background == scene.background
        np.testing.assert_array_equal(again.draw(80, 120), scene.draw(80, 120))
    said = refused(tmp_path / "shapes.json", target_of(90, 60))
    assert said.startswith(f"{tmp_path}/shapes.json: its picture has 90 x 60 px, which are other proportions")


def test_a_file_of_what_the_painter_has_not_is_refused(tmp_path, monkeypatch):
    monkeypatch.setitem(PAINTERS, "vandal", like_polygons("tests.doubles.toy:Vandal"))
    path = tmp_path / "shapes.json"
    head = f'{{"format": "{FORMAT}", "version": 1, "width": 9, "height": 6, '
    path.write_text(f'{head}"painter": "a\\nb", "marks": []}}')
    assert refused(path).startswith(f"{path}: was painted by 'a\\nb', and polygons can't go on with that")
    path.write_text(f'{head}"marks": []}}')
    assert open_start(spec_of(path, "vandal"), target_of(), print) is not None, (
        "it is of nobody in particular"
    )
    mark = {"form": "polygon", "points": [[x, x * x] for x in range(17)], "colour": [0, 0, 0]}
    path.write_text(f'{head}"marks": [{json.dumps(mark)}]}}')
    assert refused(path) == f"{path}: mark 1: a polygon has 3 to 16 corners, not 17."
    mark |= {"form": "ellipse", "points": [[0, 0], [3, 0], [3, 1]]}
    path.write_text(f'{head}"marks": [{json.dumps(mark)}]}}')
    assert refused(path) == f"{path}: mark 1: the half-axes of ellipses are at right angles."


def test_polygons_have_no_cubic_curves_and_no_round_ends():
    points = np.array([[0, 0], [3, 0], [3, 1], [4, 4]], np.float64)
    stroke = Mark("stroke", points[:3], (0, 0, 0), 1, 1)
    assert len(SCENE.from_marks(6, 9, None, [stroke])) == 1
    for other in (replace(stroke, cap="round"), replace(stroke, points=points)):
        with pytest.raises(ValueError, match=r"^mark 2: a stroke of cubic curves or with round ends is none"):
            SCENE.from_marks(6, 9, None, [stroke, other])


@pytest.mark.parametrize(
    ("chosen", "is_mean", "of_start", "expected"),
    [
        ((0.2, 0.4, 0.6), True, (0.0, 0.0, 1.0), (0.0, 0.0, 1.0)),
        ((0.2, 0.4, 0.6), True, None, (0.2, 0.4, 0.6)),
        ((1.0, 1.0, 1.0), False, (0.0, 0.0, 1.0), (1.0, 1.0, 1.0)),
        (None, False, (0.0, 0.0, 1.0), None),
    ],
)
def test_the_starts_background_stays_unless_another_one_was_chosen(chosen, is_mean, of_start, expected):
    start = painter_class("polygons")(params_of("polygons")()).empty_scene(60, 90, of_start)
    assert with_background(target_of(background=chosen, is_mean=is_mean), start).background == expected


@pytest.mark.parametrize(
    "flags",
    [
        pytest.param(["--count", "90", "--grid", "2x3"], id="grow"),
        pytest.param(["--count", "20", "--grid", "1x1"], id="thin"),
        pytest.param(["--count", "60", "--size", "45", "--shape", "ellipse", "--seed", "1"], id="resize"),
    ],
)
def test_a_run_goes_on_from_another(tessera, photo, run_folder, tmp_path, flags):
    out = tmp_path / "run"
    done = tessera("render", photo, "--from", run_folder, "--out", out, *FLAGS, *flags, "--quiet")
    assert (done.returncode, done.stderr) == (0, "")
    folder, count = RunFolder.open(out), int(flags[1])
    snapshots = read_snapshots(folder)
    first, last = snapshots[0], snapshots[-1]
    assert first.shapes == min(result(run_folder)["shapes"], count)
    assert first.shapes <= last.shapes <= count
    assert last.shapes > 60 or count <= 60
    errors = [each.error for each in snapshots]
    assert errors == sorted(errors, reverse=True), "no job makes it worse"
    assert last.error < first.error
    kept = [set(read_scene(folder, each, SCENE).arrays()["ids"].tolist()) for each in (first, last)]
    assert len(kept[0] & kept[1]) > 0.7 * len(kept[0])


def test_a_run_never_paints_over_the_one_that_it_starts_from(tessera, photo, copy):
    before = {path: path.read_bytes() for path in copy.rglob("*") if path.is_file()}
    done = tessera("render", photo, "--from", copy, "--out", copy, *FLAGS, "--json")
    assert (done.returncode, done.stdout) == (2, ""), "it is refused before anything is prepared"
    assert done.stderr == f"tessera: {copy}: is not empty; choose another --out, or remove it first.\n"
    assert {path: path.read_bytes() for path in copy.rglob("*") if path.is_file()} == before


def test_ink_that_multiplies_is_not_taken_for_paint_that_covers():
    outline = np.array([[0.0, 0.0], [9.0, 0.0], [0.0, 9.0]])
    mark = Mark("polygon", outline, (1.0, 0.0, 0.0), 1.0, blend="multiply")
    with pytest.raises(ValueError, match=r"^mark 1: ink that multiplies is none"):
        SCENE.from_marks(6, 9, None, [mark])
