"""`tessera brush train`: a network learns the strokes of a brush."""

from __future__ import annotations

from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer

from engine.cli.brush_dataset import goes_on
from engine.cli.console import reporter
from engine.cli.options import AsJson, Quiet
from engine.cli.signals import OrderlyStop

MOST = 100_000


class Kind(StrEnum):
    """What is trained."""

    HYBRID = "hybrid"
    VAE = "vae"
    GAN = "gan"


class Device(StrEnum):
    """What computes."""

    AUTO = "auto"
    CPU = "cpu"
    CUDA = "cuda"


def train(
    data: Annotated[
        Path,
        typer.Option(
            metavar="FOLDER", help="The strokes, as tessera brush dataset draws them. [must be given]"
        ),
    ],
    out: Annotated[
        Path,
        typer.Option(metavar="FOLDER", help="Where weights, sheets and checkpoint are. [must be given]"),
    ],
    kind: Annotated[
        Kind, typer.Option(help="A hybrid, which Tessera paints with, or one of the published networks.")
    ] = Kind.HYBRID,
    epochs: Annotated[
        int | None,
        typer.Option(
            min=1,
            max=MOST,
            metavar="N",
            help="How often all strokes are seen. [default: 10, or as --minutes has it]",
        ),
    ] = None,
    minutes: Annotated[
        float | None, typer.Option(min=0.01, max=MOST, metavar="N", help="How long, at most.")
    ] = None,
    batch: Annotated[
        int, typer.Option(min=2, max=4096, metavar="N", help="Strokes that are learned from together.")
    ] = 48,
    device: Annotated[
        Device, typer.Option(help="What computes; auto is a CUDA device where torch sees one.")
    ] = Device.AUTO,
    seed: Annotated[
        int, typer.Option(min=0, max=2**31, metavar="N", help="Another seed gives other weights.")
    ] = 0,
    quiet: Quiet = False,
    as_json: AsJson = False,
) -> None:
    """Teach a network a brush; the same command goes on where it was stopped."""
    from engine.learning.devices import device_for

    where = device_for("tessera brush train", device.value)
    _train(data, out, (kind.value, epochs, minutes, batch, seed), where, (quiet, as_json))


def _train(
    data: Path,
    out: Path,
    asked: tuple[str, int | None, float | None, int, int],
    device: str,
    said: tuple[bool, bool],
) -> None:
    import time

    from engine.learning.plan import EPOCHS, Plan
    from engine.learning.shards import open_strokes
    from engine.learning.train import Hearing, facts_of, train

    kind, epochs, minutes, batch, seed = asked
    if epochs is None and minutes is None:
        epochs = EPOCHS
    plan = Plan(kind, epochs, None if minutes is None else 60 * minutes, batch, seed)
    strokes = open_strokes(data)
    stopping = OrderlyStop()
    with reporter(*said) as emit, stopping as should_stop, goes_on():
        done = train(
            out,
            strokes,
            facts_of(data, strokes),
            plan,
            device,
            Hearing(emit, should_stop, time.monotonic),
        )
        if done is None:
            raise SystemExit(128 + stopping.number)
