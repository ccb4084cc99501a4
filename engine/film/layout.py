"""Where things are in a frame: the painting, the target beside it, the words below."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cache
from typing import NamedTuple

from PIL import ImageFont

from engine.errors import SpecError
from engine.film.timeline import Figures
from engine.formatting import clock
from engine.image.pixels import Pixels
from engine.scene.scene import scaled

GAP = 0.008  # between pictures, as a share of the frame's longest side
TEXT = 0.022  # a letter's height, as that
SMALLEST = 11  # pixels: smaller letters can't be read
LEADING = 1.5  # from line to line, in letters

Size = tuple[int, int]  # height, width


class Shape(NamedTuple):
    """Of a frame: width to height such as "9:16", or "picture"; and how the picture fits: pad, crop, blur."""

    aspect: str = "picture"
    fit: str = "pad"


NATURAL = Shape()


class Lettering(NamedTuple):
    """How words are written."""

    columns: int  # 0: there are none
    letter: int
    band: int  # pixels that they take below the pictures


@dataclass(frozen=True)
class Layout:
    """Pixels of a frame and of what is in it."""

    height: int
    width: int
    picture: Size  # height and width of the whole painting,
    panel: Size  # and of what is seen of it, its middle
    spots: tuple[Size, ...]  # (y, x) of the panels: the painting, or the target and the painting
    words_y: int
    columns: int  # of words; 0: none
    letter: int
    band: int  # height of the words' band

    @classmethod
    def fit(
        cls, height: int, width: int, size: int, panels: int, words: Sequence[str], shape: Shape = NATURAL
    ) -> Layout:
        """The largest pictures with a frame's longest side of `size`.

        height, width: of the scene. panels: 2 with the target. words: the longest that will be written, or
        none; SpecError when there is no room for them.
        """
        for lettering in _letterings(words, size):
            if shape.aspect == "picture":
                found = cls._around(height, width, size, panels, lettering)
            else:
                found = cls._within(
                    height, width, frame_size(shape.aspect, size), panels, lettering, shape.fit
                )
            needed = lettering.columns * (_widest(words, found.letter) + found.letter) + found.letter
            if not words or needed <= found.width:
                return found
        raise SpecError("film.caption: there is no room for words; make the film larger (film.size).")

    @classmethod
    def _around(cls, height: int, width: int, size: int, panels: int, words: Lettering) -> Layout:
        """A frame as large as what is in it."""
        gap = max(1, round(GAP * size)) * (panels - 1)
        panel = _panel(height, width, size - gap, size - words.band, panels)
        spots = tuple((0, number * (panel[1] + gap)) for number in range(panels))
        frame = panel[0] + words.band, panels * panel[1] + gap
        return cls(*frame, panel, panel, spots, panel[0], words.columns, words.letter, words.band)

    @classmethod
    def _within(cls, height: int, width: int, frame: Size, panels: int, words: Lettering, fit: str) -> Layout:
        """Pictures in the middle of a frame, beside or below each other, whichever shows more."""
        gap = max(1, round(GAP * max(frame))) * (panels - 1)
        room = max(frame[0] - words.band, 1), frame[1]
        cells = {(max((room[0] - gap) // panels, 1), room[1]), (room[0], max((room[1] - gap) // panels, 1))}

        def fitted(cell: Size) -> tuple[float, Size, Size]:
            """How good, the whole picture, and what is seen of it."""
            if fit == "crop":
                factor = max(cell[0] / height, cell[1] / width)
                whole = max(cell[0], round(height * factor)), max(cell[1], round(width * factor))
                return math.prod(cell) / math.prod(whole), whole, cell
            panel = _panel(height, width, cell[1], cell[0], 1)
            return float(math.prod(panel)), panel, panel

        cell, (_, picture, panel) = max(((each, fitted(each)) for each in cells), key=lambda each: each[1][0])
        is_below = panels > 1 and cell[1] == room[1]
        used = (panels * panel[0] + gap, panel[1]) if is_below else (panel[0], panels * panel[1] + gap)
        y, x = (frame[0] - used[0] - words.band) // 2, (frame[1] - used[1]) // 2
        step = (panel[0] + gap, 0) if is_below else (0, panel[1] + gap)
        spots = tuple((y + number * step[0], x + number * step[1]) for number in range(panels))
        return cls(*frame, picture, panel, spots, y + used[0], words.columns, words.letter, words.band)

    @property
    def is_bare(self) -> bool:
        """Whether nothing is seen but the painting."""
        return (self.height, self.width) == self.panel


def frame_size(aspect: str, size: int) -> Size:
    """Height and width of a frame, the longest `size`, the other one even; aspect: such as "9:16"."""
    across, down = map(int, aspect.split(":"))
    shorter = max(2, 2 * round(size * min(across, down) / max(across, down) / 2))
    return (shorter, size) if across > down else (size, shorter if across < down else size)


def cropped(pixels: Pixels, size: Size) -> Pixels:
    """The middle of a picture."""
    y, x = ((have - want) // 2 for have, want in zip(pixels.shape, size, strict=False))
    return pixels[y : y + size[0], x : x + size[1]]


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


def _letterings(words: Sequence[str], size: int) -> Iterator[Lettering]:
    """Ways to write words into a frame, the best first: large ones, in few lines."""
    letter = max(SMALLEST, round(TEXT * size))
    if not words:
        yield Lettering(0, letter, 0)
        return
    while letter >= SMALLEST:  # smaller where the picture is narrow
        for columns in (len(words), (len(words) + 1) // 2, 1):
            band = round(letter * (LEADING * -(-len(words) // columns) + 0.8))
            if band < size:
                yield Lettering(columns, letter, band)
        letter = max(SMALLEST, round(0.8 * letter)) if letter > SMALLEST else 0


def _panel(height: int, width: int, across: int, down: int, panels: int) -> Size:
    """The largest size of so many pictures beside each other within so many pixels, at least one each."""
    longest = math.floor(max(height, width) * min(across / (panels * width), down / height) + 1e-6)
    panel = scaled(height, width, longest)
    return panel if panels * panel[1] <= across else scaled(height, width, longest - 1)


def _widest(words: Sequence[str], letter: int) -> int:
    return round(max((font_of(letter).getlength(word) for word in words), default=0))
