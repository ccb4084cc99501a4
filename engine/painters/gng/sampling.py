"""Points drawn from a density: Walker's alias table (Walker 1977), built in linear time (Vose 1991)."""

from __future__ import annotations

import math
from collections.abc import Iterator
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from engine.kernels.jit import exact_kernel
from engine.kernels.random import bits

BAND = 64  # rows that are gone through at a time, about
ENTRY_DTYPE = np.dtype([("pixel", np.int32), ("other", np.int32), ("share", np.float32)], align=True)


class Field(NamedTuple):
    """How likely a sample falls where, in a window of pixels."""

    density: NDArray[np.float32]  # (height, width), none below 0
    pixel: float  # target pixels along the side of a pixel
    x0: float  # of the window's upper left corner, target pixels
    y0: float
    inked: int  # pixels that have any
    total: float  # of the density,
    squares: float  # and of its squares

    @property
    def even(self) -> float:
        """How many pixels would hold as much evenly."""
        return self.total**2 / self.squares if self.squares else 0.0

    @property
    def area(self) -> float:
        """The same in target pixels."""
        return self.even * self.pixel**2


def field_of(density: NDArray[np.float32], pixel: float = 1.0, x0: float = 0.0, y0: float = 0.0) -> Field:
    """The field of a window; see Field."""
    inked, total, squares = _sums(density)
    return Field(density, float(pixel), float(x0), float(y0), int(inked), float(total), float(squares))


class Ink(NamedTuple):
    """A field as samples are drawn from it, each by itself."""

    table: NDArray[np.void]  # ENTRY_DTYPE, of the pixels that have any
    width: int  # of the window, pixels
    pixel: float
    x0: float
    y0: float
    area: float  # target pixels


def ink_of(field: Field) -> Ink:
    """The ink of a window."""
    where, shares = np.empty(field.inked, np.int32), np.empty(field.inked)
    _shares(field.density, field.inked / max(field.total, 1e-300), where, shares)
    table = np.zeros(field.inked, ENTRY_DTYPE)
    fill_table(where, shares, table)
    return Ink(table, field.density.shape[1], field.pixel, field.x0, field.y0, field.area)


def spread(field: Field, state: NDArray[np.uint64], samples: int) -> Iterator[NDArray[np.float64]]:
    """Places that together are what so many samples of a field are, but evenly spread: (n, 2), in pieces.

    The pixels are gone through once, in strips as high as samples lie apart. What they hold together is cut
    into as many pieces of the same size, and there is a sample at a random place in each.
    """
    if not field.even or samples < 1:
        return
    each = field.total / samples
    strip = max(1, int(math.sqrt(field.even / samples)))
    rows = -(-BAND // strip) * strip
    walk = np.array([0.0, each * _chance(state), 0.0])
    for top in range(0, field.density.shape[0], rows):
        band = field.density[top : top + rows]
        places = np.empty((int(_sums(band)[1] / each) + 3, 2))
        found = _spread(band, field, top, strip, each, samples, walk, state, places)
        yield places[:found]


def chance_of(seed: np.random.SeedSequence) -> NDArray[np.uint64]:
    """The state that random bits are drawn from: (1,)."""
    return np.array(seed.generate_state(1, np.uint64), np.uint64)


@exact_kernel
def _sums(density):
    """How many pixels have any, and the sums of what they have and of its squares."""
    count, total, squares = 0, 0.0, 0.0
    for row in range(density.shape[0]):
        for column in range(density.shape[1]):
            amount = np.float64(density[row, column])
            count += amount > 0
            total += amount
            squares += amount * amount
    return count, total, squares


@exact_kernel
def _shares(density, factor, where, shares):
    count = 0
    for row in range(density.shape[0]):
        for column in range(density.shape[1]):
            amount = np.float64(density[row, column])
            if amount > 0:
                where[count] = row * density.shape[1] + column
                shares[count] = amount * factor
                count += 1


@exact_kernel
def _chance(state):
    return np.float64(bits(state) >> np.uint64(11)) * 2.0**-53


@exact_kernel
def _spread(band, field, top, strip, each, samples, walk, state, places):
    """Write the places of a band's samples, how many; top: its first row.

    walk: how much the pixels before hold, where the next sample is, and how many there were; changed.
    """
    passed, due, done = walk
    found = 0
    for first in range(0, band.shape[0], strip):
        for column in range(band.shape[1]):
            for row in range(first, min(first + strip, band.shape[0])):
                passed += band[row, column]
                while due < passed and done < samples and found < places.shape[0]:
                    place = bits(state)
                    right = np.float64(place >> np.uint64(32)) * 2.0**-32
                    down = np.float64(place & np.uint64(0xFFFFFFFF)) * 2.0**-32
                    places[found, 0] = field.x0 + (column + right) * field.pixel
                    places[found, 1] = field.y0 + (top + row + down) * field.pixel
                    found += 1
                    done += 1
                    due = each * (done + _chance(state))
    walk[0], walk[1], walk[2] = passed, due, done
    return found


@exact_kernel
def fill_table(where, shares, table):
    """Pair what is below the mean with what is above it. shares: float64, mean 1, changed; (n,)."""
    count = where.shape[0]
    stack = np.empty(count, np.int32)
    small, large = 0, count  # the two ends of the stack
    for i in range(count):
        table[i].pixel = where[i]
        if shares[i] < 1:
            stack[small] = i
            small += 1
        else:
            large -= 1
            stack[large] = i
    while small > 0 and large < count:
        small -= 1
        i, j = stack[small], stack[large]
        table[i].share = shares[i]
        table[i].other = where[j]
        shares[j] -= 1 - shares[i]
        if shares[j] < 1:
            stack[small] = j
            small += 1
            large += 1
    for k in range(small):  # what rounding has left over
        table[stack[k]].share = 1
        table[stack[k]].other = where[stack[k]]
    for k in range(large, count):
        table[stack[k]].share = 1
        table[stack[k]].other = where[stack[k]]


@exact_kernel
def sample(ink, state):
    """(x, y) in target pixels: a pixel by the table, and any place inside it.

    Without that last step nodes settle on the lattice of the pixels.
    """
    first = bits(state)
    high, low = first >> np.uint64(32), first & np.uint64(0xFFFFFFFF)
    entry = ink.table[np.int64((high * np.uint64(ink.table.shape[0])) >> np.uint64(32))]
    pixel = entry.pixel if np.float64(low) * 2.0**-32 < entry.share else entry.other
    second = bits(state)
    right = np.float64(second >> np.uint64(32)) * 2.0**-32
    down = np.float64(second & np.uint64(0xFFFFFFFF)) * 2.0**-32
    x = ink.x0 + (pixel % ink.width + right) * ink.pixel
    y = ink.y0 + (pixel // ink.width + down) * ink.pixel
    return x, y
