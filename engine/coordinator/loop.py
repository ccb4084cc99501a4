"""The story: plan -> phases -> jobs -> scene -> snapshots -> result."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import AbstractContextManager, closing, nullcontext, suppress
from dataclasses import asdict
from itertools import islice
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

from engine import __version__
from engine.coordinator.autosave import Autosave
from engine.coordinator.budget import Budget
from engine.coordinator.job import Job, JobContext, Update
from engine.coordinator.memory import affordable
from engine.coordinator.recorder import most_snapshots
from engine.coordinator.run import Run
from engine.coordinator.state import RunState
from engine.errors import SpaceError, TesseraError, reason
from engine.events import EventHandler, Finished, Notice, ShouldStop, Started, Trouble
from engine.export.metadata import Metadata
from engine.film.files import remove_films
from engine.fork_server.client import ForkServer
from engine.formatting import plural, workers
from engine.grid import Grid
from engine.image.source import TargetSource, TargetWindow
from engine.image.stored import HELD
from engine.image.target import Target, shown_side
from engine.painters.registry import PREPARE_MACHINE, entry_of, final_drawable
from engine.parallel.canvas import Canvas
from engine.parallel.open_pool import open_pool
from engine.parallel.place import HERE, MOST, Place
from engine.parallel.pool import Pool, WorkerSetup
from engine.parallel.shared_target import SharedTarget
from engine.scene.scene import scaled
from engine.spec.models import PainterSettings, RunSpec
from engine.storage.run_folder import PNG, RESULT, SVG, RunFolder
from engine.system.resources import available_cores

if TYPE_CHECKING:
    from engine.film.time_estimate import TimeEstimate

ADVANCE, OPEN_CONTEXT = "engine.coordinator.job:advance", "engine.coordinator.job:open_context"
CROWD = 2  # times as many workers as cores are told
CANVAS_SIDE = 2048  # pixels of the longest side of a large picture's canvas: a preview has half of it
LOOK_AROUND = 0.2  # seconds between looks at the clock and at Ctrl-C while no job is done


class Painted(NamedTuple):
    """What came of a run."""

    finished: Finished
    shortage: SpaceError | None  # why there are no snapshots to make a film of, for want of space


def paint_run(
    run: Run,
    folder: RunFolder,
    ends: float | None,
    stop: ShouldStop,
    emit: EventHandler,
    place: Place = HERE,
    server: ForkServer | None = None,
) -> Painted:
    """Carry on a run in its folder, which is held; returns what came of it.

    ends: the deadline, seconds since the epoch. stop: asked several times a second; once it is true the run
    ends with what has been painted so far. place: where jobs are done. server: see open_pool. However a run
    ends, its folder holds a checkpoint to go on from.
    """
    spec, state = run.spec, run.state
    budget = Budget(run.plan, run.grid, spec.budget, stop, run.seconds, ends, run.words)
    with (
        Canvas.create(folder.path, state.draw(_shown(run.grid)), run.grid.xs, run.grid.ys) as canvas,
        _shared(run, folder) as shared,
        Autosave(run, folder, canvas, budget, emit) as autosave,
    ):
        autosave.begin()
        time_estimate = None
        if budget.stop_reason(state) is None:
            _remove_results(folder)
            time_estimate = _time_estimate(run, folder, budget, emit)
        context = _context(run, place, shared, canvas)
        setup = WorkerSetup(ADVANCE, OPEN_CONTEXT, (context,), PREPARE_MACHINE, (spec.painter.name,))
        wanted, resources = _workers(run, place), run.painter.resources
        if not place.is_remote:
            wanted = affordable(run, wanted, emit)
        with closing(
            open_pool(place, setup, wanted, resources, spec.nice, server, lambda text: emit(Notice(text)))
        ) as opened:
            height, width = run.target.pixels.shape[:2]
            emit(Started(str(folder.path), height, width, opened.workers))
            if not place.is_remote and (crowd := _crowd(spec.workers, available_cores(), opened.workers)):
                emit(Notice(crowd))
            if canvas.shortage:
                emit(Notice(canvas.shortage))
            try:
                outcome = _paint(run, opened, canvas, budget, autosave, time_estimate, emit)
            except TesseraError:
                with suppress(TesseraError):  # the first error says more
                    autosave.save(None)
                raise
        autosave.save(outcome)
        shortage = autosave.end()
    return Painted(_finish(run, folder, outcome, budget.elapsed(), opened), shortage)


def _workers(run: Run, place: Place) -> int:
    """As many as are wanted, but never more than there can be jobs at a time: none would ever have one."""
    there = MOST if place.is_remote else place.workers or available_cores()
    wanted = there if run.spec.workers == "auto" else run.spec.workers
    left = run.plan[run.state.phase :]
    jobs = max((len(run.grid.tiles(phase.level, phase.tiling)) for phase in left), default=1)
    return max(1, min(wanted, jobs))


def _crowd(wanted: int | str, cores: int, opened: int) -> str:
    """A sentence about more workers than cores can carry, or ""."""
    if not isinstance(wanted, int) or wanted <= CROWD * cores:
        return ""
    few = f", and {workers(opened)} can have a job here" if opened < wanted else ""
    what = (
        f"{wanted} workers on {plural(cores, 'core')} are no quicker than {cores}, and take more memory{few}"
    )
    return f"{what}; --workers auto starts one for each core."


def _shown(grid: Grid) -> int:
    """The longest side of the canvas: that of the picture, unless that is large."""
    longest = max(grid.height, grid.width)
    return longest if grid.height * grid.width <= HELD else min(longest, CANVAS_SIDE)


def _shared(run: Run, folder: RunFolder) -> AbstractContextManager[TargetSource]:
    """The target as workers of this machine read it: in shared memory, or in the folder's files."""
    if run.source is run.target.stored:
        return nullcontext(run.source)
    return SharedTarget.create(folder.path, TargetWindow(run.target.pixels, run.analysis.weights))


def _context(run: Run, place: Place, shared: TargetSource, canvas: Canvas) -> JobContext:
    """What workers are told once. Only processes of this machine share its memory with it."""
    is_here = place.name == HERE.name
    is_shared = is_here or run.source is run.target.stored
    source = shared if is_shared else TargetWindow(run.target.pixels, run.analysis.weights)
    return JobContext(
        painter=entry_of(run.spec.painter.name).painter,
        params=run.analysis.params,
        seed=run.spec.seed,
        target=source,
        canvas=canvas.handle if is_here else None,
        assets=run.analysis.assets,
        view=canvas.handle.view if canvas.handle.view.is_smaller else None,
    )


def _remove_results(folder: RunFolder) -> None:
    """What is true of a picture that is going to change; films would not be made anew otherwise."""
    folder.remove(RESULT)
    remove_films(folder)


def _time_estimate(run: Run, folder: RunFolder, budget: Budget, emit: EventHandler) -> TimeEstimate | None:
    """Of the films' time, where it is limited."""
    spec = run.spec
    if not (spec.film.enabled and budget.is_limited):
        return None
    from engine.film.time_estimate import TimeEstimate

    snapshots = most_snapshots(spec.record, run.plan[-1].marks * run.painter.rows)
    try:
        return TimeEstimate(folder, spec.film, run.state.scene, snapshots)
    except (TesseraError, OSError) as error:
        emit(Trouble(f"a film was tried out in vain ({reason(error)}); no time is left for it."))
        return None


def _finish(run: Run, folder: RunFolder, outcome: str, seconds: float, pool: Pool) -> Finished:
    """Write the results; seconds: of painting in all."""
    spec, state = run.spec, run.state
    files = _write_pictures(spec, run.target, folder, state, quick=outcome == "interrupted")
    finished = Finished(
        outcome=outcome,
        files=(*map(str, files), str(folder / RESULT)),
        error=state.error,
        shapes=state.marks,
        evaluations=state.evaluations,
        painting_seconds=round(state.painting_seconds, 3),
        wall_seconds=round(seconds, 3),
        workers=pool.workers,
        peak_memory=pool.peak_memory,
        seed=spec.seed,
        painter=PainterSettings(name=spec.painter.name, params=run.analysis.params).model_dump(mode="json"),
        digest=spec.digest(),
        version=__version__,
        mark=run.words.mark,
        measure=run.words.error,
    )
    folder.write_json(RESULT, {key: value for key, value in asdict(finished).items() if key != "files"})
    return finished


def _paint(
    run: Run,
    pool: Pool,
    canvas: Canvas,
    budget: Budget,
    autosave: Autosave,
    time_estimate: TimeEstimate | None,
    emit: EventHandler,
) -> str:
    """Do the jobs that are left of the plan, as long as the budget allows; how it ended.

    time_estimate: of the time that must be left for films.
    """
    state, marks = run.state, -1
    for index in range(state.phase, len(run.plan)):
        state.begin_phase(index, run.plan[index])
        if time_estimate is not None and state.marks != marks:
            marks = state.marks
            budget.reserve(time_estimate.seconds(state.scene))
        if outcome := budget.stop_reason(state):
            return outcome
        for update in _in_order(pool, state.jobs(run.plan[index]), state.done, ahead=2 * pool.workers):
            if update is not None:
                state.apply(update)
                if update.pixels is not None:
                    tile = update.tile
                    canvas.write(tile.x0, tile.y0, tile.x1, tile.y1, update.pixels)
                autosave.note(update.part)
            autosave.refresh()
            seconds = update.seconds if update else None
            emit(budget.progress(state, pool.workers, pool.peak_memory, seconds))
            if outcome := budget.stop_reason(state):
                return outcome
    return "finished"


def _write_pictures(
    spec: RunSpec, target: Target, folder: RunFolder, state: RunState, quick: bool
) -> list[Path]:
    """Write result.png and result.svg.

    quick: at the working size, because a large picture takes seconds to draw and to compress.
    """
    from engine.export.png import write_png  # which load the compiler: a wrong picture is told before
    from engine.export.svg import write_svg

    full = shown_side(*target.full_size)
    longest = min(full, max(target.pixels.shape[:2])) if quick else spec.result_size or full
    metadata = Metadata.of(spec, state.marks)
    with folder.writing(PNG) as file:
        size = scaled(*target.full_size, longest)
        drawable = final_drawable(spec.painter.name, state.scene, spec.painter.params, *size)
        write_png(file, drawable, metadata.texts())
    with folder.writing(SVG) as file:
        write_svg(file, state.scene, metadata)
    return [folder / PNG, folder / SVG]


def _in_order(pool: Pool, jobs: Iterator[Job], first: int, ahead: int) -> Iterator[Update | None]:
    """Run jobs and yield their updates in the order of the jobs; None now and then while none is ready.

    The order makes everything that follows the same for any number of workers, the film too.
    first: the first job's index. ahead: jobs in line at a time.
    """
    early: dict[int, Update] = {}
    submitted = yielded = first
    for job in islice(jobs, ahead):
        pool.submit(job)
        submitted += 1
    while yielded < submitted:
        for update in pool.completed(LOOK_AROUND):
            early[update.index] = update
            for job in islice(jobs, 1):
                pool.submit(job)
                submitted += 1
            while yielded in early:
                yield early.pop(yielded)
                yielded += 1
        if yielded < submitted:
            yield None
