"""What the model of V4 sees with: filters of directions and templates of channels, over frequencies.

All that follows the first filters is computed on a grid half as fine as the picture: they let nothing pass
that such a grid could not hold.
"""

from __future__ import annotations

import functools
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy import fft
from scipy.special import expit

from engine.painters.curves.objectives.v4_motifs import CHANNELS, Channel, Motif, reach

Floats = NDArray[np.floating]
Spectrum = NDArray[np.complexfloating]

DIRECTIONS = np.arange(8) * np.pi / 8  # of lines, radians from the x axis downwards
WAVELENGTH = 9.0  # pixels from line to line that filters answer to most: of pens 2 to 3 px wide
_OCTAVES = 0.5  # standard deviation of the filters over frequencies, in powers of two
_ANGLE = 0.3  # and over directions, radians
_CLUMPS, _OF_CLUMPS = 26.0, 0.7  # wavelength and octaves of what is no line: crowds of lines and bare places
_AGAINST_CLUMPS = 3.0  # how much their energy counts among all that lines are seen amidst
_NEAR = 4.0  # sigma, pixels, of the neighbourhood that lines are seen amidst
_POOL = 14.0  # sigma, pixels, within which one good motif is enough
_LOOSE = 2.0  # sigma, pixels, by which lines may lie beside those of a motif
_TUNED = 3.0  # concentration of a motif's lines around their direction
_SURROUND = 1.35  # of a motif's reach: where it is held against a drawing that there is more
_HIGHEST = 0.24  # cycles a pixel that filters pass


@dataclass(frozen=True)
class Bank:
    """Filters for pictures of one size, in the frequencies of the coarse grid (rows, columns)."""

    size: tuple[int, int]  # rows and columns of the coarse grid
    rows: NDArray[np.intp]  # where its frequencies are among the picture's
    columns: NDArray[np.intp]
    lines: Floats  # (8, rows, columns), one half of the frequencies each: what comes out is complex
    clumps: Floats  # (rows, columns)
    near: Floats  # (rows, columns // 2 + 1), a blur
    pool: Floats  # (rows, columns // 2 + 1), a blur
    templates: Spectrum  # (motifs, 8, rows, columns // 2 + 1), conjugate


@functools.lru_cache(maxsize=8)
def bank(channel: str, height: int, width: int) -> Bank:
    """The filters of a channel for pictures of a size."""
    rows, columns = (fft.next_fast_len(max(-(-side // 2), 2), real=True) for side in (height, width))
    fy, fx = np.fft.fftfreq(rows, 1 / rows), np.fft.fftfreq(columns, 1 / columns)
    y, x = fy[:, None] / height, fx[None] / width
    away = np.hypot(x, y)
    away[0, 0] = 1e-9
    angle = np.arctan2(y, x)
    passed = (np.abs(x) < _HIGHEST) & (np.abs(y) < _HIGHEST)
    band = passed * np.exp(-(np.log2(away * WAVELENGTH) ** 2) / (2 * _OCTAVES**2))
    beside = np.angle(np.exp(1j * (angle - (DIRECTIONS + np.pi / 2)[:, None, None])))
    half = columns // 2 + 1
    places = np.meshgrid(fy * height / rows, fx * width / columns, indexing="ij")
    liked = CHANNELS[channel]
    templates = np.array([_template(motif, liked, *places) for motif in liked.motifs], np.float32)
    return Bank(
        (rows, columns),
        fy.astype(np.intp) % height,
        fx.astype(np.intp) % width,
        (band * np.exp(-(beside**2) / (2 * _ANGLE**2))).astype(np.float32),
        (passed * np.exp(-(np.log2(away * _CLUMPS) ** 2) / (2 * _OF_CLUMPS**2))).astype(np.float32)
        * np.float32(np.sqrt(_AGAINST_CLUMPS)),
        np.exp(-2 * (np.pi * _NEAR * away[:, :half]) ** 2).astype(np.float32),
        np.exp(-2 * (np.pi * _POOL * away[:, :half]) ** 2).astype(np.float32),
        np.conj(fft.rfft2(templates)),
    )


def _template(motif: Motif, channel: Channel, y: Floats, x: Floats) -> Floats:
    """Which directions are wanted where, around the place (0, 0): (8, rows, columns).

    What is wanted adds up to 1. Against it stand all directions along the motif's lines, and all where it
    has none.
    """
    wanted, lines = np.zeros((len(DIRECTIONS), *y.shape)), np.zeros(y.shape)
    for line in motif:
        step = np.diff(line, axis=0)
        for (x0, y0), (dx, dy) in zip((line[1:] + line[:-1]) / 2, step, strict=True):
            near = np.hypot(dx, dy) * np.exp(-((y - y0) ** 2 + (x - x0) ** 2) / (2 * _LOOSE**2))
            tuned = np.exp(_TUNED * (np.cos(2 * (DIRECTIONS - np.arctan2(dy, dx))) - 1))
            wanted += tuned[:, None, None] * near
            lines += near
    surround = expit((_SURROUND * reach(channel) - np.hypot(x, y)) / 2)
    bare = surround * np.clip(1 - 1.5 * lines / lines.max(), 0, 1)
    others = channel.against_others * lines / lines.sum() + channel.against_more * bare / bare.sum()
    return wanted / wanted.sum() - others / len(DIRECTIONS)
