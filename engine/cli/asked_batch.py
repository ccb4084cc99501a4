"""What `tessera batch` asks for: tasks, and what holds for all of them."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from engine.batch.batch import BatchOptions
from engine.batch.jobs_file import Around, Task, read_jobs, tasks_of
from engine.cli.asked import below
from engine.cli.named import Named
from engine.cli.options import OUTPUTS
from engine.errors import SpecError
from engine.named_files import EXPORTS, FILMS, STREAM, destination
from engine.painters.registry import params_of
from engine.spec.models import NotifySettings
from engine.spec.resolution import check
from engine.spec.settings import Document
from engine.spec.templates import filled, has_gaps

ALWAYS = ("workers", "nice", "memory")  # of a batch: its jobs get them when they are gone on with, too


def asked_batch(
    sources: Sequence[str],
    flags: Sequence[Document],
    preset: str | None,
    jobs_file: Path | None,
    outputs: Path | None,
    retries: int,
    named: Named,
) -> tuple[list[Task], BatchOptions]:
    """What batch is asked for; SpecError for what concerns all jobs."""
    given = {path: each for document in flags for path, each in document.settings.items()}
    whole = {path: given[path] for path in (*ALWAYS, "budget.until") if path in given}
    shared = check([Document("command line", whole)], params_of)  # so that a mistake is found now
    # A job may have to end earlier than the batch, so the batch's deadline doesn't take the place of its own.
    above = Document("command line", {path: each for path, each in given.items() if path != "budget.until"})
    around = Around(tuple(below(preset)), (above,))
    tasks = [task for source in sources for task in tasks_of(source, around)]
    jobs = read_jobs(jobs_file, around) if jobs_file else None
    tasks += jobs.tasks if jobs else ()
    if not tasks:
        raise SpecError("batch needs pictures, specs or --jobs-file JOBS.yaml.")
    problem = tasks[0].problem
    if problem.startswith("--") and all(task.problem == problem for task in tasks):
        raise SpecError(problem)
    if "out" in given and len(tasks) > 1 and not has_gaps(str(given["out"].value)):
        raise SpecError(
            f"--out is one folder for {len(tasks)} pictures; give --outputs FOLDER instead, or a name with a "
            "gap such as {name}."
        )
    _check_files(tasks, named)
    folder = outputs or Path((jobs and jobs.outputs) or OUTPUTS)
    if has_gaps(str(folder)):
        raise SpecError(f"--outputs is one folder for all jobs, not {folder}; --out takes a name with gaps.")
    always = [text for name in ALWAYS if name in given for text in (f"--{name}", str(getattr(shared, name)))]
    notify = jobs.notify if jobs else NotifySettings()
    return tasks, BatchOptions(
        folder, shared.budget.until, retries, tuple(always), notify, named.names, named.force
    )


def _check_files(tasks: Sequence[Task], named: Named) -> None:
    """SpecError for files that no job could make, or that several would."""
    found: dict[str, str] = {}
    for number, task in enumerate(tasks, 1):
        if task.spec is None:
            continue
        for template in named.names:
            name = filled(template, task.spec, number)
            if STREAM.fullmatch(name):
                raise SpecError(f"-o {name}: a batch makes files; give a name such as {{name}}.png.")
            if name in found:
                what = f"is the file of {found[name]} and of {task.name}"
                raise SpecError(f"-o {name}: {what}; give it a gap such as {{name}}.")
            destination(name, {**FILMS, **EXPORTS})
            found[name] = task.name
