"""A picture as a Deep Zoom image: a folder of small tiles, and a page that shows it at any scale.

The folder NAME has NAME.dzi and NAME_files, which is what viewers of Deep Zoom images such as OpenSeadragon
read, and index.html, which needs nothing but a browser.
"""

from __future__ import annotations

import io
import json
from collections.abc import Mapping
from contextlib import closing
from functools import partial
from html import escape
from importlib.resources import files
from pathlib import Path
from string import Template

from PIL import Image

from engine.export.bands import Watch, channels_of
from engine.export.lossy import FINE, LOSSLESS
from engine.export.metadata import PROGRAM
from engine.export.pyramid import TILE, Encode, Size, in_tiles, levels_of
from engine.image.pixels import Pixels, encode_png
from engine.scene.scene import Drawable
from engine.storage.zoom_folder import PAGE, Names

DESCRIPTOR = (
    '<?xml version="1.0" encoding="UTF-8"?>\n'
    '<Image xmlns="http://schemas.microsoft.com/deepzoom/2008" Format="{form}" Overlap="0" '
    'TileSize="{tile}">\n  <Size Width="{width}" Height="{height}"/>\n</Image>\n'
)


def write_deep_zoom(
    folder: Path,
    names: Names,
    outlines: Drawable,
    texts: Mapping[str, str],
    quality: int,
    watch: Watch = lambda rows: None,
) -> None:
    """Write what outlines draw into an empty folder; OSError.

    texts: "Title" and "Description". quality: of JPEG, 1 to 99; 100 means PNG, as does transparency.
    """
    height, width = outlines.height, outlines.width
    suffix, encode = _encoder(channels_of(outlines), quality)
    levels = levels_of(height, width, 1)
    last = len(levels) - 1  # whose number of the finest level; 0 is a single pixel
    inner = folder / names.tiles
    inner.mkdir()
    for level in range(len(levels)):
        (inner / str(level)).mkdir()
    with closing(in_tiles(outlines, levels, encode, watch)) as tiles:
        for tile in tiles:
            path = inner / str(last - tile.level) / f"{tile.column}_{tile.row}.{suffix}"
            path.write_bytes(tile.content)
    (folder / names.descriptor).write_text(
        DESCRIPTOR.format(form=suffix, tile=TILE, width=width, height=height), "utf-8"
    )
    (folder / PAGE).write_text(_page(names, levels, suffix, channels_of(outlines) == 4, texts), "utf-8")


def _encoder(channels: int, quality: int) -> tuple[str, Encode]:
    """The suffix of tiles, and what makes them."""
    if channels == 4 or quality >= LOSSLESS:
        return "png", encode_png
    return "jpg", partial(_jpeg, quality)


def _jpeg(quality: int, pixels: Pixels) -> bytes:
    content = io.BytesIO()
    sampling = "4:4:4" if quality >= FINE else "4:2:0"
    Image.fromarray(pixels).save(content, "JPEG", quality=quality, subsampling=sampling)
    return content.getvalue()


def _page(names: Names, levels: list[Size], suffix: str, alpha: bool, texts: Mapping[str, str]) -> str:
    """The page; it begins with the largest level that is a single tile."""
    last = len(levels) - 1
    first = last - next(level for level, size in enumerate(levels) if max(size) <= TILE)
    (height, width), title = levels[0], texts.get("Title", "")
    facts = {
        "width": width,
        "height": height,
        "tile": TILE,
        "first": first,
        "last": last,
        "folder": names.url,
        "suffix": suffix,
        "alpha": alpha,
    }
    page = Template(files("engine.export").joinpath("viewer.html").read_text(encoding="utf-8"))
    return page.substitute(
        program=escape(PROGRAM),
        title=escape(title),
        description=escape(texts.get("Description", "")),
        size=f"{width:,} × {height:,}",
        whole=escape(f"{names.url}/{first}/0_0.{suffix}"),
        facts=json.dumps(facts).replace("<", "\\u003c"),
    )
