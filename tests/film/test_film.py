"""Films by the command line, from a run's folder."""

import json
import shutil

import numpy as np
import pytest
from PIL import Image

from engine.film.compose import target_at
from engine.film.layout import Layout, words_of
from engine.film.timeline import Figures
from engine.image.alpha import over_white
from engine.image.metric import rmse
from engine.image.pixels import decode_png, encode_png
from engine.storage.run_folder import RunFolder
from tests.conftest import decode, refused

SHORT = ("--size", 240, "--fps", 10, "--duration", "1s", "--quiet")


@pytest.fixture
def run(run_folder, tmp_path):
    return shutil.copytree(run_folder, tmp_path / "run")


def test_all_that_a_film_can_show(tessera, run, photo):
    showing = ("--intro", "0.2s", "--compare", "beside", "--caption", "--grid", "--format", "mp4")
    done = tessera("film", run, *showing, "--hold", "0.3s", "--pacing", "decay", *SHORT, "--force")
    assert done.returncode == 0, done.stderr
    layout = Layout.fit(60, 90, 240, 2, words_of(Figures(60, 100_000, 0.03, 9)))
    frames = decode(run / "evolution.mp4", (layout.height + layout.height % 2, layout.width))
    height, width = layout.panel
    target = target_at(RunFolder.open(run), height, width)
    assert len(frames) == 10
    assert all(rmse(frame[:height, :width], target) < 0.05 for frame in frames), "it is always there"
    assert rmse(frames[1][:height, -width:], target) < 0.05, "twice in the intro"
    assert rmse(frames[3][:height, -width:], target) > 0.1
    words = [frame[height : layout.height].std() for frame in frames]
    assert max(words[:2]) < 10 < min(words[2:])


def test_backwards_it_ends_with_nothing(tessera, run):
    done = tessera(
        "film", run, "--reverse", "--hold", "0s", "--pacing", "all", "--format", "mp4", *SHORT, "--force"
    )
    assert done.returncode == 0, done.stderr
    frames = decode(run / "evolution.mp4", (160, 240))
    assert frames[-1].std(axis=(0, 1)).max() < 2, "a blank canvas"
    assert frames[0].std(axis=(0, 1)).min() > 10


@pytest.mark.parametrize(
    ("flags", "sentence"),
    [
        (("--reverse", "--boomerang"), "--boomerang sets the same as --reverse; keep one of them"),
        (
            ("--compare", "wipe", "--hold", "0s"),
            "film.compare: wipe needs the last picture to stay for a while",
        ),
        (("--caption", "--size", "50"), "film.caption: there is no room for words"),
        (("--set", "count=5"), "RUN: is painted; other settings than those below film."),
        (("--dedup", "hash:3"), "--dedup must be exact, dhash:BITS or phash:BITS"),
        (("--max-bytes", "8XB"), "--max-bytes must be a size such as 8MB"),
    ],
)
def test_what_can_not_be_is_refused(run, flags, sentence):
    before = (run / "evolution.mp4").read_bytes()
    assert refused("film", run, *flags).startswith(sentence.replace("RUN", str(run)))
    assert (run / "evolution.mp4").read_bytes() == before


def test_older_snapshots_say_nothing_of_tiles_and_are_filmed(tessera, run):
    path = run / "snapshots.jsonl"
    lines = [json.loads(line) for line in path.read_text().splitlines()]
    older = [{name: value for name, value in line.items() if name != "place"} for line in lines]
    assert older != lines
    path.write_text("".join(json.dumps(line) + "\n" for line in older))
    done = tessera("film", run, "--grid", "--format", "mp4", *SHORT[:-1])
    assert done.returncode == 0, done.stderr
    assert "snapshots don't say where the jobs painted; the film shows no tiles." in done.stderr


def test_the_target_is_taken_from_the_picture_itself_or_else_from_the_folder(run, photo, tmp_path):
    folder = RunFolder.open(run)
    assert "/photo.png" in (run / "spec.yaml").read_text()
    with Image.open(photo) as image:
        original = np.asarray(image)
    np.testing.assert_array_equal(target_at(folder, 80, 120), original)
    copy = decode_png((run / "target.png").read_bytes())
    assert copy.shape == (60, 90, 3)
    content = photo.read_bytes()
    try:
        photo.write_bytes(encode_png(255 - original))
        np.testing.assert_array_equal(target_at(folder, 60, 90), over_white(copy))
        photo.unlink()
        np.testing.assert_array_equal(target_at(folder, 60, 90), over_white(copy))
    finally:
        photo.write_bytes(content)
