"""The formats of pictures that can be read, and how a file is told to be one: by its content."""

from __future__ import annotations

from dataclasses import dataclass
from importlib.util import find_spec

from PIL import features

from engine.installation import to_add

READABLE = "PNG, JPEG, WebP, TIFF, BMP, GIF, AVIF or HEIC"
_AVIF_HINT = "install a Pillow that reads AVIF (11.3 or later, from its wheel)"


EXTRA, PACKAGES = "murals", ("pyvips", "pyvips-binary")
MURALS = ("PNG", "JPEG", "TIFF")  # formats that the extra reads piece by piece


@dataclass(frozen=True)
class Format:
    """A format of pictures or films."""

    name: str
    suffixes: tuple[str, ...]  # as files of it are mostly called
    has_frames: bool = False  # whether it can move, or have pages
    hint: str = ""  # what to do before it can be read; "" when it can


_FORMATS = {
    "PNG": Format("PNG", (".png", ".apng"), has_frames=True),
    "JPEG": Format("JPEG", (".jpg", ".jpeg", ".jpe", ".jfif")),
    "WEBP": Format("WebP", (".webp",), has_frames=True),
    "TIFF": Format("TIFF", (".tif", ".tiff"), has_frames=True),
    "BMP": Format("BMP", (".bmp",)),
    "GIF": Format("GIF", (".gif",), has_frames=True),
    "AVIF": Format("AVIF", (".avif", ".avifs"), has_frames=True),
    "HEIF": Format("HEIC", (".heic", ".heif", ".hif"), has_frames=True),
    "MP4": Format("MP4", (".mp4", ".m4v", ".mov"), has_frames=True),
    "WEBM": Format("WebM", (".webm", ".mkv"), has_frames=True),
}
FILMS = {"MP4": "mov", "WEBM": "matroska"}  # what ffmpeg calls their demuxers

_HEADS = {
    b"\x89PNG\r\n\x1a\n": "PNG",
    b"\xff\xd8\xff": "JPEG",
    b"GIF87a": "GIF",
    b"GIF89a": "GIF",
    b"BM": "BMP",
    **dict.fromkeys((b"II*\0", b"MM\0*", b"II+\0", b"MM\0+"), "TIFF"),
    b"\x1a\x45\xdf\xa3": "WEBM",
}
_BRANDS = {
    **dict.fromkeys((b"avif", b"avis"), "AVIF"),
    **dict.fromkeys((b"heic", b"heix", b"hevc", b"hevx", b"heim", b"heis", b"hevm", b"hevs"), "HEIF"),
}
_GENERAL = (b"mif1", b"msf1", b"mif2", b"miaf")  # say that there are pictures, not how they are coded
_ATOMS = (b"ftyp", b"moov", b"mdat", b"wide", b"free", b"skip")  # that films begin with
HEAD_BYTES = 64  # that a format is told by


def told(head: bytes) -> str:
    """Pillow's name of the format that a file begins like, or one of FILMS; "" for none of them.

    head: the first HEAD_BYTES.
    """
    if head[:4] == b"RIFF" and head[8:12] == b"WEBP":
        return "WEBP"
    if head[4:8] == b"ftyp":
        brands = [head[8:12], *(head[at : at + 4] for at in range(16, min(len(head), _length(head)), 4))]
        found = next((_BRANDS[brand] for brand in brands if brand in _BRANDS), None)
        return found or ("HEIF" if brands[0] in _GENERAL else "MP4")
    if head[4:8] in _ATOMS:
        return "MP4"
    return next((name for begin, name in _HEADS.items() if head.startswith(begin)), "")


def _length(head: bytes) -> int:
    return int.from_bytes(head[:4], "big")


def name_of(kind: str) -> str:
    """What people call a format that `told` has told."""
    return _FORMATS[kind].name if kind in _FORMATS else kind


def missing(kind: str) -> str:
    """What to do before pictures of a format can be read here; "" when they can."""
    if kind == "HEIF" and find_spec("pillow_heif") is None:
        return f"run {to_add('heic', ['pillow-heif'])}"
    if kind == "AVIF" and not features.check("avif"):
        return _AVIF_HINT
    return ""


def has_murals() -> bool:
    """Whether the extra is installed."""
    return find_spec("pyvips") is not None


def readable_formats() -> tuple[Format, ...]:
    """All formats that a target can have, with what to do for those that can't be read here."""
    return tuple(
        Format(entry.name, entry.suffixes, entry.has_frames, missing(kind))
        for kind, entry in _FORMATS.items()
    )
