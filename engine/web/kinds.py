"""The files of a painting that a visitor may ask for: what each is, and which command makes it."""

from __future__ import annotations

import re
import struct
import unicodedata
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path

from engine.storage.files import opened
from engine.storage.run_folder import FILM, PNG, PREVIEW, SVG
from engine.web.options import PICTURE

SPEC = "spec.yaml"
VPYPE = "vpype_cli"  # the module without which there is nothing for plotters
SHARED_SIDE = 2048  # the longest side of a picture that is shared, pixels
LEAST_SIDE = 16
MOST_STEM = 60  # characters of a downloaded file's name, without what it is
_PAPER = ("--page", "a4", "--margin", "15mm")  # of a plotter


@dataclass(frozen=True)
class Kind:
    """One file."""

    about: str
    media: str  # its media type
    ending: str  # of the name that it is downloaded by
    own: str | None = None  # the file of the run's folder that is the same
    command: tuple[str, ...] = ()  # what makes it: a command and its flags, before `-o FILE`
    is_sized: bool = False  # whether it can be had at another size
    is_shown: bool = True  # whether browsers show it
    is_shared: bool = False  # whether whoever a painting is shown to may have it
    needs: str | None = None  # a module that not every installation has

    @property
    def suffix(self) -> str:
        """Of its file."""
        return self.ending[self.ending.rindex(".") :]


KINDS: dict[str, Kind] = {
    PICTURE: Kind("the picture that was sent, without what it said of itself", "image/png", "-picture.png"),
    PREVIEW: Kind("the newest state, small", "image/png", "-preview.png", PREVIEW, is_shared=True),
    PNG: Kind(
        "the painting, at any size",
        "image/png",
        ".png",
        PNG,
        ("export", "--format", "png"),
        is_sized=True,
        is_shared=True,
    ),
    SVG: Kind("the painting as vectors", "image/svg+xml", ".svg", SVG, ("export", "--format", "svg")),
    "result.pdf": Kind("a page of vectors", "application/pdf", ".pdf", command=("export", "--format", "pdf")),
    "result.json": Kind(
        "the shapes themselves",
        "application/json",
        ".json",
        command=("export", "--format", "json"),
        is_shown=False,
    ),
    "plot.svg": Kind(
        "lines for a pen plotter, on A4",
        "image/svg+xml",
        "-plot.svg",
        command=("export", "--format", "plotter", *_PAPER),
        needs=VPYPE,
    ),
    "plot.hpgl": Kind(
        "lines for a pen plotter that reads HPGL, on A4",
        "application/vnd.hp-hpgl",
        "-plot.hpgl",
        command=("export", "--format", "hpgl", *_PAPER),
        is_shown=False,
        needs=VPYPE,
    ),
    "film.mp4": Kind(
        "how it came to be",
        "video/mp4",
        ".mp4",
        f"{FILM}.mp4",
        ("film", "--format", "mp4"),
        is_shared=True,
    ),
    "film.gif": Kind(
        "how it came to be, small enough to be sent to somebody",
        "image/gif",
        ".gif",
        command=("film", "--format", "gif", "--size", "480", "--fps", "20", "--max-bytes", "8M"),
        is_shared=True,
    ),
    SPEC: Kind(
        "all settings, to paint it again with tessera render",
        "application/yaml",
        ".yaml",
        is_shown=False,
    ),
}
WHILE_PAINTED = (PICTURE, PREVIEW)  # what there is before anything is finished


def is_possible(kind: Kind) -> bool:
    """Whether this installation has what it needs."""
    return kind.needs is None or find_spec(kind.needs) is not None


def download_name(job_name: str, manner: str, kind: Kind, size: int | None = None) -> str:
    """What a file is called on a visitor's disk, such as "astronaut-portrait-2000.png"; no path in it.

    job_name: a visitor's text. manner: a preset, or a painter.
    """
    stem = stem_of(job_name)
    if kind is KINDS[PICTURE]:
        return f"{stem}{kind.ending}"
    pixels = f"-{size}" if size else ""
    return f"{stem}-{_plain(manner)}{pixels}{kind.ending}"


def stem_of(name: str) -> str:
    """A visitor's text as the beginning of a file's name: letters and digits, and dashes between them."""
    without = re.sub(r"\.[A-Za-z0-9]{1,5}$", "", name)
    return _plain(unicodedata.normalize("NFC", without)) or "painting"


def disposition(name: str, is_attached: bool) -> str:
    """The header Content-Disposition for a name of `download_name`: in ASCII, and as it is (RFC 6266)."""
    kind = "attachment" if is_attached else "inline"
    if name.isascii():
        return f'{kind}; filename="{name}"'
    stem, _, suffix = name.rpartition(".")
    plain = re.sub("-+", "-", unicodedata.normalize("NFKD", stem).encode("ascii", "ignore").decode())
    encoded = "".join(_encoded(character) for character in name)
    return f"{kind}; filename=\"{plain.strip('-') or 'painting'}.{suffix}\"; filename*=UTF-8''{encoded}"


def _plain(text: str) -> str:
    kept = "".join(each if each.isalnum() or unicodedata.combining(each) else "-" for each in text)
    return re.sub("-+", "-", kept)[:MOST_STEM].strip("-")


def _encoded(character: str) -> str:
    if character.isascii() and (character.isalnum() or character in "-._"):
        return character
    return "".join(f"%{byte:02X}" for byte in character.encode("utf-8", "replace"))


def longest_side(png: Path) -> int:
    """Pixels of a PNG, as its first bytes say; 0 for a file that isn't there or is no PNG."""
    try:
        with opened(png.parent, png.name) as file:
            start = file.read(24)
    except OSError:
        return 0
    is_png = start[:8] == b"\x89PNG\r\n\x1a\n" and len(start) == 24
    return max(struct.unpack(">II", start[16:])) if is_png else 0
