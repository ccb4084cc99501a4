"""Open a target safely as sRGB pixels, by its path or the name of a sample, or as blank paper."""

from __future__ import annotations

import errno
import hashlib
import math
import re
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
from PIL import Image, ImageChops

from engine.errors import SpaceError, SpecError, TargetError, reason
from engine.image.alpha import premultiply, with_alpha
from engine.image.bands import row_bands
from engine.image.blank import WHITE, Blank
from engine.image.decode import MAX_BYTES, decoded
from engine.image.decoded import Decoded, Streamed, fit
from engine.image.finding import find_file
from engine.image.frames import check_number
from engine.image.importance import Weights, weights_of
from engine.image.pixels import Floats, Pixels, Rgb8
from engine.image.refusals import no_memory, no_space
from engine.image.source import StoredSource, TargetWindow, WholeSource
from engine.image.stored import HELD, check_room, opacity_of, sample, stored_pixels, with_weights
from engine.regular_files import open_regular

UNCHOSEN = ("auto", "mean")  # backgrounds that leave the colour to the picture
SPECKS = 0.001  # of a picture's opacity, which may be missing in one that counts as opaque

SHOWN = 100_000_000  # pixels of a picture of what is painted, at most, unless a size is asked for

_NAMED_BACKGROUNDS: dict[str, Rgb8] = {"black": (0, 0, 0), "white": (255, 255, 255)}


@dataclass(frozen=True)
class Origin:
    """The files that a target came from."""

    path: str  # absolute, or what blank paper is called
    sha256: str  # of its content (of blank paper that name) and the mask's, in hex
    mask: str = ""  # of what matters: its path, absolute; "" for none

    @classmethod
    def of(cls, source: Path | Blank, mask: Path | None) -> Origin:
        """Look at the files as they are now; OSError when one can't be read."""
        digest = hashlib.sha256()
        for each in (source,) if mask is None else (source, mask):
            if isinstance(each, Blank):
                digest.update(str(each).encode())
                continue
            with open_regular(each, MAX_BYTES) as file:
                hashlib.file_digest(file, lambda: digest)  # piece by piece
        path = str(source if isinstance(source, Blank) else source.absolute())
        return cls(path, digest.hexdigest(), "" if mask is None else str(mask.absolute()))

    @classmethod
    def again(cls, path: str, mask: str) -> Origin:
        """The same by the texts of an origin, as it would be now."""
        return cls.of(Blank.of(path) or Path(path), Path(mask) if mask else None)


@dataclass(frozen=True, eq=False)
class Target:
    """The picture to approximate."""

    pixels: Pixels  # the copy that is approximated: (height, width, 3), or 4 when its transparency counts
    # sRGB in 0..1, whole 255ths: #rrggbb says exactly the same; None: transparent
    background: tuple[float, float, float] | None
    has_mean_background: bool  # nobody chose it, so a painter may take one near it
    full_size: tuple[int, int]  # (height, width) of the source, upright
    weights: Weights | None  # how much each pixel matters, 1 to 255; None: all the same
    origin: Origin
    remarks: tuple[str, ...] = ()  # sentences about what is odd about its files, though they could be read
    stored: StoredSource | None = None  # of a large one: where it lies; its arrays are mapped from there

    @property
    def source(self) -> WholeSource:
        """What windows of it are read from."""
        return TargetWindow(self.pixels, self.weights) if self.stored is None else self.stored

    def stored_as(self, source: StoredSource) -> Target:
        """The same, read from other files."""
        return replace(self, pixels=source.stored_pixels.pixels, weights=source.weights, stored=source)

    @property
    def sampled(self) -> Pixels:
        """What stands for all of it where a large one need not be looked at pixel by pixel."""
        return self.pixels if self.stored is None else sample(self.stored)

    @property
    def is_blank(self) -> bool:
        """Whether it is paper with nothing on it, as blank:256x256 is."""
        return Blank.of(self.origin.path) is not None


def shown_side(height: int, width: int) -> int:
    """The longest side of a picture of what is painted, when nobody has asked for one, of a target's size."""
    return min(max(height, width), int(max(height, width) * math.sqrt(SHOWN / (height * width))))


def find_origin(source: str, importance: str) -> Origin:
    """The files that a source and an importance mean; TargetError when they can't be read."""
    mask = None if importance in ("none", "auto") else Path(importance)
    try:
        return Origin.of(Blank.of(source) or find_file(source), mask)
    except OSError as exc:
        mend = "scale it down first" if exc.errno == errno.EFBIG else "check the file"
        raise TargetError(f"{exc.filename}: can't be read ({reason(exc)}); {mend}.") from exc


def open_target(
    source: str,
    size: int,
    background: str = "mean",
    importance: str = "none",
    frame: int = 0,
    room: Path | None = None,
) -> Target:
    """Open a picture (a path, or a sample's name) and scale it down to `size` pixels on its longest side.

    Blank paper (blank:WIDTHxHEIGHT) has its own size, and is white unless `background` is chosen.

    `background` is what shows through transparent parts: mean (the picture's mean colour, weighted by
    opacity), black, white, #rrggbb, transparent for nothing, or auto: transparent where the picture is.
    `importance` is none, auto or the path of a grey mask; `frame` is which one of what moves or has pages,
    from 0. `room` is a folder for what is too large to be held in memory, in files without a name; None:
    everything is held. Raises TargetError for a picture, SpecError for the others, SpaceError for want of
    room.
    """
    if size < 1:
        raise SpecError(f"size: {size} is too small; give the longest side in pixels, 1 or more.")
    fill = _parse_background(background)
    try:
        if (blank := Blank.of(source)) is not None:
            return _blank_target(blank, source, background, fill, importance, frame)
        with decoded(source, find_file(source), size, frame, room) as found:
            height, width = fit(found.upright_shape, size)
            if room is not None and height * width > HELD:
                check_room(room, height, width, 4 if found.has_alpha else 3)
                return _stored_target(found, source, size, background, fill, importance, room)
            held = found if isinstance(found, Decoded) else found.held()
            return _target(held, source, size, background, fill, importance)
    except MemoryError as exc:
        raise TargetError(no_memory(source)) from exc
    except OSError as exc:
        raise (SpaceError(no_space(source)) if exc.errno == errno.ENOSPC else exc) from exc


def _target(
    decoded: Decoded, source: str, size: int, background: str, fill: Rgb8 | None, importance: str
) -> Target:
    """The target; fill: the background when it is a colour. MemoryError when it doesn't fit in."""
    if background == "transparent" or (background == "auto" and _is_transparent(decoded)):
        pixels, colour = _with_alpha(source, decoded, size), None
    else:
        pixels, colour = _opaque(source, decoded, size, fill)
    weights, odd = weights_of(importance, pixels)
    said = [(source, each) for each in decoded.remarks] + [(importance, each) for each in odd]
    return Target(
        pixels,
        colour,
        background in UNCHOSEN and colour is not None,
        decoded.upright_shape,
        weights,
        find_origin(source, importance),
        tuple(f"{Path(name).name}: {remark}." for name, remark in said),
    )


def _stored_target(
    found: Decoded | Streamed,
    source: str,
    size: int,
    background: str,
    fill: Rgb8 | None,
    importance: str,
    room: Path,
) -> Target:
    """The same of a picture that is too large to be held in memory."""
    copy = found.copy(size)
    is_clear = background == "transparent"
    if copy.has_alpha:
        opacity, most, mean = opacity_of(copy)
        is_clear = is_clear or (background == "auto" and opacity < 255 * (1 - SPECKS))
        if most == 0 and (is_clear or fill is None):
            raise TargetError(_invisible(source) if is_clear else _colourless(source))
        fill = None if is_clear else fill or _rgb8(mean)
    pixels, mean = stored_pixels(copy, fill, is_clear, room)
    colour = None if is_clear else np.array(fill or _rgb8(mean)) / 255
    stored, odd = with_weights(pixels, importance, room)
    said = [(source, each) for each in found.remarks] + [(importance, each) for each in odd]
    return Target(
        pixels.pixels,
        None if colour is None else (float(colour[0]), float(colour[1]), float(colour[2])),
        background in UNCHOSEN and colour is not None,
        found.upright_shape,
        stored.weights,
        find_origin(source, importance),
        tuple(f"{Path(name).name}: {remark}." for name, remark in said),
        stored,
    )


def _blank_target(
    blank: Blank, source: str, background: str, fill: Rgb8 | None, importance: str, frame: int
) -> Target:
    """Paper with nothing on it; fill: the background when it is a colour."""
    check_number(source, frame, 1)
    colour = None if background == "transparent" else fill or WHITE
    pixels = blank.pixels(colour)
    weights, odd = weights_of(importance, pixels)
    return Target(
        pixels,
        colour and (colour[0] / 255, colour[1] / 255, colour[2] / 255),
        background in UNCHOSEN,
        (blank.height, blank.width),
        weights,
        find_origin(source, importance),
        tuple(f"{Path(importance).name}: {remark}." for remark in odd),
    )


def _is_transparent(decoded: Decoded) -> bool:
    """Whether some of a picture can be seen through, and not just a pixel here and there."""
    if decoded.alpha is None:
        return False
    return float(np.asarray(decoded.alpha).mean()) < 255 * (1 - SPECKS)


def _opaque(
    source: str, decoded: Decoded, size: int, fill: Rgb8 | None
) -> tuple[Pixels, tuple[float, float, float]]:
    """The copy over a background, the mean when there is no colour to fill with, and that background."""
    colour = decoded.colour
    if decoded.alpha is not None:
        fill = fill or _mean_of_visible(source, colour, decoded.alpha)
        colour.paste(fill, mask=ImageChops.invert(decoded.alpha))
    pixels = np.array(decoded.plane(colour, size))
    red, green, blue = fill or _rgb8(pixels.mean(axis=(0, 1)))
    return pixels, (red / 255, green / 255, blue / 255)


def _with_alpha(source: str, decoded: Decoded, size: int) -> Pixels:
    """The copy with its own transparency; a picture without any is opaque everywhere."""
    alpha = decoded.alpha or Image.new("L", decoded.colour.size, 255)
    if alpha.getextrema()[1] == 0:
        raise TargetError(_invisible(source))
    premultiply(decoded.colour, alpha)
    return with_alpha(decoded.plane(decoded.colour, size), decoded.plane(alpha, size))


def _parse_background(background: str) -> Rgb8 | None:
    """Return the colour, or None for transparent and for the mean, which only the picture knows."""
    if background in (*UNCHOSEN, "transparent"):
        return None
    if background in _NAMED_BACKGROUNDS:
        return _NAMED_BACKGROUNDS[background]
    if not re.fullmatch("#[0-9a-fA-F]{6}", background):
        raise SpecError(
            f"background: {background!r} is not auto, mean, black, white, transparent or #rrggbb."
        )
    red, green, blue = bytes.fromhex(background[1:])
    return red, green, blue


def _mean_of_visible(source: str, colour: Image.Image, alpha: Image.Image) -> Rgb8:
    """Return the mean colour, each pixel weighted by its opacity."""
    total, weight = np.zeros(3), 0.0
    for rows in row_bands(colour.height, colour.width):
        box = (0, rows.start, colour.width, rows.stop)
        opacity = np.asarray(alpha.crop(box)).astype(np.float64)
        total += np.einsum("yx,yxc->c", opacity, np.asarray(colour.crop(box)))
        weight += float(opacity.sum())
    if weight == 0:
        raise TargetError(_colourless(source))
    return _rgb8(total / weight)


def _invisible(source: str) -> str:
    return f"{source}: wholly transparent, so there is nothing to paint; check the picture."


def _colourless(source: str) -> str:
    return f"{source}: wholly transparent, so it has no mean colour; choose a background such as white."


def _rgb8(colour: Floats) -> Rgb8:
    """Round a colour in 0..255 to whole steps."""
    red, green, blue = (round(float(value)) for value in colour)
    return red, green, blue
