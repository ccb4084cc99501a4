"""Kernels are there before a run begins, whatever has become of their folder."""

import errno
import json
import os

import pytest

from engine.coordinator import prepare as module
from engine.coordinator.prepare import make_ready, prepare, throw_away_damaged
from engine.errors import SpaceError
from engine.events import Compiling, Event, Notice, Preparing, Trouble
from engine.kernels import cache
from engine.kernels.place import INHERITED, Place
from engine.kernels.store import KernelStore
from engine.painters.registry import params_of
from engine.spec.resolution import resolve
from engine.spec.settings import Document, Setting

FULL = OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
NAMES = ["scene.raster.blend-1", "painters.polygons.search.place.place-2"]


@pytest.fixture
def kept(tmp_path, monkeypatch):
    """An empty store that this process takes for its own."""
    return taken(KernelStore(Place(tmp_path / cache.cache_folder().name)), monkeypatch)


def taken(store, monkeypatch):
    store.folder.mkdir(exist_ok=True)
    monkeypatch.setattr(cache, "_store", lambda: store)
    return store


@pytest.fixture
def compiled(monkeypatch):
    """Stands in for compiling; how often it was done. What is in its list is why nothing could be saved."""
    problems: list[OSError] = []
    calls = []

    def compile_(painter, emit):
        calls.append(painter)
        if problems:
            return problems.pop()
        for name in NAMES:
            cache.store().save(name, b"code")
        cache.store().note(painter, NAMES)
        return None

    monkeypatch.setattr(module, "_compile", compile_)
    return calls, problems


def said(painter="polygons"):
    events: list[Event] = []
    make_ready(painter, events.append, events.append)
    return events


def test_once_is_enough(kept, compiled):
    assert (said(), said(), compiled[0]) == ([], [], ["polygons"])


def test_damaged_ones_are_told_once_and_compiled_anew(kept, compiled):
    said()
    (kept.folder / f"{NAMES[0]}.kernel").write_bytes(b"")
    (trouble,) = said()
    assert trouble == Trouble(
        f"{kept.folder}: 1 compiled kernel of polygons can't be read and is thrown away; they are compiled "
        "anew."
    )
    assert said() == []
    (kept.folder / "polygons.list").write_bytes(b"\0" * 99)
    assert [type(event) for event in said()] == [Trouble]
    assert compiled[0] == ["polygons"] * 3


def test_one_that_is_just_gone_counts_as_damaged(kept, compiled):
    said()
    (kept.folder / f"{NAMES[1]}.kernel").unlink()
    assert [type(event) for event in said()] == [Trouble]


def test_a_folder_that_fills_up_is_left_and_that_is_told(kept, compiled):
    compiled[1].append(FULL)
    (notice,) = said()
    assert isinstance(notice, Notice)
    assert "No space left on device" in notice.message
    assert "temporary folder" in notice.message
    assert kept.is_temporary
    assert cache.is_compiled("polygons")
    assert said("gng") == [], "told once"


def test_no_room_anywhere_is_one_sentence(kept, compiled):
    compiled[1].extend([FULL, FULL])
    with pytest.raises(SpaceError, match=r"nor has .* any room \(No space left on device\)\.$"):
        said()


def test_a_warmed_folder_that_can_not_be_written_is_used_as_it_is(kept, compiled, monkeypatch):
    said()
    taken(KernelStore(Place(kept.folder).refused(OSError(errno.EROFS, "Read-only"))), monkeypatch)
    assert said() == []
    assert cache.store().folder == kept.folder
    assert [type(event) for event in said("gng")] == [Notice]
    assert cache.store().damaged("polygons") == [], "taken along"


def test_what_belongs_in_the_log_is_given_back(kept, compiled):
    said()
    (kept.folder / f"{NAMES[0]}.kernel").write_bytes(b"")
    target = Document("here", {"target": Setting("astronaut", "TARGET")})
    events: list[Event] = []
    noted = prepare(resolve([target], params_of), events.append)
    assert [type(event) for event in events] == [Preparing, Trouble]
    assert noted == (events[1],)


def test_a_kernel_of_ours_is_compiled_in_a_process_of_its_own(kept, monkeypatch):
    """The real way, with a painter of one kernel."""
    monkeypatch.setattr(module, "entry_of", lambda name: type("Entry", (), {"painter": TINY}))
    events = said("tiny")
    assert all(isinstance(event, Compiling) for event in events)
    (name,) = kept.known("tiny")
    assert name.startswith("kernels.random.bits-")
    assert throw_away_damaged(["tiny"]) == 0
    (kept.folder / f"{name}.kernel").write_bytes(b"cut")
    assert throw_away_damaged(["tiny"]) == 1
    assert kept.known("tiny") is None
    said("tiny")
    said("other")
    assert kept.known("other") == [name], "found among what was there"


TINY = "tests.doubles.tiny_painter:Tiny"


def test_a_damaged_folder_ends_no_command(tessera, photo, tmp_path):
    """Every command meets the cache; the sentence is in the log, too."""
    folder = tmp_path / "cache" / cache.cache_folder().name
    folder.mkdir(parents=True)
    store = KernelStore(Place(folder))
    real = cache.store()
    for name in real.known("gng") or ():
        store.save(name, real.load(name) or b"")
    store.note("gng", real.known("gng") or ())
    (folder / "gng.list").write_bytes(b"")  # all else is there: nothing has to be compiled
    flags = ("--painter", "gng", "--count", 40, "--size", 40, "--no-film", "--workers", 1)
    environment = {**os.environ, INHERITED: str(folder)}
    done = tessera("render", photo, *flags, "--out", tmp_path / "run", env=environment)
    assert done.returncode == 0, done.stderr
    assert done.stderr.count("thrown away") == 1
    log = [json.loads(line) for line in (tmp_path / "run/log.jsonl").read_text().splitlines()]
    assert sum("thrown away" in event.get("message", "") for event in log) == 1
