"""Drawing strokes, and how a drawing changes with them: exact slopes of what is drawn.

What a window shows is to the last bit what the whole picture shows there: everything is computed from the
picture's own coordinates, one operation after the other.
"""

from __future__ import annotations

from typing import Literal, NamedTuple

import numpy as np
from numpy.typing import NDArray

from engine.kernels.jit import exact_kernel, kernel
from engine.painters.curves.coverage import COLUMNS, HALF_DIAGONAL, cover, cover_slopes, measure, touch
from engine.painters.curves.polyline import Polylines, by_points, polylines
from engine.painters.curves.strokes import Strokes

Mode = Literal["cover", "multiply"]  # what ink does to what lies beneath
_ZERO, _HALF, _ONE = np.float32(0), np.float32(0.5), np.float32(1)
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

    copies: NDArray[np.int64]  # (c, 4): a stroke, how far right and down it is drawn, its first touched pixel
    places: NDArray[np.int32]  # (m,), touched pixels, row by row in the window
    marks: NDArray[np.int32]  # (m,), see coverage.py
    covers: NDArray[np.float32]  # (m,), shares of the pixels
    before: NDArray[np.float32]  # (m, 3), what was there


class Drawn(NamedTuple):
    """A drawing, and all that its slopes need."""

    picture: NDArray[np.float32]  # (3, height, width), sRGB-encoded, 0..1
    coats: NDArray[np.float32]  # (height, width), the sum of coverage x opacity over all strokes
    window: Window
    lines: Polylines
    inks: Inks
    tape: Tape


class Gradients(NamedTuple):
    """Slopes of a number by what strokes are."""

    points: NDArray[np.float32]  # (n, POINTS, 2), per target pixel
    widths: NDArray[np.float32]  # (n,), per target pixel
    colours: NDArray[np.float32]  # (n, 3)
    opacities: NDArray[np.float32]  # (n,)


def draw(
    strokes: Strokes,
    background: tuple[float, float, float] | NDArray[np.float32],
    window: Window,
    period: Period | None = None,
    mode: Mode = "cover",
) -> Drawn:
    """The strokes in a window, back to front over a background (sRGB-encoded, 0..1).

    period: strokes come again so many pixels below and to the right, without end.
    """
    window = Window(*map(int, window))
    lines, inks = polylines(strokes), inks_of(strokes, mode)
    picture = np.empty((3, window.height, window.width), np.float32)
    picture[:] = np.asarray(background, np.float32)[:, None, None]
    coats = np.zeros(picture.shape[1:], np.float32)
    tape = paint(lines, inks, window, period or NO_PERIOD, picture, coats, True)
    return Drawn(picture, coats, window, lines, inks, tape)


def inks_of(strokes: Strokes, mode: Mode) -> Inks:
    """What these strokes are drawn with, in three channels."""
    radii = np.maximum(strokes.widths, _ZERO) * _HALF
    colours = np.ascontiguousarray(strokes.colours, np.float32)
    return Inks(radii, colours, np.ascontiguousarray(strokes.opacities), mode == "multiply")


def gradients(
    strokes: Strokes,
    drawn: Drawn,
    by_picture: NDArray[np.float32],
    by_coats: NDArray[np.float32] | None = None,
) -> Gradients:
    """The slopes of a number by the strokes that were drawn, from its slopes by the drawing.

    by_picture: (3, height, width). by_coats: (height, width); None: it doesn't depend on them.
    """
    slopes = by_picture.astype(np.float32, order="C")  # a copy, which changes
    coats = np.zeros(slopes.shape[1:], np.float32) if by_coats is None else np.ascontiguousarray(by_coats)
    by_vertices, by_inks = slopes_of(drawn.lines, drawn.inks, drawn.window, drawn.tape, slopes, coats)
    widths = np.where(strokes.widths > 0, by_inks[:, 0] * _HALF, _ZERO)
    points = by_points(strokes, drawn.lines, by_vertices)
    return Gradients(points, widths, by_inks[:, 1:4].copy(), by_inks[:, 4].copy())


class _Scratch(NamedTuple):
    """Room for one stroke in a window; see coverage.py."""

    near: NDArray[np.float32]  # (height, width)
    which: NDArray[np.int32]  # (height, width)
    ends: NDArray[np.int64]  # (height, 2)
    table: NDArray[np.float32]  # (vertices, COLUMNS)


@exact_kernel
def paint(lines, inks, window, period, layers, coats, keeps):
    """Draw over layers, float32 (channels, height, width), and coats (height, width); returns the tape.

    Four channels are colour premultiplied by alpha, and alpha. keeps: the tape is wanted, which three
    channels have; else it is empty.
    """
    scratch = _scratch(window, lines.starts)
    planes, sums = layers.reshape(layers.shape[0], window.height * window.width), coats.reshape(coats.size)
    copies, c, m = np.empty((len(inks.radii) + 1, 4), np.int64), 0, 0
    tape = _empty_tape(copies)
    for i in range(len(inks.radii)):
        box, reach = lines.boxes[i], inks.radii[i] + HALF_DIAGONAL
        low, high = _repeats(box[1] - reach, box[3] + reach, window.y0, window.height, period.height)
        begin, end = _repeats(box[0] - reach, box[2] + reach, window.x0, window.width, period.width)
        for down in range(low, high):
            for right in range(begin, end):
                dx, dy = right * period.width, down * period.height
                first = m if keeps else 0
                tape, m = _cover_all(lines, inks.radii[i], i, window, (dx, dy), scratch, tape, first)
                _blend(inks, i, tape, first, m, planes, sums, keeps)
                if keeps:
                    if c == len(copies):
                        copies = _longer(copies, 2 * c)
                    copies[c, 0], copies[c, 1], copies[c, 2], copies[c, 3] = i, dx, dy, first
                    c += 1
    m = m if keeps else 0
    return Tape(copies[:c], tape.places[:m], tape.marks[:m], tape.covers[:m], tape.before[:m])


@exact_kernel
def _scratch(window, starts):
    """Room for the longest polyline."""
    most = 1
    for i in range(len(starts) - 1):
        most = max(most, starts[i + 1] - starts[i])
    shape = (window.height, window.width)
    ends = np.empty((window.height, 2), np.int64)
    return _Scratch(
        np.empty(shape, np.float32), np.empty(shape, np.int32), ends, np.empty((most, COLUMNS), np.float32)
    )


@exact_kernel
def _empty_tape(copies):
    return Tape(
        copies,
        np.empty(0, np.int32),
        np.empty(0, np.int32),
        np.empty(0, np.float32),
        np.empty((0, 3), np.float32),
    )


@exact_kernel
def _longer(values, size):
    """The same values with room for more."""
    longer = np.empty((size, *values.shape[1:]), values.dtype)
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
def _cover_all(lines, radius, i, window, moved, scratch, tape, m):
    """Put what stroke i covers, moved right and down, on the tape from m on; returns it and where it ends."""
    vertices, table = lines.vertices[lines.starts[i] : lines.starts[i + 1]], scratch.table
    n = measure(vertices, np.float32(moved[0]), np.float32(moved[1]), table)
    reach = radius + HALF_DIAGONAL
    first, last = touch(table, n, reach, window, scratch.near, scratch.which, scratch.ends)
    size = m
    for y in range(first, last):
        size += scratch.ends[y, 1] - scratch.ends[y, 0]
    if size > len(tape.places):
        size = max(size, 2 * len(tape.places))
        tape = Tape(
            tape.copies,
            _longer(tape.places, size),
            _longer(tape.marks, size),
            _longer(tape.covers, size),
            _longer(tape.before, size),
        )
    for y in range(first, last):
        py = np.float32(y + window.y0) + _HALF
        for x in range(scratch.ends[y, 0], scratch.ends[y, 1]):
            square = scratch.near[y, x]
            if square < reach * reach and radius > _ZERO:
                px = np.float32(x + window.x0) + _HALF
                share, mark = cover(table, n, scratch.which[y, x], px, py, square, radius)
                if share > _ZERO:
                    tape.places[m], tape.marks[m], tape.covers[m] = y * window.width + x, mark, share
                    m += 1
    return tape, m


@exact_kernel
def _blend(inks, i, tape, first, last, planes, sums, keeps):
    """Ink stroke i's pixels, of which the tape says how much of them is covered."""
    opacity, channels = inks.opacities[i], len(planes)
    colour = inks.colours[i]
    for e in range(first, last):
        place = tape.places[e]
        alpha = opacity * tape.covers[e]
        sums[place] += alpha
        if keeps:
            for channel in range(3):
                tape.before[e, channel] = planes[channel, place]
        bare = _ONE - planes[3, place] if channels == 4 else _ZERO
        for channel in range(channels):
            before = planes[channel, place]
            if inks.multiplies and channel < 3:
                inked = colour[channel] * (before + bare)
            else:
                inked = colour[channel]
            planes[channel, place] = (_ONE - alpha) * before + alpha * inked


@kernel
def slopes_of(lines, inks, window, tape, slopes, coats):
    """See gradients; slopes, (3, height, width), end as those by what was there before.

    Returns those by the vertices, (m, 2), and by (radius, red, green, blue, opacity), (n, 5).
    """
    by_vertices = np.zeros(lines.vertices.shape, np.float32)
    by_inks = np.zeros((len(inks.radii), 5), np.float32)
    planes, sums = slopes.reshape(3, window.height * window.width), coats.reshape(coats.size)
    table = _scratch(Window(0, 0, 0, 0), lines.starts).table
    end = len(tape.places)
    for c in range(len(tape.copies) - 1, -1, -1):
        i, begin = tape.copies[c, 0], tape.copies[c, 3]
        if begin < end:
            vertices = lines.vertices[lines.starts[i] : lines.starts[i + 1]]
            own = by_vertices[lines.starts[i] : lines.starts[i + 1]]
            dx, dy = np.float32(tape.copies[c, 1]), np.float32(tape.copies[c, 2])
            n = measure(vertices, dx, dy, table)
            for e in range(begin, end):
                by_cover = _unblend(inks, i, tape, e, planes, sums, by_inks[i])
                y, x = divmod(np.int64(tape.places[e]), window.width)
                px, py = np.float32(x + window.x0) + _HALF, np.float32(y + window.y0) + _HALF
                by_inks[i, 0] += cover_slopes(table, n, tape.marks[e], px, py, inks.radii[i], by_cover, own)
        end = begin
    return by_vertices, by_inks


@kernel
def _unblend(inks, i, tape, e, planes, sums, by_ink):
    """Take pixel e of the tape back: adds to by_ink, (5,); returns the slope by its cover."""
    place, share, opacity, colour = tape.places[e], tape.covers[e], inks.opacities[i], inks.colours[i]
    alpha = opacity * share
    by_alpha = sums[place]
    for channel in range(3):
        slope, before, ink = planes[channel, place], tape.before[e, channel], colour[channel]
        weight = before if inks.multiplies else _ONE
        by_alpha += slope * (weight * ink - before)
        by_ink[1 + channel] += slope * alpha * weight
        planes[channel, place] = slope * (_ONE - alpha * (_ONE - ink if inks.multiplies else _ONE))
    by_ink[4] += by_alpha * share
    return by_alpha * opacity
