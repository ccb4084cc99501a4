"""Decode a picture of any format, mode, profile and orientation into sRGB, or refuse it in one sentence."""

from __future__ import annotations

import base64
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import replace
from importlib import import_module
from mmap import ACCESS_READ, mmap
from pathlib import Path
from typing import Any, BinaryIO

from PIL import ExifTags, Image, UnidentifiedImageError

from engine.errors import TargetError
from engine.image import apart, large, mural
from engine.image.colour import to_srgb
from engine.image.containers.boxes import coding_of
from engine.image.containers.content import Content
from engine.image.containers.gif import gif_content
from engine.image.containers.jpeg import jpeg_content
from engine.image.containers.parts import file_of
from engine.image.containers.png import png_content
from engine.image.containers.webp import webp_content
from engine.image.cut_short import ENOUGH, lack_of, share_there
from engine.image.decoded import TURNS, Decoded, Streamed, fit
from engine.image.formats import FILMS, HEAD_BYTES, MURALS, has_murals, missing, name_of, told
from engine.image.frames import check_number, film_frame, moving_frame
from engine.image.large import LARGE, reduced, reduction
from engine.image.modes import separate
from engine.image.refusals import check_scans, check_size, refusing, remarks_on_colours
from engine.image.tiff_numbers import page_size, read_page
from engine.regular_files import open_regular

MAX_BYTES = 40_000_000_000  # of a file: four gigapixels of 16 bits with alpha are 32 GB

_CONTENTS: dict[str, Callable[[memoryview], Content]] = {
    "PNG": png_content,
    "JPEG": jpeg_content,
    "GIF": gif_content,
    "WEBP": webp_content,
}
_APART = ("AVIF", "HEIF", *FILMS)  # formats that are always decoded in a process of their own
_STILL = ("JPEG", "BMP")
_TALKATIVE = "libtiff"  # the decoder that writes to standard error


def decode(source: str, path: Path, size: int, frame: int = 0) -> Decoded:
    """Decode a file into sRGB and alpha, with pixels enough for a copy of `size` on the longest side.

    frame: of what moves or has pages; the first is 0. Raises TargetError, whose sentence begins with
    `source`.
    """
    with decoded(source, path, size, frame) as found:
        return found if isinstance(found, Decoded) else found.held()


@contextmanager
def decoded(
    source: str, path: Path, size: int, frame: int = 0, room: Path | None = None
) -> Iterator[Decoded | Streamed]:
    """The same; what libvips has read lies in a file, until the block ends.

    room: a folder for that, if it is to be on a disk.
    """
    with ExitStack() as stack:
        with refusing(source), open_regular(path, MAX_BYTES) as file:
            found = _found(source, path, file, size, frame, room, stack)
        yield found


def _found(
    source: str, path: Path, file: BinaryIO, size: int, frame: int, room: Path | None, stack: ExitStack
) -> Decoded | Streamed:
    """stack: that closes the answer's file."""
    kind = told(file.read(HEAD_BYTES))
    if hint := missing(kind):
        raise TargetError(f"{source}: is in the format {name_of(kind)}, which can't be read yet; {hint}.")
    if kind in _STILL:
        check_number(source, frame, 1)
    if kind not in _APART and not frame:
        with suppress(_Apart):
            return _decoded_here(source, file, kind, size)
    asked = apart.ask(__name__, decode_apart.__name__, file, source, str(path), kind, size, frame, room=room)
    answer = stack.enter_context(asked)
    facts = answer.facts
    if "refusal" in facts:
        raise TargetError(source + facts["refusal"])
    remarks = tuple(facts.pop("remarks"))
    if answer.words:
        said = (
            f"was decoded, but may be damaged; look whether the picture is as it should be ({answer.words})"
        )
        remarks = (*remarks, said)
    if "profile" in facts:
        profile = None if facts["profile"] is None else base64.b64decode(facts["profile"])
        where = answer.file, answer.places[0]
        return Streamed(*where, profile, facts["orientation"], tuple(facts["size"]), remarks)
    colour, *others = map(answer.plane, answer.places)
    return Decoded(colour, others[0] if others else None, **facts, remarks=remarks)


class _Apart(Exception):  # noqa: N818 - it is no error
    """A picture is not to be decoded in this process."""


def _decoded_here(source: str, file: BinaryIO, kind: str, size: int) -> Decoded:
    """A picture that is decoded in this process; _Apart for others."""
    content = _content(file, kind)
    try:
        with _opened(content, kind) as image:
            if image.width * image.height > LARGE or _decoder(image) == _TALKATIVE:
                raise _Apart
            return _decoded(source, image, content, size)
    except Image.DecompressionBombError as exc:  # which Pillow takes for one
        raise _Apart from exc
    except UnidentifiedImageError as exc:
        if kind == "TIFF":
            raise _Apart from exc
        raise


def _decoder(image: Image.Image) -> str:
    """Pillow's name of the decoder of an opened picture."""
    tiles = getattr(image, "tile", [])
    return tiles[0][0] if tiles else ""


def decode_apart(
    file: BinaryIO, source: str, path: str, kind: str, size: int, frame: int
) -> tuple[dict[str, Any], list[Image.Image | apart.Stream]]:
    """The same in a process of its own: what is found beside its planes, and these."""
    Image.MAX_IMAGE_PIXELS = None  # of this process: ours is looked at
    try:
        with refusing(source):
            if has_murals() and (samples := _samples_of_mural(file, kind, frame)) is not None:
                with suppress(mural.NoMuralError):
                    content = _content(file, kind)
                    facts, stream = mural.streamed(source, content, kind, frame, size, samples)
                    return facts, [stream]
            found = _frame(source, file, Path(path), kind, size, frame)
    except TargetError as error:
        return {"refusal": str(error).removeprefix(source)}, []  # names may be no text
    planes = [found.colour] if found.alpha is None else [found.colour, found.alpha]
    facts = {name: getattr(found, name) for name in ("box", "orientation", "size", "remarks")}
    return facts, [*planes]


def stored_size(file: BinaryIO, kind: str) -> tuple[int, int]:
    """(width, height) of a file's first picture as it says itself, before anything is decoded.

    Raises whatever decoders raise.
    """
    try:
        with _opened(_content(file, kind), kind) as image:
            return image.size
    except (UnidentifiedImageError, SyntaxError):
        if kind != "TIFF":
            raise
    return page_size(file_of(_mapped(file)))


def first_picture(source: str, file: BinaryIO, kind: str, size: int) -> Decoded:
    """That of a file which is no film, as `decode` does it, but here; raises whatever decoders raise, too."""
    return _frame(source, file, Path(), kind, size, 0)


def _samples_of_mural(file: BinaryIO, kind: str, frame: int) -> str | None:
    """Pillow's name of how a pixel is stored, "" where it can't tell; None of what is not read in pieces.

    So is read what is so large, as far as Pillow can tell.
    """
    if kind not in MURALS or (frame and kind != "TIFF"):
        return None
    try:
        with _opened(_content(file, kind), kind) as image:
            image.seek(frame)
            is_large = image.width * image.height > large.LARGE
            if not is_large or (kind == "TIFF" and image.mode == "YCbCr"):  # which libvips takes for RGB
                return None
            tiles = getattr(image, "tile", [])
            arguments = tiles[0][3] if tiles else ""
            return arguments if isinstance(arguments, str) else str((*(arguments or ()), "")[0])
    except (OSError, SyntaxError, EOFError):
        return "" if kind == "TIFF" else None


def _frame(source: str, file: BinaryIO, path: Path, kind: str, size: int, frame: int) -> Decoded:
    """One picture of any file."""
    if kind in FILMS:
        return _decoded(source, film_frame(source, path, kind, frame), Content(file, orientation=1), size)
    content = _content(file, kind)
    if frame and kind != "TIFF":
        image, profile = moving_frame(source, content.pixels, frame)
        return _decoded(source, image, replace(content, profile=content.profile or profile), size)
    try:
        with _opened(content, kind) as image:
            if frame:
                check_number(source, frame, getattr(image, "n_frames", 1))
                image.seek(frame)
            return _decoded(source, image, content, size)
    except (UnidentifiedImageError, SyntaxError):
        if kind != "TIFF":
            raise
    image, profile, orientation = read_page(source, file_of(_mapped(file)), frame)
    return _decoded(source, image, Content(file, profile, orientation=orientation), size)


def _content(file: BinaryIO, kind: str) -> Content:
    """What a file holds."""
    file.seek(0)
    if kind in _CONTENTS:
        return _CONTENTS[kind](_mapped(file))
    return Content(file, coding=coding_of(_mapped(file)) if kind in ("AVIF", "HEIF") else None)


def _mapped(file: BinaryIO) -> memoryview:
    """The bytes of a file, which are read when they are looked at."""
    return memoryview(mmap(file.fileno(), 0, access=ACCESS_READ))


def _opened(content: Content, kind: str) -> Image.Image:
    """A picture, not decoded yet."""
    if not kind:
        raise UnidentifiedImageError
    if kind == "HEIF":
        import_module("pillow_heif").register_heif_opener(thumbnails=False)
    elif kind == "AVIF":
        import_module("PIL.AvifImagePlugin")  # which Pillow doesn't by itself without all the others
    try:
        return Image.open(content.pixels, formats=(kind,))
    except UnidentifiedImageError as exc:
        raise UnidentifiedImageError(name_of(kind)) from exc


def _decoded(source: str, image: Image.Image, content: Content, size: int) -> Decoded:
    """An opened picture, decoded."""
    check_size(source, *image.size, kind=image.format or "")
    check_scans(source, content)
    declared = image.size
    # A JPEG can be decoded at 1/2, 1/4 or 1/8. Three pixels for each one of the copy are left for
    # Lanczos, which no eye can tell from all of them.
    width, height = fit(declared, size)
    draft = image.draft(None, (3 * width, 3 * height))
    image.load()
    remarks = _remarks(source, image, content, declared)
    if content.screen and content.screen != image.size:
        image = image.crop((0, 0, *content.screen))
    if draft is None:
        declared = image.size  # Pillow itself turns a TIFF upright while it loads it
    box = draft[1] if draft else (0, 0, *declared)
    profile = content.profile or image.info.get("icc_profile")
    if not profile and content.coding:
        profile = content.coding.profile()
    orientation = content.orientation or _orientation(image)
    number = reduction(*image.size, size)
    colour, alpha = separate(image) if number == 1 else reduced(image, number)
    if image.format == "BMP" and alpha is not None and alpha.getextrema()[1] == 0:
        alpha = None  # as all viewers do: programs leave it empty
    x0, y0, x1, y1 = (side / number for side in box)
    return Decoded(to_srgb(colour, profile), alpha, (x0, y0, x1, y1), orientation, declared, remarks)


def _remarks(source: str, image: Image.Image, content: Content, declared: tuple[int, int]) -> tuple[str, ...]:
    """What is odd about a picture; TargetError for a JPEG that lacks more than its last bytes."""
    remarks = []
    if content.scans:
        share = share_there(image, content.scans, declared[0] / image.width)
        if share < ENOUGH:
            there = f"{100 * share:.0f}% of its rows are" if share else "only a rough form of it is"
            raise TargetError(f"{source}: cut short, {there} there; copy it anew.")
        if not content.scans.is_ended:
            remarks.append(f"is cut short, {lack_of(content.scans, share)}; copy it anew")
    return (*remarks, *remarks_on_colours(content))


def _orientation(image: Image.Image) -> int:
    """Return the EXIF orientation; a picture whose EXIF data is garbage is taken to be upright."""
    try:
        orientation = image.getexif().get(ExifTags.Base.Orientation, 1)
    except Exception:
        # As for a broken profile: the pixels are intact, every viewer shows them, the user can't mend it.
        return 1
    return orientation if orientation in TURNS else 1
