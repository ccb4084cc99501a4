"""Colours that are said by numbers, as PNG, AVIF and HEIC do, and the ICC profile that says the same.

Primaries and transfer characteristics have the code points of ITU-T H.273 (CICP).
"""

from __future__ import annotations

import struct
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

Floats = npt.NDArray[np.float64]
Transfer = Callable[[Floats], Floats]  # the light, 0 to 1, of what is stored, 0 to 1
# x and y of white, red, green and blue
Chromaticities = tuple[float, float, float, float, float, float, float, float]

BT709: Chromaticities = (0.3127, 0.3290, 0.64, 0.33, 0.30, 0.60, 0.15, 0.06)
_PRIMARIES: dict[int, Chromaticities] = {
    1: BT709,
    4: (0.310, 0.316, 0.67, 0.33, 0.21, 0.71, 0.14, 0.08),
    5: (0.3127, 0.3290, 0.64, 0.33, 0.29, 0.60, 0.15, 0.06),
    6: (0.3127, 0.3290, 0.630, 0.340, 0.310, 0.595, 0.155, 0.070),
    7: (0.3127, 0.3290, 0.630, 0.340, 0.310, 0.595, 0.155, 0.070),
    8: (0.310, 0.316, 0.681, 0.319, 0.243, 0.692, 0.145, 0.049),
    9: (0.3127, 0.3290, 0.708, 0.292, 0.170, 0.797, 0.131, 0.046),
    11: (0.314, 0.351, 0.680, 0.320, 0.265, 0.690, 0.150, 0.060),
    12: (0.3127, 0.3290, 0.680, 0.320, 0.265, 0.690, 0.150, 0.060),
    22: (0.3127, 0.3290, 0.630, 0.340, 0.295, 0.605, 0.155, 0.077),
}
SRGB_GAMMA = 1 / 2.2  # which a PNG of sRGB says as the nearest power that there is
_NEAR = 0.001  # that numbers may be off for sRGB: a PNG has five digits of them
_UNSPECIFIED = 2

_BRADFORD = np.array([[0.8951, 0.2664, -0.1614], [-0.7502, 1.7135, 0.0367], [0.0389, -0.0685, 1.0296]])
_D50 = np.array([0.9642, 1.0, 0.8249])  # the white of ICC's connection space
_SAMPLES = 16 * 255 + 1  # so that each of 256 values is one of them
_PAPER = 203.0  # cd/m2 of white that is no light by itself, ITU-R BT.2408
_HLG_WHITE = 0.75  # and what HLG stores for it


@dataclass(frozen=True)
class Coding:
    """How colours are stored; white, the brightest that is kept, is 1."""

    chromaticities: Chromaticities
    transfer: Transfer
    is_hdr: bool = False
    is_narrow: bool = False  # black is 16 and white 235 of 255

    def profile(self) -> bytes | None:
        """The same as an ICC profile; None for sRGB, and for primaries that no colours can be made of."""
        try:
            matrix = _to_d50(self.chromaticities)
        except (np.linalg.LinAlgError, ZeroDivisionError):
            return None
        if not np.isfinite(matrix).all() or np.abs(matrix).max() > 100:
            return None
        is_srgb = self.transfer is srgb and not self.is_narrow
        if is_srgb and np.allclose(self.chromaticities, BT709, atol=_NEAR):
            return None
        stored = np.linspace(0, 1, _SAMPLES)
        if self.is_narrow:
            stored = np.clip((255 * stored - 16) / 219, 0, 1)
        return _icc(matrix, np.clip(self.transfer(stored), 0, 1))


def of_code_points(primaries: int, transfer: int, is_narrow: bool = False) -> Coding | None:
    """The coding of H.273's numbers; None where one is unknown, or nothing is specified."""
    if primaries == transfer == _UNSPECIFIED:
        return None
    chromaticities = _PRIMARIES.get(1 if primaries == _UNSPECIFIED else primaries)
    curve = _TRANSFERS.get(13 if transfer == _UNSPECIFIED else transfer)
    if chromaticities is None or curve is None:
        return None
    return Coding(chromaticities, curve, transfer in _HDR, is_narrow)


def of_gamma(gamma: float | None, chromaticities: Chromaticities | None) -> Coding:
    """The coding of a PNG's gAMA (the power that light was stored with) and cHRM; None: of sRGB."""
    colours = chromaticities or BT709
    means_srgb = (
        gamma is not None and abs(gamma - SRGB_GAMMA) < _NEAR and np.allclose(colours, BT709, atol=_NEAR)
    )
    return Coding(colours, srgb if gamma is None or means_srgb else power(1 / gamma))


def power(exponent: float) -> Transfer:
    """A curve without a straight part."""
    return lambda stored: stored**exponent


def srgb(stored: Floats) -> Floats:
    """IEC 61966-2-1."""
    return np.where(stored <= 0.04045, stored / 12.92, ((stored + 0.055) / 1.055) ** 2.4)


def _bt709(stored: Floats) -> Floats:
    """ITU-R BT.709, 1.2, the other way round."""
    return np.where(stored < 0.081, stored / 4.5, ((stored + 0.099) / 1.099) ** (1 / 0.45))


def _smpte240(stored: Floats) -> Floats:
    """SMPTE ST 240."""
    return np.where(stored < 0.0913, stored / 4, ((stored + 0.1115) / 1.1115) ** (1 / 0.45))


def _pq(stored: Floats) -> Floats:
    """SMPTE ST 2084; what is brighter than paper is as white as that."""
    root = stored ** (32 / 2523)
    light = np.maximum(root - 107 / 128, 0) / (2413 / 128 - 2392 / 128 * root)
    return np.minimum(10_000 / _PAPER * light ** (8192 / 1305), 1)


def _hlg(stored: Floats) -> Floats:
    """ITU-R BT.2100's hybrid log-gamma on a screen of 1000 cd/m2, each channel by itself; white as above."""

    def light(values: Floats) -> Floats:
        bright = (np.exp((values - 0.55991073) / 0.17883277) + 0.28466892) / 12
        return np.where(values <= 0.5, values**2 / 3, bright) ** 1.2

    return np.minimum(light(stored) / light(np.array(_HLG_WHITE)), 1)


_TRANSFERS: dict[int, Transfer] = {
    **dict.fromkeys((1, 6, 11, 12, 14, 15), _bt709),
    4: power(2.2),
    5: power(2.8),
    7: _smpte240,
    8: power(1.0),
    13: srgb,
    16: _pq,
    17: lambda stored: 52.37 / 48 * stored**2.6,
    18: _hlg,
}
_HDR = (16, 18)


def _to_d50(chromaticities: Chromaticities) -> Floats:
    """The 3 x 3 matrix from linear RGB to XYZ with the white of D50, adapted as ICC does (Bradford)."""
    columns = [
        np.array([x / y, 1.0, (1 - x - y) / y])
        for x, y in zip(chromaticities[::2], chromaticities[1::2], strict=True)
    ]
    white, primaries = columns[0], np.stack(columns[1:], axis=1)
    matrix = primaries * np.linalg.solve(primaries, white)
    scale = np.diag((_BRADFORD @ _D50) / (_BRADFORD @ white))
    return np.linalg.solve(_BRADFORD, scale @ _BRADFORD @ matrix)


def _icc(matrix: Floats, curve: Floats) -> bytes:
    """A version 2 display profile of a matrix and one curve for all channels."""

    def fixed(values: Floats) -> bytes:
        return struct.pack(f">{len(values)}i", *np.rint(values * 65536).astype(int).tolist())

    def xyz(values: Floats) -> bytes:
        return b"XYZ \0\0\0\0" + fixed(values)

    samples = np.rint(curve * 65535).astype(">u2").tobytes()
    name = b"as said by numbers\0"
    tags = {
        b"desc": b"desc\0\0\0\0" + struct.pack(">I", len(name)) + name + bytes(78),
        b"cprt": b"text\0\0\0\0none\0",
        b"wtpt": xyz(_D50),
        **{sign: xyz(column) for sign, column in zip((b"rXYZ", b"gXYZ", b"bXYZ"), matrix.T, strict=True)},
        b"rTRC": b"curv\0\0\0\0" + struct.pack(">I", len(curve)) + samples,
    }
    body, places, start = b"", [], 128 + 4 + 12 * (len(tags) + 2)
    for sign, data in tags.items():
        places.append((sign, start + len(body), len(data)))
        body += data + bytes(-len(data) % 4)
    places += [(sign, *places[-1][1:]) for sign in (b"gTRC", b"bTRC")]
    table = struct.pack(">I", len(places)) + b"".join(struct.pack(">4sII", *place) for place in places)
    head = struct.pack(
        ">I4xI4s4s4s12x4s28x12s48x",
        128 + len(table) + len(body), 0x02400000, b"mntr", b"RGB ", b"XYZ ", b"acsp", fixed(_D50),
    )  # fmt: skip
    return head + table + body
