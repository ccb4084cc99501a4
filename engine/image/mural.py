"""Pictures of any size by libvips (the extra `murals`), which passes them through piece by piece.

It opens a file as the format that it begins like, and no other, and works in the process that asks for
it: see apart.py.
"""

from __future__ import annotations

import base64
from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from engine.errors import TargetError
from engine.image import large
from engine.image.containers.content import Content
from engine.image.decoded import fit
from engine.image.refusals import MAX_PIXELS, check_mural, check_scans, remarks_on_colours

if TYPE_CHECKING:
    import pyvips

LESS = (8, 4, 2)  # by which a JPEG's decoder can divide a picture
SPARE = 3  # pixels for each one of the copy, which are left for the filter

_MODES = {1: "L", 2: "LA", 3: "RGB", 4: "RGBA"}
_WHITE = {"uchar": 255, "ushort": 65535, "float": 1.0, "double": 1.0}  # by vips's names of numbers
NO_ALPHA = ("LX", "RGBX")  # of which libvips takes the last for alpha
_OTHER_COLOURS = ("lab", "labs", "labq", "xyz", "scrgb", "yxy", "hsv")


class NoMuralError(Exception):
    """A picture is none that is to be read like that, or none that can be."""


@dataclass(frozen=True)
class Header:
    """What a file says of its picture before it is decoded."""

    image: pyvips.Image
    width: int  # as it is stored, not upright
    height: int
    file: pyvips.SourceCustom  # which nobody else keeps


def _opened(content: Content, kind: str, page: int, shrink: int = 1) -> Header:
    """A picture that is decoded when somebody asks for its pixels; NoMuralError for what is none."""
    import pyvips

    file = pyvips.SourceCustom()
    file.on_read(content.pixels.read)
    file.on_seek(content.pixels.seek)
    more: dict[str, Any] = {}
    if kind == "TIFF":
        more = {"page": page, "unlimited": True}  # a single strip may have all of it: our limits are apart's
    if kind == "JPEG":
        more = {"shrink": shrink, "unlimited": True}
    content.pixels.seek(0)
    load: Callable[..., pyvips.Image] = getattr(pyvips.Image, f"{kind.lower()}load_source")
    try:
        image = load(file, access="sequential", fail_on="error", **more)
    except pyvips.Error as exc:
        raise NoMuralError from exc  # whoever reads it next knows better why
    return Header(image, image.width, image.height, file)


@dataclass(frozen=True)
class Stream:
    """A picture's pixels on their way: of `size` (width, height), as Pillow calls its mode."""

    mode: str
    size: tuple[int, int]
    image: pyvips.Image
    header: Header  # of the file that they come from

    def write(self, descriptor: int) -> None:
        """Write them, row by row, to where a file is; MemoryError, ValueError when it can't be decoded."""
        import pyvips

        try:
            self.image.rawsave_target(pyvips.Target.new_to_descriptor(descriptor))
        except pyvips.Error as exc:
            if "memory" in str(exc.detail):
                raise MemoryError(exc.detail) from exc
            raise ValueError(_said(exc)) from exc


def streamed(
    source: str, content: Content, kind: str, page: int, longest: int, samples: str = ""
) -> tuple[dict[str, Any], Stream]:
    """A large picture of a file made smaller to a longest side, and its facts.

    samples: how a pixel is stored, by Pillow's name, which ends with X where one means nothing.
    The facts: its profile, ICC in base 64 or None, how it is to be turned (EXIF) to be upright, its own size
    (width, height), and what is odd about it. NoMuralError for one that others can read, TargetError for what
    can't be read at all.
    """
    header = _opened(content, kind, page)
    declared = header.width, header.height
    if header.width * header.height <= large.LARGE:
        raise NoMuralError
    check_mural(source, *declared)
    check_scans(source, content)
    if content.scans and not content.scans.is_ended:
        raise TargetError(f"{source}: cut short, its end is missing; copy it anew.")
    size = fit(declared, longest)
    if kind == "JPEG":
        spared = min(header.width / size[0], header.height / size[1]) / SPARE
        shrink = next((number for number in LESS if number <= spared), 1)
        header = _opened(content, kind, page, shrink)
    image = header.image
    if kind == "TIFF" and samples in NO_ALPHA and image.bands == len(samples):
        image = image.extract_band(0, n=image.bands - 1)
    profile = content.profile or (content.coding.profile() if content.coding else None)
    if profile is None and image.get_typeof("icc-profile-data"):
        profile = bytes(image.get("icc-profile-data"))
    orientation = content.orientation
    if orientation is None:
        orientation = image.get("orientation") if image.get_typeof("orientation") else 1
    mode, image = _resized(*_eight_bits(source, image), size)
    facts = {
        "profile": None if profile is None else base64.b64encode(profile).decode(),
        "orientation": orientation,
        "size": declared,
        "remarks": remarks_on_colours(content),
    }
    return facts, Stream(mode, size, image, header)


def _eight_bits(source: str, image: pyvips.Image) -> tuple[str, pyvips.Image]:
    """Pillow's name of a picture's mode, and it in bytes; TargetError for other kinds of colours."""
    white, colours = _WHITE.get(image.format), image.interpretation
    if white is None or colours in _OTHER_COLOURS:
        if image.width * image.height <= MAX_PIXELS:
            raise NoMuralError
        raise TargetError(
            f"{source}: has {colours} colours in numbers of a kind ({image.format}) that can't be read of so "
            "large a picture; save it as RGB of 8 or 16 bits."
        )
    mode = "CMYK" if colours == "cmyk" else _MODES.get(image.bands, "RGB")
    if colours == "multiband" and image.bands > 3:
        mode = "RGB"
    if image.bands > len(mode):
        image = image.extract_band(0, n=len(mode))
    if white != 255:
        image = (image * (255 / white)).rint().cast("uchar")
    return mode, image.copy(interpretation="multiband")


def _resized(mode: str, image: pyvips.Image, size: tuple[int, int]) -> tuple[str, pyvips.Image]:
    """Made smaller by Lanczos' filter; colours count by their alpha."""
    if size == (image.width, image.height):
        return mode, image
    if has_alpha := mode in ("LA", "RGBA"):
        image = image.copy(interpretation="b-w" if mode == "LA" else "srgb").premultiply()
    image = image.resize(size[0] / image.width, vscale=size[1] / image.height, kernel="lanczos3")
    if has_alpha:
        image = image.unpremultiply().rint().cast("uchar")
    if (image.width, image.height) != size:
        image = image.crop(0, 0, *size)  # sides are rounded up where a half is left
    return mode, image


def _said(exc: pyvips.Error) -> str:
    """The last of what libvips says, which says most."""
    lines = [line.strip() for line in str(exc.detail).splitlines() if line.strip()]
    return lines[-1].rstrip(".") if lines else "its decoder doesn't say why"
