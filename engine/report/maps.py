"""Where in the picture: how large the error is in each pixel, and how much work each tile got."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from engine.grid import PLAIN, Grid, Tile
from engine.image.bands import row_bands
from engine.image.metric import FINENESS, squared_errors
from engine.image.pixels import Pixels
from engine.report.data import ReportData
from engine.report.images import embedded, grey, paletted, sized
from engine.report.plots import Linear, legend, ramp, step, to_hex
from engine.scene.scene import scaled

MOST_TILES = 1024  # that are shown; more are too small to be seen


def error_map(drawn: Pixels, target: Pixels) -> NDArray[np.float32]:
    """The error of each pixel, (height, width): the root of the mean of their squares is the picture's."""
    height, width, channels = target.shape
    errors = np.empty((height, width), np.float32)
    for rows in row_bands(height, width):
        if channels == 4:
            squares = squared_errors(drawn[rows], target[rows])[..., 0] / FINENESS
        else:
            squares = np.square(np.subtract(drawn[rows], target[rows], dtype=np.float32)).sum(axis=2)
        errors[rows] = np.sqrt(squares / 3) / 255
    return errors


def shrunk(errors: NDArray[np.float32], height: int, width: int) -> NDArray[np.float32]:
    """A map at a smaller size: each of its pixels has the error of those that it stands for together."""
    squares = Image.fromarray(np.square(errors))
    return np.sqrt(np.asarray(squares.resize((width, height), Image.Resampling.BOX)))


@dataclass(frozen=True)
class Share:
    """What a tile got of all the work."""

    tile: Tile
    share: float  # of the evaluations
    density: float  # evaluations for each of its pixels, over the mean of the picture


def shares(spent: NDArray[np.float64], grid: Grid) -> list[Share]:
    """The shares of the tiles of the finest grid, or of a coarser one where they would be too many.

    spent: evaluations in each cell of the grid's lattice.
    """
    levels = [level for level, (rows, cols) in enumerate(grid.levels) if rows * cols <= MOST_TILES]
    tiles = grid.tiles(levels[-1], PLAIN)
    found = np.array([spent[grid.cells(tile)].sum() for tile in tiles]) / spent.sum()
    area = grid.height * grid.width
    return [
        Share(tile, float(share), float(share) * area / (tile.height * tile.width))
        for tile, share in zip(tiles, found, strict=True)
    ]


MAP_SIDE = 1024  # pixels of the longest side of a map, at most
TINY = 200  # pixels below which they are shown as squares
HIGHEST = 99.5  # percent of the pixels have a smaller error than the brightest colour stands for
LABEL = 0.16  # of a tile's side: the height of its label
FEW = 8  # rows and columns up to which tiles are labelled
ROUND = (1, 1.5, 2, 3, 4, 5, 6, 8, 10)


def error_figure(data: ReportData) -> str:
    """How far each pixel is from the target."""
    height, width = data.target.shape[:2]
    errors = error_map(data.drawn, data.target)
    middle, most = np.percentile(errors, [50, 95])
    if max(height, width) > MAP_SIDE:
        errors = shrunk(errors, *scaled(height, width, MAP_SIDE))
    scale = Linear(0.0, ceiling(float(np.percentile(errors, HIGHEST))))
    image = paletted(step(errors / np.float32(scale.high)), ramp())
    look = "map tiny" if max(image.size) < TINY else "map"
    size = f'width="{image.width}" height="{image.height}"'
    return f"""<figure><img class="{look}" src="{embedded(image)}" {size}
 alt="The error of each pixel, dark where it is small">
{legend(scale, "errors", "The colours of the errors", last="≥ ")}
<figcaption><b>Error of each pixel</b> (RMSE, 0 to 1). Half of the pixels are within {middle:.3f} of the
target, 95% within {most:.3f}.</figcaption></figure>"""


def work_figure(data: ReportData) -> str:
    """Which part of the work each tile got."""
    if data.spent is None:
        return "<p>Where the evaluations went is not known: this run was made before that was kept.</p>"
    if not data.spent.any():
        return "<p>No work has been done yet.</p>"
    found = shares(data.spent, data.grid)
    if len(found) == 1:
        return "<p>The picture is a single tile, so all of the work went there.</p>"
    scale = Linear(0.0, ceiling(max(share.density for share in found)))
    known = float(data.spent.sum()) / (data.evaluations or 1)
    part = "" if known > 0.99 else f" This is of the last {known:.0%} of the work; before, it was not kept."
    return f"""<figure>{_tiles(data, found, scale)}
{legend(scale, "work", "The colours of the shares of work", unit="×")}
<figcaption><b>Work of each tile</b>: evaluations for each pixel, as a multiple of the mean.
{_extremes(found)}{part}</figcaption></figure>"""


def ceiling(value: float) -> float:
    """The next round number from a value on; for 0 a small one."""
    if value <= 0:
        return 0.01
    unit = 10.0 ** math.floor(math.log10(value))
    return next(float(f"{digit * unit:.4g}") for digit in ROUND if digit * unit >= value * (1 - 1e-9))


def _tiles(data: ReportData, found: Sequence[Share], scale: Linear) -> str:
    """The tiles over the target in grey, as SVG in target pixels."""
    height, width = data.scene.height, data.scene.width
    seen = grey(data.target)
    if max(seen.size) > MAP_SIDE:
        seen = sized(seen, *scaled(height, width, MAP_SIDE)[::-1])
    colours = ramp()[step(np.array([scale.share(share.density) for share in found]))]
    return "\n".join(
        [
            f'<svg class="map" viewBox="0 0 {width} {height}" preserveAspectRatio="xMinYMin" '
            'role="img" aria-label="The work of each tile">',
            *(_tile(share, to_hex(colour)) for share, colour in zip(found, colours, strict=True)),
            f'<image href="{embedded(seen)}" width="{width}" height="{height}" preserveAspectRatio="none"/>',
            *map(_label, found if _are_few(found) else ()),
            "</svg>",
        ]
    )


def _tile(share: Share, colour: str) -> str:
    tile = share.tile
    about = f"{_where(tile)}: {share.share:.1%} of all, {share.density:.2f} times the mean"
    return (
        f'<rect x="{tile.x0}" y="{tile.y0}" width="{tile.width}" height="{tile.height}" fill="{colour}">'
        f"<title>{about}</title></rect>"
    )


def _label(share: Share) -> str:
    tile = share.tile
    size = LABEL * min(tile.width, tile.height)
    x, y = (tile.x0 + tile.x1) / 2, (tile.y0 + tile.y1) / 2
    return f'<text x="{x:g}" y="{y:g}" font-size="{size:.3g}">{share.density:.2f}</text>'


def _are_few(found: Sequence[Share]) -> bool:
    return found[-1].tile.row < FEW and found[-1].tile.col < FEW


def _extremes(found: Sequence[Share]) -> str:
    most, least = (way(found, key=lambda share: share.density) for way in (max, min))
    return f"The most, {_told(most)}; the least, {_told(least)}."


def _told(share: Share) -> str:
    return f"{share.density:.2f} times the mean and {share.share:.1%} of all, went to {_where(share.tile)}"


def _where(tile: Tile) -> str:
    return f"row {tile.row + 1}, column {tile.col + 1}"
