"""The rasteriser's inner part: strokes drawn one by one, with a tape of what they did, and back along it."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from engine.kernels.jit import exact_kernel, kernel
from engine.painters.curves.coverage import cover, cover_slopes
from engine.painters.curves.touch import COLUMNS, measure, touch

_ZERO, _ONE = np.float32(0), np.float32(1)
_MARGIN = np.float32(1.1)  # pixels beyond half a width in which a stroke may be seen, rounded up
_FARTHEST = np.float32(1e6)  # pixels, beyond which nothing is drawn


class Window(NamedTuple):
    """A part of a picture, in pixels."""

    x0: int
    y0: int
    height: int
    width: int


class Period(NamedTuple):
    """What strokes repeat by, in pixels; 0: they don't."""

    height: int
    width: int


NO_PERIOD = Period(0, 0)


class Inks(NamedTuple):
    """What strokes are drawn with."""

    radii: NDArray[np.float32]  # (n,), pixels, half the widths
    colours: NDArray[np.float32]  # (n, 3 or 4), the fourth always 1
    opacities: NDArray[np.float32]  # (n,)
    multiplies: bool


class Tape(NamedTuple):
    """What has been drawn, pixel by pixel."""

    copies: NDArray[np.int64]  # (c, 4): a stroke, how far right and down it is drawn, its first pixel
    rows: NDArray[np.int16]  # (m,), of the window
    columns: NDArray[np.int16]  # (m,)
    marks: NDArray[np.int16]  # (m,), see coverage.py
    covers: NDArray[np.float32]  # (m,), shares of the pixels
    before: NDArray[np.float32]  # (m, 3), what was there


@exact_kernel
def paint(lines, inks, window, period, layers, coats, keeps):
    """Draw over layers, float32 (channels, height, width), and coats (height, width); returns the tape.

    Four channels are colour premultiplied by alpha, and alpha. keeps: the tape is wanted, which three
    channels have; else it is empty.
    """
    table, scratch = _table(lines.starts), _scratch(lines.boxes, inks.radii, window)
    planes, sums = layers.reshape(layers.shape[0], window.height * window.width), coats.reshape(coats.size)
    copies, c, m = np.empty((len(inks.radii) + 1, 4), np.int64), 0, 0
    tape = _longer_tape(_empty_tape(), _expected(lines, inks.radii, window) if keeps else 0)
    for i in range(len(inks.radii)):
        box, reach = lines.boxes[i], inks.radii[i] + _MARGIN
        low, high = _repeats(box[1] - reach, box[3] + reach, window.y0, window.height, period.height)
        begin, end = _repeats(box[0] - reach, box[2] + reach, window.x0, window.width, period.width)
        for down in range(low, high):
            for right in range(begin, end):
                dx, dy = np.float32(right * period.width), np.float32(down * period.height)
                vertices = lines.vertices[lines.starts[i] : lines.starts[i + 1]]
                n = measure(vertices, dx, dy, table)
                within = _part(box, dx, dy, reach, window)
                first = m if keeps else 0
                tape = _longer_tape(tape, first + within.height * within.width)
                pixels = tape.rows, tape.columns, tape.marks, tape.covers
                m = touch(table, n, inks.radii[i], window, within, scratch, pixels, first)
                m = cover(table, n, inks.radii[i], window, pixels, first, m)
                _blend(inks, i, window.width, tape, first, m, planes, sums, keeps)
                if keeps and m > first:
                    copies = _longer(copies, c + 1)
                    copies[c, 0], copies[c, 3] = i, first
                    copies[c, 1], copies[c, 2] = right * period.width, down * period.height
                    c += 1
    m = m if keeps else 0
    kept = tape.rows[:m], tape.columns[:m], tape.marks[:m], tape.covers[:m], tape.before[:m]
    return Tape(copies[:c], *kept)


@exact_kernel
def _expected(lines, radii, window):
    """About how many pixels there will be on a tape, rather more than fewer."""
    pixels = np.float32(window.height * window.width)
    total, most = _ZERO, _ZERO
    for i in range(len(radii)):
        reach, length = np.float32(2) * (radii[i] + np.float32(0.5)), _ZERO
        for v in range(lines.starts[i] + 1, lines.starts[i + 1]):
            x = lines.vertices[v, 0] - lines.vertices[v - 1, 0]
            y = lines.vertices[v, 1] - lines.vertices[v - 1, 1]
            length += np.sqrt(x * x + y * y)
        box = lines.boxes[i]
        own = (length + reach) * reach
        if own < pixels:  # else, or where it is no number, it may grow
            total += own
            most = max(most, (box[2] - box[0] + reach) * (box[3] - box[1] + reach))
    return np.int64(total + min(most, pixels))


@exact_kernel
def _table(starts):
    """Room for the longest polyline; see coverage.py."""
    most = 1
    for i in range(len(starts) - 1):
        most = max(most, starts[i + 1] - starts[i])
    return np.empty((most, COLUMNS), np.float32)


@exact_kernel
def _scratch(boxes, radii, window):
    """Room for the largest stroke in a window; see coverage.py."""
    height, width = 0, 0
    for i in range(len(boxes)):
        reach = np.float32(2) * (radii[i] + _MARGIN) + np.float32(3)
        high, wide = boxes[i, 3] - boxes[i, 1] + reach, boxes[i, 2] - boxes[i, 0] + reach
        height = max(height, np.int64(high) if high < np.float32(window.height) else window.height)
        width = max(width, np.int64(wide) if wide < np.float32(window.width) else window.width)
    shape = height, width
    return np.empty(shape, np.float32), np.empty(shape, np.int32), np.empty((height, 2), np.int64)


@exact_kernel
def _part(box, dx, dy, reach, window):
    """The part of a window in which a stroke may be seen."""
    x0, x1 = _within(box[0] + dx - reach, box[2] + dx + reach, window.x0, window.width)
    y0, y1 = _within(box[1] + dy - reach, box[3] + dy + reach, window.y0, window.height)
    return Window(x0, y0, y1 - y0, x1 - x0)


@exact_kernel
def _within(low, high, origin, size):
    """Whole pixels around what reaches from low to high, as far as they are in the window: half-open."""
    begin, end = np.float32(origin), np.float32(origin + size)
    first = np.int64(np.floor(min(max(low, begin), end)))
    return first, max(first, np.int64(np.ceil(min(max(high, begin), end))))


@exact_kernel
def _empty_tape():
    short, single = np.empty(0, np.int16), np.empty(0, np.float32)
    return Tape(np.empty((0, 4), np.int64), short, short, short, single, np.empty((0, 3), np.float32))


@exact_kernel
def _longer_tape(tape, size):
    """The same tape with room for so many pixels."""
    if size <= len(tape.rows):
        return tape
    rows, columns, marks = _longer(tape.rows, size), _longer(tape.columns, size), _longer(tape.marks, size)
    return Tape(tape.copies, rows, columns, marks, _longer(tape.covers, size), _longer(tape.before, size))


@exact_kernel
def _longer(values, size):
    """The same values with room for so many, and then for twice as many as there were."""
    if size <= len(values):
        return values
    longer = np.empty((max(size, 2 * len(values)), *values.shape[1:]), values.dtype)
    longer[: len(values)] = values
    return longer


@exact_kernel
def _repeats(low, high, origin, size, period):
    """By how many periods what reaches from low to high is moved to be seen from origin on: half-open."""
    if not (abs(low) < _FARTHEST and abs(high) < _FARTHEST):
        return 0, 0
    if period == 0:
        return 0, np.int64(low < np.float32(origin + size) and high > np.float32(origin))
    first = np.floor((np.float32(origin) - high) / np.float32(period)) + _ONE
    last = np.ceil((np.float32(origin + size) - low) / np.float32(period))
    return np.int64(first), np.int64(last)


@exact_kernel
def _blend(inks, i, width, tape, first, last, planes, sums, keeps):
    """Ink stroke i's pixels, of which the tape says how much of them is covered."""
    opacity, colour, channels = inks.opacities[i], inks.colours[i], len(planes)
    for e in range(first, last):
        place = np.int64(tape.rows[e]) * width + tape.columns[e]
        alpha = opacity * tape.covers[e]
        sums[place] += alpha
        if keeps:
            for channel in range(3):
                tape.before[e, channel] = planes[channel, place]
        bare = _ONE - planes[3, place] if channels == 4 else _ZERO
        for channel in range(channels):
            before = planes[channel, place]
            ink = colour[channel]
            if inks.multiplies and channel < 3:
                ink *= before + bare
            planes[channel, place] = (_ONE - alpha) * before + alpha * ink


@kernel
def unpaint(lines, inks, window, tape, slopes, coats):
    """Go back along the tape; slopes by the picture, (3, height, width), become those by what lay beneath.

    coats: slopes by the coats, (height, width). Returns slopes by the vertices, (m, 2), and by (radius, red,
    green, blue, opacity), (n, 5).
    """
    by_vertices = np.zeros(lines.vertices.shape, np.float32)
    by_inks = np.zeros((len(inks.radii), 5), np.float32)
    planes, sums = slopes.reshape(3, window.height * window.width), coats.reshape(coats.size)
    table, by_covers, last = _table(lines.starts), np.empty(len(tape.rows), np.float32), len(tape.rows)
    pixels = tape.rows, tape.columns, tape.marks
    for c in range(len(tape.copies) - 1, -1, -1):
        i, first = tape.copies[c, 0], tape.copies[c, 3]
        own = slice(lines.starts[i], lines.starts[i + 1])
        dx, dy = np.float32(tape.copies[c, 1]), np.float32(tape.copies[c, 2])
        n = measure(lines.vertices[own], dx, dy, table)
        _unblend(inks, i, window.width, tape, (first, last), planes, sums, by_covers, by_inks[i])
        by_inks[i, 0] += cover_slopes(
            table, n, inks.radii[i], window, pixels, first, last, by_covers, by_vertices[own]
        )
        last = first
    return by_vertices, by_inks


@kernel
def _unblend(inks, i, width, tape, span, planes, sums, by_covers, by_ink):
    """Take stroke i's pixels, those of a span of the tape, back; adds to by_ink, (5,), writes by_covers."""
    opacity, colour, by_opacity = inks.opacities[i], inks.colours[i], _ZERO
    for e in range(span[0], span[1]):
        place, share = np.int64(tape.rows[e]) * width + tape.columns[e], tape.covers[e]
        alpha, by_alpha = opacity * share, sums[place]
        for channel in range(3):
            slope, before, ink = planes[channel, place], tape.before[e, channel], colour[channel]
            if inks.multiplies:
                by_alpha += slope * before * (ink - _ONE)
                by_ink[1 + channel] += slope * before * alpha
                planes[channel, place] = slope * (_ONE - alpha * (_ONE - ink))
            else:
                by_alpha += slope * (ink - before)
                by_ink[1 + channel] += slope * alpha
                planes[channel, place] = slope * (_ONE - alpha)
        by_opacity += by_alpha * share
        by_covers[e] = by_alpha * opacity
    by_ink[4] += by_opacity
