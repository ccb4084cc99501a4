"""`tessera brush train`: a network learns the strokes of a brush."""

from __future__ import annotations

from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from engine.cli.brush_dataset import goes_on
from engine.cli.console import reporter
from engine.cli.options import AsJson, Quiet
from engine.cli.signals import OrderlyStop

if TYPE_CHECKING:
    from engine.learning.plan import Plan

MOST = 100_000


class Kind(StrEnum):
    """What is trained."""

    HYBRID = "hybrid"
    VAE = "vae"
    GAN = "gan"


class Grain(StrEnum):
    """What a brush leaves."""

    SPOTS = "spots"
    BRISTLES = "bristles"


class Device(StrEnum):
    """What computes."""

    AUTO = "auto"
    CPU = "cpu"
    CUDA = "cuda"


Data = Annotated[
    Path,
    typer.Option(metavar="FOLDER", help="The strokes, as tessera brush dataset draws them. [must be given]"),
]
Out = Annotated[
    Path, typer.Option(metavar="FOLDER", help="Where weights, sheets and checkpoint are. [must be given]")
]
OfKind = Annotated[
    Kind,
    typer.Option(
        metavar="hybrid|vae|gan",
        help="A hybrid, which Tessera paints with, or one of the published networks.",
    ),
]
Epochs = Annotated[
    int | None,
    typer.Option(
        min=1,
        max=MOST,
        metavar="N",
        help="How often all strokes are seen. [default: 10, or as --minutes has it]",
    ),
]
Minutes = Annotated[float | None, typer.Option(min=0.01, max=MOST, metavar="N", help="How long, at most.")]
OfGrain = Annotated[
    Grain,
    typer.Option(
        metavar="spots|bristles",
        help="What a hybrid is to learn: grains and flecks, or lines along the stroke.",
    ),
]
On = Annotated[
    Device,
    typer.Option(metavar="auto|cpu|cuda", help="What computes; auto is a CUDA device where torch sees one."),
]
Seed = Annotated[int, typer.Option(min=0, max=2**31, metavar="N", help="Another seed gives other weights.")]


def train(
    data: Data,
    out: Out,
    kind: OfKind = Kind.HYBRID,
    epochs: Epochs = None,
    minutes: Minutes = None,
    grain: OfGrain = Grain.SPOTS,
    device: On = Device.AUTO,
    seed: Seed = 0,
    quiet: Quiet = False,
    as_json: AsJson = False,
) -> None:
    """Teach a network a brush; the same command goes on where it was stopped."""
    from engine.learning.devices import device_for
    from engine.learning.plan import EPOCHS, Plan

    where = device_for("tessera brush train", device.value)
    if epochs is None and minutes is None:
        epochs = EPOCHS
    seconds = None if minutes is None else 60 * minutes
    _train(
        data, out, Plan(kind.value, epochs, seconds, seed=seed, grain=grain.value), where, (quiet, as_json)
    )


def _train(data: Path, out: Path, plan: Plan, device: str, said: tuple[bool, bool]) -> None:
    import time

    from engine.learning.shards import open_strokes
    from engine.learning.train import Hearing, facts_of, train

    strokes = open_strokes(data)
    stopping = OrderlyStop()
    with reporter(*said) as emit, stopping as should_stop, goes_on():
        hearing = Hearing(emit, should_stop, time.monotonic)
        if train(out, strokes, facts_of(data, strokes), plan, device, hearing) is None:
            raise SystemExit(128 + stopping.number)
