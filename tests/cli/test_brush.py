"""The commands below `tessera brush`."""

import json
import signal
import subprocess
import time

import pytest

from tests.conftest import command
from tests.doubles.paint_engine import needs_engine


def test_a_group_says_what_is_in_it(tessera):
    for words in (("brush",), ("brush", "--help"), ("help", "brush")):
        done = tessera(*words)
        assert (done.returncode, done.stderr) == (0, "")
        assert "dataset  Draw random strokes" in done.stdout
        assert "tessera brush COMMAND --help" in done.stdout
    pages = [tessera(*words).stdout for words in (("brush", "dataset", "-h"), ("help", "brush", "dataset"))]
    assert pages[0] == pages[1]
    assert pages[0].startswith("Usage: tessera brush dataset ")


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        (("datset",), "there is no command tessera brush datset; did you mean tessera brush dataset?"),
        (("fly",), "there is no command tessera brush fly; there are dataset"),
        (("dataset",), "brush dataset needs --out FOLDER."),
        (("dataset", "--cont", "3"), "brush dataset has no option --cont; did you mean --count?"),
        (("dataset", "--out"), "--out needs a value: FOLDER."),
        (("dataset", "--out", "x", "--count", "0"), "--count must be a whole number from 1 to 10,000,000"),
        (("dataset", "--out", "x", "y"), "brush dataset takes no arguments, and y is one."),
        (("dataset", "--out", "x", "--brush", "gone.myb"), "gone.myb: can't be read as a brush"),
    ],
)
def test_wrong_usage_is_one_sentence(tessera, tmp_path, arguments, sentence):
    done = tessera("brush", *arguments, cwd=tmp_path)
    assert (done.returncode, done.stdout) == (2, "")
    assert done.stderr.startswith(f"tessera: {sentence}")
    assert len(done.stderr.splitlines()) == 1
    assert not (tmp_path / "x").exists()


@needs_engine
def test_a_data_set_is_drawn(tessera, tmp_path):
    arguments = ("brush", "dataset", "--brush", "marker", "--count", "50", "--workers", "1", "--out", "set")
    done = tessera(*arguments, "--json", cwd=tmp_path)
    assert done.returncode == 0, done.stderr
    events = [json.loads(line) for line in (done.stdout + done.stderr).splitlines()]
    assert [event["event"] for event in events] == ["drawing", "drawing", "drawn"]
    assert json.loads((tmp_path / "set/manifest.json").read_text())["count"] == 50
    assert tessera(*arguments, "--quiet", cwd=tmp_path).stderr == ""
    other = tessera(*arguments[:5], "60", *arguments[6:], cwd=tmp_path)
    assert other.returncode == 2
    assert "holds a data set with another count (50, not 60)" in other.stderr


@needs_engine
def test_interrupted_it_says_that_the_same_command_goes_on(tmp_path):
    arguments = ("brush", "dataset", "--brush", "marker", "--count", "50000", "--workers", "1")
    process = subprocess.Popen(
        command(*arguments, "--quiet", "--out", tmp_path / "set"), stderr=subprocess.PIPE, text=True
    )
    while not (tmp_path / "set/manifest.json").exists():
        assert process.poll() is None, process.communicate()
        time.sleep(0.05)
    process.send_signal(signal.SIGINT)
    assert process.communicate()[1] == "tessera: interrupted.\nThe same command goes on.\n"
    assert process.returncode == 130
    assert not list((tmp_path / "set").glob(".*.part"))
