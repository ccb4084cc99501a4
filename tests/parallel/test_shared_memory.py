"""Shared bytes: real room for them or an error, and nothing left behind by whoever is killed."""

import contextlib
import os
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from engine.errors import SpaceError
from engine.parallel import shared_memory as segment
from engine.parallel.shared_memory import SEGMENT, SHM_FOLDER, Segment
from tests import ROOT
from tests.conftest import QUICK, command

MB = 1_000_000
HOLD = """
import sys
from pathlib import Path
from engine.parallel.shared_memory import Segment
from engine.parallel.process_pool import ProcessPool
memory = Segment.create(1_000_000, Path(sys.argv[1]))
pool = ProcessPool("tests.doubles.canvas_steps:attach_and_sleep", 1)
pool.submit(memory.address)
list(pool.completed())
"""

needs_shm_folder = pytest.mark.skipif(not SHM_FOLDER.is_dir(), reason="shared memory is not a folder here")


@contextlib.contextmanager
def mounted(folder: Path, size: str) -> Iterator[Path]:
    """A small disk of its own."""
    folder.mkdir()
    if subprocess.run(
        ["mount", "-t", "tmpfs", "-o", f"size={size}", "tmpfs", folder], check=False
    ).returncode:
        pytest.skip("only root can mount a small disk")
    try:
        yield folder
    finally:
        subprocess.run(["umount", "-l", folder], check=True)


@pytest.fixture
def small_shm(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """Shared memory of 2 MB."""
    monkeypatch.setattr(segment, "SHM_FOLDER", tmp_path / "shm")
    with mounted(tmp_path / "shm", "2m") as folder:
        yield folder


@pytest.fixture
def small_folder(tmp_path: Path) -> Iterator[Path]:
    """A run folder of 1 MB."""
    with mounted(tmp_path / "run", "1m") as folder:
        yield folder


def used(folder: Path) -> int:
    return shutil.disk_usage(folder).used


@needs_shm_folder
def test_shared_memory_has_no_name_that_could_be_left_behind(tmp_path: Path) -> None:
    before = set(SHM_FOLDER.iterdir())
    (tmp_path / SEGMENT).write_bytes(b"left by a killed run that had no room")
    one = Segment.create(MB, tmp_path)
    assert one.shortage is None
    two = Segment.attach(one.address)
    two.buffer[5] = 77
    assert (len(one.buffer), one.buffer[5], one.buffer[6]) == (MB, 77, 0)
    names = {path.name for path in set(SHM_FOLDER.iterdir()) - before}
    assert not [name for name in names if name.startswith((".tessera", "tessera"))]
    assert list(tmp_path.iterdir()) == []
    two.close()
    one.close()
    one.close()
    with pytest.raises(FileNotFoundError):
        Segment.attach(one.address)
    with (tmp_path / "result.png").open("xb") as other:
        path = f"/proc/{os.getpid()}/fd/{other.fileno()}"
        with pytest.raises(FileNotFoundError):  # as when the number now is that of another file
            Segment.attach(one.address._replace(path=path))


def test_room_is_taken_at_once(small_shm: Path, tmp_path: Path) -> None:
    before = used(small_shm)
    held = Segment.create(MB, tmp_path)
    assert used(small_shm) - before >= MB, "nothing has been stored in it yet"
    held.close()
    assert used(small_shm) == before


def test_what_does_not_fit_into_shared_memory_is_a_file_in_the_folder(
    small_shm: Path, tmp_path: Path
) -> None:
    run = tmp_path / "run"
    run.mkdir()
    (run / SEGMENT).write_bytes(b"left by a killed run")
    held = Segment.create(3 * MB, run)
    assert held.shortage is not None
    assert "canvas of 3 MB (2.1 MB are free)" in held.shortage
    assert "--shm-size" in held.shortage
    assert (run / SEGMENT).stat().st_blocks * 512 >= 3 * MB, "really on the disk"
    assert used(small_shm) == 0
    other = Segment.attach(held.address)
    other.buffer[-1] = 9
    assert (held.buffer[-1], held.buffer[0]) == (9, 0)
    other.close()
    assert (run / SEGMENT).exists()
    held.close()
    assert list(run.iterdir()) == []


def test_room_that_another_takes_meanwhile_is_an_error_and_no_crash(
    small_shm: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(segment, "_check_room", lambda folder, size: None)  # as two see it at one moment
    one, two = (Segment.create(3 * MB // 2, tmp_path) for _ in range(2))
    assert one.shortage is None
    assert two.shortage is not None
    assert "No space left on device" in two.shortage
    assert used(small_shm) == pytest.approx(3 * MB // 2, abs=5000), "the second one's part is given back"
    one.close()
    two.close()


@pytest.mark.parametrize("late", [False, True])
def test_no_room_anywhere_names_both_places_and_leaves_nothing(
    small_shm: Path, small_folder: Path, monkeypatch: pytest.MonkeyPatch, late: bool
) -> None:
    if late:
        monkeypatch.setattr(segment, "_check_room", lambda folder, size: None)
    with pytest.raises(SpaceError) as caught:
        Segment.create(3 * MB, small_folder)
    sentence = str(caught.value)
    assert sentence.startswith(f"{small_folder}: has no room for a canvas of 3 MB (")
    assert f"({small_shm}: " in sentence
    assert sentence.endswith(".")
    assert "\n" not in sentence
    assert (used(small_shm), used(small_folder)) == (0, 0)
    assert list(small_folder.iterdir()) == []


def test_a_tmpfs_without_a_limit_has_room(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(segment, "SHM_FOLDER", tmp_path / "shm")
    with mounted(tmp_path / "shm", "0"):
        held = Segment.create(MB, tmp_path)
        assert held.shortage is None
        held.close()


def test_where_processes_can_not_be_seen_it_is_a_file(small_shm: Path, tmp_path: Path) -> None:
    """As with an own pid namespace and another one's /proc."""
    pid = os.getpid()
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(os, "getpid", lambda: pid + 100_000_000)
        held = Segment.create(1000, tmp_path)
    assert held.address.path == str(tmp_path / SEGMENT)
    assert "No such file" in (held.shortage or "")
    assert used(small_shm) == 0
    held.close()


def test_the_folder_is_said_to_be_the_reason_where_there_is_no_shared_memory(
    small_folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(segment, "SHM_FOLDER", small_folder / "none")
    held = Segment.create(1000, small_folder)
    assert held.shortage is None, "as on macOS: not a word"
    held.close()
    with pytest.raises(SpaceError, match=r"none: there is none"):
        Segment.create(3 * MB, small_folder)


@needs_shm_folder
@pytest.mark.parametrize("group", [False, True])
def test_a_killed_owner_leaves_nothing_in_shared_memory_and_a_living_one_keeps_it(
    tmp_path: Path, group: bool
) -> None:
    held = Segment.create(1000, tmp_path)
    held.buffer[3] = 5
    owner = subprocess.Popen([sys.executable, "-c", HOLD, tmp_path], cwd=ROOT, start_new_session=True)
    until(lambda: len(mapping(owner.pid)) == 2)
    (os.killpg if group else os.kill)(owner.pid, signal.SIGKILL)
    owner.wait()
    until(lambda: not mapping(owner.pid))  # the worker notices its parent's end
    assert held.buffer[3] == 5
    again = Segment.attach(held.address)
    assert again.buffer[3] == 5
    again.close()
    held.close()


def test_a_run_with_too_little_shared_memory_paints_the_same_picture(
    photo: Path, run_folder: Path, tmp_path: Path
) -> None:
    out = tmp_path / "run"
    script = 'mount -t tmpfs -o size=8k tmpfs /dev/shm && exec "$@"'
    unshare = ["unshare", "-m", "sh", "-c", script, "sh"]
    if subprocess.run([*unshare, "true"], check=False, stderr=subprocess.DEVNULL).returncode:
        pytest.skip("only root can give a process a small /dev/shm")
    render = [*unshare, *command("render", photo, "--out", out, *QUICK, "--workers", 2, "--no-film")]
    done = subprocess.run(render, capture_output=True, text=True, timeout=60, check=False)
    assert done.returncode == 0, done.stderr
    assert done.stderr.count("no room for a canvas") == 1
    assert (out / "result.svg").read_bytes() == (run_folder / "result.svg").read_bytes()
    assert (out / "preview.png").read_bytes() == (run_folder / "preview.png").read_bytes()
    assert not (out / SEGMENT).exists()


def until(true: Callable[[], bool]) -> None:
    deadline = time.monotonic() + 30
    while not true():
        assert time.monotonic() < deadline
        time.sleep(0.02)


def mapping(session: int) -> set[str]:
    """The processes of a session that have something nameless of shared memory mapped."""
    found = set()
    for process in Path("/proc").glob("[0-9]*"):
        with contextlib.suppress(OSError):
            if os.getsid(int(process.name)) == session and "/dev/shm/#" in (process / "maps").read_text():
                found.add(process.name)
    return found
