"""What a command line asks for: its layers of settings, weakest first, as specs."""

from __future__ import annotations

import os
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from engine.batch.batch import BatchOptions
from engine.batch.jobs_file import Around, Task, read_jobs, tasks_of
from engine.cli.named import Named
from engine.cli.options import OUTPUTS
from engine.errors import SpecError
from engine.named_files import EXPORTS, FILMS, STREAM, destination
from engine.painters.registry import PAINTERS, params_of
from engine.spec.defaults import PREFIX, from_config, from_environment
from engine.spec.models import NotifySettings, RunSpec
from engine.spec.origins import with_origins
from engine.spec.presets import read_preset
from engine.spec.resolution import check, effective, resolve
from engine.spec.settings import Document, Setting, read_document
from engine.spec.templates import filled, has_gaps
from engine.spec.yaml_reader import is_spec

ALWAYS = ("workers", "nice", "memory")  # of a batch: its jobs get them when they are gone on with, too


@dataclass(frozen=True)
class Asked:
    """The settings of a run, from all that has a say in them."""

    documents: Sequence[Document]

    def spec(self) -> RunSpec:
        """What they come to; SpecError for the first thing that is wrong."""
        return resolve(self.documents, params_of, PAINTERS)

    def yaml(self) -> str:
        """The same as YAML, each setting that isn't a default with where it comes from."""
        return with_origins(self.spec().to_yaml(), self._origins())

    def say(self) -> None:
        """Print those that aren't defaults, with where they come from, to standard error."""
        path: list[str] = []
        for line in self.yaml().splitlines():
            depth = (len(line) - len(line.lstrip())) // 2
            path[depth:] = [line.strip().partition(":")[0]]
            if "  # " in line:
                print(f"{'.'.join(path)}: {line.partition(': ')[2]}", file=sys.stderr)

    def _origins(self) -> dict[str, str]:
        found = effective(self.documents, params_of, PAINTERS)
        return {path: setting.origin for path, setting in found.items()}


def asked(source: str, flags: Sequence[Document], preset: str | None) -> Asked:
    """What render and spec are asked for. source: a target or the path of a spec."""
    if is_spec(source):
        own = read_document(Path(source))
    else:
        own = Document("command line", {"target": Setting(source, "TARGET")})
    return Asked([*_below(preset), own, *flags])


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
    around = Around(tuple(_below(preset)), (above,))
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


def _below(preset: str | None) -> list[Document]:
    """What is weaker than all that is asked for: defaults of this user and this shell, then a preset."""
    layers = [from_config(os.environ)]
    if any(name.startswith(PREFIX) for name in os.environ):
        from engine.cli.flag_facts import settings_by_path  # which loads all models

        layers.append(from_environment(os.environ, settings_by_path()))
    return [*layers, read_preset(preset, os.environ)] if preset is not None else layers
