"""Where things are in a frame: the painting, the target beside it, the words below."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache

from PIL import ImageFont

from engine.errors import SpecError
from engine.film.timeline import Figures
from engine.formatting import clock
from engine.scene.scene import scaled

GAP = 0.008  # between pictures, as a share of the frame's longest side
TEXT = 0.022  # a letter's height, as that
SMALLEST = 11  # pixels: smaller letters can't be read
LEADING = 1.5  # from line to line, in letters


@dataclass(frozen=True)
class Layout:
    """Pixels of a frame and of what is in it."""

    height: int
    width: int
    panel: tuple[int, int]  # height and width of the painting, in the upper left, or right of the target
    painting_x: int
    columns: int  # of words; 0: none
    letter: int

    @classmethod
    def fit(cls, height: int, width: int, size: int, panels: int, words: Sequence[str]) -> Layout:
        """The largest pictures with a frame's longest side of `size`.

        height, width: of the scene. panels: 2 with the target. words: the longest that will be written, or
        none; SpecError when there is no room for them.
        """
        gap = max(1, round(GAP * size)) * (panels - 1)
        letter = max(SMALLEST, round(TEXT * size))
        if not words:
            panel = _panel(height, width, size - gap, size, panels)
            return cls(panel[0], panels * panel[1] + gap, panel, (panels - 1) * (panel[1] + gap), 0, letter)
        while letter >= SMALLEST:  # smaller where the picture is narrow
            for columns in (len(words), (len(words) + 1) // 2, 1):
                band = round(letter * (LEADING * -(-len(words) // columns) + 0.8))
                if band < size:
                    panel = _panel(height, width, size - gap, size - band, panels)
                    frame = panel[0] + band, panels * panel[1] + gap
                    if columns * (_widest(words, letter) + letter) + letter <= frame[1]:
                        return cls(*frame, panel, frame[1] - panel[1], columns, letter)
            letter = max(SMALLEST, round(0.8 * letter)) if letter > SMALLEST else 0
        raise SpecError("film.caption: there is no room for words; make the film larger (film.size).")

    @property
    def band(self) -> int:
        """Height of the words' band."""
        return self.height - self.panel[0]


def words_of(figures: Figures) -> list[str]:
    """What a caption says."""
    error = f"{figures.error:.4f}".removeprefix("0")
    return [
        figures.words.marks(figures.shapes),
        f"{figures.words.error} {error}",
        clock(figures.seconds),
        f"{figures.evaluations:,} evaluations",
    ]


@cache
def font_of(letter: int) -> ImageFont.FreeTypeFont | ImageFont.ImageFont:
    """Pillow's own font, which is there on every machine."""
    return ImageFont.load_default(letter)


def _panel(height: int, width: int, across: int, down: int, panels: int) -> tuple[int, int]:
    """The largest size of so many pictures beside each other within so many pixels, at least one each."""
    longest = math.floor(max(height, width) * min(across / (panels * width), down / height) + 1e-6)
    panel = scaled(height, width, longest)
    return panel if panels * panel[1] <= across else scaled(height, width, longest - 1)


def _widest(words: Sequence[str], letter: int) -> int:
    return round(max((font_of(letter).getlength(word) for word in words), default=0))
