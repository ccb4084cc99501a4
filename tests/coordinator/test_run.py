"""A run goes on from its checkpoint, and where more is wanted, with a plan that fits what it has."""

import json
from dataclasses import replace

import numpy as np
import pytest

from engine.coordinator.budget import Budget
from engine.coordinator.job import JobContext, advance, open_context
from engine.coordinator.run import restore_run, start_run, write_first_files
from engine.coordinator.target_copies import read_target
from engine.errors import CheckpointError, SpecError
from engine.events import Event, Notice
from engine.image.target import Origin, Target
from engine.painters.registry import entry_of, params_of
from engine.spec.resolution import resolve
from engine.spec.settings import from_flags
from engine.storage.checkpoint import Checkpoint, read_checkpoint, write_checkpoint
from engine.storage.run_folder import RunFolder
from tests.contracts.painter_contract import content
from tests.doubles.running import jobs_of
from tests.doubles.toy import NOWHERE, cut_out, picture

RECORDED = {"every": 1, "shown": 0, "taken": 0, "kept": []}


def spec_of(**flags):
    flags = {"target": "a", "grid": "2x2", "count": 40, "size": 64, "effort": 0.5, **flags}
    return resolve([from_flags(flags)], params_of)


def target_of(pixels=None, weights=None, origin=NOWHERE):
    pixels = picture(48, 64) if pixels is None else pixels
    background = (0.5, 0.4, 0.25) if pixels.shape[2] == 3 else None
    return Target(pixels, background, True, (96, 128), weights, origin)


def painted(run, jobs=10**9):
    """Do so many jobs of a run in this process."""
    painter = entry_of(run.spec.painter.name).painter
    context = JobContext(painter, run.analysis.params, run.spec.seed, run.source, None, run.analysis.assets)
    workplace = open_context(context)
    for index in range(run.state.phase, len(run.plan)):
        for job in jobs_of(run.state, index, run.plan[index]):
            if jobs == 0:
                return run
            run.state.apply(advance(workplace, job))
            jobs -= 1
    return run


def saved(run):
    """Its checkpoint, as it comes back from a file."""
    found = run.draft(0.5, 1.5, None).finished(run.state.scene.arrays(), RECORDED)
    arrays = {name: array.copy() for name, array in found.arrays.items()}
    return Checkpoint(found.header, arrays, json.loads(json.dumps(found.facts)))


@pytest.fixture(scope="module")
def higher():
    """A run with more effort from the beginning."""
    return painted(start_run(spec_of(effort=0.8), target_of(), None))


@pytest.mark.parametrize("jobs", [0, 3, 8])
def test_more_effort_for_a_stopped_run_ends_as_if_it_had_been_there_from_the_beginning(higher, jobs):
    run = painted(start_run(spec_of(), target_of(), None), jobs)
    again = restore_run(spec_of(effort=0.8), target_of(), saved(run))
    assert again.plan == higher.plan
    painted(again)
    assert content(again.state.scene) == content(higher.state.scene)
    assert again.state.evaluations == higher.state.evaluations


def test_more_effort_for_a_finished_run_is_what_comes_after(higher):
    run = painted(start_run(spec_of(), target_of(), None))
    same = sum(1 for old, new in zip(run.plan, higher.plan, strict=False) if old == new)
    assert 0 < same < len(run.plan)
    again = restore_run(spec_of(effort=0.8), target_of(), saved(run))
    assert (again.state.phase, again.state.done) == (same, 0)
    before = again.state.error
    painted(again)
    assert again.state.error < before
    assert again.state.error == pytest.approx(higher.state.error, rel=0.05)


@pytest.mark.parametrize("jobs", [2, 10**9])
def test_more_shapes_get_a_plan_of_their_own(jobs):
    run = painted(start_run(spec_of(), target_of(), None), jobs)
    shapes, error = run.state.marks, run.state.error
    again = restore_run(spec_of(count=70), target_of(), saved(run))
    assert (again.state.phase, again.state.done, again.marks_at_start) == (0, 0, shapes)
    painted(again, 2)
    middle = restore_run(spec_of(count=70), target_of(), saved(again))
    painted(again)
    painted(middle)
    assert shapes < again.state.marks <= 70
    assert again.state.error < error
    assert content(middle.state.scene) == content(again.state.scene), "killed once more, in the new plan"


def test_another_stop_is_not_another_plan():
    run = painted(start_run(spec_of(error=0.001), target_of(), None), 3)
    again = restore_run(spec_of(error=0.2), target_of(), saved(run))
    assert again.plan == run.plan
    assert (again.state.phase, again.state.done) == (run.state.phase, run.state.done)


@pytest.mark.parametrize(
    ("flags", "words"),
    [
        ({"count": 39}, "painter.count: this run was begun with 40, and can only be raised, not 39; "),
        ({"effort": 0.3}, "budget.effort: this run was begun with 0.5, and can only be raised, not 0.3; "),
        ({"shape": "quad"}, "painter.shape: this run was begun with triangle, not quad; "),
        ({"grid": "1x1"}, "grid: this run was begun with 2x2, not 1x1; "),
        ({"from": "elsewhere"}, "from: this run was begun with null, not elsewhere; "),
    ],
)
def test_other_changes_are_refused(flags, words):
    checkpoint = saved(painted(start_run(spec_of(), target_of(), None), 1))
    with pytest.raises(SpecError) as caught:
        restore_run(spec_of(**flags), target_of(), checkpoint)
    assert str(caught.value).startswith(words)
    assert str(caught.value).endswith("tessera render TARGET --from RUN.")


@pytest.mark.parametrize("is_weighted", [False, True])
@pytest.mark.parametrize("has_alpha", [False, True])
def test_a_folder_has_the_target_whole(tmp_path, has_alpha, is_weighted):
    source, folder = tmp_path / "photo", RunFolder.create(tmp_path / "run")
    source.write_bytes(b"a picture")
    told: list[Event] = []
    pixels = cut_out(48, 64) if has_alpha else picture(48, 64)
    weights = np.arange(1, 48 * 64 + 1).reshape(48, 64).astype(np.uint8) if is_weighted else None
    flags = {"background": "transparent"} if has_alpha else {}
    run = start_run(spec_of(**flags), target_of(pixels, weights, Origin.of(source, None)), None)
    run = write_first_files(folder, run)
    write_checkpoint(folder, saved(run), 1)
    source.unlink()
    target = read_target(folder, read_checkpoint(folder).checkpoint, told.append)
    assert [type(event) for event in told] == [Notice]
    np.testing.assert_array_equal(target.pixels, pixels)
    assert (target.weights is None) == (weights is None)
    if weights is not None:
        np.testing.assert_array_equal(target.weights, weights)
    assert (target.background, target.full_size) == (run.target.background, (96, 128))
    checkpoint = read_checkpoint(folder).checkpoint
    for name in ("target.png", "importance.png")[: 1 + is_weighted]:
        whole = (folder / name).read_bytes()
        (folder / name).write_bytes(whole + b" ")
        with pytest.raises(CheckpointError, match=rf"{name}: has been changed; put it back, or render"):
            read_target(folder, checkpoint, told.append)
        (folder / name).unlink()
        with pytest.raises(CheckpointError, match=rf"{name}: can't be read \(No such file.*\); render"):
            read_target(folder, checkpoint, told.append)
        (folder / name).write_bytes(whole)


def test_a_finished_run_of_a_version_with_other_cells_is_finished():
    run = painted(start_run(spec_of(), target_of(), None))
    found = saved(run)
    arrays = {**found.arrays, "squares": np.zeros((3, 3), np.int64), "weighted": np.zeros((3, 3), np.int64)}
    header = replace(found.header, outcome="finished")
    again = restore_run(spec_of(), target_of(), Checkpoint(header, arrays, found.facts))
    budget = Budget(again.plan, again.grid, again.spec.budget, lambda: False, 0.0, None, again.words)
    assert budget.stop_reason(again.state) == "finished"
    assert budget.share(again.state) == 1
    assert again.state.marks == run.state.marks


HOSTILE_FACTS = [
    ("phase", 10**6),
    ("done", 10**6),
    ("marks_at_start", None),
    ("recorder", None),
    ("copies", None),
    ("spec", {"painter": [], "budget": {"effort": 1}}),
    ("spec", {"painter": {}, "budget": {"effort": "much"}}),
    ("recorder", {**RECORDED, "kept": [{"index": 0}]}),
    ("last", {"level": 1, "lay": "no", "box": [0, 0, 1, 1]}),
]
HOSTILE_ARRAYS = [
    ("order", np.zeros(4, np.int64)),
    ("order", np.arange(5)),
    ("new", np.full(4, -1)),
    ("new", np.zeros(3, int)),
    ("squares", np.full(1, 2**62)),
    ("weighted", np.zeros((2, 2), np.float32)),
    ("spent", np.array([[np.nan]])),
    ("scene.kinds", None),
    ("carry.a.b.c", np.zeros(1)),
]


@pytest.fixture(scope="module")
def stopped():
    return saved(painted(start_run(spec_of(), target_of(), None), 3))


def restored(folder, checkpoint):
    """By way of a file, whose checksum is right."""
    write_checkpoint(folder, checkpoint, 1)
    return restore_run(spec_of(), target_of(), read_checkpoint(folder).checkpoint)


@pytest.mark.parametrize(("name", "value"), HOSTILE_FACTS)
def test_facts_of_no_run_are_refused(stopped, tmp_path, name, value):
    facts = {**stopped.facts, name: value}
    if value is None:
        del facts[name]
    with pytest.raises(CheckpointError):
        restored(RunFolder(tmp_path), replace(stopped, facts=facts))


@pytest.mark.parametrize(("name", "value"), HOSTILE_ARRAYS)
def test_arrays_of_no_run_are_refused(stopped, tmp_path, name, value):
    arrays = dict(stopped.arrays)
    if name in arrays and value is not None and name in ("squares", "weighted", "spent"):
        value = np.full(arrays[name].shape, value.flat[0]).astype(value.dtype)
    if value is None:
        del arrays[name]
    else:
        arrays[name] = value
    with pytest.raises(CheckpointError):
        restored(RunFolder(tmp_path), replace(stopped, arrays=arrays))
