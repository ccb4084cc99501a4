"""Where new strokes begin: where the error is, along the target's forms, the best of some tries for each.

Each is painted at once, so that the next one knows of it.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from engine.kernels.jit import kernel
from engine.painters.brush.lattice import find_peak, look_at_cells, make_lattice
from engine.painters.brush.network import Block, Look, make_block
from engine.painters.brush.strokes import GRAIN
from engine.painters.brush.trace import Box, Laid, Trace, make_table, make_trace, trace_stroke

TRIES = 8  # for each stroke
_ZERO, _HALF, _ONE, _TWO = np.float32(0), np.float32(0.5), np.float32(1), np.float32(2)
_NEVER = np.float32(-3e38)

Floats = NDArray[np.float32]


class Tool(NamedTuple):
    """The brush and how it is held, for kernels."""

    look: Look
    box: Box  # the window
    radius: np.float32  # of strokes, about, in the window's pixels
    pressure: np.float32


class _Desk(NamedTuple):
    """Room for what is found on the way."""

    sums: Floats  # (3 channels + 1,)
    stroke: Laid  # the one that is tried
    best: Floats  # (9 + channels,): points, radius, grain and colour of the best try
    block: Block
    table: Floats
    trace: Trace
    hidden: Floats  # (0, 0): nothing is


@kernel
def place(window, tool, box, least, chance, made):
    """Find up to n strokes and paint them; returns how many.

    box: (y0, y1, x0, x1), where strokes may have their middle. least: squared error that each has to gain.
    chance: (n, TRIES, 6), uniform 0..1. made: (n, 9 + channels): points (6), radius, grain (2), colour.
    """
    channels = window.canvas.shape[2]
    lattice = make_lattice(window, tool.radius, box)
    desk = _make_desk(tool, channels)
    first, last = lattice.bounds[0], lattice.bounds[1]
    done, failures, most = 0, 0, made.shape[0]
    while done < most and failures < most + TRIES:
        row = first + np.argmax(lattice.peaks[first:last])
        if lattice.peaks[row] <= _ZERO:
            break
        column = lattice.places[row]
        gain = _best_try(window, tool, box, lattice.side, row, column, chance[(done + failures) % most], desk)
        if gain <= least:
            failures += 1
            lattice.closed[row, column] = True
            find_peak(lattice, row)
            continue
        made[done] = desk.best
        _paint_best(window, tool, lattice, desk)
        done += 1
    return done


@kernel
def _make_desk(tool, channels):
    one = np.ones(1, np.float32)
    stroke = Laid(
        np.zeros((1, 3, 2), np.float32),
        np.ones(1, np.float32),
        np.full((1, 2), tool.pressure, np.float32),
        np.ones((1, channels), np.float32),
        one,
        np.zeros((1, 2), np.float32),
        one,
    )
    return _Desk(
        np.empty(3 * channels + 1, np.float32),
        stroke,
        np.empty(9 + channels, np.float32),
        make_block(tool.look),
        make_table(),
        make_trace(tool.box),
        np.empty((0, 0), np.float32),
    )


@kernel
def _best_try(window, tool, box, side, row, column, chance, desk):
    """What the best of some strokes through a cell gains; it is on the desk."""
    best_gain, best = _ZERO, desk.best
    points, grain, colour, radii = (
        desk.stroke.points[0],
        desk.stroke.grains[0],
        desk.stroke.colours[0],
        desk.stroke.radii,
    )
    for attempt in range(chance.shape[0]):
        x = (np.float32(column) + chance[attempt, 0]) * np.float32(side)
        y = (np.float32(row) + chance[attempt, 1]) * np.float32(side)
        if not (box[2] <= x < box[3] and box[0] <= y < box[1]):
            continue
        length = _length_of(attempt) * tool.radius * (np.float32(0.7) + np.float32(0.6) * chance[attempt, 2])
        radii[0] = (
            _radius_of(attempt) * tool.radius * (np.float32(0.75) + np.float32(0.6) * chance[attempt, 3])
        )
        turn = chance[attempt, 2] * np.float32(7)
        _along(window.forms, x, y, length, turn - np.floor(turn) - _HALF, points)
        grain[0], grain[1] = chance[attempt, 4] * np.float32(GRAIN), chance[attempt, 5] * np.float32(GRAIN)
        gain = _gain_of(window, tool, desk)
        if gain > best_gain:
            best_gain = gain
            for j in range(3):
                best[2 * j], best[2 * j + 1] = points[j, 0], points[j, 1]
            best[6], best[7], best[8] = radii[0], grain[0], grain[1]
            best[9:] = colour
    return best_gain


@kernel
def _length_of(attempt):
    """From end to end, in radii."""
    kind = attempt % 4
    if kind == 0:
        return np.float32(6)
    if kind == 1:
        return np.float32(3)
    return np.float32(10) if kind == 2 else np.float32(1.2)


@kernel
def _radius_of(attempt):
    """Of a try, in usual radii."""
    return np.float32(0.55) if attempt == TRIES - 1 else _ONE


@kernel
def _along(forms, x, y, length, turn, points):
    """A stroke through a place, along the forms; turned, where they are not sure, by up to half a turn."""
    height, width, _ = forms.shape
    row, column = min(max(np.int64(y), 0), height - 1), min(max(np.int64(x), 0), width - 1)
    fx, fy, sure = forms[row, column, 0], forms[row, column, 1], forms[row, column, 2]
    angle = turn * np.float32(np.pi) * (_ONE - sure)
    ca, sa = np.cos(angle), np.sin(angle)
    dx, dy = fx * ca - fy * sa, fx * sa + fy * ca
    half = _HALF * length
    ax, ay = _direction(forms, x + dx * half * _HALF, y + dy * half * _HALF, dx, dy)
    bx, by = _direction(forms, x - dx * half * _HALF, y - dy * half * _HALF, dx, dy)
    ax, ay = sure * ax + (_ONE - sure) * dx, sure * ay + (_ONE - sure) * dy
    bx, by = sure * bx + (_ONE - sure) * dx, sure * by + (_ONE - sure) * dy
    points[0, 0], points[0, 1] = x - bx * half, y - by * half
    points[2, 0], points[2, 1] = x + ax * half, y + ay * half
    points[1, 0] = _TWO * x - _HALF * (points[0, 0] + points[2, 0])
    points[1, 1] = _TWO * y - _HALF * (points[0, 1] + points[2, 1])


@kernel
def _direction(forms, x, y, dx, dy):
    """That of forms at a place, on the side of (dx, dy)."""
    height, width, _ = forms.shape
    row, column = min(max(np.int64(y), 0), height - 1), min(max(np.int64(x), 0), width - 1)
    fx, fy = forms[row, column, 0], forms[row, column, 1]
    if fx * dx + fy * dy < _ZERO:
        return -fx, -fy
    return fx, fy


@kernel
def _gain_of(window, tool, desk):
    """The squared error that the desk's stroke takes away in its best colour, which it has afterwards."""
    channels, sums = window.canvas.shape[2], desk.sums
    canvas, target = window.canvas.reshape(-1, channels), window.target.reshape(-1, channels)
    weights, places, alphas = window.weights.reshape(-1), desk.trace.places, desk.trace.alphas
    sums[:] = _ZERO
    for each in range(_traced(tool, desk)):
        pixel, alpha = places[each], alphas[each]
        weight = weights[pixel]
        sums[3 * channels] += weight * alpha * alpha
        for c in range(channels):
            below, goal = canvas[pixel, c], target[pixel, c]
            left = goal - below + alpha * below  # what the colour, alpha times, is to give
            sums[3 * c] += weight * alpha * left
            sums[3 * c + 1] += weight * left * left
            sums[3 * c + 2] += weight * (goal - below) * (goal - below)
    if sums[3 * channels] <= np.float32(1e-6):
        return _ZERO
    return _best_colour(sums, window.palette, desk.stroke.colours[0])


@kernel
def _traced(tool, desk):
    """The pixels of the desk's stroke; returns how many."""
    return trace_stroke(desk.stroke, 0, tool.box, tool.look, desk.hidden, desk.block, desk.table, desk.trace)


@kernel
def _best_colour(sums, palette, colour):
    """The colour that gains most, of the palette's if there are any; returns its gain."""
    channels = colour.shape[0]
    if palette.shape[0] == 0:
        for c in range(channels):
            colour[c] = min(max(sums[3 * c] / sums[3 * channels], _ZERO), _ONE) if c < 3 else _ONE
        return _gain_in(sums, colour)
    best = _NEVER
    for each in range(palette.shape[0]):
        gain = _gain_in(sums, palette[each])
        if gain > best:
            best = gain
            colour[:] = palette[each]
    return best


@kernel
def _gain_in(sums, colour):
    """The squared error that a stroke takes away in a colour."""
    channels, gain = colour.shape[0], _ZERO
    for c in range(channels):
        after = sums[3 * c + 1] - _TWO * colour[c] * sums[3 * c] + colour[c] * colour[c] * sums[3 * channels]
        gain += sums[3 * c + 2] - after
    return gain


@kernel
def _paint_best(window, tool, lattice, desk):
    """Paint the best try, and look again at the cells that it has changed."""
    best, stroke, (height, width, channels) = desk.best, desk.stroke, window.canvas.shape
    for j in range(3):
        stroke.points[0, j, 0], stroke.points[0, j, 1] = best[2 * j], best[2 * j + 1]
    stroke.radii[0], stroke.grains[0, 0], stroke.grains[0, 1] = best[6], best[7], best[8]
    canvas, places, alphas = window.canvas.reshape(-1, channels), desk.trace.places, desk.trace.alphas
    top, bottom, left, right = height, 0, width, 0
    for each in range(_traced(tool, desk)):
        pixel, alpha = places[each], alphas[each]
        row, column = pixel // width, pixel % width
        top, bottom, left, right = (
            min(top, row),
            max(bottom, row + 1),
            min(left, column),
            max(right, column + 1),
        )
        for c in range(channels):
            canvas[pixel, c] += alpha * (best[9 + c] - canvas[pixel, c])
    side = lattice.side
    if top < bottom:
        first, last = top // side, (bottom + side - 1) // side
        look_at_cells(window, lattice, first, last, left // side, (right + side - 1) // side)
        for row in range(max(first, lattice.bounds[0]), min(last, lattice.bounds[1])):
            find_peak(lattice, row)
