"""Pictures that a Python caller has in memory, as files that `open_target` can read."""

from __future__ import annotations

import io
from pathlib import Path

import numpy as np
import numpy.typing as npt
from PIL import Image

from engine.errors import TargetError
from engine.image.pixels import Pixels

InMemory = bytes | bytearray | memoryview | Image.Image | npt.ArrayLike
PNG_MODES = ("1", "L", "LA", "P", "RGB", "RGBA", "I;16")  # those of Pillow that it loses nothing of
TIFF_MODES = ("CMYK", "LAB", "YCbCr", "I", "F", "PA", "La", "RGBa")


def write_source(source: InMemory, path: Path) -> None:
    """Put a picture into a file without any loss; TargetError when it is none.

    source: the content of a file, a Pillow image, or pixels as `pixels_of` takes them.
    """
    if isinstance(source, bytes | bytearray | memoryview):
        content = bytes(source)
    elif isinstance(source, Image.Image):
        content = _encoded(source)
    else:
        content = _encoded(Image.fromarray(pixels_of(source)))
    path.write_bytes(content)


def pixels_of(source: npt.ArrayLike) -> Pixels:
    """Pixels, (height, width), (height, width, 3) or 4, straight alpha: as uint8, from floats of 0 to 1 too.

    TargetError for anything else.
    """
    array = np.asarray(source)
    is_picture = array.ndim == 2 or (array.ndim == 3 and array.shape[2] in (3, 4))
    if not is_picture or array.size == 0 or not (array.dtype == np.uint8 or array.dtype.kind == "f"):
        raise TargetError(
            f"target: an array of {array.dtype} {array.shape} is no picture; give uint8, or floats from 0 to "
            "1: (height, width), (height, width, 3) or (height, width, 4)."
        )
    if array.dtype == np.uint8:
        return array
    if not (array.min() >= 0 and array.max() <= 1):  # nor is nan
        raise TargetError("target: an array of floats has values that are not from 0 to 1; scale them first.")
    return np.rint(array * 255.0).astype(np.uint8)


def _encoded(image: Image.Image) -> bytes:
    """The image as a file, with its colour profile and its orientation."""
    if image.mode not in (*PNG_MODES, *TIFF_MODES):
        image = image.convert("RGB")
    buffer, profile = io.BytesIO(), image.info.get("icc_profile")
    if image.mode in PNG_MODES:
        image.save(buffer, "PNG", compress_level=1, icc_profile=profile, exif=image.getexif())
    else:
        image.save(buffer, "TIFF", icc_profile=profile)
    return buffer.getvalue()
