"""What polygons may look like, as the user says it: a range of opacities and a palette."""

from __future__ import annotations

import math
import re
from typing import Annotated, Literal

import numpy as np
from numpy.typing import NDArray
from PIL import Image
from pydantic import AfterValidator, BeforeValidator, Field, PlainSerializer

from engine.alpha import straight
from engine.fields import expected
from engine.image import Pixels
from engine.scene import Colour

SOLVED = (0.1, 1.0)  # opacities: what is fainter than that is hardly worth a shape
FAINTEST = 0.01
MOST_COLOURS = 256
SAMPLES = 1 << 15  # pixels, about, that a palette is found from

_NUMBER = r"([0-9]+\.?[0-9]*|\.[0-9]+)"
_RANGE = re.compile(rf"{_NUMBER} *- *{_NUMBER}")


def _ends(value: object) -> object:
    """The two ends of a range: of solved, of a number, of "0.2-0.7"; anything else is left to the field."""
    if isinstance(value, str) and value.lower() == "solved":
        return SOLVED
    if isinstance(value, str) and (match := _RANGE.fullmatch(value.strip())):
        return match.groups()
    return (value, value) if isinstance(value, str | int | float) else value


def _within(ends: tuple[float, float]) -> tuple[float, float]:
    """Ends in order, within what can be drawn; ValueError otherwise."""
    if not FAINTEST <= ends[0] <= ends[1] <= 1:
        raise ValueError("no range")
    return ends


def _as_written(ends: tuple[float, float]) -> str | float:
    if ends == SOLVED:
        return "solved"
    return ends[0] if ends[0] == ends[1] else f"{ends[0]!r}-{ends[1]!r}"


Opacity = Annotated[
    tuple[float, float],
    BeforeValidator(_ends),
    AfterValidator(_within),
    PlainSerializer(_as_written, when_used="json"),
    expected(f"solved, a number from {FAINTEST} to 1, or a range of two such as 0.2-0.7"),
]


def listed(value: object) -> object:
    """The colours of a text with commas; none, a number and anything else are left to the field."""
    if isinstance(value, str) and "#" in value:
        value = value.split(",")
    if isinstance(value, list | tuple):
        return [colour.strip().lower() if isinstance(colour, str) else colour for colour in value]
    return value.lower() if isinstance(value, str) else value


def _once(palette: int | str | tuple[str, ...]) -> int | str | tuple[str, ...]:
    """Each colour once, in the order given."""
    return tuple(dict.fromkeys(palette)) if isinstance(palette, tuple) else palette


Hex = Annotated[str, Field(pattern="^#[0-9a-f]{6}$")]
Palette = Annotated[
    Literal["none"]
    | Annotated[int, Field(ge=2, le=MOST_COLOURS)]
    | Annotated[tuple[Hex, ...], Field(min_length=1, max_length=MOST_COLOURS)],
    BeforeValidator(listed),
    AfterValidator(_once),
    expected(
        f"none, a number of colours from 2 to {MOST_COLOURS}, or colours in quotes such as "
        '"#000000,#ffcc00" (an unquoted # starts a comment)'
    ),
]


def find_palette(pixels: Pixels, count: int) -> tuple[str, ...]:
    """The colours that stand for a picture with the least squared error, by k-means from a median cut.

    In RGB, as that is where the error is measured: in Lab the error of the nearest of 6 colours was 3 to 17%
    higher on four photographs. Less than `count` when the picture has no more. What is mostly transparent is
    left out.
    """
    if pixels.shape[2] == 4:
        alpha, most = pixels[..., 3], pixels[..., 3].max()
        visible = pixels[alpha >= (128 if most >= 128 else min(most, 1))]
        sample = visible[None, :: math.ceil(len(visible) / SAMPLES)]
    else:
        step = math.ceil(math.sqrt(pixels.shape[0] * pixels.shape[1] / SAMPLES))
        sample = pixels[::step, ::step]
    picture = Image.fromarray(np.ascontiguousarray(straight(sample)[..., :3]))
    clustered = picture.quantize(count, method=Image.Quantize.MEDIANCUT, kmeans=1)
    found = np.array(clustered.getpalette(), np.uint8).reshape(-1, 3)[np.unique(np.asarray(clustered))]
    return tuple(dict.fromkeys(f"#{bytes(colour).hex()}" for colour in found.tolist()))


def colours_of(palette: tuple[str, ...]) -> NDArray[np.float32]:
    """Hex colours as sRGB in 0..1, (n, 3)."""
    values = [list(bytes.fromhex(colour[1:])) for colour in palette]
    return np.array(values, np.float32).reshape(-1, 3) / np.float32(255)


def nearest(colour: Colour, palette: tuple[str, ...]) -> Colour:
    """The colour of a palette that is nearest in RGB."""
    found = matched(np.array([colour], np.float32), colours_of(palette))[0]
    red, green, blue = np.rint(255 * found).tolist()
    return red / 255, green / 255, blue / 255


def matched(colours: NDArray[np.float32], palette: NDArray[np.float32]) -> NDArray[np.float32]:
    """Each colour's nearest in RGB: (n, 3) and (colours, 3) give (n, 3)."""
    best = np.full(len(colours), np.inf, np.float32)
    found = np.empty_like(colours)
    for colour in palette:
        distance = np.square(colours - colour).sum(axis=1)
        closer = distance < best
        best[closer], found[closer] = distance[closer], colour
    return found
