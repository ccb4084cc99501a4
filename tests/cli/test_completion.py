"""What may stand where the cursor is, and whether a real shell makes something of it."""

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
from typer.main import get_command

from engine.cli.app import app
from engine.cli.completion import candidates
from engine.cli.completion_scripts import SCRIPTS
from tests import ROOT

GROUP = get_command(app)


def found(*words):
    return list(candidates(GROUP, words).words)


@pytest.fixture
def here(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path / "config"))
    for path in ("outputs/photo/spec.yaml", "outputs/no-run/x", "config/tessera/presets/mine.yaml"):
        Path(path).parent.mkdir(parents=True)
        Path(path).touch()
    return tmp_path


@pytest.mark.parametrize(
    ("words", "expected"),
    [
        (["re"], ["render", "resume", "report"]),
        (["--ver"], ["--version"]),
        (["render", "--sh"], ["--shape"]),
        (["render", "a", "--shape", "tr"], ["triangle"]),
        (["render", "a", "-n", "1", "--shape", "triangle,qu"], ["triangle,quad"]),
        (["render", "--painter", ""], ["polygons", "gng", "curves", "brush"]),
        (["render", "--look", "st"], ["stipple", "strokes"]),
        (["render", "--shape=q"], ["--shape=quad"]),
        (["render", "--shape", "=", "q"], ["--shape=quad"]),
        (["render", "ast"], ["astronaut"]),
        (["render", "--set", "film.co"], ["film.compare=", "film.codec="]),
        (["render", "--set", "film.codec=h"], ["film.codec=h264", "film.codec=h265"]),
        (["render", "--set", "film.codec", "=", "a"], ["film.codec=av1"]),
        (["film", "x", "--format", "mp4,g"], ["mp4,gif"]),
        (["film", "ph"], ["photo"]),
        (["animate", "x", "--to", "ph"], []),
        (["render", "--preset", "mi"], ["mine", "minimal"]),
        (["channels", "squeezenet/fire5"], ["squeezenet/fire5"]),
        (["channels", "v4", "--device", "a"], ["auto"]),
        (["completion", ""], ["bash", "zsh", "fish"]),
        (["man", "ren"], ["render"]),
        (["nonsense", ""], []),
        (["render", "--count", ""], []),
        (["render", "--", "--sh"], []),
    ],
)
def test_candidates(here, words, expected):
    assert found(*words) == expected


def test_files_are_offered_where_one_may_stand(here):
    for words in (["render", ""], ["render", "--out", ""], ["film", ""], ["batch", "--jobs-file", "j"]):
        assert candidates(GROUP, words).has_files
    for words in (["render", "--shape", ""], ["re"], ["render", "--count", ""], ["completion", ""]):
        assert not candidates(GROUP, words).has_files


def test_every_flag_is_offered_with_its_help(here):
    for name, command in GROUP.commands.items():  # type: ignore[attr-defined]
        if not command.hidden:
            offered = candidates(GROUP, [name, "--"]).words
            options = {flag for each in command.params for flag in each.opts if flag.startswith("--")}
            assert options <= set(offered)
            assert all(offered.values())


def test_a_shell_is_answered_in_lines(tessera, here):
    done = tessera("__complete", "render", "--look", "lo", cwd=here)
    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout.splitlines()[0] == "words"
    assert tessera("__complete", "render", "--look", "low", cwd=here).stdout.splitlines()[1].split("\t") == [
        "low-poly",
        "faces between the nodes (Delaunay) in the target's mean colours",
    ]


TRIES = {
    "bash": """
        eval "$(tessera completion bash)"
        compopt() { :; }
        COMP_WORDS=(tessera render --set film.codec = h); COMP_CWORD=5
        _tessera tessera
        echo "${COMPREPLY[*]}"
    """,
    "fish": "tessera completion fish | source; complete -C 'tessera render --set film.codec=h'",
}


@pytest.mark.parametrize("shell", TRIES)
def test_a_real_shell_takes_it(here, shell):
    if shutil.which(shell) is None:
        pytest.skip(f"{shell} isn't installed")
    script = here / "tessera"
    script.write_text(f'#!/bin/sh\nPYTHONPATH={ROOT} exec {sys.executable} -m engine "$@"\n')
    script.chmod(0o755)
    environ = {**os.environ, "PATH": f"{here}:{os.environ['PATH']}", "HOME": str(here)}
    done = subprocess.run([shell, "-c", TRIES[shell]], capture_output=True, text=True, env=environ, cwd=here)
    assert "h264" in done.stdout, done.stderr
    assert "h265" in done.stdout


@pytest.mark.parametrize("shell", SCRIPTS)
def test_the_scripts_are_well_formed(shell, tmp_path):
    if shutil.which(shell) is None:
        pytest.skip(f"{shell} isn't installed")
    (tmp_path / "script").write_text(SCRIPTS[shell])
    done = subprocess.run([shell, "-n", tmp_path / "script"], capture_output=True, text=True)
    assert (done.returncode, done.stderr) == (0, "")


def test_the_shell_is_the_one_that_is_used(tessera, monkeypatch):
    monkeypatch.setenv("SHELL", "/usr/bin/fish")
    done = tessera("completion")
    assert done.stdout == SCRIPTS["fish"]
