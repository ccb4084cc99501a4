"""`tessera brush dataset`: strokes of a real paint engine, to learn from."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Annotated

import typer

from engine.cli.console import reporter
from engine.cli.goes_on import SAME
from engine.cli.options import AsJson, Quiet

MOST = 10_000_000  # strokes: some 5 GB


def dataset(
    out: Annotated[Path, typer.Option(metavar="FOLDER", help="Where the strokes are. [must be given]")],
    brush: Annotated[
        str,
        typer.Option(
            metavar="NAME|FILE.myb",
            help="A brush that comes along (oil, bristle, knife, charcoal, watercolour, marker), or a file "
            "of MyPaint's.",
        ),
    ] = "oil",
    count: Annotated[int, typer.Option(min=1, max=MOST, metavar="N", help="How many strokes.")] = 100_000,
    seed: Annotated[int, typer.Option(min=0, metavar="N", help="Another seed gives other strokes.")] = 0,
    workers: Annotated[
        int | None,
        typer.Option(
            min=1,
            metavar="N",
            help="Processes. The strokes don't depend on their number. [default: one for each core]",
        ),
    ] = None,
    quiet: Quiet = False,
    as_json: AsJson = False,
) -> None:
    """Draw random strokes with MyPaint's engine; the same command goes on where it was stopped."""
    from engine.learning.dataset import make_dataset, wanted_of
    from engine.system.resources import available_cores

    wanted = wanted_of(brush, count, seed)
    with reporter(quiet, as_json) as report, goes_on():
        make_dataset(out, wanted, workers or available_cores(), report)


@contextmanager
def goes_on() -> Iterator[None]:
    """Whatever interrupts the block says that the same command goes on."""
    try:
        yield
    except (KeyboardInterrupt, SystemExit) as error:
        error.add_note(SAME)
        raise
