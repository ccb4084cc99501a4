"""Animations by the command line, from a run's folder."""

import shutil

import pytest

from engine.image.metric import rmse
from engine.scene.shape_scene import ShapeScene
from engine.storage.run_folder import RunFolder
from engine.storage.snapshots import read_scene, read_snapshots
from tests.conftest import decode, refused

SHORT = ("--size", 64, "--fps", 10, "--duration", "1s", "--hold", "0.2s", "--quiet")


@pytest.fixture
def run(run_folder, tmp_path):
    return shutil.copytree(run_folder, tmp_path / "run")


def drawn(run):
    folder = RunFolder.open(run)
    return read_scene(folder, read_snapshots(folder)[-1], ShapeScene).draw(43, 64)


@pytest.mark.parametrize("effect", ["assemble", "explode"])
def test_an_animation_of_a_run(tessera, run, effect):
    done = tessera("animate", run, "--effect", effect, "--seed", 3, *SHORT)
    assert (done.returncode, done.stderr) == (0, "")
    frames = decode(run / f"{effect}.mp4", (44, 64))
    assert len(frames) == 10
    finished, other = (frames[0], frames[-1]) if effect == "explode" else (frames[-1], frames[3])
    assert rmse(finished[:43], drawn(run)) < 0.04
    assert rmse(other[:43], drawn(run)) > 0.04


def test_a_morph_goes_from_one_run_to_another(tessera, run, tmp_path):
    other = tmp_path / "other"
    small = ("--size", 60, "--count", 5, "--effort", 0.1, "--workers", 1, "--no-film", "--quiet")
    assert tessera("render", "horse", "--out", other, *small).returncode == 0
    done = tessera("animate", run, "--effect", "morph", "--to", other, *SHORT)
    assert (done.returncode, done.stderr) == (0, "")
    frames = decode(run / "morph.mp4", (44, 64))
    assert rmse(frames[0][:43], drawn(run)) < 0.04
    assert rmse(frames[-1][:43], drawn(run)) > 0.1


@pytest.mark.parametrize(
    ("flags", "sentence"),
    [
        (("--effect", "morph"), "animation.to: a morph, and nothing else, needs another run"),
        (("--effect", "morph", "--to", "nowhere"), "nowhere: is not a run folder"),
        (("--effect", "dance"), "--effect must be assemble, explode, draw-on, breathe or morph, not dance"),
        (
            ("--set", "painter.count=5"),
            "RUN: is painted; other settings than those below film. or animation.",
        ),
    ],
)
def test_what_can_not_be_is_refused(run, flags, sentence):
    assert refused("animate", run, *flags).startswith(sentence.replace("RUN", str(run)))
