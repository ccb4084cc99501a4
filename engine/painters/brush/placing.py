"""Where new strokes begin: where the error is, along the target's forms, the best of some tries for each.

Each is painted at once, so that the next one knows of it.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from engine.kernels.jit import kernel
from engine.painters.brush.raster import LEAST, looked_up, profile_of
from engine.painters.brush.spine import (
    CHORDS,
    COLUMNS,
    chords_of,
    flatten,
    nearest,
    row_range,
    rows_of,
)

CELL = np.float32(0.7)  # radii along the side of a cell of the lattice of errors
TRIES = 8  # for each stroke
_ZERO, _HALF, _ONE, _TWO = np.float32(0), np.float32(0.5), np.float32(1), np.float32(2)
_NEVER = np.float32(-3e38)

Floats = NDArray[np.float32]


class Window(NamedTuple):
    """What is painted, for kernels."""

    canvas: Floats  # (height, width, channels), painted on
    target: Floats
    weights: Floats  # (height, width)
    forms: Floats  # (height, width, 3): the direction of forms, x and y, and how sure it is, 0..1
    palette: Floats  # (k, channels), none: any colour


class Tool(NamedTuple):
    """The brush and how it is held, for kernels."""

    profiles: Floats  # see brush.Brush
    reach: np.float32
    scale: np.float32  # pixels of the picture for each of the window
    radius: np.float32  # of strokes, about, in the window's pixels
    pressure: np.float32


class _Lattice(NamedTuple):
    """Cells of a window: what could still be gained in them."""

    side: int
    errors: Floats  # (rows, columns)
    closed: NDArray[np.bool_]  # where tries have failed
    peaks: Floats  # (rows,), the largest open error of each
    places: NDArray[np.int64]  # and its column
    bounds: tuple[int, int, int, int]  # rows and columns, from where to where, that strokes may begin in


class _Desk(NamedTuple):
    """Room for what is found on the way."""

    table: Floats  # of chords
    sums: Floats  # (3 channels + 1,)
    points: Floats  # (3, 2), of a try
    colour: Floats
    best: Floats  # (7 + channels,): points, radius and colour of the best try


@kernel
def place(window, tool, box, least, chance, made):
    """Find up to n strokes and paint them; returns how many.

    box: (y0, y1, x0, x1), where strokes may have their middle. least: squared error that each has to gain.
    chance: (n, TRIES, 4), uniform 0..1. made: (n, 7 + channels): points (6), radius, colour.
    """
    channels = window.canvas.shape[2]
    lattice = _make_lattice(window, tool, box)
    desk = _Desk(
        np.empty((CHORDS + 1, COLUMNS), np.float32),
        np.empty(3 * channels + 1, np.float32),
        np.empty((3, 2), np.float32),
        np.empty(channels, np.float32),
        np.empty(7 + channels, np.float32),
    )
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
            _find_peak(lattice, row)
            continue
        made[done] = desk.best
        _paint_best(window, tool, lattice, desk)
        done += 1
    return done


@kernel
def _make_lattice(window, tool, box):
    height, width, _ = window.canvas.shape
    side = max(1, np.int64(np.floor(CELL * tool.radius)))
    rows, columns = (height + side - 1) // side, (width + side - 1) // side
    bounds = (
        np.int64(box[0]) // side,
        min(rows, np.int64(np.ceil(box[1])) // side + 1),
        np.int64(box[2]) // side,
        min(columns, np.int64(np.ceil(box[3])) // side + 1),
    )
    lattice = _Lattice(
        side,
        np.zeros((rows, columns), np.float32),
        np.zeros((rows, columns), np.bool_),
        np.zeros(rows, np.float32),
        np.zeros(rows, np.int64),
        bounds,
    )
    _look_at_cells(window, lattice, 0, rows, 0, columns)
    for row in range(bounds[0], bounds[1]):
        _find_peak(lattice, row)
    return lattice


@kernel
def _look_at_cells(window, lattice, top, bottom, first, last):
    """What one colour for each cell could take away of the squared error.

    What is finer than a cell is left to finer strokes.
    """
    canvas, target, weights = window.canvas, window.target, window.weights
    height, width, channels = canvas.shape
    side, errors = lattice.side, lattice.errors
    for row in range(top, bottom):
        for column in range(first, last):
            total, weight = _ZERO, np.float32(1e-6)
            for y in range(row * side, min((row + 1) * side, height)):
                for x in range(column * side, min((column + 1) * side, width)):
                    weight += weights[y, x]
            for c in range(channels):
                left = _ZERO
                for y in range(row * side, min((row + 1) * side, height)):
                    for x in range(column * side, min((column + 1) * side, width)):
                        left += weights[y, x] * (target[y, x, c] - canvas[y, x, c])
                total += left * left
            errors[row, column] = total / weight


@kernel
def _find_peak(lattice, row):
    """The largest error of a row's open cells."""
    best, place = _ZERO, lattice.bounds[2]
    closed, errors = lattice.closed, lattice.errors
    for column in range(lattice.bounds[2], lattice.bounds[3]):
        if not closed[row, column] and errors[row, column] > best:
            best, place = errors[row, column], column
    lattice.peaks[row], lattice.places[row] = best, place


@kernel
def _best_try(window, tool, box, side, row, column, chance, desk):
    """What the best of some strokes through a cell gains; it is on the desk."""
    best_gain, points, colour, best = _ZERO, desk.points, desk.colour, desk.best
    for attempt in range(chance.shape[0]):
        x = (np.float32(column) + chance[attempt, 0]) * np.float32(side)
        y = (np.float32(row) + chance[attempt, 1]) * np.float32(side)
        if not (box[2] <= x < box[3] and box[0] <= y < box[1]):
            continue
        length = _length_of(attempt) * tool.radius * (np.float32(0.7) + np.float32(0.6) * chance[attempt, 2])
        radius = _radius_of(attempt) * tool.radius * (np.float32(0.75) + np.float32(0.6) * chance[attempt, 3])
        turn = chance[attempt, 2] * np.float32(7)
        _along(window.forms, x, y, length, turn - np.floor(turn) - _HALF, points)
        gain = _gain_of(window, tool, points, radius, desk)
        if gain > best_gain:
            best_gain = gain
            for j in range(3):
                best[2 * j], best[2 * j + 1] = points[j, 0], points[j, 1]
            best[6] = radius
            best[7:] = colour
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
def _gain_of(window, tool, points, radius, desk):
    """The squared error that a stroke takes away in its best colour, which is on the desk afterwards."""
    canvas, target, weights = window.canvas, window.target, window.weights
    channels, sums = canvas.shape[2], desk.sums
    table, count, far = desk.table, chords_of(points, radius), tool.reach * radius
    flatten(points, count, table)
    profile, inverse = profile_of(tool.profiles, radius * tool.scale), _ONE / radius
    reach, pressure = tool.reach, tool.pressure
    first, last = rows_of(points, far, 0, canvas.shape[0])
    sums[:] = _ZERO
    for row in range(first, last):
        y = np.float32(row) + _HALF
        begin, stop = row_range(table, count, y, far, 0, canvas.shape[1])
        for column in range(begin, stop):
            a = _distance(table, count, np.float32(column) + _HALF, y) * inverse
            if a >= reach:
                continue
            alpha = looked_up(profile, reach, a, pressure)[0]
            if alpha < LEAST:
                continue
            weight = weights[row, column]
            sums[3 * channels] += weight * alpha * alpha
            for c in range(channels):
                below, goal = canvas[row, column, c], target[row, column, c]
                left = goal - below + alpha * below  # what the colour, alpha times, is to give
                sums[3 * c] += weight * alpha * left
                sums[3 * c + 1] += weight * left * left
                sums[3 * c + 2] += weight * (goal - below) * (goal - below)
    if sums[3 * channels] <= np.float32(1e-6):
        return _ZERO
    return _best_colour(sums, window.palette, desk.colour)


@kernel
def _distance(table, count, x, y):
    """From the nearest of the chords."""
    _, _, dx, dy = nearest(table, count, x, y)
    return np.sqrt(dx * dx + dy * dy)


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
    canvas, best, table, points = window.canvas, desk.best, desk.table, desk.points
    for j in range(3):
        points[j, 0], points[j, 1] = best[2 * j], best[2 * j + 1]
    radius = best[6]
    count, far, inverse = chords_of(points, radius), tool.reach * radius, _ONE / radius
    flatten(points, count, table)
    profile, reach, pressure = profile_of(tool.profiles, radius * tool.scale), tool.reach, tool.pressure
    first, last = rows_of(points, far, 0, canvas.shape[0])
    left, right = canvas.shape[1], 0
    for row in range(first, last):
        y = np.float32(row) + _HALF
        begin, stop = row_range(table, count, y, far, 0, canvas.shape[1])
        if begin < stop:
            left, right = min(left, begin), max(right, stop)
        for column in range(begin, stop):
            a = _distance(table, count, np.float32(column) + _HALF, y) * inverse
            if a >= reach:
                continue
            alpha = looked_up(profile, reach, a, pressure)[0]
            if alpha < LEAST:
                continue
            for c in range(canvas.shape[2]):
                below = canvas[row, column, c]
                canvas[row, column, c] = below + alpha * (best[7 + c] - below)
    side = lattice.side
    if first < last and left < right:
        top, bottom = first // side, (last + side - 1) // side
        _look_at_cells(window, lattice, top, bottom, left // side, (right + side - 1) // side)
        for row in range(max(top, lattice.bounds[0]), min(bottom, lattice.bounds[1])):
            _find_peak(lattice, row)
