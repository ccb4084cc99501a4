"""The sentences that refuse a picture."""

from __future__ import annotations

import errno
import logging
import threading
import warnings
from collections.abc import Iterator
from contextlib import contextmanager

from PIL import Image, UnidentifiedImageError

from engine.errors import SpaceError, TargetError, reason
from engine.image.containers.content import Content
from engine.image.containers.jpeg import MAX_SCANS
from engine.image.formats import EXTRA, MURALS, PACKAGES, READABLE, has_murals
from engine.installation import to_add

MAX_PIXELS = 500_000_000
MOST_PIXELS = 4_000_000_000  # of those that are read piece by piece
MAX_SIDE = 200_000  # pixels; what is thinner than a hair takes Pillow 2 GB to scale down

_HDR = "is of a high dynamic range; what is brighter than white paper is as white as that"

# Warnings are silenced for the whole process: two threads would put back each other's silence.
_one_at_a_time = threading.Lock()


@contextmanager
def refusing(source: str) -> Iterator[None]:
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
        raise TargetError(too_large(source)) from exc
    except UnidentifiedImageError as exc:
        raise TargetError(f"{source}: {_not_a_picture(str(exc))}") from exc
    except MemoryError as exc:
        raise TargetError(no_memory(source)) from exc
    except Exception as exc:
        if isinstance(exc, OSError) and exc.errno == errno.ENOSPC:
            raise SpaceError(no_space(source)) from exc
        raise TargetError(f"{source}: {_what_failed(exc)}.") from exc


@contextmanager
def _logging_unprinted() -> Iterator[None]:
    """Keep what libraries log from standard error, where logging puts it when nobody has set it up."""
    loggers, handler = [logging.getLogger(name) for name in ("PIL", "tifffile")], logging.NullHandler()
    for logger in loggers:
        logger.addHandler(handler)
    try:
        yield
    finally:
        for logger in loggers:
            logger.removeHandler(handler)


def _not_a_picture(kind: str) -> str:
    """The end of a sentence about what no decoder takes; kind: what it begins like, if anything."""
    if kind:
        return f"begins like {kind}, but is damaged or of a rare kind; copy it anew, or convert it."
    return f"not a {READABLE} picture that I can read; convert it, or copy it anew."


def no_memory(source: str) -> str:
    """The sentence about a picture that there is no room for."""
    return f"{source}: too large for this machine's memory; close other programs, or scale it down first."


def no_space(source: str) -> str:
    """The sentence about a picture that the disk has no room for."""
    return f"{source}: there is no space left on the disk for the copy that is worked on; free some."


def too_large(source: str, kind: str = "") -> str:
    """The sentence about a picture above the limit; kind: Pillow's name of its format."""
    mend = "scale it down first"
    if kind in MURALS and not has_murals():
        mend = f"run {to_add(EXTRA, PACKAGES)}, with which it is read piece by piece, or {mend}"
    return (
        f"{source}: more than {MAX_PIXELS // 10**6} megapixels, which take more memory to decode than most "
        f"machines have; {mend}."
    )


def check_size(source: str, width: int, height: int, kind: str = "") -> None:
    """TargetError for a picture that would take too much memory or time; kind: as of `too_large`."""
    if width * height > MAX_PIXELS:
        raise TargetError(too_large(source, kind))
    check_sides(source, width, height)


def check_mural(source: str, width: int, height: int) -> None:
    """The same for a picture that is never whole in memory."""
    if width * height > MOST_PIXELS:
        raise TargetError(f"{source}: more than {MOST_PIXELS // 10**9} gigapixels; scale it down first.")
    check_sides(source, width, height)


def check_sides(source: str, width: int, height: int) -> None:
    """TargetError for a picture that is too long or too wide."""
    if max(width, height) > MAX_SIDE:
        raise TargetError(
            f"{source}: more than {MAX_SIDE:,} pixels on a side; scale it down or cut it first."
        )


def check_scans(source: str, content: Content) -> None:
    """TargetError for a JPEG that says of itself that it would take too much time."""
    if content.scans and content.scans.count > MAX_SCANS:
        raise TargetError(f"{source}: a JPEG of more than {MAX_SCANS} scans; save it anew, as a plain one.")


def remarks_on_colours(content: Content) -> tuple[str, ...]:
    """What is odd about a picture's colours, after its name."""
    is_odd = content.coding and content.coding.is_hdr and not content.profile
    return (_HDR,) if is_odd else ()


def _what_failed(exc: Exception) -> str:
    """What is wrong with a file, and how to mend it.

    Decoders raise whatever they stumble over: OSError, SyntaxError, struct.error, KeyError...
    """
    code = exc.errno if isinstance(exc, OSError) and not isinstance(exc, ChildProcessError) else None
    if code == errno.EFBIG:
        return f"{reason(exc)}; scale it down first"
    if code == errno.EINVAL:
        return f"{reason(exc)}; save the picture to an ordinary file first"
    if code is not None:
        return f"can't be read ({reason(exc)}); check its permissions"
    return f"damaged or cut short ({reason(exc)}); save or copy it anew"
