"""What a pixel knows of a stroke: where it is along the path and beside it, by lengths in radii.

The same formulas, in numba, draw the pictures (`engine.painters.brush.raster`); a test compares both.
"""

from __future__ import annotations

from typing import NamedTuple

import torch
from torch import Tensor

SIDE = 64  # pixels of a patch's side, that an action's coordinates are parts of
PIECES = 12  # chords that a path is cut into, equal in its parameter
FEATURES = 9  # of a pixel, before its grain
LARGEST = 1.0  # size's feature at most: that of a radius of 7.4 pixels


class Paths(NamedTuple):
    """Strokes as their paths: n of them."""

    points: Tensor  # (n, 3, 2) control points of quadratic Bezier curves, pixels, x before y
    radii: Tensor  # (n,) pixels
    pressures: Tensor  # (n, 2) at the entry and at the end, 0..1


class Maps(NamedTuple):
    """The m pixels that strokes can reach, and what each knows of its own."""

    stroke: Tensor  # (m,) int64, the stroke's row
    pixel: Tensor  # (m,) int64, row by row in the window
    features: Tensor  # (m, 9)
    along: Tensor  # (m,) radii from the start, less what lies before it
    across: Tensor  # (m,) radii to the left of the path, negative to the right


def paths_of(actions: Tensor, scale: float = 1.0) -> Paths:
    """The paths of actions (n, 12), in a square of 64 x scale pixels."""
    side = SIDE * scale
    start, end, through = actions[:, 9:11], actions[:, 4:6], actions[:, 2:4]
    middle = (start + end) / 2
    points = torch.stack([start, middle + 2 * (through - middle), end], 1) * side
    return Paths(points, torch.exp(2 * actions[:, 1]) * scale, actions[:, (11, 0)])


def maps_of(paths: Paths, reach: float, sides: tuple[int, int] = (SIDE, SIDE)) -> Maps:
    """What the pixels of a window know that are nearer to a path than `reach` radii; sides: height, width."""
    parameter = torch.linspace(0, 1, PIECES + 1, dtype=torch.float64).to(paths.points)[:, None]
    first, control, last = (paths.points[:, None, number] for number in range(3))
    joints = (1 - parameter) ** 2 * first + 2 * parameter * (1 - parameter) * control + parameter**2 * last
    with torch.no_grad():
        stroke, pixel, piece = _nearest(joints, paths.radii * reach, sides)
    where = torch.stack([pixel % sides[1], pixel // sides[1]], 1).to(joints) + 0.5
    return _known(paths, joints, where, stroke, pixel, piece)


def _nearest(joints: Tensor, furthest: Tensor, sides: tuple[int, int]) -> tuple[Tensor, Tensor, Tensor]:
    """The pixels within reach: stroke, pixel and the nearest chord of each, (m,) int64."""
    height, width = sides
    rows = torch.arange(height, device=joints.device, dtype=joints.dtype) + 0.5
    columns = torch.arange(width, device=joints.device, dtype=joints.dtype) + 0.5
    count = len(joints)
    best = torch.full((count, height, width), torch.inf, device=joints.device, dtype=joints.dtype)
    piece = torch.zeros((count, height, width), dtype=torch.int64, device=joints.device)
    for number in range(PIECES):
        begin, chord = joints[:, number], joints[:, number + 1] - joints[:, number]
        square = (chord**2).sum(1).clamp_min(1e-12)
        x = columns - begin[:, :1]  # (n, width)
        y = rows - begin[:, 1:]
        share = (x * (chord[:, :1] / square[:, None]))[:, None, :]
        share = (share + (y * (chord[:, 1:] / square[:, None]))[:, :, None]).clamp_(0, 1)
        apart = (x[:, None, :] - share * chord[:, 0, None, None]).square_()
        apart += (y[:, :, None] - share * chord[:, 1, None, None]).square_()
        nearer = apart < best
        best = torch.where(nearer, apart, best)
        piece.masked_fill_(nearer, number)
    stroke, row, column = torch.nonzero(best < furthest[:, None, None] ** 2, as_tuple=True)
    return stroke, row * width + column, piece[stroke, row, column]


def _known(paths: Paths, joints: Tensor, where: Tensor, stroke: Tensor, pixel: Tensor, piece: Tensor) -> Maps:
    chords = joints[:, 1:] - joints[:, :-1]
    lengths = (chords.square().sum(2) + 1e-12).sqrt()
    before = lengths.cumsum(1) - lengths
    whole = lengths.sum(1)[stroke]
    radius = paths.radii[stroke]
    length = lengths[stroke, piece]
    tangent = chords[stroke, piece] / length[:, None]
    apart = where - joints[stroke, piece]
    ahead = (apart * tangent).sum(1)  # pixels along the chord
    share = (ahead / length).clamp(0, 1)
    away = apart - (share * length)[:, None] * tangent
    distance = (away.square().sum(1) + 1e-12).sqrt() / radius
    across = (tangent[:, 0] * away[:, 1] - tangent[:, 1] * away[:, 0]) / radius
    arc = before[stroke, piece] + share * length
    over_start = torch.where(piece == 0, (-ahead).clamp_min(0), 0)
    over_end = torch.where(piece == PIECES - 1, (ahead - length).clamp_min(0), 0)
    along = (arc - over_start) / radius
    left = (whole - arc - over_end) / radius
    pressure = _pressure(paths.pressures[stroke], (piece + share) / PIECES)
    size = (torch.log(radius) / 2).clamp(0, LARGEST)
    features = [
        distance,
        across,
        along.clamp(-2, 2),
        left.clamp(-2, 2),
        pressure,
        size,
        torch.log1p(whole / radius) / 4,
        tangent[:, 0].square() - tangent[:, 1].square(),  # cos and sin of twice the direction
        2 * tangent[:, 0] * tangent[:, 1],
    ]
    return Maps(stroke, pixel, torch.stack(features, 1), along, across)


def _pressure(pressures: Tensor, parameter: Tensor) -> Tensor:
    """From the entry's to the mean one in the first quarter, to the end's in the last."""
    entry, end = pressures[:, 0], pressures[:, 1]
    mean = (entry + end) / 2
    return (
        mean
        + (entry - mean) * (1 - 4 * parameter).clamp_min(0)
        + (end - mean) * (4 * parameter - 3).clamp_min(0)
    )
