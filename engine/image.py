"""Open a target safely as sRGB pixels, resample it, compare pictures with the one metric, write PNG.

Pixels are uint8 arrays (height, width, 3), RGB, sRGB-encoded; colours are sRGB in 0..1.
"""

from __future__ import annotations

import errno
import hashlib
import io
import math
import re
import stat
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path

import numpy as np
import numpy.typing as npt
from PIL import Image, ImageChops
from PIL.PngImagePlugin import PngImageFile

from engine.alpha import premultiplied, premultiply, straight, with_alpha
from engine.decode import Decoded, decode, fit, row_bands
from engine.errors import SpecError, TargetError, reason
from engine.importance import Weights, weights_of

Pixels = npt.NDArray[np.uint8]
Floats = npt.NDArray[np.float64]
AnyPixels = npt.NDArray[np.uint8 | np.floating]
Rgb8 = tuple[int, int, int]

# The pictures among scikit-image's data that its wheels carry, under the names of skimage.data's functions.
_SAMPLES = {
    "astronaut": "astronaut.png",
    "brick": "brick.png",
    "camera": "camera.png",
    "cat": "chelsea.png",
    "cell": "cell.png",
    "checkerboard": "chessboard_GRAY.png",
    "chelsea": "chelsea.png",
    "clock": "clock_motion.png",
    "coffee": "coffee.png",
    "coins": "coins.png",
    "colorwheel": "color.png",
    "grass": "grass.png",
    "gravel": "gravel.png",
    "horse": "horse.png",
    "hubble_deep_field": "hubble_deep_field.jpg",
    "immunohistochemistry": "ihc.png",
    "logo": "logo.png",
    "microaneurysms": "microaneurysms.png",
    "moon": "moon.png",
    "page": "page.png",
    "retina": "retina.jpg",
    "rocket": "rocket.jpg",
    "shepp_logan_phantom": "phantom.png",
    "text": "text.png",
}

_NAMED_BACKGROUNDS: dict[str, Rgb8] = {"black": (0, 0, 0), "white": (255, 255, 255)}


@dataclass(frozen=True)
class Origin:
    """The files that a target came from."""

    path: str  # absolute
    sha256: str  # of its content and the mask's, in hex
    mask: str = ""  # of what matters: its path, absolute; "" for none

    @classmethod
    def of(cls, path: Path, mask: Path | None) -> Origin:
        """Look at the files as they are now; OSError when one can't be read."""
        digest = hashlib.sha256()
        for each in (path,) if mask is None else (path, mask):
            if not each.is_file():  # reading a pipe would wait for ever
                raise FileNotFoundError(errno.ENOENT, "no such file", str(each))
            digest.update(each.read_bytes())
        return cls(str(path.absolute()), digest.hexdigest(), "" if mask is None else str(mask.absolute()))


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


def samples() -> tuple[str, ...]:
    """Return the names of the pictures that come with the installed scikit-image, without a download."""
    return tuple(_sample_files())


def find_origin(source: str, importance: str) -> Origin:
    """The files that a source and an importance mean; TargetError when they can't be read."""
    mask = None if importance in ("none", "auto") else Path(importance)
    try:
        return Origin.of(_find(source), mask)
    except OSError as exc:
        raise TargetError(f"{exc.filename}: can't be read ({reason(exc)}); check its permissions.") from exc


def open_target(source: str, size: int, background: str = "mean", importance: str = "none") -> Target:
    """Open a picture (a path, or a sample's name) and scale it down to `size` pixels on its longest side.

    `background` is what shows through transparent parts: mean (the picture's mean colour, weighted by
    opacity), black, white, #rrggbb, or transparent for nothing. `importance` is none, auto or the path of a
    grey mask. Raises TargetError for a picture, SpecError for the others.
    """
    if size < 1:
        raise SpecError(f"size: {size} is too small; give the longest side in pixels, 1 or more.")
    fill = _parse_background(background)
    decoded = decode(source, _find(source), size)
    if background == "transparent":
        pixels, colour = _with_alpha(source, decoded, size), None
    else:
        pixels, colour = _opaque(source, decoded, size, fill)
    weights = weights_of(importance, pixels)
    return Target(
        pixels, colour, background == "mean", decoded.upright_shape, weights, find_origin(source, importance)
    )


def rmse(drawn: AnyPixels, target: AnyPixels) -> float:
    """Return the root mean squared error over RGB in 0..1, sRGB-encoded: the project's one metric.

    Both are RGB, (height, width, 3), or RGB premultiplied by alpha and alpha, (height, width, 4), of which
    alpha.py says what the error is; uint8 in 0..255 or floats in 0..1, in any combination.
    """
    shape = drawn.shape
    if shape != target.shape or len(shape) != 3 or shape[2] not in (3, 4) or drawn.size == 0:
        raise ValueError(
            f"pictures of one shape (height, width, 3 or 4) are needed, not {shape} and {target.shape}"
        )
    total = 0.0
    for rows in row_bands(shape[0], shape[1]):
        goal = _unit(target[rows])
        difference = _unit(drawn[rows]) - goal
        if shape[2] == 4:
            difference[..., :3] -= difference[..., 3:] / 2
            difference[..., :3] *= np.sqrt(goal[..., 3:])
            difference[..., 3] *= np.sqrt(0.75 * (2 - goal[..., 3]))
        total += float(np.square(difference, out=difference).sum())
    return math.sqrt(total / (3 * shape[0] * shape[1]))


def resample(pixels: Pixels, height: int, width: int) -> Pixels:
    """Return a picture at another size, each pixel the mean of the area that it covers."""
    if pixels.shape[:2] == (height, width):
        return pixels.copy()
    # Not Pillow's BOX filter: it gives source pixels the weight 0 or 1, never a fraction, which at ratios
    # that are not whole numbers is off by up to half a pixel (RMSE .007 to .025 on a photograph).
    rows = _area_means(pixels, height)
    columns = _area_means(rows.swapaxes(0, 1), width)
    return np.ascontiguousarray(np.rint(columns.swapaxes(0, 1)).astype(np.uint8))


def encode_png(pixels: Pixels, compression: int = 4) -> bytes:
    """Return the bytes of a PNG file of pixels: RGB, premultiplied RGBA or grey (without a third axis).

    compression: zlib's level; 1 is quick, and 6 takes twice as long as 4 for 3% less.
    """
    buffer = io.BytesIO()
    Image.fromarray(straight(pixels)).save(buffer, "PNG", compress_level=compression)
    return buffer.getvalue()


def decode_png(content: bytes) -> Pixels:
    """Return what `encode_png` was given."""
    # Not Image.open, which takes a picture of our own for a bomb when it is large.
    with PngImageFile(io.BytesIO(content)) as image:
        return premultiplied(np.asarray(image))


def _opaque(
    source: str, decoded: Decoded, size: int, fill: Rgb8 | None
) -> tuple[Pixels, tuple[float, float, float]]:
    """The copy over a background, the mean when there is no colour to fill with, and that background."""
    colour = decoded.colour
    if decoded.alpha is not None:
        fill = fill or _mean_of_visible(source, colour, decoded.alpha)
        colour.paste(fill, mask=ImageChops.invert(decoded.alpha))
    pixels = np.array(_copy(colour, decoded, size))
    red, green, blue = fill or _rgb8(pixels.mean(axis=(0, 1)))
    return pixels, (red / 255, green / 255, blue / 255)


def _with_alpha(source: str, decoded: Decoded, size: int) -> Pixels:
    """The copy with its own transparency; a picture without any is opaque everywhere."""
    alpha = decoded.alpha or Image.new("L", decoded.colour.size, 255)
    if alpha.getextrema()[1] == 0:
        raise TargetError(f"{source}: wholly transparent, so there is nothing to paint; check the picture.")
    premultiply(decoded.colour, alpha)
    return with_alpha(_copy(decoded.colour, decoded, size), _copy(alpha, decoded, size))


def _copy(plane: Image.Image, decoded: Decoded, size: int) -> Image.Image:
    """One of the decoded pictures, upright and not larger than `size`."""
    copy_size = fit(decoded.size, size)
    if copy_size != plane.size:
        plane = plane.resize(copy_size, Image.Resampling.LANCZOS, box=decoded.box)
    return decoded.upright(plane)


def _sample_files() -> dict[str, Path]:
    """Map the name of each sample to its file, leaving out what this release of scikit-image lacks."""
    # Found rather than imported: importing skimage.data costs more than opening the picture.
    package = find_spec("skimage")
    folders = (package and package.submodule_search_locations) or []
    return {
        name: path
        for folder in folders
        for name, file in _SAMPLES.items()
        if (path := Path(folder, "data", file)).is_file()
    }


def _find(source: str) -> Path:
    """Return the file that a source means: the file of that name, or else the sample."""
    if not source:
        raise TargetError(f"target: no name; give a picture's path or a sample ({_listed_samples()}).")
    path = Path(source)
    sample = _sample_files().get(source)
    try:
        mode = path.stat().st_mode
    except (OSError, ValueError) as exc:  # ValueError: a zero byte in the name
        if sample:
            return sample
        raise TargetError(_absence(source, exc)) from exc
    if stat.S_ISREG(mode):
        return path
    if sample:
        return sample
    if stat.S_ISDIR(mode):
        raise TargetError(f"{source}: a folder; name one picture in it.")
    raise TargetError(f"{source}: a device or pipe; save the picture to an ordinary file first.")


def _absence(source: str, exc: OSError | ValueError) -> str:
    """Return the sentence about a name that leads to no file."""
    if not isinstance(exc, FileNotFoundError | NotADirectoryError):
        return f"{source}: can't be reached ({reason(exc)}); check the path."
    if len(Path(source).parts) > 1 or Path(source).suffix:
        return f"{source}: no such file; check the path."
    return f"{source}: neither a file nor one of the samples ({_listed_samples()})."


def _listed_samples() -> str:
    """The samples' names in one line."""
    return ", ".join(samples())


def _parse_background(background: str) -> Rgb8 | None:
    """Return the colour, or None for transparent and for the mean, which only the picture knows."""
    if background in ("mean", "transparent"):
        return None
    if background in _NAMED_BACKGROUNDS:
        return _NAMED_BACKGROUNDS[background]
    if not re.fullmatch("#[0-9a-fA-F]{6}", background):
        raise SpecError(f"background: {background!r} is not mean, black, white, transparent or #rrggbb.")
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
        raise TargetError(
            f"{source}: wholly transparent, so it has no mean colour; choose a background such as white."
        )
    return _rgb8(total / weight)


def _rgb8(colour: Floats) -> Rgb8:
    """Round a colour in 0..255 to whole steps."""
    red, green, blue = (round(float(value)) for value in colour)
    return red, green, blue


def _unit(pixels: AnyPixels) -> Floats:
    """Return pixels as floats in 0..1."""
    if pixels.dtype == np.uint8:
        return pixels / np.float64(255)
    if np.issubdtype(pixels.dtype, np.floating):
        return pixels.astype(np.float64)
    raise TypeError(f"pixels are uint8 or floats, not {pixels.dtype}")


def _area_means(values: AnyPixels, count: int) -> Floats:
    """Divide the first axis into `count` equal intervals and return the mean over each one."""
    edges = np.linspace(0, len(values), count + 1)
    means = np.empty((count, *values.shape[1:]))
    for mean, low, high in zip(means, edges[:-1], edges[1:], strict=True):
        index = np.arange(math.floor(low), math.ceil(high))
        cover = np.minimum(index + 1, high) - np.maximum(index, low)
        np.einsum("i,i...->...", cover / cover.sum(), values[index[0] : index[-1] + 1], out=mean)
    return means
