"""Decode a picture of any mode, profile and orientation into sRGB, or refuse it in one sentence."""

import errno
import io
import logging
import math
import threading
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, BinaryIO

import numpy as np
import numpy.typing as npt
from PIL import ExifTags, Image, ImageCms, UnidentifiedImageError

from engine.errors import TargetError, reason
from engine.image import apart
from engine.image.jpeg_scans import count_scans
from engine.regular_files import open_regular

MAX_PIXELS = 100_000_000
MAX_SIDE = 200_000  # pixels; what is thinner than a hair takes Pillow 2 GB to scale down
MAX_SCANS = 200  # of a JPEG, each of which takes up to .2 s; encoders make a dozen
MAX_BYTES = 4_000_000_000  # of a file: the hundred megapixels of a TIFF with floats and alpha are 1.6 GB
BAND_PIXELS = 1 << 20  # of a picture that are handled as floats at a time

# Those that Pillow always has come first: asking for another one makes it import all of its plug-ins.
_FORMATS = ("PNG", "JPEG", "GIF", "BMP", "WEBP", "TIFF")
_JPEGS = ("JPEG", "MPO")
_TALKATIVE = "libtiff"  # the decoder that writes to standard error
_READABLE = "PNG, JPEG, WebP, TIFF, BMP or GIF"

# How to turn a picture upright, by its EXIF orientation; 1 is upright.
_TURNS = {
    2: Image.Transpose.FLIP_LEFT_RIGHT,
    3: Image.Transpose.ROTATE_180,
    4: Image.Transpose.FLIP_TOP_BOTTOM,
    5: Image.Transpose.TRANSPOSE,
    6: Image.Transpose.ROTATE_270,
    7: Image.Transpose.TRANSVERSE,
    8: Image.Transpose.ROTATE_90,
}
_SIDEWAYS = (5, 6, 7, 8)

# The Pillow mode whose pixels a profile of this ICC colour space describes.
_PROFILE_MODES = {"GRAY": "L", "RGB": "RGB", "CMYK": "CMYK", "Lab": "LAB"}

# Warnings are silenced for the whole process: two threads would put back each other's silence.
_one_at_a_time = threading.Lock()

_TIFF_PHOTOMETRIC, _TIFF_WHITE_IS_ZERO = 262, 0
_TIFF_BITS_PER_SAMPLE = 258
_TIFF_SAMPLE_FORMAT, _TIFF_SIGNED = 339, 2


@dataclass(frozen=True, eq=False)
class Decoded:
    """A decoded picture, not yet upright."""

    colour: Image.Image  # RGB, sRGB
    alpha: Image.Image | None  # L, as large as colour
    box: tuple[float, float, float, float]  # where in colour the picture is: (x0, y0, x1, y1)
    orientation: int  # EXIF, what is left to do
    size: tuple[int, int]  # (width, height) of the source; colour may be a reduced version of it
    words: str = ""  # what its decoder complained of, though it went well

    @property
    def upright_shape(self) -> tuple[int, int]:
        """The (height, width) of the source once it is upright."""
        width, height = self.size
        return (width, height) if self.orientation in _SIDEWAYS else (height, width)

    def upright(self, copy: Image.Image) -> Image.Image:
        """Turn a copy of this picture upright."""
        return copy.transpose(_TURNS[self.orientation]) if self.orientation in _TURNS else copy


def decode(source: str, path: Path, size: int) -> Decoded:
    """Decode a file into sRGB and alpha, with pixels enough for a copy of `size` on the longest side.

    Raises TargetError, whose sentence begins with `source`.
    """
    with _refusal(source), open_regular(path, MAX_BYTES) as file:
        with Image.open(file, formats=_FORMATS) as image:
            _check_work(source, image, file)
            if not any(tile[0] == _TALKATIVE for tile in image.tile):
                return _decoded(image, size)
        answer = apart.ask(__name__, decode_apart.__name__, file, source, size)
    if "refusal" in answer.facts:
        raise TargetError(answer.facts["refusal"])
    colour, *others = answer.planes
    return Decoded(colour, others[0] if others else None, **answer.facts, words=answer.words)


def decode_apart(file: BinaryIO, source: str, size: int) -> tuple[dict[str, Any], list[Image.Image]]:
    """The same in a process of its own: what a Decoded has beside its planes, and these."""
    try:
        with _refusal(source), Image.open(file, formats=_FORMATS) as image:
            found = _decoded(image, size)
    except TargetError as error:
        return {"refusal": str(error)}, []
    planes = [found.colour] if found.alpha is None else [found.colour, found.alpha]
    return {"box": found.box, "orientation": found.orientation, "size": found.size}, planes


def _check_work(source: str, image: Image.Image, file: BinaryIO) -> None:
    """TargetError for a picture that says of itself that it would take too much memory or time."""
    if image.width * image.height > MAX_PIXELS:
        raise TargetError(_too_large(source))
    if max(image.size) > MAX_SIDE:
        raise TargetError(
            f"{source}: more than {MAX_SIDE:,} pixels on a side; scale it down or cut it first."
        )
    if image.format in _JPEGS and count_scans(file, MAX_SCANS) > MAX_SCANS:
        raise TargetError(f"{source}: a JPEG of more than {MAX_SCANS} scans; save it anew, as a plain one.")


def _decoded(image: Image.Image, size: int) -> Decoded:
    """An opened picture, decoded."""
    declared = image.size
    # A JPEG can be decoded at 1/2, 1/4 or 1/8. Three pixels for each one of the copy are left for
    # Lanczos, which no eye can tell from all of them.
    width, height = fit(declared, size)
    draft = image.draft(None, (3 * width, 3 * height))
    image.load()
    if draft is None:
        declared = image.size  # Pillow itself turns a TIFF upright while it loads it
    box = draft[1] if draft else (0, 0, *declared)
    profile = image.info.get("icc_profile")
    orientation = _orientation(image)
    colour, alpha = _separate(image)
    return Decoded(_to_srgb(colour, profile), alpha, box, orientation, declared)


def fit(size: tuple[int, int], longest: int) -> tuple[int, int]:
    """Return (width, height) scaled down to the longest side, rounded, at least 1 pixel each."""
    if max(size) <= longest:
        return size
    width, height = (max(1, (2 * side * longest + max(size)) // (2 * max(size))) for side in size)
    return width, height


def row_bands(height: int, width: int) -> Iterator[slice]:
    """Yield slices of rows, BAND_PIXELS each: a whole large picture would not fit into memory as floats."""
    step = max(1, BAND_PIXELS // width)
    for start in range(0, height, step):
        yield slice(start, min(start + step, height))


@contextmanager
def _refusal(source: str) -> Iterator[None]:
    """Turn whatever opening or decoding a file raises into one sentence."""
    try:
        # Pillow's warnings are about sizes from 89 megapixels on, which we allow up to our own limit,
        # and about odd metadata, which the user can't mend; what really fails is raised.
        with _one_at_a_time, warnings.catch_warnings(), _logging_unprinted():
            warnings.simplefilter("ignore")
            yield
    except TargetError:
        raise
    except Image.DecompressionBombError as exc:
        raise TargetError(_too_large(source)) from exc
    except UnidentifiedImageError as exc:
        raise TargetError(
            f"{source}: not a {_READABLE} picture that I can read; convert it, or copy it anew."
        ) from exc
    except MemoryError as exc:
        raise TargetError(no_memory(source)) from exc
    except Exception as exc:
        raise TargetError(f"{source}: {_what_failed(exc)}.") from exc


@contextmanager
def _logging_unprinted() -> Iterator[None]:
    """Keep what Pillow logs from standard error, where logging puts it when nobody has set it up."""
    logger, handler = logging.getLogger("PIL"), logging.NullHandler()
    logger.addHandler(handler)
    try:
        yield
    finally:
        logger.removeHandler(handler)


def no_memory(source: str) -> str:
    """The sentence about a picture that there is no room for."""
    return f"{source}: too large for this machine's memory; close other programs, or scale it down first."


def _what_failed(exc: Exception) -> str:
    """What is wrong with a file, and how to mend it.

    Pillow's decoders raise whatever they stumble over: OSError, SyntaxError, struct.error, KeyError...
    """
    code = exc.errno if isinstance(exc, OSError) and not isinstance(exc, ChildProcessError) else None
    if code == errno.EFBIG:
        return f"{reason(exc)}; scale it down first"
    if code == errno.EINVAL:
        return f"{reason(exc)}; save the picture to an ordinary file first"
    if code is not None:
        return f"can't be read ({reason(exc)}); check its permissions"
    if "MAX_TEXT" in str(exc):
        return "its text or colour profile is larger than any picture needs; save it anew without metadata"
    return f"damaged or cut short ({reason(exc)}); save or copy it anew"


def _too_large(source: str) -> str:
    """The sentence about a picture above the limit."""
    return f"{source}: more than {MAX_PIXELS // 10**6} megapixels; scale it down first."


def _orientation(image: Image.Image) -> int:
    """Return the EXIF orientation; a picture whose EXIF data is garbage is taken to be upright."""
    try:
        orientation = image.getexif().get(ExifTags.Base.Orientation, 1)
    except (SyntaxError, ValueError):
        # As for a broken profile: the pixels are intact, every viewer shows them, the user can't mend it.
        return 1
    return orientation if orientation in _TURNS else 1


def _separate(image: Image.Image) -> tuple[Image.Image, Image.Image | None]:
    """Split a picture of any mode into colour (mode L, RGB, CMYK or LAB) and, where it has one, alpha."""
    if image.mode.startswith("I") or image.mode == "F":
        image = _to_8_bits(image)
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


def _to_8_bits(image: Image.Image) -> Image.Image:
    """Scale a picture of 12-, 16- or 32-bit integers or floats to mode L, or LA if one value is transparent.

    Black is 0; white is what the number of bits can hold, 65535 for 32 bits and 1 for floats. Where values
    go beyond these, the least becomes black and the greatest white.
    """
    tags = getattr(image, "tag_v2", {})  # a TIFF's; a PNG's values are unsigned, of 16 bits
    bits = tags.get(_TIFF_BITS_PER_SAMPLE, (16,))[0]
    signed = tags.get(_TIFF_SAMPLE_FORMAT, (1,))[0] == _TIFF_SIGNED

    def values(rows: slice) -> npt.NDArray[np.float64]:
        band = np.asarray(image.crop((0, rows.start, image.width, rows.stop)))
        if bits == 32 and image.mode == "I" and not signed:
            band = band.view(np.uint32)  # Pillow keeps all 32-bit integers as signed ones
        return band.astype(np.float64)

    bands = list(row_bands(image.height, image.width))
    low = min(float(values(rows).min()) for rows in bands)
    high = max(float(values(rows).max()) for rows in bands)
    if not math.isfinite(high - low):
        raise ValueError("it holds values that are not finite numbers")
    white = 1.0 if image.mode == "F" else 2.0 ** (bits - signed) - 1 if bits <= 16 else 65535.0
    if low >= 0 and high <= white:
        low, high = 0.0, white
    grey = np.empty((image.height, image.width), np.uint8)
    for rows in bands:
        grey[rows] = np.rint((values(rows) - low) * (255 / (high - low or 1.0)))
    if tags.get(_TIFF_PHOTOMETRIC) == _TIFF_WHITE_IS_ZERO:
        np.subtract(255, grey, out=grey)
    scaled = Image.fromarray(grey)
    if "transparency" in image.info:
        opaque = np.empty(grey.shape, np.uint8)
        for rows in bands:
            opaque[rows] = np.where(values(rows) == image.info["transparency"], 0, 255)
        scaled.putalpha(Image.fromarray(opaque))
    return scaled


def _to_srgb(colour: Image.Image, profile: bytes | None) -> Image.Image:
    """Convert mode L, RGB, CMYK or LAB to RGB, sRGB, by its ICC profile if it has a usable one."""
    if profile:
        try:
            described = ImageCms.ImageCmsProfile(io.BytesIO(profile))
            mode = _PROFILE_MODES.get(described.profile.xcolor_space.strip())
            if colour.mode == "L" and mode == "RGB":
                colour = colour.convert("RGB")
            srgb = ImageCms.createProfile("sRGB")
            return ImageCms.buildTransform(described, srgb, colour.mode, "RGB").apply(colour)
        except (ImageCms.PyCMSError, OSError):
            # Broken, or made for another kind of pixels. Browsers go on as if there were none, and so do we:
            # the pixels are intact, and the user can neither see nor mend what a camera or program wrote.
            pass
    return colour if colour.mode == "RGB" else colour.convert("RGB")
