"""The flags that set what a spec can set, and how a command comes by them."""

from __future__ import annotations

import functools
import inspect
from collections.abc import Callable, Iterable
from typing import Annotated, Any

import typer

from engine.settings import from_assignments, from_flags

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


def takes_settings(
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
