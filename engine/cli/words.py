"""`tessera words`: counts the words in a picture of text."""

from __future__ import annotations

import itertools
from pathlib import Path
from typing import Annotated

import typer

from engine.cli.console import reporter
from engine.cli.options import OUTPUTS, AsJson, Force, Quiet


def words(
    image: Annotated[
        str, typer.Argument(metavar="IMAGE", help="A picture of text, or the name of a sample.")
    ],
    out: Annotated[
        Path | None,
        typer.Option("-o", "--out", metavar="FILE.png", help="[default: outputs/NAME-words.png]"),
    ] = None,
    seed: Annotated[int, typer.Option(min=0, metavar="N", help="Of the gas that finds the letters.")] = 0,
    force: Force = False,
    quiet: Quiet = False,
    as_json: AsJson = False,
) -> None:
    """Count the words in a picture of text, and draw a box around each."""
    from engine.coordinator.prepare import make_ready
    from engine.wordcount.annotate import show_words

    with reporter(quiet, as_json) as tell:
        make_ready("gng", tell, tell)  # whose net grows into the letters
    with reporter(quiet, as_json, is_data=True) as report:
        report(show_words(image, out or _free(f"{Path(image).stem}-words", force), seed, force))


def _free(stem: str, force: bool) -> Path:
    """A name among the outputs that is not taken: with a number, where the first one is."""
    names = (f"{stem}-{number}.png" for number in itertools.count(2))
    paths = (OUTPUTS / name for name in itertools.chain([f"{stem}.png"], names))
    return next(path for path in paths if force or not path.exists())
