"""The command line: arguments -> spec -> one call per command."""

from __future__ import annotations

import errno
import functools
import inspect
import io
import json
import os
import signal
import sys
import traceback
from collections import deque
from collections.abc import Callable, Iterable, Iterator
from contextlib import closing, contextmanager
from dataclasses import asdict, replace
from pathlib import Path
from types import FrameType
from typing import TYPE_CHECKING, Annotated, Any

import typer
from rich.console import Console

from engine import __version__
from engine.console import reporter
from engine.errors import SpaceError, SpecError, TesseraError
from engine.events import Event, Failed, Preparing, Report
from engine.leash import heed_leash
from engine.settings import Document, Setting, from_assignments, from_flags, read_document, resolve
from engine.spec import RunSpec

if TYPE_CHECKING:
    from engine.run import Run
    from engine.run_folder import RunFolder

STOP_SIGNALS = (signal.SIGINT, signal.SIGTERM)
DEADLINE = 3  # the exit code when there is something left to do for resume
OUTPUTS = Path("outputs")
YAML_SUFFIXES = (".yaml", ".yml")

# Flags by their short or dotted names in YAML. Values stay text until the spec is resolved: it knows the
# ranges, and says the same about a flag as about a line of a file.
FLAGS = {
    "painter": "Who paints: polygons.",
    "shape": "triangle, quad, polygon:N (N corners, 3 to 16), rectangle, rotated-rectangle, ellipse, "
    "rotated-ellipse, circle, line, bezier, mixed (all but polygon:N), or a list such as "
    "triangle=2,ellipse=1.",
    "count": "Shapes in the whole picture.",
    "opacity": "Of a shape: solved, a number, or a range such as 0.2-0.7.",
    "palette": "Of the shapes: none, a number of colours, or a list such as '#000000,#ffcc00'.",
    "grid": "The finest grid: auto, or ROWSxCOLS such as 4x4.",
    "size": "Longest side in pixels of the copy that is approximated.",
    "effort": "Work, as a multiple of the default.",
    "time": "Stop after this time, such as 90s or 10m, films included.",
    "until": "Stop at this local time, such as 06:00, films included; resume goes on from there.",
    "error": "Stop at this error (RMSE, 0 to 1).",
    "seed": "Another seed gives another picture.",
    "workers": "Processes: auto, or a number. The picture doesn't depend on it.",
    "nice": "0 to 19: how far to stand back behind other programs.",
    "background": "mean, black, white, transparent or #rrggbb.",
    "importance": "What matters most: none, auto, or the path of a grey mask, white where it does.",
    "from": "Start from what another run has painted: the run's folder.",
    "out": "The run's folder; by default outputs/NAME.",
    "result-size": "Longest side of result.png in pixels; by default the target's.",
}

RESUME_FLAGS = ("count", "effort", "time", "until", "error", "workers", "nice", "result-size")

Quiet = Annotated[bool, typer.Option("--quiet", help="Print nothing when all is well.")]
AsJson = Annotated[bool, typer.Option("--json", help="Print a line of JSON for each event.")]

app = typer.Typer(
    name="tessera",
    help="Paint a picture out of shapes, tile by tile, and film it.",
    add_completion=False,
    pretty_exceptions_enable=False,
    rich_markup_mode=None,
)


def _takes_settings(
    names: Iterable[str], metavar: str, about: str
) -> Callable[[Callable[..., None]], Callable[..., None]]:
    """Give a command an argument, flags of these names, --no-film and --set.

    It is called with the argument, and documents of the settings from the flags and from --set.
    """
    return functools.partial(_with_settings, tuple(names), metavar, about)


def _with_settings(
    names: tuple[str, ...], metavar: str, about: str, command: Callable[..., None]
) -> Callable[..., None]:
    def run(source: str, no_film: bool, assignments: list[str] | None, **values: Any) -> None:

        flags = {name: values.pop(_parameter(name)) for name in names}
        if no_film:
            flags["film.enabled"] = False
        command(source, [from_flags(flags), from_assignments(assignments or [])], **values)

    keyword = inspect.Parameter.KEYWORD_ONLY
    source = typer.Argument(metavar=metavar, help=about)
    film = typer.Option("--no-film", help="Make no film.")
    setting = typer.Option("--set", metavar="KEY.PATH=VALUE", help="Any other setting; may be repeated.")
    parameters = [
        inspect.Parameter("source", keyword, annotation=Annotated[str, source]),
        *(
            inspect.Parameter(
                _parameter(name),
                keyword,
                default=None,
                annotation=Annotated[
                    str | None, typer.Option(f"--{name}", metavar="VALUE", help=FLAGS[name])
                ],
            )
            for name in names
        ),
        inspect.Parameter("no_film", keyword, default=False, annotation=Annotated[bool, film]),
        inspect.Parameter(
            "assignments", keyword, default=None, annotation=Annotated[list[str] | None, setting]
        ),
        *list(inspect.signature(command, eval_str=True).parameters.values())[2:],
    ]
    run.__signature__ = inspect.Signature(parameters)  # type: ignore[attr-defined]
    run.__annotations__ = {parameter.name: parameter.annotation for parameter in parameters}
    run.__doc__, run.__name__ = command.__doc__, command.__name__
    return run


def _parameter(flag: str) -> str:
    """The name of a flag in Python, where `from` is taken."""
    return f"flag_{flag.replace('-', '_')}"


_takes_target = _takes_settings(FLAGS, "TARGET|SPEC.yaml", "A picture, the name of a sample, or a spec.")


@app.command()
@_takes_target
def render(source: str, documents: list[Document], *, quiet: Quiet = False, as_json: AsJson = False) -> None:
    """Paint a picture into a run folder and film it."""
    from engine.film.video import find_tools
    from engine.image import open_target
    from engine.run import begin, write_beginning
    from engine.run_folder import RunFolder
    from engine.start import open_start

    spec = _resolved(source, documents)
    os.nice(spec.nice)
    target = open_target(spec.target, spec.size, spec.background, spec.importance)
    start = open_start(spec, target)
    if spec.film.enabled:
        find_tools(spec.film.encoder)  # now, not when hours have been painted
    if spec.out:
        RunFolder.check_free(Path(spec.out))  # now, not when kernels have been compiled for a minute
    with reporter(quiet, as_json) as show:
        _prepare(spec, show)
        name = Path(spec.target).stem
        folder = RunFolder.create(Path(spec.out)) if spec.out else RunFolder.create_in(OUTPUTS, name)
        with folder.held():
            run = begin(spec, target, start)
            write_beginning(folder, run)
            code = _carry_out(run, folder, show)
    raise typer.Exit(code)


@app.command()
@_takes_settings(RESUME_FLAGS, "RUN", "A run's folder.")
def resume(source: str, documents: list[Document], *, quiet: Quiet = False, as_json: AsJson = False) -> None:
    """Go on with a run that was stopped or killed, or with a finished one that is to be better still."""
    from engine.checkpoint import read_checkpoint
    from engine.events import Resumed, Trouble
    from engine.film.video import find_tools
    from engine.painter import params_of
    from engine.run import go_on, read_target
    from engine.run_folder import RESULT, SPEC, RunFolder

    folder = RunFolder.open(Path(source))
    with folder.held(), reporter(quiet, as_json) as show:
        found = read_checkpoint(folder)
        spec = resolve([read_document(folder / SPEC), *documents], params_of)
        os.nice(spec.nice)
        for path in found.damaged:
            show(Trouble(f"{path}: is damaged; going on from the checkpoint before, {found.path.name}."))
        target = read_target(folder, found.checkpoint, show)
        if spec.film.enabled:
            find_tools(spec.film.encoder)
        _prepare(spec, show)
        run = go_on(spec, target, found.checkpoint)
        folder.write(SPEC, spec.to_yaml(), durable=True)
        (folder / RESULT).unlink(missing_ok=True)  # until it is true again
        header = found.checkpoint.header
        show(Resumed(str(folder.path), header.seconds, header.shapes, header.error, found.path.name))
        code = _carry_out(run, folder, show)
    raise typer.Exit(code)


def _carry_out(run: Run, folder: RunFolder, show: Report) -> int:
    """Paint and film a run whose folder is held; the exit code."""
    from engine.film.film import make_films, missing_films
    from engine.log import logged
    from engine.painter import painter_class
    from engine.render import render as paint

    film, before = run.spec.film, run.picture.evaluations
    report = logged(folder, show)
    try:
        with _orderly_stop() as stop:
            finished = paint(run, folder, lambda: stop() > 0, report)
        files: list[str] = []
        try:
            is_stale = run.picture.evaluations > before or missing_films(folder, film)
            if film.enabled and is_stale and not stop():
                kind = painter_class(run.spec.painter.name).scene_class
                files += map(str, make_films(folder, film, kind, report))
        finally:
            report(replace(finished, files=(*finished.files, *files)))
    except TesseraError as error:
        report(Failed(str(error), error.exit_code, traceback.format_exc()))
        raise
    if number := stop():
        return 128 + number
    return DEADLINE if finished.outcome == "deadline" else 0


@app.command()
@_takes_target
def spec(source: str, documents: list[Document]) -> None:
    """Print the settings that a command would use, as YAML."""
    sys.stdout.write(_resolved(source, documents).to_yaml())


@app.command()
def film(
    run: Annotated[Path, typer.Argument(metavar="RUN", help="A run's folder.")],
    size: Annotated[str | None, typer.Option(help="Longest side in pixels.")] = None,
    fps: Annotated[str | None, typer.Option(help="Frames a second.")] = None,
    duration: Annotated[str | None, typer.Option(help="Length of the film, such as 12s.")] = None,
    hold: Annotated[
        str | None, typer.Option(help="How much of it the last frame stays: half at most.")
    ] = None,
    format: Annotated[str | None, typer.Option(help="mp4, gif or mp4,gif.")] = None,
    encoder: Annotated[
        str | None, typer.Option(help="Path of an ffmpeg; by default the built-in one.")
    ] = None,
    quiet: Quiet = False,
    as_json: AsJson = False,
) -> None:
    """Make the film of a run anew, at any size and length."""
    from engine.film.film import make_films
    from engine.log import logged
    from engine.painter import painter_class, params_of
    from engine.run_folder import SPEC, RunFolder

    folder = RunFolder.open(run)
    given = {
        "size": size,
        "fps": fps,
        "duration": duration,
        "hold": hold,
        "format": format,
        "encoder": encoder,
    }
    flags = {
        f"film.{name}": Setting(value, f"--{name}") for name, value in given.items() if value is not None
    }
    spec = resolve([read_document(folder / SPEC), Document("command line", flags)], params_of)
    with folder.held(), reporter(quiet, as_json) as report:
        _prepare(spec, report)
        make_films(folder, spec.film, painter_class(spec.painter.name).scene_class, logged(folder, report))


@app.command()
def status(
    path: Annotated[
        Path, typer.Argument(metavar="RUN|FOLDER", help="A run's folder, or one with runs in it.")
    ] = OUTPUTS,
    as_json: Annotated[bool, typer.Option("--json", help="Print a JSON array.")] = False,
    watch: Annotated[bool, typer.Option("--watch", help="Again every second, until Ctrl-C.")] = False,
) -> None:
    """Show how far runs are, and how they ended."""
    from engine import overview

    shows = {
        (False, False): overview.show,
        (False, True): overview.watch,
        (True, False): overview.show_json,
        (True, True): overview.watch_json,
    }
    shows[as_json, watch](path)


@app.command()
def doctor(
    as_json: Annotated[bool, typer.Option("--json", help="Print a JSON array.")] = False,
) -> None:
    """Look whether this machine has all that a run needs."""
    from engine.doctor import examine, table

    findings = examine(OUTPUTS)
    if as_json:
        print(json.dumps([asdict(finding) for finding in findings]))
    else:
        Console().print(table(findings))
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
    from engine.batch import Terms
    from engine.batch import batch as work_through
    from engine.jobs_file import read_jobs, tasks_of
    from engine.notify import notify_of_batch
    from engine.painter import params_of

    common = {"workers": workers, "nice": nice, "until": until}
    anything = Document("command line", {"target": Setting("anything", "TARGET")})
    resolve([anything, from_flags(common)], params_of)  # so that a mistake is found now
    tasks = [task for source in sources or () for task in tasks_of(source)]
    jobs = read_jobs(jobs_file) if jobs_file else None
    tasks += jobs.tasks if jobs else ()
    if not tasks:
        raise SpecError("batch needs pictures, specs or --jobs-file JOBS.yaml.")
    folder = outputs or Path((jobs and jobs.outputs) or OUTPUTS)
    flags = [text for name in ("workers", "nice") for text in (f"--{name}", common[name]) if common[name]]
    terms = Terms(folder, until, retries, tuple(map(str, flags)))
    with reporter(quiet, as_json) as report:
        ended = work_through(tasks, terms, report, _unheard if quiet else report)
        if jobs:
            notify_of_batch(jobs.notify, folder, ended, report)
    raise typer.Exit(ended.exit_code or 0)


def _unheard(event: Event) -> None:
    """What a job could live with needs nobody; summary.json has it."""


def _prepare(spec: RunSpec, report: Report) -> None:
    """Compile the painter's kernels, or load them.

    They are compiled by a process that does nothing else: what it has linked itself rounds sums in another
    order than what all others load.
    """
    from engine.jit import is_compiled, note_compiled
    from engine.painter import painter_class
    from engine.pools import ProcessPool

    name = spec.painter.name
    report(Preparing(is_compiled(name)))
    if not is_compiled(name):
        with closing(ProcessPool("engine.job:prepare", 1)) as pool:
            pool.submit(name)
            deque(pool.completed(), maxlen=0)
        note_compiled(name)
    painter_class(name).compile()


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


def _resolved(source: str, documents: list[Document]) -> RunSpec:
    from engine.painter import params_of

    if source.endswith(YAML_SUFFIXES):
        first = read_document(Path(source))
    else:
        first = Document("command line", {"target": Setting(source, "TARGET")})
    return resolve([first, *documents], params_of)


@contextmanager
def _orderly_stop() -> Iterator[Callable[[], int]]:
    """Make the first signal to stop the answer to a question; the second one interrupts at once.

    Yields a function that gives the signal's number, 0 before there was one.
    """
    received = 0

    def note(number: int, frame: FrameType | None) -> None:
        nonlocal received
        if received:
            raise KeyboardInterrupt
        received = number

    before = {number: signal.signal(number, note) for number in STOP_SIGNALS}
    try:
        yield lambda: received
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)


def _end(number: int, frame: FrameType | None) -> None:
    sys.exit(128 + number)


def main() -> None:
    """Run a command; errors are one sentence on standard error and an exit code."""
    signal.signal(signal.SIGTERM, _end)  # by way of all `finally`, so that nothing is left behind
    signal.signal(signal.SIGHUP, signal.SIG_IGN)  # who closes a terminal doesn't mean the run
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(errors="backslashreplace")
    heed_leash()
    sentence, code = "", 0
    try:
        code = app(standalone_mode=False) or 0
        sentence = "interrupted." if code == 128 + signal.SIGINT else ""
    except TesseraError as error:
        sentence, code = str(error), error.exit_code
    except typer.TyperException as error:
        sentence, code = f"{error.format_message()} See tessera --help.", error.exit_code
    except (KeyboardInterrupt, typer.Abort):
        sentence, code = "interrupted.", 128 + signal.SIGINT
    except BrokenPipeError:
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        code = 1
    except OSError as error:
        sentence = f"{error.filename or 'this system'}: {error.strerror}; mend that and start again."
        code = SpaceError.exit_code if error.errno == errno.ENOSPC else SpecError.exit_code
    if sentence:
        print(f"tessera: {sentence}", file=sys.stderr)
    sys.exit(code)
