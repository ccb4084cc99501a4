"""Where new strokes begin: where the error is, along the target's forms, the best of some tries for each.

Each is painted at once, so that the next one knows of it.
"""

from __future__ import annotations

import numpy as np

from engine.kernels.jit import kernel
from engine.painters.brush.raster import LEAST, looked_up, profile_of
from engine.painters.brush.spine import (
    CHORDS,
    COLUMNS,
    chords_of,
    flatten,
    nearest,
    pressure_at,
    row_range,
)

CELL = 0.7  # radii along the side of a cell of the lattice of errors
LENGTHS = (1.0, 3.0, 6.0, 11.0)  # radii from end to end of a stroke that is tried
TRIES = 8
_ZERO, _HALF, _ONE, _TWO = np.float32(0), np.float32(0.5), np.float32(1), np.float32(2)


@kernel
def _try(
    canvas,
    target,
    weights,
    points,
    radius,
    pressures,
    profile,
    reach,
    palette,
    table,
    sums,
    colour,
    is_painted,
):
    """What a stroke would gain in its best colour, or with `is_painted` paint it in that colour.

    sums: (3 channels + 1,) for use here. colour: (channels,), found or used.
    """
    height, width, channels = canvas.shape
    count = chords_of(points, radius)
    flatten(points, count, table)
    far, inverse = reach * radius, _ONE / radius
    top = min(points[0, 1], points[1, 1], points[2, 1]) - far
    bottom = max(points[0, 1], points[1, 1], points[2, 1]) + far
    first = max(0, np.int64(np.floor(max(top, _ZERO) - _HALF)))
    last = min(height, np.int64(np.ceil(min(bottom, np.float32(height)) + _HALF)))
    sums[:] = _ZERO
    for row in range(first, last):
        y = np.float32(row) + _HALF
        begin, stop = row_range(table, count, y, far, 0, width)
        for column in range(begin, stop):
            k, where, vx, vy = nearest(table, count, np.float32(column) + _HALF, y)
            a = np.sqrt(vx * vx + vy * vy) * inverse
            if a >= reach:
                continue
            t = (np.float32(k) + where) / np.float32(count)
            alpha, _, _ = looked_up(profile, reach, a, pressure_at(t, pressures[0], pressures[1]))
            if alpha < LEAST:
                continue
            if is_painted:
                for c in range(channels):
                    below = canvas[row, column, c]
                    canvas[row, column, c] = below + alpha * (colour[c] - below)
            else:
                weight = weights[row, column]
                sums[3 * channels] += weight * alpha * alpha
                for c in range(channels):
                    below, goal = canvas[row, column, c], target[row, column, c]
                    left = goal - below + alpha * below  # what the colour, alpha times, is to give
                    sums[3 * c] += weight * alpha * left
                    sums[3 * c + 1] += weight * left * left
                    sums[3 * c + 2] += weight * (goal - below) * (goal - below)
    if is_painted or sums[3 * channels] <= np.float32(1e-6):
        return _ZERO
    if palette.shape[0] == 0:
        for c in range(channels):
            colour[c] = min(max(sums[3 * c] / sums[3 * channels], _ZERO), _ONE) if c < 3 else _ONE
        return _gain(sums, colour)
    best = -np.float32(3e38)
    for each in range(palette.shape[0]):
        gain = _gain(sums, palette[each])
        if gain > best:
            best = gain
            colour[:] = palette[each]
    return best


@kernel
def _gain(sums, colour):
    """The squared error that a stroke takes away in a colour."""
    channels, gain = colour.shape[0], _ZERO
    for c in range(channels):
        after = sums[3 * c + 1] - _TWO * colour[c] * sums[3 * c] + colour[c] * colour[c] * sums[3 * channels]
        gain += sums[3 * c + 2] - after
    return gain


@kernel
def _cell_errors(canvas, target, weights, errors, side, rows, columns):
    """What one colour for each cell could take away of the squared error; rows, columns: from where to where.

    What is finer than a cell is left to finer strokes.
    """
    height, width, channels = canvas.shape
    for r in range(rows[0], rows[1]):
        for q in range(columns[0], columns[1]):
            total, weight = _ZERO, np.float32(1e-6)
            for y in range(r * side, min((r + 1) * side, height)):
                for x in range(q * side, min((q + 1) * side, width)):
                    weight += weights[y, x]
            for c in range(channels):
                left = _ZERO
                for y in range(r * side, min((r + 1) * side, height)):
                    for x in range(q * side, min((q + 1) * side, width)):
                        left += weights[y, x] * (target[y, x, c] - canvas[y, x, c])
                total += left * left
            errors[r, q] = total / weight


@kernel
def place(
    canvas,
    target,
    weights,
    field,
    box,
    radius,
    least,
    chance,
    profiles,
    reach,
    scale,
    pressures,
    palette,
    made,
):
    """Find up to n strokes and paint them; returns how many.

    canvas, target: (height, width, channels); weights: (height, width). field: (height, width, 3): the direction of
    forms (x, y) and how sure it is, 0 to 1. box: (y0, y1, x0, x1), where strokes may have their middle. radius:
    of strokes, in pixels. least: what each has to gain. chance: (n, TRIES, 4) random numbers, uniform 0..1.
    pressures: (2,). palette: (k, channels), none: any colour. made: (n, 7 + channels): points (6), radius, colour.
    """
    height, width, channels = canvas.shape
    side = max(1, np.int64(np.floor(np.float32(0.7) * radius)))
    rows, columns = (height + side - 1) // side, (width + side - 1) // side
    errors = np.zeros((rows, columns), np.float32)
    _cell_errors(canvas, target, weights, errors, side, (0, rows), (0, columns))
    closed = np.zeros((rows, columns), np.int32)
    table = np.empty((CHORDS + 1, COLUMNS), np.float32)
    sums, colour, best_colour = (
        np.empty(3 * channels + 1, np.float32),
        np.empty(channels, np.float32),
        np.empty(channels, np.float32),
    )
    points, best_points = np.empty((3, 2), np.float32), np.empty((3, 2), np.float32)
    first_row, last_row = np.int64(box[0]) // side, min(rows, np.int64(np.ceil(box[1])) // side + 1)
    first_column, last_column = np.int64(box[2]) // side, min(columns, np.int64(np.ceil(box[3])) // side + 1)
    peaks = np.zeros(rows, np.float32)  # of each row of cells: its largest open error, and where
    where = np.zeros(rows, np.int64)
    for r in range(first_row, last_row):
        peaks[r], where[r] = _peak(errors, closed, r, first_column, last_column)
    done, failures = 0, 0
    n = made.shape[0]
    while done < n and failures < n + 16:
        r = first_row + np.argmax(peaks[first_row:last_row])
        if peaks[r] <= _ZERO:
            break
        q = where[r]
        best_gain, best_radius = _ZERO, radius
        draw = chance[(done + failures) % n]
        for attempt in range(chance.shape[1]):
            cx = (np.float32(q) + draw[attempt, 0]) * np.float32(side)
            cy = (np.float32(r) + draw[attempt, 1]) * np.float32(side)
            if not (box[2] <= cx < box[3] and box[0] <= cy < box[1]):
                continue
            length = _length_of(attempt) * radius * (np.float32(0.7) + np.float32(0.6) * draw[attempt, 2])
            own = radius * (np.float32(0.75) + np.float32(0.6) * draw[attempt, 3])
            _along(field, cx, cy, length, draw[attempt, 2] * np.float32(7.0), points)
            profile = profile_of(profiles, own * scale)
            gain = _try(
                canvas,
                target,
                weights,
                points,
                own,
                pressures,
                profile,
                reach,
                palette,
                table,
                sums,
                colour,
                False,
            )
            if gain > best_gain:
                best_gain, best_radius = gain, own
                best_points[:] = points
                best_colour[:] = colour
        if best_gain <= least:
            failures += 1
            closed[r, q] = 1
            peaks[r], where[r] = _peak(errors, closed, r, first_column, last_column)
            continue
        profile = profile_of(profiles, best_radius * scale)
        _try(
            canvas,
            target,
            weights,
            best_points,
            best_radius,
            pressures,
            profile,
            reach,
            palette,
            table,
            sums,
            best_colour,
            True,
        )
        own = made[done]
        for j in range(3):
            own[2 * j], own[2 * j + 1] = best_points[j, 0], best_points[j, 1]
        own[6] = best_radius
        for c in range(channels):
            own[7 + c] = best_colour[c]
        done += 1
        far = reach * best_radius
        y0 = min(best_points[0, 1], best_points[1, 1], best_points[2, 1]) - far
        y1 = max(best_points[0, 1], best_points[1, 1], best_points[2, 1]) + far
        x0 = min(best_points[0, 0], best_points[1, 0], best_points[2, 0]) - far
        x1 = max(best_points[0, 0], best_points[1, 0], best_points[2, 0]) + far
        above, below = max(0, np.int64(y0) // side), min(rows, np.int64(max(y1, _ZERO)) // side + 1)
        left, right = max(0, np.int64(x0) // side), min(columns, np.int64(max(x1, _ZERO)) // side + 1)
        if above < below and left < right:
            _cell_errors(canvas, target, weights, errors, side, (above, below), (left, right))
        for each in range(max(above, first_row), min(below, last_row)):
            peaks[each], where[each] = _peak(errors, closed, each, first_column, last_column)
        peaks[r], where[r] = _peak(errors, closed, r, first_column, last_column)
    return done


@kernel
def _length_of(attempt):
    """From end to end, in radii."""
    kind = attempt % 4
    if kind == 0:
        return np.float32(6)
    if kind == 1:
        return np.float32(3)
    if kind == 2:
        return np.float32(10)
    return np.float32(1.2)


@kernel
def _peak(errors, closed, r, first, last):
    """The largest error of a row's open cells, and its column; cells that have had two strokes are closed."""
    best, at = _ZERO, first
    for q in range(first, last):
        if closed[r, q] == 0 and errors[r, q] > best:
            best, at = errors[r, q], q
    return best, at


@kernel
def _direction(field, x, y, dx, dy):
    """That of the field at a place, on the side of (dx, dy)."""
    height, width, _ = field.shape
    row = min(max(np.int64(y), 0), height - 1)
    column = min(max(np.int64(x), 0), width - 1)
    fx, fy = field[row, column, 0], field[row, column, 1]
    if fx * dx + fy * dy < _ZERO:
        return -fx, -fy
    return fx, fy


@kernel
def _along(field, cx, cy, length, turn, points):
    """A stroke through a place, along the field; where that is not sure, turned by up to `turn`."""
    height, width, _ = field.shape
    row = min(max(np.int64(cy), 0), height - 1)
    column = min(max(np.int64(cx), 0), width - 1)
    fx, fy, sure = field[row, column, 0], field[row, column, 1], field[row, column, 2]
    angle = (turn - np.floor(turn) - _HALF) * np.float32(np.pi) * (_ONE - sure)
    ca, sa = np.cos(angle), np.sin(angle)
    dx, dy = fx * ca - fy * sa, fx * sa + fy * ca
    half = _HALF * length
    ax, ay = _direction(field, cx + dx * half * _HALF, cy + dy * half * _HALF, dx, dy)
    bx, by = _direction(field, cx - dx * half * _HALF, cy - dy * half * _HALF, dx, dy)
    ax, ay = sure * ax + (_ONE - sure) * dx, sure * ay + (_ONE - sure) * dy
    bx, by = sure * bx + (_ONE - sure) * dx, sure * by + (_ONE - sure) * dy
    points[0, 0], points[0, 1] = cx - bx * half, cy - by * half
    points[2, 0], points[2, 1] = cx + ax * half, cy + ay * half
    points[1, 0] = _TWO * cx - _HALF * (points[0, 0] + points[2, 0])
    points[1, 1] = _TWO * cy - _HALF * (points[0, 1] + points[2, 1])
