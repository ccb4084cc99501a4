"""`tessera words`: counts the words in a picture of text."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from engine.cli.console import reporter
from engine.cli.options import OUTPUTS, AsJson, Quiet


def words(
    image: Annotated[
        str, typer.Argument(metavar="IMAGE", help="A picture of text, or the name of a sample.")
    ],
    out: Annotated[
        Path | None,
        typer.Option(metavar="FILE.png", help="[default: outputs/NAME-words.png]"),
    ] = None,
    seed: Annotated[int, typer.Option(min=0, metavar="N", help="Of the gas that finds the letters.")] = 0,
    quiet: Quiet = False,
    as_json: AsJson = False,
) -> None:
    """Count the words in a picture of text, and draw a box around each."""
    from engine.wordcount.annotate import show_words

    counted = show_words(image, out or OUTPUTS / f"{Path(image).stem}-words.png", seed)
    with reporter(quiet, as_json, is_data=True) as report:
        report(counted)
