"""Networks learn: errors fall, what was stopped ends the same, and checkpoints are not believed."""

import io
import itertools
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from engine.errors import CheckpointError, RunError
from engine.events import Event, Learned, Learning, Measured
from engine.learning.checkpoint import CHECKPOINT
from engine.learning.held_out import figures_of, width_of
from engine.learning.learners.base import Facts
from engine.learning.plan import KINDS, Plan
from engine.learning.train import Hearing, facts_of, learner_of, train
from engine.painters.brush.generators.network_file import read_network
from engine.painters.brush.model_file import read_model
from tests.learning.plain_strokes import plain_strokes

FACTS = Facts("plain", "a line for tests", "nowhere, CC0")
EPOCHS = {"hybrid": 5, "vae": 5, "gan": 3}  # of seven batches


@pytest.fixture(scope="module")
def strokes():
    return plain_strokes(120)


def hearing(stop_after=None):
    """Whoever listens: keeps events, and stops it before so many batches; its clock ticks with each look."""
    heard: list[Event] = []
    ticks = itertools.count()
    batches = itertools.count()
    ears = Hearing(heard.append, lambda: next(batches) == stop_after, lambda: float(next(ticks)))
    return heard, ears


def learned(folder, strokes, kind="hybrid", epochs=1, stop_after=None, seed=0):
    heard, ears = hearing(stop_after)
    plan = Plan(kind, epochs, batch=16, seed=seed)
    return train(folder, strokes, FACTS, plan, "cpu", ears), heard


@pytest.mark.parametrize("kind", KINDS)
def test_a_network_learns(tmp_path, strokes, kind):
    path, heard = learned(tmp_path, strokes, kind, EPOCHS[kind])
    before = figures_of(learner_of(Plan(kind), strokes, "cpu").content(FACTS, {}), strokes)
    after = figures_of(path.read_bytes(), strokes)
    assert after["mse"] < 0.6 * before["mse"]
    # What it says of itself is what is measured, to four digits.
    said = (read_model if kind == "hybrid" else read_network)(path.read_bytes())
    assert (said.name, said.about, said.source, said.kind) == (*FACTS, kind)
    for name in ("mse", "grain", "iou", "floor", "width"):
        assert said.figures[name] == pytest.approx(after[name], rel=1e-3)
    assert [type(event) for event in heard if not isinstance(event, Learning)][-1] is Learned
    sheets = [Path(event.sheet) for event in heard if isinstance(event, Measured)]
    assert [path.name for path in sheets] == [f"sheet-{n:04}.png" for n in range(1, EPOCHS[kind] + 1)]
    with Image.open(sheets[-1]) as sheet:
        assert sheet.size[0] == 12 * 66


@pytest.mark.parametrize("kind", ["hybrid", "gan"])  # one optimiser, and two
def test_what_was_stopped_goes_on_to_the_same_end(tmp_path, strokes, kind):
    straight, _ = learned(tmp_path / "straight", strokes, kind)
    stopped, _ = learned(tmp_path / "stopped", strokes, kind, stop_after=4)
    assert stopped is None
    assert not (tmp_path / "stopped" / f"{kind}.npz").exists()
    again, heard = learned(tmp_path / "stopped", strokes, kind)
    shares = [event.share for event in heard if isinstance(event, Learning)]
    assert shares[0] > 0.5
    assert weights(again) == weights(straight)
    done, heard = learned(tmp_path / "stopped", strokes, kind)  # there is nothing left to do
    assert not [event for event in heard if isinstance(event, Learning)]
    assert weights(done) == weights(straight)


def weights(path):
    with np.load(io.BytesIO(path.read_bytes())) as found:
        return {name: found[name].tobytes() for name in found.files if name != "header"}


def test_time_ends_it_too(tmp_path, strokes):
    _, ears = hearing()
    path = train(tmp_path, strokes, FACTS, Plan("hybrid", None, seconds=20.0, batch=16), "cpu", ears)
    assert path is not None
    assert read_model(path).figures["seconds"] == pytest.approx(20, abs=5)


def test_a_checkpoint_of_another_training_is_refused(tmp_path, strokes):
    learned(tmp_path, strokes, stop_after=1)
    with pytest.raises(CheckpointError, match="belongs to a training of seed 0, not 3; give another folder"):
        learned(tmp_path, strokes, seed=3)
    with pytest.raises(CheckpointError, match="of kind hybrid, not gan"):
        learned(tmp_path, strokes, "gan")
    with pytest.raises(CheckpointError, match="of other strokes"):
        learned(tmp_path, plain_strokes(seed=2))


@pytest.mark.parametrize("content", [b"", b"PK nothing", pytest.param(None, id="without an array")])
def test_what_is_no_checkpoint_is_refused(tmp_path, strokes, content):
    learned(tmp_path, strokes, stop_after=1)
    path = tmp_path / CHECKPOINT
    if content is None:
        with np.load(path) as found:
            arrays = {name: found[name] for name in found.files if name != "net/layers.1.weight"}
        np.savez(path, **arrays)
    else:
        path.write_bytes(content)
    with pytest.raises(CheckpointError, match=r"checkpoint\.npz: is no checkpoint that I can go on with"):
        learned(tmp_path, strokes)


def test_a_folder_that_cannot_be_one_is_refused(tmp_path, strokes):
    (tmp_path / "file").write_bytes(b"")
    with pytest.raises(RunError, match="file: can't be written"):
        learned(tmp_path / "file", strokes)


def test_a_brush_is_called_what_its_file_says(tmp_path, strokes):
    assert facts_of(tmp_path, strokes).name == "plain"
    (tmp_path / "brush.myb").write_text('{"description": "soft\\n lines", "notes": "made here"}')
    assert facts_of(tmp_path, strokes) == Facts("plain", "soft lines", "made here")


def test_the_width_of_strokes_is_found(strokes):
    assert width_of(strokes.actions, strokes.alpha / np.float32(255)) == pytest.approx(1, abs=0.06)
