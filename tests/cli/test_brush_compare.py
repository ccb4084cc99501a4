"""`tessera brush compare` from a shell: a page and its figures, and refusals in a sentence."""

import json

import numpy as np
import pytest
from typer.testing import CliRunner

from engine.cli.app import app
from engine.learning.actions import random_actions
from engine.learning.shards import FORMAT, MANIFEST, VERSION, manifest_text, shard_name, write_arrays
from engine.painters.brush.model_file import write_model
from tests.painters.brush.model_double import made_model

pytest.importorskip("torch")


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    """With a data set of blots and two untrained brushes."""
    folder, random = tmp_path_factory.mktemp("compare"), np.random.default_rng(1)
    (folder / "data").mkdir()
    alpha = random.integers(0, 255, (60, 64, 64), np.uint8)
    with (folder / "data" / shard_name(0)).open("wb") as file:
        write_arrays(file, random_actions(60, [1]), alpha)
    told = {"format": FORMAT, "version": VERSION, "count": 60, "shard": 1000, "brush": "blot"}
    (folder / "data" / MANIFEST).write_bytes(manifest_text(told))
    for seed in (1, 2):
        write_model(folder / f"{seed}.npz", made_model(seed))
    return folder


def run(folder, *arguments):
    return CliRunner().invoke(app, ["brush", "compare", str(folder / "data"), *map(str, arguments)])


def test_a_page_and_its_figures_are_written(folder):
    page = folder / "page.html"
    asked = [
        folder / "1.npz",
        folder / "2.npz",
        "--digits",
        "none",
        "--picture",
        "none",
        "-o",
        page,
        "--json",
    ]
    result = run(folder, *asked)
    assert result.exit_code == 0, result.output
    figures = json.loads(page.with_suffix(".json").read_text())
    assert [each["label"] for each in figures["kinds"]] == ["hybrid 1", "hybrid 2"]
    assert figures["brush"] == "blot"
    assert figures["answer"] in page.read_text()
    events = [json.loads(line) for line in result.output.splitlines()]
    assert {"exported", "notice"} <= {each["event"] for each in events}
    again = run(folder, *asked)
    assert "is there already" in str(again.exception)


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["nowhere.npz"], "nowhere.npz: can't be read"),
        (["oil", "--device", "tpu"], "--device tpu: must be auto, cpu or cuda."),
        (["oil", "-o", "page.pdf"], "must be the name of a page"),
        (["oil", "--digits", "nowhere.csv"], "nowhere.csv: can't be read"),
        (["oil", "--digits", "none", "--picture", "nowhere.jpg"], "nowhere.jpg: no such file"),
    ],
)
def test_what_can_not_be_had_is_one_sentence(folder, monkeypatch, arguments, said):
    monkeypatch.chdir(folder)
    result = run(folder, *arguments)
    assert said in str(result.exception)
