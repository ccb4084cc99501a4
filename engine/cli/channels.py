"""`tessera channels`: what the channels of a network's layer draw, on a contact sheet."""

from __future__ import annotations

import time
from contextlib import closing
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from engine.cli.console import reporter
from engine.cli.options import OUTPUTS, AsJson, Force, Quiet

if TYPE_CHECKING:  # which load much
    from collections.abc import Sequence

    from engine.events import EventHandler
    from engine.painters.curves.survey import Portrait, Survey

_DEVICES = ("cpu", "cuda", "auto")
_SHEET, _DRAWING = "Sheet", "Drawing"  # headings in --help

Layer = Annotated[
    str,
    typer.Argument(metavar="NET/LAYER", help="A layer of a network, such as squeezenet/fire6; or v4."),
]
Only = Annotated[
    str,
    typer.Option(
        "--only",
        metavar="N-N,...",
        help="Only these channels, such as 0-31,172. [default: all]",
        rich_help_panel=_SHEET,
    ),
]
Out = Annotated[
    Path | None,
    typer.Option(
        "-o",
        "--out",
        metavar="FILE.png",
        help="The sheet. [default: outputs/channels-NET-LAYER.png]",
        rich_help_panel=_SHEET,
    ),
]
Size = Annotated[
    int,
    typer.Option(
        "--size", "-s", min=32, max=1024, metavar="PX", help="Side of a picture.", rich_help_panel=_SHEET
    ),
]
Steps = Annotated[
    int,
    typer.Option(
        min=1, max=10_000, metavar="N", help="By which strokes are moved.", rich_help_panel=_DRAWING
    ),
]
Seed = Annotated[
    int, typer.Option(min=0, metavar="N", help="Of where strokes begin.", rich_help_panel=_DRAWING)
]
Weights = Annotated[
    str,
    typer.Option(
        metavar="FILE",
        help="A file of the network's weights, as torchvision has them. [none by default]",
        rich_help_panel=_DRAWING,
    ),
]
Device = Annotated[
    str,
    typer.Option(
        metavar="|".join(_DEVICES),
        help="Where the network works. [default: cpu]",
        rich_help_panel=_DRAWING,
    ),
]
Workers = Annotated[
    int | None,
    typer.Option(
        min=1,
        max=256,
        metavar="N",
        help="Processes. [default: as many as cores]",
        rich_help_panel=_DRAWING,
    ),
]


def channels(
    layer: Layer,
    *,
    only: Only = "",
    out: Out = None,
    size: Size = 128,
    steps: Steps = 160,
    seed: Seed = 0,
    weights: Weights = "",
    device: Device = "cpu",
    workers: Workers = None,
    force: Force = False,
    quiet: Quiet = False,
    as_json: AsJson = False,
) -> None:
    """Draw what each channel of a network's layer likes, small and quickly, on a contact sheet."""
    from engine.coordinator.prepare import make_ready
    from engine.errors import SpecError
    from engine.painters.curves.networks.opening import device_of
    from engine.painters.curves.survey import Survey, channels_of
    from engine.storage.made import check_new
    from engine.system.resources import available_cores

    to = out or OUTPUTS / f"channels-{layer.strip('/').replace('/', '-').replace(':', '-')}.png"
    if to.suffix.lower() != ".png":
        raise SpecError(f"-o {to}: must be the name of a PNG, such as channels.png.")
    if not force:
        check_new(to)
    if device not in _DEVICES:
        raise SpecError(f"--device {device}: must be {', '.join(_DEVICES[:-1])} or {_DEVICES[-1]}.")
    survey = Survey(size, steps, seed, weights, device_of(device))
    wanted = channels_of(layer, only, weights, survey.device)
    began = time.monotonic()
    crew = 1 if survey.device == "cuda" else min(workers or available_cores(), len(wanted))
    with reporter(quiet, as_json) as report:
        make_ready("curves", report, report)
        portraits = _portraits(to, wanted, survey, crew, report)
        _make(to, layer, portraits, began, report)


def _make(to: Path, layer: str, portraits: list[Portrait], began: float, report: EventHandler) -> None:
    """Write the sheet, and name the channels that are dead."""
    from engine.events import Exported, Notice
    from engine.formatting import plural
    from engine.image.pixels import encode_png
    from engine.painters.curves.contact_sheet import contact_sheet
    from engine.storage.run_folder import RunFolder

    content = encode_png(contact_sheet(f"{layer}: {plural(len(portraits), 'channel')}", portraits))
    path = RunFolder.made(to.parent).write(to.name, content)
    report(Exported(str(path), len(content), time.monotonic() - began))
    if dead := [each.channel.rpartition("/")[2] for each in portraits if each.is_dead]:
        count = plural(len(portraits), "channel")
        report(Notice(f"Of {count} {len(dead)} stay dead, whatever is drawn: {', '.join(dead)}."))


def _portraits(
    to: Path, wanted: Sequence[str], survey: Survey, workers: int, report: EventHandler
) -> list[Portrait]:
    """One of each channel, in their order."""
    from engine.events import Exporting
    from engine.painters.curves.contact_sheet import height_of
    from engine.painters.curves.survey import Job
    from engine.parallel.open_pool import open_pool
    from engine.parallel.place import Place
    from engine.parallel.pool import Resources, WorkerSetup

    module, rows = "engine.painters.curves.survey", height_of(len(wanted), survey.size)
    setup = WorkerSetup(f"{module}:portrait", f"{module}:open_survey", (survey,))
    found: dict[str, Portrait] = {}
    with closing(open_pool(Place(), setup, workers, Resources())) as pool:
        for channel in wanted:
            pool.submit(Job(channel))
        for each in pool.completed():
            found[each.channel] = each
            report(Exporting(str(to), rows * len(found) // len(wanted), rows))
    return [found[channel] for channel in wanted]
