"""`tessera brush train` from a shell: weights and a sheet, and refusals in a sentence."""

import json
import signal
import subprocess
import time

import numpy as np
import pytest
from typer.testing import CliRunner

from engine.cli.app import app
from engine.errors import SpecError
from engine.learning.shards import write_arrays
from engine.painters.brush.model_file import read_model
from tests.conftest import command

pytest.importorskip("torch")
from tests.learning.plain_strokes import plain_strokes


@pytest.fixture(scope="module")
def data(tmp_path_factory):
    """A folder of a stranger's strokes, without a manifest."""
    folder, strokes = tmp_path_factory.mktemp("train") / "feather", plain_strokes(60)
    folder.mkdir()
    with (folder / "some.npz").open("wb") as file:
        write_arrays(file, strokes.actions, strokes.alpha)
    return folder


def run(*arguments):
    return CliRunner().invoke(app, ["brush", "train", *map(str, arguments)])


def test_a_brush_is_trained(data, tmp_path):
    done = run("--data", data, "--out", tmp_path / "out", "--epochs", "1", "--json")
    assert done.exit_code == 0, done.output
    events = [json.loads(line) for line in done.output.splitlines()]
    assert [each["event"] for each in events if each["event"] != "learning"] == ["measured", "learned"]
    model = read_model(tmp_path / "out" / "hybrid.npz")
    assert (model.name, model.figures["mse"]) == ("feather", events[-1]["figures"]["mse"])
    assert sorted(path.name for path in (tmp_path / "out").glob("*.png")) == ["sheet-0001.png", "sheet.png"]


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        (("--kind", "diffusion"), "diffusion"),
        (("--epochs", "0"), "--epochs must be a whole number from 1"),
        (("--device", "cuda"), "torch sees no CUDA device here"),
        (("--data", "nowhere"), "nowhere"),
    ],
)
def test_wrong_usage_is_refused(data, tmp_path, arguments, sentence):
    torch = pytest.importorskip("torch")
    if "cuda" in arguments and torch.cuda.is_available():
        pytest.skip("torch sees a CUDA device here")
    given = ("--out", tmp_path / "out", *(() if "--data" in arguments else ("--data", data)), *arguments)
    done = run(*given)
    assert isinstance(done.exception, SpecError)
    assert sentence in str(done.exception)
    assert not (tmp_path / "out").exists()


def test_without_torch_it_says_what_to_install(data, tmp_path, monkeypatch):
    monkeypatch.setattr("engine.learning.devices.find_spec", lambda name: None)
    done = run("--data", data, "--out", tmp_path / "out")
    assert isinstance(done.exception, SpecError)
    assert "tessera brush train needs torch, which is not installed; install it with: " in str(done.exception)


def test_interrupted_it_keeps_a_checkpoint(data, tmp_path):
    words = ("brush", "train", "--data", data, "--out", tmp_path / "out", "--epochs", "100000", "--quiet")
    process = subprocess.Popen(command(*words), stderr=subprocess.PIPE, text=True)
    while not (tmp_path / "out/hybrid.npz").exists():
        assert process.poll() is None, process.communicate()
        time.sleep(0.05)
    process.send_signal(signal.SIGINT)
    assert process.communicate()[1] == "tessera: interrupted.\nThe same command goes on.\n"
    assert process.returncode == 130
    with np.load(tmp_path / "out/checkpoint.npz") as found:
        assert "net/layers.0.weight" in found
