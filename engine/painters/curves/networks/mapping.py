"""What a network's layer says all over a picture, in pieces, so that memory stays bounded."""

from __future__ import annotations

from collections.abc import Callable
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from engine.painters.curves.networks.geometry import Cells
from engine.painters.curves.networks.network import Layer, Network

Planes = NDArray[np.float32]
Values = NDArray[np.float32]  # (rows, cols)
Judged = Callable[[NDArray[np.float32], NDArray[np.float32] | None], Values]  # of maps (channels, rows, cols)
PIECE = 256  # pixels of a piece along a side, without what it sees around it


class _Piece(NamedTuple):
    """Some cells of a map along one side, and the pixels that they see."""

    cells: slice  # of the map that is being made
    pixels: slice  # of the picture with pixels around it
    inner: slice  # the cells of what the network answers


def mapped(
    network: Network, layer: str, picture: Planes, wraps: bool, judged: Judged, aim: Planes | None = None
) -> Values:
    """What is judged of a layer's activations at each place: (rows, cols), evenly over the picture.

    judged: values from the maps of a picture, and of its aim if there is one. Around a picture that doesn't
    wrap its outermost pixels go on.
    """
    known = network.layers[layer]
    height, width = picture.shape[1:]
    before, rows = _pieces(height, known)
    _, cols = _pieces(width, known)
    flat = picture.reshape(3, -1)
    if aim is None and (flat == flat[:, :1]).all():  # blank: the same everywhere
        rows, cols, picture = rows[:1], cols[:1], picture[:, : known.cells.stride, : known.cells.stride]
        rows, cols = _pieces(picture.shape[1], known)[1], _pieces(picture.shape[2], known)[1]
    around = _around(picture, before, rows, cols, wraps)
    aims = None if aim is None else _around(aim, before, rows, cols, wraps)
    found = np.empty((rows[-1].cells.stop, cols[-1].cells.stop), np.float32)
    for row in rows:
        for col in cols:
            said = _said(network, layer, around, row, col)
            found[row.cells, col.cells] = judged(
                said, None if aims is None else _said(network, layer, aims, row, col)
            )
    if found.shape == (1, 1):
        return np.full((_count(height, known.cells), _count(width, known.cells)), found[0, 0])
    return _evenly(_evenly(found, height, known.cells).T, width, known.cells).T


def _said(network: Network, layer: str, around: Planes, row: _Piece, col: _Piece) -> NDArray[np.float32]:
    pixels = np.ascontiguousarray(around[None, :, row.pixels, col.pixels])
    return network.answers(pixels)[layer][0, :, row.inner, col.inner]


def _count(side: int, cells: Cells) -> int:
    return max(-(-side // cells.stride), 1)


def _pieces(side: int, known: Layer) -> tuple[int, list[_Piece]]:
    """Pixels to add before a picture's first one, and pieces, the first cell of which is in its corner."""
    cells = known.cells
    first = max(-(cells.start // cells.stride), 0)  # of a piece's cells, the first that sees pixels only
    before = max(cells.start + first * cells.stride + (cells.size - cells.stride) // 2, 0)
    count, many = _count(side, cells), max(PIECE // cells.stride, 1)
    found = []
    for begin in range(0, count, many):
        end = min(begin + many, count)
        x0 = begin * cells.stride
        x1 = x0 + cells.start + (first + end - begin - 1) * cells.stride + cells.size
        found.append(_Piece(slice(begin, end), slice(x0, x1), slice(first, first + end - begin)))
    return before, found


def _around(picture: Planes, before: int, rows: list[_Piece], cols: list[_Piece], wraps: bool) -> Planes:
    """The picture with as many pixels around it as the pieces see."""
    ends = [
        pieces[-1].pixels.stop - before - side
        for pieces, side in zip((rows, cols), picture.shape[1:], strict=True)
    ]
    sides = ((0, 0), *((before, max(end, 0)) for end in ends))
    return np.pad(picture, sides, mode="wrap" if wraps else "edge")


def _evenly(values: Values, side: int, cells: Cells) -> Values:
    """Rows of a map whose last cell sticks out, brought to the same number of rows of equal height."""
    count = len(values)
    if count * cells.stride == side or count == 1:
        return values
    places = (np.arange(count) + 0.5) * side / count / cells.stride - 0.5
    below = np.clip(places.astype(np.int64), 0, count - 2)
    part = np.clip(places - below, 0, 1).astype(np.float32)[:, None]
    return values[below] * (1 - part) + values[below + 1] * part
