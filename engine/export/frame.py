"""How many pixels an exported picture has, and which part of the painting they show."""

from __future__ import annotations

import math
from dataclasses import dataclass

from engine.errors import SpecError
from engine.export.layers import Box
from engine.image.pixels import Colour, Pixels
from engine.scene.scene import Drawable, Scene, scaled
from engine.spec.lengths import DPI, LARGEST, PIXELS, extent
from engine.spec.models import ExportSettings

LONGEST = {"webp": 16_383, "jpeg": 65_500}  # pixels of a side that a format has; others have LARGEST


@dataclass(frozen=True)
class Frame:
    """A picture's file, in pixels."""

    height: int
    width: int
    drawn: tuple[int, int]  # (height, width) of the whole painting, of which the frame shows a part
    x0: int  # where that begins
    y0: int
    dpi: int | None = None  # None: nobody has said how large it is on paper

    def of(self, scene: Scene) -> Drawable:
        """What it shows."""
        whole = scene.drawable(*self.drawn)
        if self.drawn == (self.height, self.width):
            return whole
        return _Part(whole, self.height, self.width, self.x0, self.y0)


def frame_of(full: tuple[int, int], settings: ExportSettings, longest: int) -> Frame:
    """The frame of a painting of `full` (height, width) pixels; longest: its side when no size is given.

    SpecError when it would be too large.
    """
    wanted = extent(settings.size or longest)
    dpi = settings.dpi or (DPI if wanted.is_physical or settings.bleed else None)
    sides = wanted.pixels(dpi or DPI)
    height, width = full
    if len(sides) == 1:
        size = scaled(height, width, max(1, _checked(sides[0], settings, dpi)))
    elif settings.fit == "crop":
        size = _whole(sides[1]), _whole(sides[0])
    else:
        scale = min(sides[0] / width, sides[1] / height)
        size = _whole(scale * height), _whole(scale * width)
    bleed = round(settings.bleed / 25.4 * (dpi or DPI))
    height, width = (_checked(side + 2 * bleed, settings, dpi) for side in size)
    if not bleed and not (len(sides) == 2 and settings.fit == "crop"):
        return Frame(height, width, (height, width), 0, 0, dpi)
    scale = max(height / full[0], width / full[1])
    drawn = max(height, _whole(scale * full[0])), max(width, _whole(scale * full[1]))
    return Frame(height, width, drawn, (drawn[1] - width) // 2, (drawn[0] - height) // 2, dpi)


def check_fits(frame: Frame, form: str) -> None:
    """SpecError when a format has no room for so many pixels."""
    most = LONGEST.get(form, LARGEST)
    if max(frame.height, frame.width) > most:
        raise SpecError(
            f"export.size: a {form} has at most {most:,} pixels a side, and this one would have "
            f"{frame.width:,} x {frame.height:,}; choose a smaller size, or png or tiff."
        )


def _checked(side: float, settings: ExportSettings, dpi: int | None) -> int:
    if side > LARGEST:
        where = f" at {dpi} dpi" if dpi else ""
        raise SpecError(
            f"export.size: {settings.size}{where} is {math.ceil(side):,} pixels on a side, and "
            f"{LARGEST:,} are the most; choose a smaller one" + (", or fewer dpi." if dpi else ".")
        )
    return round(side)


def _whole(side: float) -> int:
    return max(1, round(side))


@dataclass(frozen=True)
class _Part:
    """A window of a drawing, as a drawing."""

    whole: Drawable
    height: int
    width: int
    x0: int
    y0: int

    @property
    def background(self) -> Colour | None:
        return self.whole.background

    def draw(self) -> Pixels:
        return self.draw_window(0, 0, self.height, self.width)

    def draw_window(self, x0: int, y0: int, height: int, width: int) -> Pixels:
        return self.whole.draw_window(self.x0 + x0, self.y0 + y0, height, width)

    def within(self, x0: int, y0: int, height: int, width: int) -> _Part:
        part = self.whole.within(self.x0 + x0, self.y0 + y0, height, width)
        return _Part(part, self.height, self.width, self.x0, self.y0)


def svg_size(full: tuple[int, int], settings: ExportSettings) -> tuple[tuple[str, str] | None, Box | None]:
    """The width and height that an SVG says, and what it shows; None: its own, and all.

    full: (height, width) of the scene, in whose pixels the second is.
    """
    if settings.size is None:
        return None, None
    wanted, (height, width) = extent(settings.size), full
    unit = "" if wanted.unit == PIXELS else wanted.unit
    if len(wanted.sides) == 1:
        scale = wanted.sides[0] / max(height, width)
    elif settings.fit == "crop":
        across, along = wanted.sides
        scale = max(across / width, along / height)
        x0, y0 = (width - across / scale) / 2, (height - along / scale) / 2
        return (f"{across:g}{unit}", f"{along:g}{unit}"), (x0, y0, width - x0, height - y0)
    else:
        scale = min(wanted.sides[0] / width, wanted.sides[1] / height)
    return (f"{_short(scale * width)}{unit}", f"{_short(scale * height)}{unit}"), None


def _short(number: float) -> str:
    return f"{number:.3f}".rstrip("0").rstrip(".")
