"""`tessera render`, `resume`, `batch` and `spec`: from what is asked for to pictures."""

import sys
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from engine.cli.console import reporter
from engine.cli.flags import FLAGS, RESUME_FLAGS
from engine.cli.options import (
    FIVE_MINUTES,
    IN_PROCESSES,
    OUTPUTS,
    AsJson,
    Files,
    Force,
    Pool,
    PoolGrace,
    Preset,
    Quiet,
    Trust,
    Verbose,
)
from engine.cli.runs import run_folder
from engine.cli.signals import outlive_terminal
from engine.cli.standard_input import picture_of
from engine.cli.takes_settings import takes_settings
from engine.events import Event
from engine.fork_server.client import prepare_early
from engine.painters.registry import LOAD_KERNELS

if TYPE_CHECKING:
    from engine.spec.settings import Document

_takes_target = takes_settings(
    FLAGS, "TARGET|SPEC.yaml", "A picture, the name of a sample, blank:512x512, or a spec."
)


@_takes_target
def render(
    source: str,
    documents: "list[Document]",
    *,
    preset: Preset = None,
    pool: Pool = IN_PROCESSES,
    pool_grace: PoolGrace = FIVE_MINUTES,
    files: Files = None,
    force: Force = False,
    quiet: Quiet = False,
    verbose: Verbose = False,
    as_json: AsJson = False,
) -> None:
    """Paint a picture into a run folder and film it."""
    from engine.cli.asked import asked
    from engine.cli.named import Named
    from engine.cli.where import place

    where = place(pool, pool_grace)
    outlive_terminal()
    with picture_of(source) as target:
        wanted = asked(target, documents, preset)
        spec = wanted.spec()
        prepare_early(LOAD_KERNELS, spec.painter.name)
        from engine.cli.outcome import render as produce  # which loads much, when all is well

        if verbose and not quiet:
            wanted.say()
        with reporter(quiet, as_json, verbose=verbose) as report:
            produce(spec, OUTPUTS, report, Named(files or (), force, as_json), where)


@takes_settings(RESUME_FLAGS, "RUN", "A run's folder, or its name among the outputs: photo.")
def resume(
    source: str,
    given: "list[Document]",
    *,
    pool: Pool = IN_PROCESSES,
    pool_grace: PoolGrace = FIVE_MINUTES,
    files: Files = None,
    force: Force = False,
    quiet: Quiet = False,
    verbose: Verbose = False,
    as_json: AsJson = False,
    trust: Trust = False,
) -> None:
    """Go on with a run that was stopped or killed, or with a finished one that is to be better still."""
    from engine.cli.named import Named
    from engine.cli.outcome import resume as produce
    from engine.cli.where import place

    where = place(pool, pool_grace)
    outlive_terminal()
    with reporter(quiet, as_json, verbose=verbose) as report:
        produce(run_folder(source), given, report, Named(files or (), force, as_json), trust, where)


@_takes_target
def spec(source: str, documents: "list[Document]", *, preset: Preset = None) -> None:
    """Print the settings that render would use, as YAML, and where each comes from."""
    from engine.cli.asked import asked

    sys.stdout.write(asked(source, documents, preset).yaml())


@takes_settings(FLAGS, "[TARGET|SPEC.yaml]...", "Pictures and specs, or patterns of them.", many=True)
def batch(
    sources: list[str] | None,
    documents: "list[Document]",
    *,
    preset: Preset = None,
    pool: Pool = IN_PROCESSES,
    pool_grace: PoolGrace = FIVE_MINUTES,
    jobs_file: Annotated[
        Path | None,
        typer.Option(metavar="JOBS.yaml", help="More of them, with shared settings."),
    ] = None,
    retries: Annotated[
        int,
        typer.Option(
            min=0, metavar="N", help="How often a job that failed is tried again.", rich_help_panel="Work"
        ),
    ] = 1,
    outputs: Annotated[
        Path | None,
        typer.Option(
            metavar="FOLDER", help="Where the jobs' folders are. [default: outputs]", rich_help_panel="Output"
        ),
    ] = None,
    files: Files = None,
    force: Force = False,
    quiet: Quiet = False,
    verbose: Verbose = False,
    as_json: AsJson = False,
) -> None:
    """Make many pictures, one after the other; finished ones are skipped, interrupted ones gone on with."""
    from engine.batch.batch import batch as work_through
    from engine.cli.asked_batch import asked_batch
    from engine.cli.named import Named
    from engine.cli.outcome import leave
    from engine.cli.where import place

    where = place(pool, pool_grace)
    outlive_terminal()
    named = Named(files or (), force, as_json)
    tasks, options = asked_batch(sources or [], documents, preset, jobs_file, outputs, retries, named)
    options = replace(options, place=where)
    with reporter(quiet, as_json, verbose=verbose) as report:
        ended = work_through(tasks, options, report, _unheard if quiet else report)
        leave(ended, report)


def _unheard(event: Event) -> None:
    """What a job could live with needs nobody; summary.json has it."""
