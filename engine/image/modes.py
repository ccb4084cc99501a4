"""Pictures of any mode or type of number, as colours of eight bits and alpha."""

from __future__ import annotations

import math
from collections.abc import Callable

import numpy as np
import numpy.typing as npt
from PIL import Image

from engine.image.bands import row_bands

_TIFF_PHOTOMETRIC, _TIFF_WHITE_IS_ZERO = 262, 0
_TIFF_BITS_PER_SAMPLE = 258
_TIFF_SAMPLE_FORMAT, _TIFF_SIGNED = 339, 2

Values = Callable[[slice], npt.NDArray[np.float64]]  # (rows, width) or (rows, width, channels) of some rows


def separate(image: Image.Image) -> tuple[Image.Image, Image.Image | None]:
    """Split a picture of any mode into colour (mode L, RGB, CMYK or LAB) and, where it has one, alpha."""
    if is_wide(image):
        image = to_8_bits(image)
    elif image.mode in ("La", "RGBa"):
        image = image.convert(image.mode.upper())
    elif "A" not in image.getbands() and image.has_transparency_data:
        image = image.convert("LA" if image.mode in ("1", "L") else "RGBA")
    alpha = image.getchannel("A") if image.mode in ("LA", "PA", "RGBA") else None
    if image.mode in ("1", "LA"):
        image = image.convert("L")
    elif image.mode not in ("L", "RGB", "CMYK", "LAB"):
        image = image.convert("RGB")
    return image, alpha


def is_wide(image: Image.Image) -> bool:
    """Whether a picture has more than eight bits a channel."""
    return image.mode.startswith("I") or image.mode == "F"


def to_8_bits(image: Image.Image) -> Image.Image:
    """A picture of 12-, 16- or 32-bit integers or floats as mode L, or LA if one value is transparent."""
    tags = getattr(image, "tag_v2", {})  # a TIFF's; a PNG's values are unsigned, of 16 bits
    bits = tags.get(_TIFF_BITS_PER_SAMPLE, (16,))[0]
    signed = tags.get(_TIFF_SAMPLE_FORMAT, (1,))[0] == _TIFF_SIGNED

    def values(rows: slice) -> npt.NDArray[np.float64]:
        band = np.asarray(image.crop((0, rows.start, image.width, rows.stop)))
        if bits == 32 and image.mode == "I" and not signed:
            band = band.view(np.uint32)  # Pillow keeps all 32-bit integers as signed ones
        return band.astype(np.float64)

    shape = image.height, image.width
    white = 1.0 if image.mode == "F" else white_of(bits, signed)
    grey = scaled(values, shape, white, tags.get(_TIFF_PHOTOMETRIC) == _TIFF_WHITE_IS_ZERO)
    picture = Image.fromarray(grey)
    if "transparency" in image.info:
        opaque = np.empty(shape, np.uint8)
        for rows in row_bands(*shape):
            opaque[rows] = np.where(values(rows) == image.info["transparency"], 0, 255)
        picture.putalpha(Image.fromarray(opaque))
    return picture


def white_of(bits: int, is_signed: bool) -> float:
    """What stands for white among whole numbers: what they can hold, but 65535 of 32 and more bits."""
    return 2.0 ** (bits - is_signed) - 1 if bits <= 16 else 65535.0


def scaled(values: Values, shape: tuple[int, ...], white: float, is_inverted: bool) -> npt.NDArray[np.uint8]:
    """Numbers as eight bits: (height, width) or (height, width, channels).

    Black is 0. Where values go beyond that and white the least becomes black and the greatest white.
    ValueError where they are no finite numbers.
    """
    bands = list(row_bands(shape[0], shape[1]))
    low = min(float(values(rows).min()) for rows in bands)
    high = max(float(values(rows).max()) for rows in bands)
    if not math.isfinite(high - low):
        raise ValueError("it holds values that are not finite numbers")
    if low >= 0 and high <= white:
        low, high = 0.0, white
    found = np.empty(shape, np.uint8)
    for rows in bands:
        found[rows] = np.rint((values(rows) - low) * (255 / (high - low or 1.0)))
    if is_inverted:
        np.subtract(255, found, out=found)
    return found
