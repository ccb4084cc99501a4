"""The flags that set what a spec can set, and how a command comes by them."""

from __future__ import annotations

import functools
import inspect
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import Annotated, Any

import typer

from engine.painters.registry import PAINTERS
from engine.spec.settings import from_assignments, from_flags

# Flags by their short or dotted names in YAML. Values stay text until the spec is resolved: it knows the
# ranges, and says the same about a flag as about a line of a file.
FLAGS = {
    "painter": "Who paints: polygons, or gng (a growing neural gas: nets, dots, pen lines).",
    **{name: text for entry in PAINTERS.values() for name, text in entry.flags.items()},
    "count": "Shapes in the whole picture, or nodes.",
    "grid": "The finest grid: auto, or ROWSxCOLS such as 4x4.",
    "size": "Longest side in pixels of the copy that is approximated.",
    "effort": "Work, as a multiple of the default.",
    "time": "Stop after this time, such as 90s or 10m, films included.",
    "until": "Stop at this local time, such as 06:00, films included; resume goes on from there.",
    "error": "Stop at this error (RMSE, 0 to 1).",
    "seed": "Another seed gives another picture.",
    "workers": "Processes: auto, or a number. The picture doesn't depend on it.",
    "nice": "0 to 19: how far to stand back behind other programs.",
    "frame": "Which picture of a target that moves or has pages, from 0 (the first).",
    "background": "auto, mean, black, white, transparent or #rrggbb.",
    "importance": "What matters most: none, auto, or the path of a grey mask, white where it does.",
    "from": "Start from what another run has painted: its folder, or a file of shapes (picture.json).",
    "out": "The run's folder; by default outputs/NAME.",
    "result-size": "Longest side of result.png in pixels; by default the target's.",
}

RESUME_FLAGS = ("count", "effort", "time", "until", "error", "workers", "nice", "result-size")

# Those of films, below `film.` in YAML.
FILM_FLAGS = {
    "size": "Longest side in pixels.",
    "fps": "Frames a second.",
    "duration": "Length of the film, such as 12s, intro and hold included.",
    "intro": "How much of it the first picture stays,",
    "intro-shows": "which is the target, or blank.",
    "hold": "How much of it the last picture stays: half at most.",
    "dedup": "Which snapshots are the same as the one before: exact, dhash:BITS, phash:BITS or mse:T.",
    "pacing": "perceived (equal steps to the eye), even (in RMSE), shapes, log-shapes, decay, time, "
    "log-time or all (equally long).",
    "poster": "What a still picture of the film is: result (for one frame first), or what is there at first.",
    "aspect": "Width to height: picture (its own), 1:1, 9:16, 4:5 or 16:9;",
    "fit": "how the picture fits into that: pad, crop or blur.",
    "compare": "The target: beside, or as a wipe while the last picture stays.",
    "format": "mp4, webm, gif, webp, apng, png (a folder of them) or svg, or several: mp4,gif.",
    "codec": "Of mp4: h264, h265 or av1.",
    "max-bytes": "At most, such as 8MB: size and quality are made to fit (mp4, webm, gif, webp).",
    "encoder": "Path of an ffmpeg; by default the built-in one.",
}

# Those of animations, below `animation.`; how they are filmed is below `film.`.
ANIMATION_FLAGS = {
    "effect": "assemble, explode, draw-on, breathe, or morph.",
    "order": "Whose turn it is first: birth, or size.",
    "seed": "Another seed gives other paths.",
    "to": "The run that a morph ends with.",
}
OF_ANY_FILM = (
    "size", "fps", "duration", "hold", "poster", "aspect", "fit", "format", "codec", "max-bytes", "encoder",
)  # fmt: skip

# Those of exported files, below `export.`.
EXPORT_FLAGS = {
    "format": "svg, pdf, json (of shapes), png, plotter, or several: svg,pdf.",
    "size": "Longest side of picture.png in pixels; by default result.png's.",
    "precision": "Decimals of a coordinate in picture.svg.",
    "group": "Shapes of picture.svg in groups: none, level or tile.",
    "page": "Of pdf and plotter: a0 to a6, letter, legal, tabloid or WIDTHxHEIGHT in mm; by default as large "
    "as the picture.",
    "margin": "Around the picture on that page, such as 15mm.",
    "pen": "Of a plotter: the width of its pens' lines, such as 0.3mm.",
    "pens": "auto (black, or a pen for each of up to 8 colours), their number, or a list: '#000000,#cc3300'.",
    "hatch": "Tones by a plotter's lines: none, tone, or their distance where it is black, such as 1mm.",
}


@dataclass(frozen=True)
class Switch:
    """A flag without a value, which sets one."""

    setting: str
    value: object
    help: str


NO_FILM = {"no-film": Switch("film.enabled", False, "Make no film.")}
WAYS = {
    "reverse": Switch("film.play", "reverse", "Backwards."),
    "boomerang": Switch("film.play", "boomerang", "There and back again."),
}
FILM_SWITCHES = {
    **WAYS,
    "caption": Switch("film.caption", True, "Write evaluations, shapes, error and time below the picture."),
    "grid": Switch("film.grid", True, "Show the tiles, and the one that is worked on."),
}

Decorator = Callable[[Callable[..., None]], Callable[..., None]]


def takes_settings(names: Iterable[str], metavar: str, about: str) -> Decorator:
    """Give a command an argument, flags of these names, --no-film and --set.

    It is called with the argument, and documents of the settings from the flags and from --set.
    """
    flags = {name: (name, FLAGS[name]) for name in names}
    return functools.partial(_with_settings, flags, NO_FILM, metavar, about)


def takes_settings_below(
    sections: Mapping[str, Mapping[str, str]], switches: Mapping[str, Switch], metavar: str, about: str
) -> Decorator:
    """Give a command an argument, flags for settings of some sections, and --set; as `takes_settings`.

    sections: help texts by flag, by section of the YAML file.
    """
    flags = {
        name: (f"{section}.{name}", help)
        for section, texts in sections.items()
        for name, help in texts.items()
    }
    return functools.partial(_with_settings, flags, switches, metavar, about)


def _with_settings(
    flags: Mapping[str, tuple[str, str]],
    switches: Mapping[str, Switch],
    metavar: str,
    about: str,
    command: Callable[..., None],
) -> Callable[..., None]:
    """flags: a setting and a help text by flag."""
    settings = {name: setting for name, (setting, _) in flags.items()}
    settings |= {name: switch.setting for name, switch in switches.items()}

    def run(source: str, assignments: list[str] | None, **values: Any) -> None:
        given = {name: values.pop(_parameter(name)) for name in flags}
        given |= {name: switch.value for name, switch in switches.items() if values.pop(_parameter(name))}
        command(source, [from_flags(given, settings), from_assignments(assignments or [])], **values)

    source = typer.Argument(metavar=metavar, help=about)
    setting = typer.Option("--set", metavar="KEY.PATH=VALUE", help="Any other setting; may be repeated.")
    parameters = [
        _keyword("source", Annotated[str, source]),
        *(_keyword(_parameter(name), _valued(name, help), None) for name, (_, help) in flags.items()),
        *(
            _keyword(_parameter(name), _switched(name, switch.help), False)
            for name, switch in switches.items()
        ),
        _keyword("assignments", Annotated[list[str] | None, setting], None),
        *list(inspect.signature(command, eval_str=True).parameters.values())[2:],
    ]
    run.__signature__ = inspect.Signature(parameters)  # type: ignore[attr-defined]
    run.__annotations__ = {parameter.name: parameter.annotation for parameter in parameters}
    run.__doc__, run.__name__ = command.__doc__, command.__name__
    return run


def _keyword(name: str, annotation: Any, default: object = inspect.Parameter.empty) -> inspect.Parameter:
    return inspect.Parameter(name, inspect.Parameter.KEYWORD_ONLY, default=default, annotation=annotation)


def _valued(name: str, about: str) -> Any:
    return Annotated[str | None, typer.Option(f"--{name}", metavar="VALUE", help=about)]


def _switched(name: str, about: str) -> Any:
    return Annotated[bool, typer.Option(f"--{name}", help=about)]


def _parameter(flag: str) -> str:
    """The name of a flag in Python, where `from` is taken."""
    return f"flag_{flag.replace('-', '_')}"
