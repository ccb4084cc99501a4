"""The command line: arguments -> spec -> one call per command."""

from __future__ import annotations

import inspect
import signal
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from types import FrameType
from typing import Annotated, Any

import typer

from engine import __version__
from engine.console import reporter
from engine.errors import TesseraError
from engine.spec import RunSpec

INTERRUPTED = 130
OUTPUTS = Path("outputs")
YAML_SUFFIXES = (".yaml", ".yml")

# Flags by their short or dotted names in YAML. Values stay text until the spec is resolved: it knows the
# ranges, and says the same about a flag as about a line of a file.
FLAGS = {
    "painter": "Who paints: polygons.",
    "shape": "triangle or quad.",
    "count": "Shapes in the whole picture.",
    "grid": "The finest grid: auto, or ROWSxCOLS such as 4x4.",
    "size": "Longest side in pixels of the copy that is approximated.",
    "effort": "Work, as a multiple of the default.",
    "time": "Stop after this time, such as 90s or 10m.",
    "error": "Stop at this error (RMSE, 0 to 1).",
    "seed": "Another seed gives another picture.",
    "workers": "Processes: auto, or a number. The picture doesn't depend on it.",
    "background": "mean, black, white or #rrggbb.",
    "out": "The run's folder; by default outputs/NAME.",
    "result-size": "Longest side of result.png in pixels; by default the target's.",
}

app = typer.Typer(
    name="tessera",
    help="Paint a picture out of shapes, tile by tile, and film it.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    rich_markup_mode=None,
)


def _takes_spec(command: Callable[..., None]) -> Callable[..., None]:
    """Give a command TARGET|SPEC.yaml, FLAGS, --no-film and --set; it is called with the spec they make."""

    def run(source: str, no_film: bool, assignments: list[str] | None, **values: Any) -> None:
        flags = {name: values.pop(name.replace("-", "_")) for name in FLAGS}
        if no_film:
            flags["film.enabled"] = False
        command(_resolved(source, flags, assignments or []), **values)

    keyword = inspect.Parameter.KEYWORD_ONLY
    source = typer.Argument(metavar="TARGET|SPEC.yaml", help="A picture, the name of a sample, or a spec.")
    film = typer.Option("--no-film", help="Make no film.")
    setting = typer.Option("--set", metavar="KEY.PATH=VALUE", help="Any other setting; may be repeated.")
    parameters = [
        inspect.Parameter("source", keyword, annotation=Annotated[str, source]),
        *(
            inspect.Parameter(
                name.replace("-", "_"),
                keyword,
                default=None,
                annotation=Annotated[str | None, typer.Option(f"--{name}", help=help)],
            )
            for name, help in FLAGS.items()
        ),
        inspect.Parameter("no_film", keyword, default=False, annotation=Annotated[bool, film]),
        inspect.Parameter(
            "assignments", keyword, default=None, annotation=Annotated[list[str] | None, setting]
        ),
        *list(inspect.signature(command, eval_str=True).parameters.values())[1:],
    ]
    run.__signature__ = inspect.Signature(parameters)  # type: ignore[attr-defined]
    run.__annotations__ = {parameter.name: parameter.annotation for parameter in parameters}
    run.__doc__, run.__name__ = command.__doc__, command.__name__
    return run


@app.command()
@_takes_spec
def render(
    spec: RunSpec,
    *,
    quiet: Annotated[bool, typer.Option("--quiet", help="Print nothing when all is well.")] = False,
    as_json: Annotated[bool, typer.Option("--json", help="Print a line of JSON for each event.")] = False,
) -> None:
    """Paint a picture into a run folder and film it."""
    from engine.image import open_target
    from engine.render import render as paint
    from engine.run_folder import RunFolder, free_name

    target = open_target(spec.target, spec.size, spec.background)
    folder = RunFolder.create(Path(spec.out) if spec.out else free_name(OUTPUTS, Path(spec.target).stem))
    with reporter(quiet, as_json) as report, _first_ctrl_c() as stop:
        finished = paint(spec, target, folder, stop, report)
    if finished.outcome == "interrupted":
        raise typer.Exit(INTERRUPTED)


@app.command()
@_takes_spec
def spec(spec: RunSpec) -> None:
    """Print the settings that a command would use, as YAML."""
    sys.stdout.write(spec.to_yaml())


@app.command()
def film(
    run: Annotated[Path, typer.Argument(metavar="RUN", help="A run's folder.")],
    size: Annotated[str | None, typer.Option(help="Longest side in pixels.")] = None,
    fps: Annotated[str | None, typer.Option(help="Frames a second.")] = None,
    duration: Annotated[str | None, typer.Option(help="Length of the film, such as 12s.")] = None,
    hold: Annotated[str | None, typer.Option(help="How much of it the last frame stays.")] = None,
    format: Annotated[str | None, typer.Option(help="mp4, gif or mp4,gif.")] = None,
    encoder: Annotated[
        str | None, typer.Option(help="Path of an ffmpeg; by default the built-in one.")
    ] = None,
    quiet: Annotated[bool, typer.Option("--quiet", help="Print nothing when all is well.")] = False,
    as_json: Annotated[bool, typer.Option("--json", help="Print a line of JSON for each event.")] = False,
) -> None:
    """Make the film of a run anew, at any size and length."""
    from engine.film.film import make_films
    from engine.painter import painter_class, params_of
    from engine.run_folder import SPEC, RunFolder
    from engine.settings import from_flags, read_document, resolve

    folder = RunFolder.open(run)
    given = {
        "size": size,
        "fps": fps,
        "duration": duration,
        "hold": hold,
        "format": format,
        "encoder": encoder,
    }
    flags = from_flags({f"film.{name}": value for name, value in given.items()})
    spec = resolve([read_document(folder / SPEC), flags], params_of)
    with reporter(quiet, as_json) as report, _first_ctrl_c() as stop:
        make_films(folder, spec.film, painter_class(spec.painter.name).scene_class, stop, report)


@app.callback(invoke_without_command=True)
def _main(
    version: Annotated[bool, typer.Option("--version", help="Print the version.", is_eager=True)] = False,
) -> None:
    if version:
        print(f"tessera {__version__}")
        raise typer.Exit


def _resolved(source: str, flags: dict[str, Any], assignments: list[str]) -> RunSpec:
    from engine.painter import params_of
    from engine.settings import from_assignments, from_flags, read_document, resolve

    if source.endswith(YAML_SUFFIXES):
        documents = [read_document(Path(source)), from_flags(flags)]
    else:
        documents = [from_flags({"target": source, **flags})]
    return resolve([*documents, from_assignments(assignments)], params_of)


@contextmanager
def _first_ctrl_c() -> Iterator[Callable[[], bool]]:
    """Make the first Ctrl-C an answer to a question that runs ask; the second one interrupts at once."""
    pressed = False

    def note(number: int, frame: FrameType | None) -> None:
        nonlocal pressed
        if pressed:
            raise KeyboardInterrupt
        pressed = True

    before = signal.signal(signal.SIGINT, note)
    try:
        yield lambda: pressed
    finally:
        signal.signal(signal.SIGINT, before)


def main() -> None:
    """Run a command; errors are one sentence on standard error and an exit code."""
    try:
        sys.exit(app(standalone_mode=False) or 0)
    except TesseraError as error:
        print(f"tessera: {error}", file=sys.stderr)
        sys.exit(error.exit_code)
    except typer.TyperException as error:
        print(f"tessera: {error.format_message()} See tessera --help.", file=sys.stderr)
        sys.exit(error.exit_code)
    except (KeyboardInterrupt, typer.Abort):
        print("tessera: interrupted.", file=sys.stderr)
        sys.exit(INTERRUPTED)
