"""Pages of a TIFF whose numbers Pillow doesn't know: floats of any width, wide integers, many samples.

They are read by tifffile, through imageio, like the pages of a stack.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, BinaryIO

import numpy as np
import numpy.typing as npt
from PIL import Image, UnidentifiedImageError

from engine.errors import TargetError
from engine.image.frames import check_number
from engine.image.modes import scaled, white_of
from engine.image.refusals import check_size

MOST_BYTES = 4_000_000_000  # of a page's numbers

_COLOURS = {0: 1, 1: 1, 2: 3, 5: 4}  # samples that are colours, by PhotometricInterpretation
_WHITE_IS_ZERO = 0
_MODES = {1: ("L", "LA", "La"), 3: ("RGB", "RGBA", "RGBa"), 4: ("CMYK", "CMYK", "CMYK")}
_NO_ALPHA, _PREMULTIPLIED, _STRAIGHT = range(
    3
)  # what ExtraSamples says of the first sample after the colours
_KINDS = {"f": "floats", "i": "signed integers", "u": "integers", "c": "complex numbers", "b": "bits"}
_PLAIN = "save it as a plain one of 8 or 16 bits"


def page_size(file: BinaryIO) -> tuple[int, int]:
    """(width, height) of the first page."""
    from tifffile import TiffFile

    with TiffFile(file) as found:
        page = found.pages.first
        return page.imagewidth, page.imagelength


def read_page(source: str, file: BinaryIO, number: int) -> tuple[Image.Image, bytes | None, int]:
    """A page as mode L, LA, La, RGB, RGBA, RGBa or CMYK, its ICC profile and EXIF orientation.

    Floats are colours from 0 to 1, integers up to what their bits can hold; see `scaled` for others.
    TargetError, which says what is in the page, when it is no picture.
    """
    from imageio.core.request import Request
    from imageio.plugins.tifffile_v3 import TifffilePlugin

    stack: Any  # whose pages imageio's general interface doesn't know
    with TifffilePlugin(Request(file, "r")) as stack:
        check_number(source, number, stack.properties(index=..., page=...).n_images or 1)
        page = stack.properties(index=..., page=number)
        said = stack.metadata(index=..., page=number)
        check_size(source, int(said["ImageWidth"]), int(said["ImageLength"]))
        if 0 in page.shape:
            raise UnidentifiedImageError("TIFF")
        what = f"{source}: a TIFF of {8 * page.dtype.itemsize}-bit {_KINDS.get(page.dtype.kind, 'values')}"
        if np.prod(page.shape, dtype=float) * page.dtype.itemsize > MOST_BYTES:
            raise TargetError(f"{what}, more than {MOST_BYTES // 10**9} GB of them; scale it down first.")
        try:
            samples = stack.read(index=..., page=number)
        except MemoryError:
            raise
        except Exception as exc:
            packing = getattr(said["compression"], "name", said["compression"])
            trouble = "damaged or cut short" if packing == "NONE" else f"damaged, or packed by {packing}"
            raise TargetError(f"{what}, {trouble}; {_PLAIN}.") from exc
    if int(said["planar_configuration"]) == 2 and samples.ndim == 3:
        samples = np.moveaxis(samples, 0, -1)
    colours = _COLOURS.get(int(said.get("PhotometricInterpretation", 1)), 0)
    samples = samples.reshape(*samples.shape[:2], -1) if samples.ndim in (2, 3) else samples
    if samples.ndim != 3 or not 1 <= colours <= samples.shape[2] or samples.dtype.kind not in "fiub":
        raise TargetError(f"{what} that are no colours; {_PLAIN}.")
    return _picture(samples, colours, said), _profile(said), int(said.get("Orientation", 1))


def _picture(samples: npt.NDArray[Any], colours: int, said: Mapping[str, Any]) -> Image.Image:
    """A picture of samples (height, width, n), of which the first are colours."""
    bits = np.ravel(said.get("BitsPerSample", 8 * samples.dtype.itemsize))[0]
    white = 1.0 if samples.dtype.kind == "f" else white_of(int(bits), samples.dtype.kind == "i")
    is_inverted = int(said.get("PhotometricInterpretation", 1)) == _WHITE_IS_ZERO
    height, width, count = samples.shape

    def values(rows: slice) -> npt.NDArray[np.float64]:
        return samples[rows, :, :colours].astype(np.float64)

    def opacity(rows: slice) -> npt.NDArray[np.float64]:
        return np.clip(samples[rows, :, colours].astype(np.float64), 0, white)

    planes = scaled(values, (height, width, colours), white, is_inverted)
    extra = np.ravel(said.get("ExtraSamples", _NO_ALPHA)) if count > colours else np.array([_NO_ALPHA])
    alpha = int(extra[0]) if colours < 4 and len(extra) else _NO_ALPHA
    if alpha in (_PREMULTIPLIED, _STRAIGHT):
        planes = np.dstack([planes, scaled(opacity, (height, width), white, False)])
        mode = _MODES[colours][2 if alpha == _PREMULTIPLIED else 1]
    else:
        mode = _MODES[colours][0]
    return Image.frombytes(mode, (width, height), planes.tobytes())


def _profile(said: Mapping[str, Any]) -> bytes | None:
    profile = said.get("InterColorProfile")
    return bytes(profile) if isinstance(profile, bytes | bytearray) else None
