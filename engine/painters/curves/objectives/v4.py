"""A small model of the visual area V4, which needs no network: what it likes are patterns of lines.

Energies of lines in eight directions (Adelson & Bergen 1985), each as a share of all that is to be seen
around it (Heeger 1992), and a template of directions over places, as cells of V4 have (Pasupathy & Connor
1999). An answer below nothing counts little, and within some pixels one strong answer is worth more than
many weak ones, while everywhere should be some.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray
from scipy import fft

from engine.errors import SpecError
from engine.image.pixels import LUMA
from engine.painters.curves.objectives.base import Planes, Sight, Verdict
from engine.painters.curves.objectives.v4_filters import Bank, Floats, Spectrum, bank
from engine.painters.curves.objectives.v4_motifs import CHANNELS, reach

SPREAD = 0.025  # of the templates' answers over strokes that lie anyhow: the unit of the loss

_FAINT = 0.03**2  # energy that counts as nothing, of black lines on white: a hundredth of what they have
_SOFT = 0.03  # answers from which on they count in full
_LEAST = 1e-4  # square of an answer of a place, beside which less makes no difference
_BESIDE = 16  # pixels that filters see beside a motif's lines


class _Seen(NamedTuple):
    """What the stages made of a picture; arrays are (..., rows, columns) of the coarse grid."""

    waves: Spectrum  # (8, ...), filtered lines: quadrature pairs as complex numbers
    clumps: Spectrum
    amidst: Floats  # the energy that lines are seen amidst
    shares: Floats  # (8, ...), energies of lines as shares of it
    answers: Floats  # (motifs, ...), of templates, rectified
    rising: Floats  # (motifs, ...), their slope by what is not rectified
    places: Floats  # the root of the mean square of answers around a place


@dataclass(frozen=True)
class V4:
    """Likes one of the patterns of CHANNELS. SpecError for another name."""

    channel: str

    def __post_init__(self) -> None:
        if self.channel not in CHANNELS:
            raise SpecError(f"v4/{self.channel}: there is no such channel; there are {', '.join(CHANNELS)}.")

    @property
    def _margin(self) -> int:
        """Pixels: about half of what a place is judged by lies within."""
        return math.ceil(reach(CHANNELS[self.channel])) + _BESIDE

    def verdict(self, sight: Sight, random: np.random.Generator) -> Verdict:
        """Minus the mean answer, in units of SPREAD; nothing in it is random.

        Of a picture that doesn't wrap the border is left out, by at most a quarter from each side.
        """
        size = height, width = sight.picture.shape[1:]
        filters = bank(self.channel, height, width)
        seen = _see(filters, sight.picture)
        counted = (
            np.ones(filters.size, np.float32) if sight.wraps else _inner(filters.size, size, self._margin)
        )
        share = (counted / (-SPREAD * counted.sum())).astype(np.float32)
        loss = float((share * seen.places).sum())
        return Verdict(loss, _slopes(filters, seen, share, size))

    def map(self, sight: Sight) -> NDArray[np.float32]:
        """Where the pattern is missing: (rows, columns), about half as many as the picture has."""
        seen = _see(bank(self.channel, *sight.picture.shape[1:]), sight.picture)
        return np.exp(-seen.places / (2 * SPREAD)).astype(np.float32)


def _inner(grid: tuple[int, int], size: tuple[int, int], margin: int) -> NDArray[np.float32]:
    """1 for places of the coarse grid that lie further from the border than the margin, else 0."""
    sides = []
    for count, side in zip(grid, size, strict=True):
        place = np.arange(count) * (side / count)
        left_out = min(margin, side // 4)
        sides.append((place >= left_out) & (place <= side - 1 - left_out))
    return np.outer(*sides).astype(np.float32)


def _filtered(plane: Floats, blur: Floats, grid: tuple[int, int]) -> Floats:
    """Real planes after a filter that is the same to all sides."""
    return fft.irfft2(fft.rfft2(plane) * blur, s=grid)


def _see(filters: Bank, picture: Planes) -> _Seen:
    grid = filters.size
    grey = np.tensordot(LUMA, picture, 1)
    finer = grid[0] * grid[1] / grey.size
    spectrum = fft.fft2(grey)[np.ix_(filters.rows, filters.columns)] * np.float32(finer)
    waves = fft.ifft2(spectrum * (2 * filters.lines))
    clumps = fft.ifft2(spectrum * filters.clumps)
    energy = _squared(waves)
    amidst = np.float32(_FAINT) + _filtered(energy.sum(axis=0) + _squared(clumps), filters.near, grid)
    shares = energy / amidst
    raw = fft.irfft2((filters.templates * fft.rfft2(shares)).sum(axis=1), s=grid) / np.float32(_SOFT)
    answers, rising = np.float32(_SOFT) * np.logaddexp(0, raw), 1 / (1 + np.exp(-raw))
    pooled = _filtered((answers * answers).sum(axis=0), filters.pool, grid)
    places = np.sqrt(np.maximum(pooled, 0) + np.float32(_LEAST))
    return _Seen(waves, clumps, amidst, shares, answers, rising, places)


def _slopes(filters: Bank, seen: _Seen, share: Floats, size: tuple[int, int]) -> Planes:
    """The slopes of sum(share * places) by the picture: the stages backwards."""
    grid = filters.size
    pooled = _filtered(share / (2 * seen.places), filters.pool, grid)
    raw = 2 * pooled * seen.answers * seen.rising
    back = (np.conj(filters.templates) * fft.rfft2(raw)[:, None]).sum(axis=0)
    by_energy = fft.irfft2(back, s=grid) / seen.amidst
    amidst = _filtered((by_energy * seen.shares).sum(axis=0), filters.near, grid)
    waves = fft.fft2((2 * (by_energy - amidst)) * seen.waves) * (2 * filters.lines)
    clumps = fft.fft2((-2 * amidst) * seen.clumps) * filters.clumps
    spectrum = np.zeros(size, waves.dtype)
    spectrum[np.ix_(filters.rows, filters.columns)] = waves.sum(axis=0) + clumps
    grey = fft.ifft2(spectrum).real  # the factors of four transforms, turned around, cancel out
    return (LUMA[:, None, None] * grey).astype(np.float32)


def _squared(numbers: Spectrum) -> Floats:
    return numbers.real**2 + numbers.imag**2
