"""Pixels: uint8 (height, width, 3), RGB, sRGB-encoded, or 4, premultiplied by alpha; sizes and PNG files."""

from __future__ import annotations

import io
import math
import struct
import zlib

import numpy as np
import numpy.typing as npt
from PIL import Image
from PIL.PngImagePlugin import PngImageFile

from engine.image.alpha import premultiplied, straight

Pixels = npt.NDArray[np.uint8]
Floats = npt.NDArray[np.float64]
AnyPixels = npt.NDArray[np.uint8 | np.floating]
LONGEST = 20_000  # pixels of a side of what is approximated or painted
Rgb8 = tuple[int, int, int]
LUMA = np.array([0.299, 0.587, 0.114], np.float32)  # of red, green and blue: ITU-R BT.601


def resample(
    pixels: Pixels,
    height: int,
    width: int,
    ys: tuple[float, float] | None = None,
    xs: tuple[float, float] | None = None,
) -> Pixels:
    """Return a picture at another size, each pixel the mean of the area that it covers.

    ys, xs: the part of it that is wanted, from where to where; all of it by default.
    """
    ys, xs = ys or (0, pixels.shape[0]), xs or (0, pixels.shape[1])
    if pixels.shape[:2] == (height, width) == (ys[1], xs[1]):
        return pixels.copy()
    # Not Pillow's BOX filter: it gives source pixels the weight 0 or 1, never a fraction, which at ratios
    # that are not whole numbers is off by up to half a pixel (RMSE .007 to .025 on a photograph).
    rows = _area_means(pixels, height, ys)
    columns = _area_means(rows.swapaxes(0, 1), width, xs)
    return np.ascontiguousarray(np.rint(columns.swapaxes(0, 1)).astype(np.uint8))


def encode_png(pixels: Pixels, compression: int = 4) -> bytes:
    """Return the bytes of a PNG file of pixels: RGB, premultiplied RGBA or grey (without a third axis).

    compression: zlib's level; 1 is quick, and 6 takes twice as long as 4 for 3% less.
    """
    buffer = io.BytesIO()
    Image.fromarray(straight(pixels)).save(buffer, "PNG", compress_level=compression)
    return buffer.getvalue()


def decode_png(content: bytes) -> Pixels:
    """Return what `encode_png` was given; ValueError for anything else."""
    try:
        # Not Image.open, which takes a picture of our own for a bomb when it is large.
        with PngImageFile(io.BytesIO(content)) as image:
            if max(image.size) > LONGEST or image.mode not in ("L", "RGB", "RGBA"):
                raise ValueError(f"{image.mode} of {image.size[0]} x {image.size[1]} px is not what it was")
            return premultiplied(np.asarray(image))
    except (OSError, EOFError, SyntaxError, TypeError, LookupError, struct.error, zlib.error) as exc:
        raise ValueError(str(exc) or type(exc).__name__) from exc


def _area_means(values: AnyPixels, count: int, part: tuple[float, float]) -> Floats:
    """Divide a part of the first axis into `count` equal intervals and return the mean over each one."""
    edges = np.linspace(*part, count + 1)
    means = np.empty((count, *values.shape[1:]))
    for mean, low, high in zip(means, edges[:-1], edges[1:], strict=True):
        index = np.arange(math.floor(low), math.ceil(high))
        cover = np.minimum(index + 1, high) - np.maximum(index, low)
        np.einsum("i,i...->...", cover / cover.sum(), values[index[0] : index[-1] + 1], out=mean)
    return means


Colour = tuple[float, float, float]  # sRGB-encoded, 0..1
