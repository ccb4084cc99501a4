"""What settings ask of a target that it can't give, told before any work is done."""

from __future__ import annotations

import numpy as np

from engine.errors import SpecError
from engine.image.pixels import Colour
from engine.painters.curves.fields import OF_TARGETS, terms
from engine.painters.curves.params import AnalysedParams

FAINTEST = 0.02  # of a colour's range, by which paper must change where there is ink


def check_target(params: AnalysedParams, paper: Colour) -> None:
    """SpecError for an objective, a tile or pens that can't be had of this target, on this paper."""
    compared = [name for name in terms(params.objective) if name in OF_TARGETS]
    if params.is_blank and compared:
        raise SpecError(
            f"painter.objective: {compared[0]} compares drawings with a photograph, and blank paper is none; "
            "give a picture as the target, or --objective neuron."
        )
    if isinstance(params.tile, int) and not (params.is_blank and params.wrap):
        why = "with painter.wrap=false" if params.is_blank else "of a photograph"
        raise SpecError(f"painter.tile: {why} nothing is repeated; leave it out.")
    if params.pen_colours and not any(_is_seen(pen, paper, params.ink) for pen in params.pen_colours):
        orelse = " or --set painter.ink=cover" if params.ink == "multiply" else ""
        said = "#" + "".join(f"{round(255 * share):02x}" for share in paper)
        raise SpecError(
            f"painter.pens: no ink of {', '.join(params.pens)} can be seen on paper of {said}; give other "
            f"pens, another --background{orelse}."
        )


def _is_seen(pen: Colour, paper: Colour, ink: str) -> bool:
    """Whether ink changes paper."""
    below = np.array(paper)
    there = np.array(pen) * (below if ink == "multiply" else 1)
    return bool(np.abs(there - below).max() >= FAINTEST)
