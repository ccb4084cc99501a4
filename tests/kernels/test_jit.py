"""The cache of compiled kernels."""

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from engine.kernels.cache import cache_folder
from engine.kernels.place import INHERITED
from engine.scene.kinds import CURVE_VERTICES
from tests import ROOT


def undecided():
    """The environment without the folder that a test before this one may have decided on."""
    return {name: value for name, value in os.environ.items() if name != INHERITED}


@pytest.mark.parametrize("writable", [True, False])
def test_workers_load_what_was_compiled_wherever_the_cache_is(tmp_path, writable):
    cache = tmp_path / "cache"
    if not writable:
        cache.write_text("")  # a file where a folder is wanted: root may write anywhere else
    temporary = tmp_path / "tmp"
    temporary.mkdir()
    environment = {**undecided(), "NUMBA_CACHE_DIR": str(cache / "below"), "TMPDIR": str(temporary)}
    done = subprocess.run(
        [sys.executable, "-m", "tests.doubles.jit_steps"], cwd=ROOT, env=environment, capture_output=True,
        text=True,         timeout=120, check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    (line, hits, folder, was_compiled), (circle, worker_hits, worker_folder, is_compiled) = json.loads(
        done.stdout
    )
    assert (line, circle) == (4, CURVE_VERTICES)
    assert (hits, worker_hits) == (0, 1), "compiled once"
    assert (was_compiled, is_compiled) == (False, True)
    assert folder == worker_folder
    assert Path(folder).is_relative_to(cache if writable else temporary)
    assert Path(folder).exists() == writable, "the temporary cache is removed"
    assert not list(temporary.iterdir())


def test_a_copy_of_a_version_has_the_same_folder_wherever_it_is(tmp_path):
    """As in a wheel, a checkout and an image; another version has another one."""
    shutil.copytree(ROOT / "engine", tmp_path / "engine", ignore=shutil.ignore_patterns("__pycache__"))

    def name():
        script = "from engine.kernels import cache; print(cache.__file__, cache.cache_folder().name)"
        environment = {**undecided(), "PYTHONPATH": str(tmp_path), "NUMBA_CACHE_DIR": str(tmp_path / "cache")}
        done = subprocess.run(
            [sys.executable, "-P", "-c", script], env=environment, capture_output=True, text=True, check=True
        )
        path, found = done.stdout.split()
        assert path == str(tmp_path / "engine/kernels/cache.py")
        return found

    assert name() == cache_folder().name
    with (tmp_path / "engine/scene/raster.py").open("a") as source:
        source.write("# changed")
    assert name() != cache_folder().name


@pytest.fixture
def disk(tmp_path):
    """A file system of its own."""
    path = tmp_path / "disk"
    path.mkdir()
    if subprocess.run(
        ["mount", "-t", "tmpfs", "tmpfs", path], check=False, stderr=subprocess.DEVNULL
    ).returncode:
        pytest.skip("only root can mount file systems")
    yield path
    subprocess.run(["umount", "--lazy", path], check=True)


def test_a_warmed_cache_that_can_only_be_read_is_used(tmp_path, disk):
    (temporary := tmp_path / "tmp").mkdir()
    environment = {**undecided(), "NUMBA_CACHE_DIR": str(disk), "TMPDIR": str(temporary)}

    def steps():
        done = subprocess.run(
            [sys.executable, "-m", "tests.doubles.jit_steps"], cwd=ROOT, env=environment, capture_output=True,
            text=True, timeout=120, check=False,
        )  # fmt: skip
        assert done.returncode == 0, done.stderr
        return json.loads(done.stdout)

    ((_, hits, folder, _), _) = steps()
    assert hits == 0
    subprocess.run(["mount", "-o", "remount,ro", disk], check=True)
    before = sorted(disk.rglob("*"))
    first, worker = steps()
    assert [first[1], worker[1]] == [1, 1], "nothing is compiled"
    assert [first[2], worker[2]] == [folder, folder]
    assert first[3], "all is known to be there"
    assert sorted(disk.rglob("*")) == before
    assert not list(temporary.iterdir())


def test_all_that_a_run_needs_is_compiled_before_it_begins():
    """What a worker had to compile itself would round otherwise than what later ones load."""
    params = [{"count": 12, "search": search, "shape": shape} for search, shape in
              (("annealing", "triangle"), ("dual", "mixed"), ("hill", "polygon:5"))]  # fmt: skip
    script = f"from tests.doubles.jit_steps import forgotten; print(forgotten('polygons', {params}))"
    done = subprocess.run(
        [sys.executable, "-c", script], cwd=ROOT, capture_output=True, text=True, timeout=120, check=False
    )
    assert (done.stdout, done.stderr) == ("[]\n", "")
