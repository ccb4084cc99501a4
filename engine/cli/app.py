"""The command line: arguments -> spec -> one call per command."""

from __future__ import annotations

import io
import json
import signal
import sys
from dataclasses import asdict
from pathlib import Path
from typing import Annotated

import typer

from engine import __version__
from engine.cli.console import console, reporter
from engine.cli.ending import check_current_folder, ending, say
from engine.cli.flags import (
    ANIMATION_FLAGS,
    EXPORT_FLAGS,
    FILM_FLAGS,
    FILM_SWITCHES,
    FLAGS,
    OF_ANY_FILM,
    RESUME_FLAGS,
    WAYS,
    takes_settings,
    takes_settings_below,
)
from engine.cli.options import OUTPUTS, AsJson, Quiet, Trust
from engine.cli.prune import prune
from engine.cli.signals import exit_on_signal, outlive_terminal
from engine.cli.words import words
from engine.errors import SpecError, TesseraError
from engine.events import Event
from engine.spec.models import NotifySettings, RunSpec
from engine.spec.settings import Document, Setting, check, from_flags, read_document, resolve
from engine.spec.yaml_reader import is_spec
from engine.standard_streams import fill_standard_streams
from engine.system.parent_watch import end_with_parent

EXIT_CODES = (
    "Exit codes: 0 all done; 2 wrong usage or input; 3 partly done (the --until deadline: resume goes on); "
    "4 failed; 5 locked by another process; 6 no space; 130 interrupted (143 by SIGTERM)."
)

app = typer.Typer(
    name="tessera",
    help="Paint a picture out of shapes, tile by tile, and film it.",
    epilog=EXIT_CODES,
    add_completion=False,
    pretty_exceptions_enable=False,
    rich_markup_mode=None,
)


_takes_target = takes_settings(FLAGS, "TARGET|SPEC.yaml", "A picture, the name of a sample, or a spec.")


@app.command()
@_takes_target
def render(source: str, documents: list[Document], *, quiet: Quiet = False, as_json: AsJson = False) -> None:
    """Paint a picture into a run folder and film it."""
    from engine.cli.outcome import render as produce

    outlive_terminal()
    spec = _resolved(source, documents)
    with reporter(quiet, as_json) as report:
        code = produce(spec, OUTPUTS, report)
    raise typer.Exit(code)


@app.command()
@takes_settings(RESUME_FLAGS, "RUN", "A run's folder.")
def resume(
    source: str, given: list[Document], *, quiet: Quiet = False, as_json: AsJson = False, trust: Trust = False
) -> None:
    """Go on with a run that was stopped or killed, or with a finished one that is to be better still."""
    from engine.cli.outcome import resume as produce

    outlive_terminal()
    with reporter(quiet, as_json) as report:
        code = produce(Path(source), given, report, trust)
    raise typer.Exit(code)


@app.command()
@_takes_target
def spec(source: str, documents: list[Document]) -> None:
    """Print the settings that a command would use, as YAML."""
    sys.stdout.write(_resolved(source, documents).to_yaml())


@app.command()
@takes_settings_below({"film": FILM_FLAGS}, FILM_SWITCHES, "RUN", "A run's folder.")
def film(
    source: str, given: list[Document], *, quiet: Quiet = False, as_json: AsJson = False, trust: Trust = False
) -> None:
    """Make the film of a run anew, at any size and length."""
    from engine import api as afterwards

    outlive_terminal()
    with reporter(quiet, as_json) as report:
        afterwards.film(Path(source), given, report, trust=trust)


_ANIMATED = {"animation": ANIMATION_FLAGS, "film": {name: FILM_FLAGS[name] for name in OF_ANY_FILM}}


@app.command()
@takes_settings_below(_ANIMATED, WAYS, "RUN", "A run's folder.")
def animate(
    source: str, given: list[Document], *, quiet: Quiet = False, as_json: AsJson = False, trust: Trust = False
) -> None:
    """Let the shapes of a picture fly in, burst, be drawn on, breathe, or turn into another picture."""
    from engine import api as afterwards

    outlive_terminal()
    with reporter(quiet, as_json) as report:
        afterwards.animate(Path(source), given, report, trust=trust)


@app.command()
def report(
    run: Annotated[Path, typer.Argument(metavar="RUN", help="A run's folder.")],
    quiet: Quiet = False,
    as_json: AsJson = False,
) -> None:
    """Write a page about a run, for a browser: RUN/report.html."""
    from engine import api as afterwards

    with reporter(quiet, as_json) as tell:
        afterwards.report(run, tell)


@app.command()
@takes_settings_below({"export": EXPORT_FLAGS}, {}, "RUN", "A run's folder.")
def export(source: str, documents: list[Document], *, quiet: Quiet = False, as_json: AsJson = False) -> None:
    """Write a run's picture for other programs: SVG, PDF, a plotter's lines, shapes, a PNG of any size."""
    from engine import api as afterwards

    with reporter(quiet, as_json) as report:
        afterwards.export(Path(source), documents, report)


@app.command()
def status(
    path: Annotated[
        Path, typer.Argument(metavar="RUN|FOLDER", help="A run's folder, or one with runs in it.")
    ] = OUTPUTS,
    as_json: Annotated[bool, typer.Option("--json", help="Print a JSON array.")] = False,
    watch: Annotated[bool, typer.Option("--watch", help="Again every second, until Ctrl-C.")] = False,
) -> None:
    """Show how far runs are, and how they ended."""
    from engine.cli import status_table as overview

    shows = {
        (False, False): overview.show,
        (False, True): overview.watch,
        (True, False): overview.show_json,
        (True, True): overview.watch_json,
    }
    if path == OUTPUTS and not path.exists():
        print("[]" if as_json else f"{path}: there are no runs yet; tessera render makes one.")
    else:
        shows[as_json, watch](path)


@app.command()
def doctor(
    as_json: Annotated[bool, typer.Option("--json", help="Print a JSON array.")] = False,
) -> None:
    """Look whether this machine has all that a run needs."""
    from engine.cli.doctor import examine, table

    findings = examine(OUTPUTS)
    if as_json:
        print(json.dumps([asdict(finding) for finding in findings]))
    else:
        console().print(table(findings))
    if any(finding.state == "failed" for finding in findings):
        raise typer.Exit(TesseraError.exit_code)


@app.command()
def batch(
    sources: Annotated[
        list[str] | None,
        typer.Argument(metavar="[TARGET|SPEC.yaml]...", help="Pictures and specs, or patterns of them."),
    ] = None,
    jobs_file: Annotated[
        Path | None, typer.Option(metavar="JOBS.yaml", help="More of them, with shared settings.")
    ] = None,
    until: Annotated[
        str | None, typer.Option(help="Stop at this local time, such as 06:00; another batch goes on.")
    ] = None,
    retries: Annotated[int, typer.Option(min=0, help="How often a job that failed is tried again.")] = 1,
    outputs: Annotated[
        Path | None, typer.Option(help="Where the jobs' folders are; by default outputs.")
    ] = None,
    workers: Annotated[str | None, typer.Option(help="Processes: auto, or a number.")] = None,
    nice: Annotated[str | None, typer.Option(help="How much other programs go first: 0 to 19.")] = None,
    quiet: Quiet = False,
    as_json: AsJson = False,
) -> None:
    """Make many pictures, one after the other; finished ones are skipped, interrupted ones gone on with."""
    from engine.batch.batch import BatchOptions
    from engine.batch.batch import batch as work_through
    from engine.batch.jobs_file import read_jobs, tasks_of
    from engine.painters.registry import params_of

    outlive_terminal()
    common = {"workers": workers, "nice": nice, "until": until}
    check([from_flags(common)], params_of)  # so that a mistake is found now
    tasks = [task for source in sources or () for task in tasks_of(source)]
    jobs = read_jobs(jobs_file) if jobs_file else None
    tasks += jobs.tasks if jobs else ()
    if not tasks:
        raise SpecError("batch needs pictures, specs or --jobs-file JOBS.yaml.")
    folder = outputs or Path((jobs and jobs.outputs) or OUTPUTS)
    flags = [text for name in ("workers", "nice") for text in (f"--{name}", common[name]) if common[name]]
    notify = jobs.notify if jobs else NotifySettings()
    options = BatchOptions(folder, until, retries, tuple(map(str, flags)), notify)
    with reporter(quiet, as_json) as report:
        ended = work_through(tasks, options, report, _unheard if quiet else report)
    raise typer.Exit(ended.exit_code or 0)


app.command()(prune)
app.command()(words)


def _unheard(event: Event) -> None:
    """What a job could live with needs nobody; summary.json has it."""


@app.callback(invoke_without_command=True)
def _main(
    context: typer.Context,
    version: Annotated[bool, typer.Option("--version", help="Print the version.", is_eager=True)] = False,
) -> None:
    if version:
        print(f"tessera {__version__}")
        raise typer.Exit
    if context.invoked_subcommand is None:
        print(context.get_help())
    else:
        check_current_folder()


def _resolved(source: str, documents: list[Document]) -> RunSpec:
    from engine.painters.registry import params_of

    if is_spec(source):
        first = read_document(Path(source))
    else:
        first = Document("command line", {"target": Setting(source, "TARGET")})
    return resolve([first, *documents], params_of)


def main() -> None:
    """Run a command; errors are one sentence on standard error and an exit code."""
    fill_standard_streams()
    signal.signal(signal.SIGTERM, exit_on_signal)  # by way of all `finally`, so that nothing is left behind
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(errors="backslashreplace")
    end_with_parent()
    ended = ending(lambda: app(standalone_mode=False))
    say(ended)
    sys.exit(ended.code)
