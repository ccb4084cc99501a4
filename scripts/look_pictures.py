"""The pictures of the looks that visitors choose from, all of one motif, and small copies of the samples."""

from __future__ import annotations

import subprocess
import sys
import tempfile
from collections.abc import Iterator
from io import BytesIO
from itertools import product
from pathlib import Path

import yaml
from PIL import Image

from engine.image.samples import sample_files
from engine.spec.presets import read_preset

WEB = Path(__file__).parent.parent / "engine" / "web"
OFFERED = yaml.safe_load((WEB / "offered.yaml").read_text("utf-8"))
NOBODY = {"XDG_CONFIG_HOME": "/nowhere"}  # whose own presets are none of ours
MOTIF = "astronaut", (66, 0, 406, 340)  # a sample, and what of it: left, top, right, bottom
USUAL_SIDE = 512  # pixels that a picture is painted at
SIDE, SAMPLE_SIDE = 320, 240  # pixels of what is made
MOST_BYTES = 15_000  # of a picture
GOOD, PASSABLE = range(88, 59, -4), range(56, 20, -4)  # qualities of WebP
SHARES = (1.0, 0.9, 0.8, 0.75)  # of its size, where no quality does
GREYS = (16, 8, 6, 4)  # of ink, which dots and lines are sharper with than without any loss of tones
MOST_MARKS = 4000  # more of them are not seen on so small a picture


def main(wanted: list[str]) -> None:
    """Make those of the looks that are named, or of all, and those of the samples."""
    for folder in ("looks", "samples"):
        (WEB / "static" / folder).mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory() as scratch:
        motif = Path(scratch, "motif.png")
        name, box = MOTIF
        _opened(sample_files()[name]).crop(box).save(motif)
        for look in wanted or OFFERED["looks"]:
            run = Path(scratch, look)
            command = (sys.executable, "-m", "engine", "render", motif, "--preset", look)
            flags = ("--result-size", SIDE, "--no-film", "--out", run, *_fewer(look))
            subprocess.run(list(map(str, (*command, *flags))), check=True)
            _save(_opened(run / "result.png"), WEB / "static" / "looks" / f"{look}.webp")
    for name in OFFERED["samples"]:
        _save(_square(_opened(sample_files()[name])), WEB / "static" / "samples" / f"{name}.webp")


def _fewer(look: str) -> tuple[str, ...]:
    """Flags for shapes as large as in a picture of the usual size, of which the motif is a part."""
    setting = read_preset(look, NOBODY).settings.get("painter.count")
    if setting is None:
        return ()
    left, top, right, bottom = MOTIF[1]
    share = (right - left) * (bottom - top) / USUAL_SIDE**2
    return ("--count", str(min(round(int(str(setting.value)) * share), MOST_MARKS)))


def _opened(path: Path) -> Image.Image:
    """A picture in colour, on white where it is clear."""
    with Image.open(path) as picture:
        ground = Image.new("RGBA", picture.size, "white")
        ground.alpha_composite(picture.convert("RGBA"))
    return ground.convert("RGB")


def _square(picture: Image.Image) -> Image.Image:
    """What is in the middle of a picture, of SAMPLE_SIDE."""
    side = min(picture.size)
    left, top = ((each - side) // 2 for each in picture.size)
    size = SAMPLE_SIDE, SAMPLE_SIDE
    return picture.resize(size, Image.Resampling.LANCZOS, (left, top, left + side, top + side))


def _save(picture: Image.Image, path: Path) -> None:
    """As WebP, as good and as large as MOST_BYTES allow."""
    content = next(each for each in _packed(picture) if len(each) < MOST_BYTES)
    path.write_bytes(content)
    print(f"{path.name}: {len(content):,} bytes")


def _packed(picture: Image.Image) -> Iterator[bytes]:
    """Ways to pack a picture, the best first."""
    for share, quality in product(SHARES, GOOD):
        yield _as_webp(_reduced(picture, share), quality=quality)
    small = _reduced(picture, SHARES[-1])
    is_grey = all(channel.tobytes() == small.getchannel(0).tobytes() for channel in small.split())
    for number in GREYS if is_grey else ():
        tones = small.quantize(number, dither=Image.Dither.NONE).convert("RGB")
        yield _as_webp(tones, quality=100, lossless=True)
    for quality in PASSABLE:
        yield _as_webp(small, quality=quality)


def _reduced(picture: Image.Image, share: float) -> Image.Image:
    size = round(picture.width * share), round(picture.height * share)
    return picture.resize(size, Image.Resampling.LANCZOS)


def _as_webp(picture: Image.Image, **settings: int) -> bytes:
    content = BytesIO()
    picture.save(content, "WEBP", method=6, **settings)
    return content.getvalue()


if __name__ == "__main__":
    main(sys.argv[1:])
