"""Few pens for many colours: which one draws a colour, and how much of the paper it covers for it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from engine.image.palette import colours_of, find_palette
from engine.image.pixels import Colour

OWN = 8  # colours at most that get a pen each
PALE = 0.05  # of the paper, covered: less is left out
EXTREME = 0.15  # how near a colour is to black or white, in each channel, to be taken for that of a paper
LIKENESS = 0.05  # what a pen's own colour counts beside what it makes of the paper
WHITE, BLACK = (1.0, 1.0, 1.0), (0.0, 0.0, 0.0)

Colours = NDArray[np.float64]  # (n, 3)


@dataclass(frozen=True)
class Pens:
    """The colours of the paper and of the pens, which are numbered in this order."""

    paper: Colours  # (3,)
    colours: Colours

    @property
    def names(self) -> list[str]:
        """Such as 1-black and 2-#cc3300."""
        return [f"{number}-{_name(colour)}" for number, colour in enumerate(self.colours, 1)]

    def inks(self, colours: Colours) -> tuple[NDArray[np.int64], NDArray[np.float64]]:
        """Of each colour (n, 3) the pen that comes nearest, and the share of the paper that it covers, 0..1.

        A share of the paper mixes it with the pen's colour: grey is a black pen's half. Of two pens that come
        as near, it is the one that is more like the colour itself.
        """
        reach = self.colours - self.paper
        span = np.maximum(np.square(reach).sum(axis=1), np.finfo(np.float64).tiny)
        shares = np.clip((colours - self.paper) @ reach.T / span, 0, 1)  # (n, pens)
        mixed = self.paper + shares[..., None] * reach
        missed = np.square(colours[:, None] - mixed).sum(axis=2)
        unlike = np.square(self.colours - mixed).sum(axis=2)
        pens = np.argmin(missed + LIKENESS * unlike, axis=1)
        return pens, np.take_along_axis(shares, pens[:, None], axis=1)[:, 0]


def paper_of(background: Colour | None, is_chosen: bool) -> Colour:
    """The colour of the paper: the background's when somebody chose it or it is nearly black or white."""
    if background is None:
        return WHITE
    is_extreme = max(background) < EXTREME or min(background) > 1 - EXTREME
    return background if is_chosen or is_extreme else WHITE


def find_pens(colours: Colours, paper: Colour, wanted: str | int | Sequence[str]) -> Pens:
    """The pens for marks of these colours.

    wanted: colours of pens, as they are then numbered; or how many, found among those of the marks; or auto,
    one for each colour when there are few, and else a single one, black or on dark paper white. What is
    found is numbered by its contrast with the paper, the most first.
    """
    ground = np.array(paper, np.float64)
    if not isinstance(wanted, str | int):
        return Pens(ground, colours_of(tuple(wanted)).astype(np.float64))
    inked = colours[np.abs(colours - ground).max(axis=1, initial=0) >= PALE]
    samples = np.rint(255 * np.clip(inked, 0, 1)).astype(np.uint8)
    distinct = np.unique(samples, axis=0)
    if wanted == "auto" and 0 < len(distinct) <= OWN:
        found = distinct / 255
    elif isinstance(wanted, int) and wanted > 1 and len(distinct):
        found = colours_of(find_palette(samples[None], wanted)).astype(np.float64)
    else:
        found = np.array([BLACK if ground.mean() > 0.5 else WHITE])
    contrast = np.square(found - ground).sum(axis=1)
    return Pens(ground, found[np.argsort(-contrast, kind="stable")])


def hex_of(colour: Colours) -> str:
    """Such as #cc3300."""
    return f"#{bytes(np.rint(255 * np.clip(colour, 0, 1)).astype(np.uint8)).hex()}"


def _name(colour: Colours) -> str:
    code = hex_of(colour)
    return {"#000000": "black", "#ffffff": "white"}.get(code, code)
