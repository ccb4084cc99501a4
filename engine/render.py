"""The story: plan -> phases -> jobs -> scene -> snapshots -> picture."""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import closing
from dataclasses import asdict
from itertools import islice
from pathlib import Path

from engine import __version__
from engine.canvas import Canvas
from engine.cores import available_cores
from engine.course import Course
from engine.events import Finished, Report, Started, Stop, Trouble
from engine.export.svg import to_svg
from engine.grid import Grid
from engine.image import Target, encode_png, rmse
from engine.job import Commission, Job, Update
from engine.painter import painter_class
from engine.picture import Picture
from engine.pools import Pool, ProcessPool
from engine.recorder import Preview, Recorder
from engine.run_folder import PNG, RESULT, SPEC, SVG, TARGET, RunFolder
from engine.scene import Scene, scaled
from engine.spec import Painter, RunSpec
from engine.start import with_background

LOOK_AROUND = 0.2  # seconds between looks at the clock and at Ctrl-C while no job is done


def render(
    spec: RunSpec, target: Target, start: Scene | None, folder: RunFolder, stop: Stop, report: Report
) -> Finished:
    """Paint a target into a run folder; returns what came of it.

    start: a scene to begin with, of any size; None: a blank one.
    stop: asked several times a second; once it is true the run ends with what has been painted so far.
    """
    started = time.monotonic()
    folder.write(SPEC, spec.to_yaml())
    folder.write(TARGET, encode_png(target.pixels, compression=1))
    if start is not None:
        target = with_background(target, start)
    study = painter_class(spec.painter.name)(spec.painter.params).study(target)
    painter = painter_class(spec.painter.name)(study.params)
    height, width = target.pixels.shape[:2]
    grid = Grid.fit(height, width, spec.grid)
    scene = painter.blank(height, width, study.background)
    if start is not None:
        scene = painter.adopt(start.resized(height, width), target, study.background)
    plan = painter.plan(grid, spec.budget.effort, len(scene))
    picture = Picture(scene, target.pixels, grid, target.weights)
    course = Course(plan, grid, spec.budget, stop)
    recorder = Recorder(folder, spec.record, course.jobs, plan[-1].marks, target, report)
    workers = available_cores() if spec.workers == "auto" else spec.workers
    outcome = None
    with (
        Canvas.create(folder.path, picture.draw(), grid.xs, grid.ys) as canvas,
        closing(
            ProcessPool("engine.job:advance", workers, "engine.job:prepare", (spec.painter.name,))
        ) as pool,
    ):
        report(Started(str(folder.path), height, width, workers))
        if canvas.shortage:
            report(Trouble(canvas.shortage))
        commission = Commission(spec.painter.name, study.params, spec.seed, canvas.handle)
        preview = Preview(folder, canvas)
        recorder.show(picture, course.elapsed())
        for index, phase in enumerate(plan):
            jobs = picture.jobs(commission, index, phase)
            for update in _in_order(pool, jobs, ahead=2 * workers):
                if update is not None:
                    picture.apply(update)
                    course.advance()
                    recorder.show(picture, course.elapsed())
                    preview.refresh()
                report(course.progress(picture, pool.peak_memory, update.seconds if update else None))
                outcome = course.verdict(picture)
                if outcome:
                    break
            if outcome:
                break
        recorder.show(picture, course.elapsed(), last=True)
        preview.refresh(last=True)
    files = _write_pictures(spec, target, folder, picture, quick=outcome == "interrupted")
    finished = Finished(
        outcome=outcome or "finished",
        files=(*map(str, files), str(folder / RESULT)),
        error=rmse(picture.draw(), target.pixels),
        shapes=picture.marks,
        evaluations=picture.evaluations,
        painting_seconds=round(picture.painting_seconds, 3),
        wall_seconds=round(time.monotonic() - started, 3),
        workers=workers,
        peak_memory=pool.peak_memory,
        seed=spec.seed,
        painter=Painter(name=spec.painter.name, params=study.params).model_dump(mode="json"),
        digest=spec.digest(),
        version=__version__,
    )
    folder.write_json(RESULT, {key: value for key, value in asdict(finished).items() if key != "files"})
    return finished


def _write_pictures(
    spec: RunSpec, target: Target, folder: RunFolder, picture: Picture, quick: bool
) -> list[Path]:
    """Write result.png and result.svg.

    quick: at the working size, because a large picture takes seconds to draw and to compress.
    """
    full = max(target.full_size)
    longest = min(full, spec.size) if quick else spec.result_size or full
    height, width = scaled(*target.full_size, longest)
    return [
        folder.write(PNG, encode_png(picture.scene.draw(height, width))),
        folder.write(SVG, to_svg(picture.scene)),
    ]


def _in_order(pool: Pool, jobs: Iterator[Job], ahead: int) -> Iterator[Update | None]:
    """Run jobs and yield their updates in the order of the jobs; None now and then while none is ready.

    The order makes everything that follows the same for any number of workers, the film too.
    ahead: jobs in line at a time.
    """
    early: dict[int, Update] = {}
    submitted = yielded = 0
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
