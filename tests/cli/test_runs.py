from pathlib import Path

import pytest

from engine.cli.runs import names_of_runs, run_folder
from engine.errors import RunError


@pytest.fixture(autouse=True)
def here(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)


def test_a_name_is_looked_for_among_the_outputs():
    Path("outputs/photo").mkdir(parents=True)
    assert run_folder("photo") == Path("outputs/photo")
    assert run_folder("outputs/photo") == Path("outputs/photo")
    Path("photo").mkdir()
    assert run_folder("photo") == Path("photo"), "what is here comes first"
    assert run_folder("elsewhere/x") == Path("elsewhere/x"), "and is refused by whoever opens it"
    assert run_folder("/photo") == Path("/photo")


def test_a_slip_is_told_and_so_is_a_picture():
    Path("outputs/photo-2").mkdir(parents=True)
    with pytest.raises(RunError, match="did you mean outputs/photo-2"):
        run_folder("phto-2")
    Path("photo-2.jpg").touch()
    with pytest.raises(RunError, match="perhaps outputs/photo-2 is meant"):
        run_folder("photo-2.jpg")


def test_runs_are_folders_with_a_spec():
    assert names_of_runs() == []
    for name in ("b", "a", "none"):
        Path("outputs", name).mkdir(parents=True)
    Path("outputs/a/spec.yaml").touch()
    Path("outputs/b/spec.yaml").touch()
    assert names_of_runs() == ["a", "b"]


def test_commands_take_a_name(tessera, request, tmp_path):
    made = request.getfixturevalue("run_folder")
    Path("outputs").mkdir()
    Path("outputs/mine").symlink_to(made)
    done = tessera("status", "mine", "--json", cwd=tmp_path)
    assert (done.returncode, done.stderr) == (0, "")
    assert '"finished"' in done.stdout
