"""Blank paper as a target: blank:WIDTHxHEIGHT, in pixels, for painters that need no picture."""

from __future__ import annotations

import re
from dataclasses import dataclass

import numpy as np

from engine.errors import TargetError
from engine.image.pixels import LONGEST, Pixels, Rgb8

PREFIX = "blank:"
WHITE: Rgb8 = (255, 255, 255)
EXAMPLE = f"{PREFIX}512x512"

_SIDES = re.compile(r"([0-9]{1,9})(?:[xX]([0-9]{1,9}))?")


@dataclass(frozen=True)
class Blank:
    """Paper of a size."""

    height: int
    width: int

    @classmethod
    def of(cls, source: str) -> Blank | None:
        """The paper that a source means, one number being the side of a square; None when it means a file.

        TargetError for what begins like it and says no size.
        """
        if not source.startswith(PREFIX):
            return None
        sides = _SIDES.fullmatch(source.removeprefix(PREFIX))
        width, height = (int(side or sides[1]) for side in sides.groups()) if sides else (0, 0)
        if not (1 <= width <= LONGEST and 1 <= height <= LONGEST):
            raise TargetError(
                f"{source}: must be {PREFIX}WIDTHxHEIGHT in pixels such as {EXAMPLE}, each from 1 to "
                f"{LONGEST:,}; a file of that name is ./{source}."
            )
        return cls(height, width)

    def __str__(self) -> str:
        return f"{PREFIX}{self.width}x{self.height}"

    def pixels(self, colour: Rgb8 | None) -> Pixels:
        """All of it: (height, width, 3), or without a colour (height, width, 4), transparent."""
        shape = self.height, self.width
        return np.zeros((*shape, 4), np.uint8) if colour is None else np.full((*shape, 3), colour, np.uint8)
