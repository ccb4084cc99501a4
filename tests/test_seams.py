"""What the seams allow, shown by painters and pools that are unlike the engine's own."""

from __future__ import annotations

from collections import deque
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image

from engine.coordinator.beside import Beside
from engine.coordinator.loop import paint_run
from engine.coordinator.run import restore_run, start_run, write_first_files
from engine.errors import SpecError
from engine.events import Started
from engine.film.animation import make_animation
from engine.image.target import Target
from engine.painters.registry import PAINTERS, painter_class, params_of, scene_class
from engine.parallel import open_pool as pools
from engine.parallel.open_pool import open_pool
from engine.parallel.place import Place
from engine.parallel.pool import InlinePool, Resources, WorkerSetup
from engine.parallel.worker import load
from engine.spec.resolution import resolve
from engine.spec.settings import from_assignments, from_flags
from engine.storage.checkpoint import read_checkpoint
from engine.storage.run_folder import PREVIEW, RunFolder
from tests.contracts.painter_contract import PainterContract, content
from tests.doubles.toy import NOWHERE, picture
from tests.doubles.toy_painters import ENTRIES, ToyParams


@pytest.fixture(autouse=True)
def toys(monkeypatch):
    for name, entry in ENTRIES.items():
        monkeypatch.setitem(PAINTERS, name, entry)


class Toy(PainterContract):
    params = ToyParams()
    sizes = ((48, 64), (33, 97))
    rounding = 1


class TestConfetti(Toy):
    name = "confetti"


class TestCarrying(Toy):
    name = "carrying"


class TestThreaded(Toy):
    name = "threaded"

    @pytest.fixture(autouse=True)
    def threads(self, monkeypatch):
        monkeypatch.setenv("OMP_NUM_THREADS", "4")


class TestMisty(Toy):
    name = "misty"


def made(name: str, folder: Path, stop: Any = lambda: False, pool: str = "processes", **flags: Any) -> Any:
    """A run carried on to its end, or until somebody wants it to stop: what came of it, and its events."""
    flags = {"target": "a", "painter": name, "grid": "2x2", "size": 64, "workers": 2, **flags}
    spec = resolve([from_flags(flags)], params_of)
    spec = spec.model_copy(update={"film": spec.film.model_copy(update={"enabled": False})})
    target = Target(picture(48, 64), (0.5, 0.4, 0.3), False, (48, 64), None, NOWHERE)
    home, events = RunFolder.create(folder), list[Any]()
    with home.held():
        run = write_first_files(home, start_run(spec, target, None))
        finished = paint_run(run, home, None, stop, events.append, Place(pool)).finished
    return finished, events, run, home


def test_what_a_painter_carries_is_kept_and_given_back(tmp_path):
    straight, _, run, _ = made("carrying", tmp_path / "straight")
    assert straight.outcome == "finished"
    asked = iter([False] * 7 + [True] * 1000)
    stopped, _, _, home = made("carrying", tmp_path / "stopped", stop=lambda: next(asked), pool="inline")
    assert stopped.outcome == "interrupted"
    found = read_checkpoint(home).checkpoint
    assert [name for name in found.arrays if name.startswith("carry.")]
    again = restore_run(run.spec, run.target, found)
    with home.held():
        paint_run(again, home, None, lambda: False, lambda event: None)
    assert content(again.state.scene) == content(run.state.scene)


def test_an_objective_that_does_not_add_up_never_gets_worse(tmp_path):
    finished, _, run, _ = made("carrying", tmp_path / "run")
    assert finished.error < run_error_before(run)


def run_error_before(run):
    return start_run(run.spec, run.target, None).state.error


def test_the_pool_obeys_what_a_painter_can_use(tmp_path):
    finished, events, run, _ = made("threaded", tmp_path / "run", workers=3)
    assert finished.workers == 1
    assert [event.workers for event in events if isinstance(event, Started)] == [1]
    jobs = sum(len(run.grid.tiles(phase.level, phase.tiling)) for phase in run.plan)
    assert finished.evaluations == 4 * jobs, "each job saw four threads"


def test_a_picture_without_outlines_is_drawn_and_refuses_what_needs_them(tmp_path):
    finished, _, run, home = made("misty", tmp_path / "run")
    drawn = np.asarray(Image.open(tmp_path / "run/result.png"))
    np.testing.assert_array_equal(drawn, run.state.scene.draw(48, 64))
    assert "circle" in (tmp_path / "run/result.svg").read_text()
    assert finished.error < run_error_before(run)
    with pytest.raises(SpecError, match=r"^animation\.effect: assemble needs outlines, and this picture"):
        make_animation(home, run.spec, lambda event: None)


class Remote(InlinePool):
    """Stands for a pool of other machines: nothing is shared with it, and its answers come late."""

    workers = 2

    def completed(self, timeout: float | None = None) -> Iterator[Any]:
        results = deque(super().completed(timeout))
        while results:
            yield results.pop() if len(results) % 2 else results.popleft()


def test_without_a_shared_canvas_the_preview_moves_all_the_same(tmp_path, monkeypatch):
    def remote(setup: WorkerSetup, *_: Any) -> Remote:
        opened = load(setup.open)(*setup.args)
        assert opened.canvas is None
        return Remote(lambda job: load(setup.step)(opened, job))

    monkeypatch.setitem(pools.POOLS, "remote", remote)
    seen: list[bytes] = []
    monkeypatch.setattr("engine.coordinator.recorder.MOST_SHARE", 1e9)
    always = {"record.preview": 0}

    def look() -> bool:
        path = tmp_path / "run" / PREVIEW
        if path.exists() and path.read_bytes() not in seen:
            seen.append(path.read_bytes())
        return False

    do = Beside.do
    monkeypatch.setattr(Beside, "do", lambda beside, work: (do(beside, work), beside.wait()))  # to see each
    finished, _, run, _ = made("confetti", tmp_path / "run", look, "remote", **always)
    local, _, other, _ = made("confetti", tmp_path / "local")
    assert len(seen) > 3
    assert content(run.state.scene) == content(other.state.scene)
    assert finished.error == local.error


def test_there_is_no_other_pool():
    with pytest.raises(
        SpecError, match=r"^pool: there is no pool 'tcp:/a' \(there are: inline, processes\)\.$"
    ):
        open_pool(Place("tcp:/a"), WorkerSetup("a:b", "a:b"), 1, Resources())


def test_a_missing_library_is_one_sentence_with_the_command(monkeypatch):
    entry = replace(ENTRIES["confetti"], requires=("no_such_library",), extra="brush")
    monkeypatch.setitem(PAINTERS, "lacking", entry)
    expected = r"^painter: lacking needs no_such_library, which is not installed; .* no_such_library\.$"
    with pytest.raises(SpecError, match=expected):
        painter_class("lacking")
    assert params_of("lacking") is ToyParams, "its specs are read all the same,"
    assert scene_class("lacking").__name__ == "ShapeScene", "and its scenes drawn"


def test_settings_of_any_painter_need_no_prefix(monkeypatch):
    spec = resolve([from_flags({"target": "a", "painter": "confetti", "count": 7})], params_of)
    assert spec.painter.params == ToyParams(count=7)
    odd = replace(ENTRIES["confetti"], params="tests.doubles.toy_specs:Odd")
    monkeypatch.setitem(PAINTERS, "odd", odd)
    flags = from_flags({"target": "a", "painter": "odd", "sides": "4"})
    assert resolve([flags], params_of).painter.params.sides == 4  # type: ignore[attr-defined]
    both = [flags, from_assignments(["painter.sides=6"])]
    assert resolve(both, params_of).painter.params.sides == 6  # type: ignore[attr-defined]
