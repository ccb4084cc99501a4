"""The story: plan -> phases -> jobs -> scene -> snapshots -> picture and film."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import closing
from dataclasses import asdict, replace
from itertools import islice

from engine import __version__
from engine.canvas import Canvas
from engine.course import Course, Stop
from engine.events import Finished, Preparing, Report, Started
from engine.export.svg import to_svg
from engine.film.film import make_films
from engine.grid import Grid
from engine.image import Target, encode_png, rmse
from engine.jit import is_compiled
from engine.job import Commission, Job, Update
from engine.log import logged
from engine.painter import Phase, painter_class
from engine.picture import Picture
from engine.pools import Pool, ProcessPool, available_cores
from engine.recorder import Preview, Recorder
from engine.run_folder import PNG, RESULT, SPEC, SVG, TARGET, RunFolder
from engine.scene import scaled
from engine.spec import RunSpec

LOOK_AROUND = 0.2  # seconds between looks at the clock and at Ctrl-C while no job is done
SNAPSHOTS = 500  # of a run, about, when record.every is "auto"


def render(spec: RunSpec, target: Target, folder: RunFolder, stop: Stop, report: Report) -> Finished:
    """Paint a target into a run folder and film it; returns what came of it.

    stop: asked several times a second; once it is true the run ends with what has been painted so far.
    """
    report = logged(folder, report)
    folder.write(SPEC, spec.to_yaml())
    folder.write(TARGET, encode_png(target.pixels))
    painter = painter_class(spec.painter.name)(spec.painter.params)
    report(Preparing(is_compiled()))
    painter.compile()
    height, width = target.pixels.shape[:2]
    grid = Grid.fit(height, width, spec.grid)
    plan = painter.plan(grid, spec.budget.effort)
    course = Course(plan, grid, spec.budget, stop)
    picture = Picture(painter.blank(height, width, target.background), target.pixels, grid)
    workers = available_cores() if spec.workers == "auto" else spec.workers
    peak_memory = _paint(spec, folder, grid, plan, course, picture, workers, report)
    finished = Finished(
        outcome=course.verdict(picture) or "finished",
        files=(),
        error=rmse(picture.draw(), target.pixels),
        shapes=len(picture.scene),
        evaluations=picture.evaluations,
        painting_seconds=round(picture.painting_seconds, 3),
        wall_seconds=round(course.elapsed(), 3),
        workers=workers,
        peak_memory=peak_memory,
        seed=spec.seed,
        version=__version__,
    )
    height, width = scaled(*target.full_size, spec.result_size or max(target.full_size))
    files = [
        folder.write(PNG, encode_png(picture.scene.draw(height, width))),
        folder.write(SVG, to_svg(picture.scene)),
        folder.write_json(RESULT, {key: value for key, value in asdict(finished).items() if key != "files"}),
    ]
    if finished.outcome != "interrupted" and spec.film.enabled:
        try:
            files += make_films(folder, spec.film, type(picture.scene), stop, report)
        except KeyboardInterrupt:
            finished = replace(finished, outcome="interrupted")
    finished = replace(finished, files=tuple(map(str, files)))
    report(finished)
    return finished


def _paint(
    spec: RunSpec,
    folder: RunFolder,
    grid: Grid,
    plan: tuple[Phase, ...],
    course: Course,
    picture: Picture,
    workers: int,
    report: Report,
) -> int:
    """Run the plan's jobs until they are done or it is time to stop; returns the workers' peak of memory."""
    every = course.jobs // SNAPSHOTS + 1 if spec.record.every == "auto" else spec.record.every
    recorder = Recorder(folder, every)
    recorder.show(picture, course.elapsed())
    with (
        Canvas.create(folder.path.name, picture.draw(), grid.xs, grid.ys) as canvas,
        closing(
            ProcessPool("engine.job:advance", workers, "engine.job:prepare", (spec.painter.name,))
        ) as pool,
    ):
        report(Started(str(folder.path), grid.height, grid.width, workers))
        commission = Commission(spec.painter.name, spec.painter.params, spec.seed, canvas.handle)
        preview = Preview(folder, canvas)
        for index, phase in enumerate(plan):
            jobs = picture.jobs(commission, index, phase)
            for update in _in_order(pool, jobs, 2 * workers, lambda: course.verdict(picture) is not None):
                picture.apply(update)
                course.advance()
                recorder.show(picture, course.elapsed())
                preview.refresh()
                report(course.progress(picture, pool.peak_memory))
            if course.verdict(picture):
                break
        recorder.show(picture, course.elapsed(), last=True)
        return pool.peak_memory


def _in_order(pool: Pool, jobs: Iterator[Job], ahead: int, halt: Callable[[], bool]) -> Iterator[Update]:
    """Run jobs and yield their updates in the order of the jobs, until `halt` is true.

    The order makes everything that follows the same for any number of workers, the film too.
    ahead: jobs in line at a time.
    """
    early: dict[int, Update] = {}
    submitted = yielded = 0
    for job in islice(jobs, ahead):
        pool.submit(job)
        submitted += 1
    while yielded < submitted and not halt():
        for update in pool.completed(LOOK_AROUND):
            early[update.index] = update
            for job in islice(jobs, 1):
                pool.submit(job)
                submitted += 1
            while yielded in early:
                yield early.pop(yielded)
                yielded += 1
                if halt():
                    return
