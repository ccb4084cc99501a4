"""The story: plan -> phases -> jobs -> scene -> snapshots -> picture."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import closing, suppress
from dataclasses import asdict
from itertools import islice
from pathlib import Path

from engine import __version__
from engine.coordinator.autosave import Autosave
from engine.coordinator.budget import Budget
from engine.coordinator.job import Commission, Job, Update
from engine.coordinator.recorder import most_snapshots
from engine.coordinator.run import Run
from engine.coordinator.state import RunState
from engine.errors import TesseraError, reason
from engine.events import EventHandler, Finished, Notice, ShouldStop, Started, Trouble
from engine.export.metadata import Metadata
from engine.export.png import write_png
from engine.export.svg import to_svg
from engine.film.film import remove_films
from engine.film.time_estimate import TimeEstimate
from engine.image.target import Target
from engine.parallel.canvas import Canvas
from engine.parallel.pool import Pool
from engine.parallel.process_pool import ProcessPool
from engine.scene.scene import scaled
from engine.spec.models import PainterSettings, RunSpec
from engine.storage.run_folder import PNG, RESULT, SVG, RunFolder
from engine.system.resources import available_cores

LOOK_AROUND = 0.2  # seconds between looks at the clock and at Ctrl-C while no job is done


def render(run: Run, folder: RunFolder, ends: float | None, stop: ShouldStop, emit: EventHandler) -> Finished:
    """Carry on a run in its folder, which is held; returns what came of it.

    ends: the deadline, seconds since the epoch. stop: asked several times a second; once it is true the run
    ends with what has been painted so far. However a run ends, its folder holds a checkpoint to go on from.
    """
    spec, picture = run.spec, run.picture
    workers = available_cores() if spec.workers == "auto" else spec.workers
    budget = Budget(run.plan, run.grid, spec.budget, stop, run.seconds, ends)
    with Canvas.create(folder.path, picture.draw(), run.grid.xs, run.grid.ys) as canvas:
        autosave = Autosave(run, folder, canvas, budget, emit)
        autosave.begin()
        time_estimate = None
        if budget.stop_reason(picture) is None:
            _remove_results(folder)
            time_estimate = _time_estimate(run, folder, budget, emit)
        with closing(
            ProcessPool(
                "engine.coordinator.job:advance",
                workers,
                "engine.coordinator.job:prepare",
                (spec.painter.name,),
                spec.nice,
            )
        ) as pool:
            height, width = run.target.pixels.shape[:2]
            emit(Started(str(folder.path), height, width, workers))
            if canvas.shortage:
                emit(Notice(canvas.shortage))
            try:
                outcome = _paint(run, pool, canvas, budget, autosave, time_estimate, emit)
            except TesseraError:
                with suppress(TesseraError):  # the first error says more
                    autosave.save(None)
                raise
        autosave.save(outcome)
        autosave.end()
    return _finish(run, folder, outcome, budget.elapsed(), pool)


def _remove_results(folder: RunFolder) -> None:
    """What is true of a picture that is going to change; films would not be made anew otherwise."""
    folder.remove(RESULT)
    remove_films(folder)


def _time_estimate(run: Run, folder: RunFolder, budget: Budget, emit: EventHandler) -> TimeEstimate | None:
    """Of the films' time, where it is limited."""
    spec = run.spec
    if not (spec.film.enabled and budget.is_limited):
        return None
    snapshots = most_snapshots(spec.record, run.plan[-1].marks * run.painter.rows)
    try:
        return TimeEstimate(folder, spec.film, run.picture.scene, snapshots)
    except (TesseraError, OSError) as error:
        emit(Trouble(f"a film was tried out in vain ({reason(error)}); no time is left for it."))
        return None


def _finish(run: Run, folder: RunFolder, outcome: str, seconds: float, pool: ProcessPool) -> Finished:
    """Write the results; seconds: of painting in all."""
    spec, picture = run.spec, run.picture
    files = _write_pictures(spec, run.target, folder, picture, quick=outcome == "interrupted")
    finished = Finished(
        outcome=outcome,
        files=(*map(str, files), str(folder / RESULT)),
        error=picture.error,
        shapes=picture.marks,
        evaluations=picture.evaluations,
        painting_seconds=round(picture.painting_seconds, 3),
        wall_seconds=round(seconds, 3),
        workers=pool.workers,
        peak_memory=pool.peak_memory,
        seed=spec.seed,
        painter=PainterSettings(name=spec.painter.name, params=run.params).model_dump(mode="json"),
        digest=spec.digest(),
        version=__version__,
    )
    folder.write_json(RESULT, {key: value for key, value in asdict(finished).items() if key != "files"})
    return finished


def _paint(
    run: Run,
    pool: ProcessPool,
    canvas: Canvas,
    budget: Budget,
    autosave: Autosave,
    time_estimate: TimeEstimate | None,
    emit: EventHandler,
) -> str:
    """Do the jobs that are left of the plan, as long as the budget allows; how it ended.

    forecast: of the time that must be left for films.
    """
    picture, marks = run.picture, -1
    commission = Commission(run.spec.painter.name, run.params, run.spec.seed, canvas.handle)
    for index in range(picture.phase, len(run.plan)):
        first = picture.done if index == picture.phase else 0
        jobs = picture.jobs(commission, index, run.plan[index])
        if time_estimate is not None and picture.marks != marks:
            marks = picture.marks
            budget.reserve(time_estimate.seconds(picture.scene))
        if outcome := budget.stop_reason(picture):
            return outcome
        for update in _in_order(pool, jobs, first, ahead=2 * pool.workers):
            if update is not None:
                picture.apply(update)
                autosave.note()
            autosave.refresh()
            emit(budget.progress(picture, pool.peak_memory, update.seconds if update else None))
            if outcome := budget.stop_reason(picture):
                return outcome
    return "finished"


def _write_pictures(
    spec: RunSpec, target: Target, folder: RunFolder, picture: RunState, quick: bool
) -> list[Path]:
    """Write result.png and result.svg.

    quick: at the working size, because a large picture takes seconds to draw and to compress.
    """
    full = max(target.full_size)
    longest = min(full, spec.size) if quick else spec.result_size or full
    metadata = Metadata.of(spec, picture.marks)
    with folder.writing(PNG) as file:
        write_png(file, picture.scene.outlines(*scaled(*target.full_size, longest)), metadata.texts())
    return [folder / PNG, folder.write(SVG, to_svg(picture.scene, metadata))]


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
