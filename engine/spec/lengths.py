"""Lengths on paper and sizes in pixels: how they are written, and what they come to."""

from __future__ import annotations

import re
from dataclasses import dataclass

NUMBER = r"([0-9]+(?:\.[0-9]*)?(?:e[-+]?[0-9]+)?)"
MILLIMETRES = {"mm": 1.0, "cm": 10.0, "in": 25.4}
PIXELS = "px"
LARGEST = 2**31 - 1  # pixels of a side, as many as a PNG can say
DPI = 300  # of a picture that is to have a size in a unit of length

# Width and height, upright, in mm.
PAGES = {
    "a0": (841.0, 1189.0),
    "a1": (594.0, 841.0),
    "a2": (420.0, 594.0),
    "a3": (297.0, 420.0),
    "a4": (210.0, 297.0),
    "a5": (148.0, 210.0),
    "a6": (105.0, 148.0),
    "letter": (8.5 * 25.4, 11 * 25.4),
    "legal": (8.5 * 25.4, 14 * 25.4),
    "tabloid": (11 * 25.4, 17 * 25.4),
}
WAYS = ("portrait", "landscape")
SIDES = (10.0, 5000.0)  # mm: how short and how long a page's side may be

_UNIT = "|".join(MILLIMETRES)
_LENGTH = re.compile(f"{NUMBER}({_UNIT})")
_PAGE = re.compile(f"{NUMBER}({_UNIT})?x{NUMBER}({_UNIT})?")
_SIZE = re.compile(f"{NUMBER}({_UNIT}|{PIXELS})?(?:x{NUMBER}({_UNIT}|{PIXELS})?)?")


@dataclass(frozen=True)
class Sheet:
    """A page, in mm; one that is called by its name alone may be turned."""

    width: float
    height: float
    may_turn: bool


@dataclass(frozen=True)
class Extent:
    """How large a picture is to be: its longest side, or the width and height of what it has to fit into."""

    sides: tuple[float, ...]  # one or two
    unit: str  # px, mm, cm or in

    @property
    def is_physical(self) -> bool:
        """Whether it is in a unit of length, and in pixels only by a number of dots an inch."""
        return self.unit != PIXELS

    def pixels(self, dpi: float) -> tuple[float, ...]:
        """The sides, not rounded."""
        scale = MILLIMETRES[self.unit] / 25.4 * dpi if self.is_physical else 1.0
        return tuple(scale * side for side in self.sides)


def millimetres(value: object) -> object:
    """Millimetres of a text such as "15mm", "1.5cm" or "0.5in"; anything else is returned as it is."""
    match = _LENGTH.fullmatch(_squeezed(value)) if isinstance(value, str) else None
    return value if match is None else float(match[1]) * MILLIMETRES[match[2]]


def page_name(value: str) -> str:
    """A page as it is kept, in lower case without spaces; ValueError for any other text."""
    word = re.sub(r"[\s_-]*(portrait|landscape)$", r"-\1", value.lower().strip()).replace(" ", "")
    _sheet(word)
    return word


def sheet(page: str) -> Sheet:
    """A page that `page_name` has taken."""
    return _sheet(page)


def _sheet(word: str) -> Sheet:
    name, _, way = word.partition("-")
    if name in PAGES and way in ("", *WAYS):
        width, height = PAGES[name]
        return Sheet(height, width, False) if way == "landscape" else Sheet(width, height, not way)
    match = _PAGE.fullmatch(word)
    if match is None or (match[2] and not match[4]):
        raise ValueError("no page")
    last = match[4] or "mm"
    width = float(match[1]) * MILLIMETRES[match[2] or last]
    height = float(match[3]) * MILLIMETRES[last]
    if not all(SIDES[0] <= side <= SIDES[1] for side in (width, height)):
        raise ValueError("no page")
    return Sheet(width, height, False)


def size_of(value: object) -> int | str:
    """A size as it is kept: whole pixels of the longest side, or a text; ValueError for anything else."""
    if isinstance(value, str):
        text = _squeezed(value)
        if text.isdigit():
            return size_of(int(text))
        extent(text)
        return text
    if isinstance(value, bool) or not isinstance(value, int | float) or value != int(value):
        raise ValueError("no size")
    if not 1 <= value <= LARGEST:
        raise ValueError("no size")
    return int(value)


def extent(size: int | str) -> Extent:
    """What a size says; ValueError for a text that is none."""
    if isinstance(size, int):
        return Extent((float(size),), PIXELS)
    match = _SIZE.fullmatch(size)
    if match is None or (match[3] and match[2] and not match[4]):
        raise ValueError("no size")
    unit = match[4] or match[2] or PIXELS
    if match[2] not in (None, unit):
        raise ValueError("no size")  # one unit is enough
    sides = tuple(float(side) for side in (match[1], match[3]) if side is not None)
    if not all(0 < side <= LARGEST for side in sides):
        raise ValueError("no size")
    if unit == PIXELS and not all(side.is_integer() for side in sides):
        raise ValueError("no size")
    return Extent(sides, unit)


def _squeezed(text: str) -> str:
    return "".join(text.lower().split())
