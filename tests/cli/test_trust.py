"""A stranger's run folder runs no program, whatever command meets it."""

import shutil
import stat
from pathlib import Path

import pytest

from engine.storage.run_folder import SPEC


@pytest.fixture
def gift(run_folder, tmp_path):
    """A run whose spec has come to name programs that its maker has not named."""
    folder = Path(shutil.copytree(run_folder, tmp_path / "gift"))
    encoder = tmp_path / "encoder"
    encoder.write_text(f"#!/bin/sh\ntouch {tmp_path}/ran\nexit 1\n")
    encoder.chmod(encoder.stat().st_mode | stat.S_IXUSR)
    spec = (folder / SPEC).read_text().replace("encoder: null", f"encoder: {encoder}")
    for name in ("on-success", "on-failure"):
        assert f"{name}: null" in spec
        spec = spec.replace(f"{name}: null", f"{name}: touch {tmp_path}/ran")
    (folder / SPEC).write_text(spec)
    return folder


QUICKLY = ("--set", "film.size=64", "--set", "film.duration=0.2s", "--set", "film.hold=0")


@pytest.mark.parametrize("command", [("resume",), ("film", *QUICKLY), ("animate", *QUICKLY)])
def test_no_program_is_run_unasked(tessera, gift, command):
    done = tessera(*command, gift, "--quiet")
    assert done.returncode == 0, done.stderr
    assert done.stderr.count("names programs that you have not named (film.encoder: ") == 1
    assert done.stderr.count("\n") == 1
    assert not gift.with_name("ran").exists()
    assert "/ran" in (gift / SPEC).read_text(), "what is left out stays written"


def test_with_trust_they_are_run(tessera, gift):
    done = tessera("film", gift, "--trust")
    assert done.returncode == 4, "that encoder makes no films"
    assert gift.with_name("ran").exists()
    gift.with_name("ran").unlink()
    done = tessera("resume", gift, "--trust", "--set", "film.encoder=null", "--quiet")
    assert (done.returncode, done.stderr) == (0, "")
    assert gift.with_name("ran").exists()
    gift.with_name("ran").unlink()
    done = tessera("resume", gift, "--quiet")
    assert (done.returncode, done.stderr) == (0, "")
    assert gift.with_name("ran").exists(), "whoever resumed it with trust has made it theirs"
