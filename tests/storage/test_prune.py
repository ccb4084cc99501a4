"""Old runs go, and nothing else: none that somebody works on or begins with, and nothing that is not ours."""

import json
import os
import shutil
import time
from pathlib import Path

import pytest

from engine import afterwards
from engine.cli.app import app
from engine.storage.lock import locked
from engine.storage.prune import Limits
from tests import ROOT
from tests.conftest import refused

OLD_RUN = ROOT / "tests/fixtures/runs/polygons"
DAY = 86_400


@pytest.fixture(autouse=True)
def outputs(tmp_path, monkeypatch):
    """Four runs that were last written to 40, 30, 20 and 10 days ago, and what is no run."""
    monkeypatch.chdir(tmp_path)
    folder = tmp_path / "outputs"
    for days, name in ((40, "a"), (30, "b"), (20, "c"), (10, "d")):
        shutil.copytree(OLD_RUN, folder / name)
        aged(folder / name, days)
    (folder / "notes").mkdir()
    (folder / "notes/mine.txt").write_text("mine")
    (folder / "summary.json").write_text("{}")
    return folder


def aged(run, days):
    moment = time.time() - days * DAY
    for path in (run, *run.rglob("*")):
        os.utime(path, (moment, moment))


def prune(capsys, *arguments):
    """What the command says, as JSON: names of runs and why they stay."""
    app(["prune", *map(str, arguments), "--json"], standalone_mode=False)
    found = json.loads(capsys.readouterr().out)
    assert all(
        each["is_gone"] == (not Path(each["folder"]).exists()) for each in found if each["what"] == "run"
    )
    return {Path(each["folder"]).name: each["why"] for each in found}


def left():
    return {path.name for path in Path("outputs").iterdir()} - {"notes", "summary.json"}


def begins_with(run, name):
    spec = run / "spec.yaml"
    spec.write_text(spec.read_text().replace("from: null", f"from: {name}"))


@pytest.mark.parametrize(
    ("flags", "gone"),
    [
        (["--older", "25d"], "ab"),
        (["--older", "5w"], "a"),
        (["--older", "1000d"], ""),
        (["--keep", 3], "a"),
        (["--keep", 0], "abcd"),
        (["--keep-size", "150kB"], "ab"),
        (["--keep-size", "1GB"], ""),
        (["--keep-size", "150kB", "--keep", 1], "abc"),
        (["outputs/a", "outputs/d", "--keep", 1], "a"),
    ],
)
def test_what_is_beyond_a_limit_goes_when_it_is_meant(capsys, flags, gone):
    assert prune(capsys, *flags) == dict.fromkeys(gone, "")
    assert left() == set("abcd"), "it was only shown"
    assert prune(capsys, *flags, "--yes") == dict.fromkeys(gone, "")
    assert left() == set("abcd") - set(gone)
    assert Path("outputs/notes/mine.txt").read_text() == "mine"
    assert Path("outputs/summary.json").exists()


def test_a_run_that_is_worked_on_stays(capsys):
    with locked(Path("outputs/a/.lock"), "a"):
        said = prune(capsys, "--keep", 2, "--delete")
    assert said == {"a": f"process {os.getpid()} on {os.uname().nodename} is working on it.", "b": ""}
    assert left() == set("acd")


@pytest.mark.parametrize(
    "name", ["outputs/a", "{home}/outputs/a", "outputs/a/picture.json", "../outputs/a", "a"]
)
def test_a_run_that_another_one_begins_with_stays(capsys, tmp_path, name):
    begins_with(Path("outputs/d"), name.format(home=tmp_path))
    said = prune(capsys, "--keep", 2, "--yes")
    assert said == {"a": "another run names it (--from, or the end of a morph).", "b": ""}
    assert left() == set("acd")
    assert prune(capsys, "--keep", 2, "--snapshots", "--yes") == {"a": ""}, "the checkpoint has its picture"
    assert not Path("outputs/a/snapshots").exists()


def test_a_run_is_not_named_because_one_stands_in_it(capsys, monkeypatch):
    begins_with(Path("outputs/d"), "outputs/a")
    monkeypatch.chdir("outputs/b")
    assert prune(capsys, "..", "--keep", 2) == {
        "a": "another run names it (--from, or the end of a morph).",
        "b": "",
    }


def test_what_stays_frees_nothing(capsys):
    begins_with(Path("outputs/d"), "outputs/a")
    size = sum(path.stat().st_size for path in Path("outputs").glob("[a-d]/**/*") if path.is_file())
    assert prune(capsys, "--keep-size", size - 1000, "--yes").keys() == {"a", "b"}
    assert left() == set("acd")


def test_what_is_not_all_ours_stays(capsys, tmp_path):
    (tmp_path / "precious").mkdir()
    (tmp_path / "precious/file").write_text("mine")
    Path("outputs/a/mine.txt").write_text("mine")
    Path("outputs/b/evolution.png").symlink_to(tmp_path / "precious")
    Path("outputs/c/spec.yaml").write_text("openapi: 3")
    Path("outputs/link").symlink_to(tmp_path / "outputs/d")
    said = prune(capsys, "--keep", 0, "--yes")
    assert said == {
        "a": "has something in it that Tessera has not made, mine.txt.",
        "b": "has a symbolic link in it, evolution.png.",
        "c": "has a spec.yaml that this version can't read.",
        "d": "",
    }
    assert left() == {"a", "b", "c", "link"}
    assert (tmp_path / "precious/file").read_text() == "mine"


@pytest.mark.parametrize(
    "name",
    ["picture.psd", "evolution-cut.mp4", "evolution.png/mine.png", "snapshots/notes.txt", "snapshots/mine/a"],
)
def test_a_name_like_ours_does_not_make_it_ours(capsys, name):
    mine = Path("outputs/a", name)
    mine.parent.mkdir(exist_ok=True, parents=True)
    mine.write_text("mine")
    aged(Path("outputs/a"), 40)
    (why,) = prune(capsys, "--keep", 3, "--yes").values()
    assert why.startswith("has something in it that Tessera has not made, ")
    assert mine.read_text() == "mine"


def test_all_that_is_made_of_a_run_goes_with_it(capsys):
    exported = ("picture.plotter.svg", "picture.json", "evolution.png/000001.png", "morph.gif", "report.html")
    for name in (*exported, ".film-abcd_123/frames.nut", "snapshots/.0123abcd.part"):
        Path("outputs/a", name).parent.mkdir(exist_ok=True)
        Path("outputs/a", name).write_text("")
    aged(Path("outputs/a"), 40)
    assert prune(capsys, "--keep", 3, "--yes") == {"a": ""}


def test_snapshots_go_alone(capsys):
    before = {path.name for path in Path("outputs/a").iterdir()}
    assert prune(capsys, "--older", "25d", "--snapshots", "--yes") == {"a": "", "b": ""}
    after = {path.name for path in Path("outputs/a").iterdir()}
    assert before - after == {"snapshots", "snapshots.jsonl"}
    assert prune(capsys, "--older", "1h", "--snapshots") == {"c": "", "d": ""}, "those that have some"
    assert "snapshots.jsonl: is missing" in refused("film", "outputs/a")
    assert len(afterwards.open_run(Path("outputs/a")).last.scene) > 0


def test_a_run_that_was_half_removed_goes_too(capsys):
    for path in Path("outputs/a").iterdir():
        if path.name != "spec.yaml":
            shutil.rmtree(path) if path.is_dir() else path.unlink()
    aged(Path("outputs/a"), 50)
    assert prune(capsys, "--keep", 3, "--yes") == {"a": ""}
    assert left() == set("bcd")


def test_what_can_not_be_removed_is_told(capsys, monkeypatch):
    def refuse(self):
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr(Path, "rmdir", refuse)
    assert app(["prune", "--keep", "3", "--yes"], standalone_mode=False) == 4
    assert "outputs/a: " in (said := capsys.readouterr().out)
    assert "stays: can't be removed (Permission denied).\nNothing goes.\n" in said


def test_people_are_told_what_would_go(capsys):
    app(["prune", "--keep", "3"], standalone_mode=False)
    first, last = capsys.readouterr().out.splitlines()
    assert first.startswith(str(Path("outputs/a").absolute()))
    assert last == "Would go: 1 run, 59.9 kB. With --yes they do."
    app(["prune", "--keep", "3", "--snapshots", "--yes"], standalone_mode=False)
    assert capsys.readouterr().out.splitlines()[-1] == "Cleared: the snapshots of 1 run, 22.2 kB."
    shutil.rmtree("outputs")
    app(["prune", "--keep", "3"], standalone_mode=False)
    assert capsys.readouterr().out == "Nothing goes.\n"


def test_wrong_usage_gets_one_sentence(tmp_path):
    assert refused("prune").startswith("prune needs to know what may stay: --older 30d")
    assert (
        refused("prune", "--older", "month") == "--older must be an age such as 30d, 12h or 4w, not 'month'."
    )
    assert refused("prune", "--keep-size", "much").startswith("--keep-size must be a size such as 5GB")
    assert refused("prune", "nowhere", "--keep", 1).endswith("name a run's folder, or one with runs in it.")
    Path("link").symlink_to(tmp_path / "outputs")
    assert refused("prune", "link", "--keep", 1).startswith(f"{tmp_path}/link: is a symbolic link; name the ")


def test_python_can_do_it_too():
    (first,) = afterwards.prune([Path("outputs")], Limits(number=3))
    assert (Path(first.folder).name, first.is_gone) == ("a", False)
    (first,) = afterwards.prune([Path("outputs")], Limits(number=3), delete=True)
    assert (first.is_gone, left()) == (True, set("bcd"))
