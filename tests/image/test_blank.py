"""Blank paper as a target: of a size, white unless something else is chosen, found again and gone on with."""

import os
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image

import engine
from engine.batch.task_folder import identity, next_step
from engine.cli.completion import _of_metavar
from engine.errors import SpecError, TargetError
from engine.events import Notice, Resumed, Trouble
from engine.film.compose import target_at
from engine.image.blank import Blank
from engine.image.target import Origin, find_origin, open_target
from engine.painters.registry import params_of
from engine.spec.resolution import resolve
from engine.spec.settings import from_flags
from engine.spec.templates import filled
from engine.storage.run_folder import RunFolder
from engine.storage.status import read_status
from tests.doubles.pictures import noise


def spec_of(target, **flags):
    return resolve([from_flags({"target": target, **flags})], params_of)


@pytest.mark.parametrize("size", [8, 20_000])
@pytest.mark.parametrize("background", ["auto", "mean", "white"])
def test_it_is_white_and_as_large_as_it_says(size, background):
    target = open_target("blank:60x40", size, background)
    assert target.pixels.shape == (40, 60, 3)
    assert target.pixels.dtype == np.uint8
    assert (target.pixels == 255).all()
    assert (target.background, target.full_size, target.is_blank) == ((1.0, 1.0, 1.0), (40, 60), True)
    assert target.has_mean_background == (background != "white")
    assert (target.weights, target.remarks) == (None, ())


@pytest.mark.parametrize(
    ("source", "shape"),
    [("blank:1x1", (1, 1)), ("blank:256", (256, 256)), ("blank:3X7", (7, 3)), ("blank:20000x1", (1, 20_000))],
)
def test_sizes(source, shape):
    assert open_target(source, 512).pixels.shape == (*shape, 3)


def test_it_has_the_background_that_is_chosen():
    paper = open_target("blank:6x4", 8, "#0080ff")
    assert (paper.pixels == [0, 128, 255]).all()
    assert paper.background == (0, 128 / 255, 1)
    clear = open_target("blank:6x4", 8, "transparent")
    assert (clear.pixels.shape, clear.background, clear.is_blank) == ((4, 6, 4), None, True)
    assert not clear.pixels.any()
    with pytest.raises(SpecError, match="background: 'plaid' is not auto"):
        open_target("blank:6x4", 8, "plaid")


@pytest.mark.parametrize(
    "source",
    [
        *("blank:", "blank:0x5", "blank:5x0", "blank:axb", "blank:5x", "blank:x5", "blank:20001x3"),
        *("blank:3x20001", "blank:-5x5", "blank:1x2x3", "blank:1.5x3", "blank: 5x5", "blank:\u0663x\u0663"),
        "blank:99999999999x1",
    ],
)
def test_what_says_no_size_is_refused(source):
    for opened in (lambda: open_target(source, 8), lambda: find_origin(source, "none")):
        with pytest.raises(TargetError) as caught:
            opened()
        assert str(caught.value) == (
            f"{source}: must be blank:WIDTHxHEIGHT in pixels such as blank:512x512, each from 1 to 20,000; a "
            f"file of that name is ./{source}."
        )


def test_there_is_no_second_frame():
    with pytest.raises(TargetError, match=r"^blank:6x4: a still picture, so there is no frame 2; leave"):
        open_target("blank:6x4", 8, frame=2)


@pytest.mark.parametrize("word", ["blank", "Blank256", "BLANK-3x3"])
def test_it_is_suggested_to_who_nearly_says_it(word):
    with pytest.raises(TargetError, match=r"perhaps blank:512x512 is meant\.$"):
        open_target(word, 8)
    assert _of_metavar("TARGET|SPEC.yaml", "bl", {}).words == {"blank:512x512": "white paper of that size"}


def test_a_file_of_such_a_name_has_to_be_given_as_a_path(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    Image.fromarray(noise(5, 7)).save("blank.png")
    Path("blank.png").rename("blank:60x40")
    assert open_target("blank:60x40", 90).is_blank
    picture = open_target("./blank:60x40", 90)
    assert (picture.full_size, picture.is_blank) == ((5, 7), False)
    assert picture.origin.path == str(tmp_path / "blank:60x40")
    assert Origin.again(picture.origin.path, "") == picture.origin


def test_a_mask_and_importance_are_as_of_a_picture(tmp_path):
    same = open_target("blank:60x40", 8, importance="auto").weights
    np.testing.assert_array_equal(same, np.full((40, 60), 255))
    mask = tmp_path / "mask.png"
    Image.fromarray(np.repeat([[0, 255]], 3, axis=0).astype(np.uint8)).save(mask)
    target = open_target("blank:60x40", 8, importance=str(mask))
    assert target.weights is not None
    assert target.weights.shape == (40, 60)
    assert target.weights[:, 0].max() < target.weights[:, -1].min()
    origin = target.origin
    assert Origin.again(origin.path, origin.mask) == origin
    mask.write_bytes(mask.read_bytes() + b"\0")
    assert Origin.again(origin.path, origin.mask).sha256 != origin.sha256


def test_sizes_tell_papers_apart_and_the_way_they_are_written_does_not():
    assert find_origin("blank:256", "none") == find_origin("blank:256x256", "none")
    assert find_origin("blank:256x25", "none").sha256 != find_origin("blank:25x256", "none").sha256
    assert identity(spec_of("blank:256")) == identity(spec_of("blank:256x256"))
    assert str(Blank.of("blank:256")) == "blank:256x256"


def test_what_is_made_of_it_has_a_name_that_folders_can_have(tmp_path):
    spec = spec_of("blank:256x128")
    assert filled("{name}-{seed}.png", spec) == "blank-256x128-0.png"
    assert next_step(spec, tmp_path).folder == tmp_path / "blank-256x128"
    names = {spec_of(f"blank:{size}").name for size in ("64", "64x64", "64X64")}
    assert names == {"blank-64x64"}
    assert spec_of("photos/a:b.jpg").name == "a:b"


@pytest.mark.parametrize("background", ["auto", "transparent", "#203040"])
def test_a_run_on_it_goes_on_wherever_it_is_asked_to(tmp_path, monkeypatch, background):
    """Polygons have nothing to do there, and end so."""
    flags: dict[str, Any] = {"count": 5, "effort": 0.02, "workers": 1, "background": background}
    engine.render("blank:60x40", **flags, size=8, folder=tmp_path / "run", settings={"film.enabled": False})
    os.makedirs(tmp_path / "elsewhere")  # noqa: PTH103
    monkeypatch.chdir(tmp_path / "elsewhere")
    status = read_status(tmp_path / "run")
    assert (status.state, status.target_path) == ("finished", "blank:60x40")
    said = list[object]()
    engine.open_run(tmp_path / "run", on_event=said.append).resume(effort=0.04)
    assert any(isinstance(each, Resumed) for each in said)
    assert not [each for each in said if isinstance(each, Notice | Trouble)]
    with Image.open(tmp_path / "run/result.png") as image:
        assert image.size == (60, 40)
        assert image.mode == ("RGBA" if background == "transparent" else "RGB")
    paper = [32, 48, 64] if background.startswith("#") else [255, 255, 255]
    assert (target_at(RunFolder(tmp_path / "run"), 20, 30) == paper).all()
    assert "blank:60x40 in " in (tmp_path / "run/result.svg").read_text()


def test_its_size_stays_when_a_run_is_interrupted(tmp_path):
    flags: dict[str, Any] = {"count": 5, "effort": 0.02, "workers": 1, "size": 8}
    engine.render("blank:60x40", **flags, folder=tmp_path / "run", should_stop=lambda: True)
    assert read_status(tmp_path / "run").outcome == "interrupted"
    with Image.open(tmp_path / "run/result.png") as image:
        assert image.size == (60, 40)


def test_who_needs_a_picture_says_so():
    with pytest.raises(TargetError, match="blank:60x40: has nothing that --look net would draw"):
        engine.render("blank:60x40", painter="gng", count=20, effort=0.05, workers=1)
