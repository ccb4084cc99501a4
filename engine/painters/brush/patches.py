"""Patches of strokes' opacity brought into a picture, and how the picture changes with them.

A patch has SIDE x SIDE texels and fills its box, a square of any size at any place of the picture. A pixel
has the mean of the patch at evenly spread places of it, as many as there are texels to a pixel, each between
its four nearest texels (bilinear); beyond its box a patch has nothing.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from engine.kernels.jit import exact_kernel as kernel
from engine.painters.brush.patch_boxes import SIDE, Floats

MOST_PLACES = 8  # of a pixel along a side, at which a patch is looked at


class PatchTape(NamedTuple):
    """What the way back needs of a drawing."""

    patches: Floats  # (n, SIDE, SIDE)
    corner: NDArray[np.int64]  # (2,): the target pixel (x, y) at the picture's corner
    places: Floats  # (n, 3): a box's left and upper border, target pixels, and texels to a pixel
    inks: Floats  # (n, channels)
    opacities: Floats  # (n,)
    spans: NDArray[np.int64]  # (n, 4): the pixels that each may touch, x from and to, y from and to
    starts: NDArray[np.int64]  # (n,): where each has its entries in the values
    values: (
        Floats  # for each pixel that is touched: opacity of the patch, and what was there, channel by channel
    )


class ByPatches(NamedTuple):
    """Slopes of a number by what was drawn."""

    patches: Floats  # (n, SIDE, SIDE)
    colours: Floats  # (n, channels)
    opacities: Floats  # (n,)
    base: Floats  # (height, width, channels), by what was there before


def draw_patches(
    patches: Floats,
    boxes: Floats,
    colours: Floats,
    opacities: Floats,
    base: Floats,
    corner: tuple[int, int] = (0, 0),
    is_recorded: bool = True,
    limits: Floats | None = None,
) -> PatchTape:
    """Draw strokes over a base, in place, one after the other.

    patches: (n, SIDE, SIDE), 0..1. boxes: (n, 4), left, upper, right and lower border in target pixels.
    colours: (n, channels). base: (height, width, channels), C order; one with alpha is premultiplied, and its
    colours have a fourth number of 1. corner: the target pixel (x, y) at the base's corner. is_recorded:
    whether the tape is to lead back. limits: boxes as well, beyond which a stroke touches no pixel.
    """
    height, width, channels = base.shape
    side = np.maximum(boxes[:, 2] - boxes[:, 0], np.float32(1e-3))
    places = np.stack([boxes[:, 0], boxes[:, 1], SIDE / side], axis=1).astype(np.float32)
    spans = np.empty((len(boxes), 4), np.int64)
    for at, most in enumerate((width, height)):
        low, high = boxes[:, at], boxes[:, at] + side
        if limits is not None:
            low, high = np.maximum(low, limits[:, at]), np.minimum(high, limits[:, 2 + at])
        spans[:, 2 * at] = np.clip(np.floor(low) - corner[at], 0, most)
        spans[:, 2 * at + 1] = np.clip(np.ceil(high) - corner[at], spans[:, 2 * at], most)
    counts = (spans[:, 1] - spans[:, 0]) * (spans[:, 3] - spans[:, 2]) * (1 + channels)
    starts = np.concatenate([[0], np.cumsum(counts)[:-1]]) if len(counts) else np.zeros(0, np.int64)
    values = np.empty(int(counts.sum()) if is_recorded else 0, np.float32)
    tape = PatchTape(
        np.ascontiguousarray(patches, np.float32),
        np.array(corner, np.int64),
        places,
        np.ascontiguousarray(colours, np.float32),
        np.ascontiguousarray(opacities, np.float32),
        spans,
        starts.astype(np.int64),
        values,
    )
    _draw(tape, base, is_recorded)
    return tape


def slopes_back(tape: PatchTape, by_picture: Floats) -> ByPatches:
    """Slopes by what was drawn, from those by the picture, (height, width, channels)."""
    slopes = by_picture.astype(np.float32, order="C")  # a copy, which changes
    found = ByPatches(
        np.zeros(tape.patches.shape, np.float32),
        np.zeros(tape.inks.shape, np.float32),
        np.zeros(tape.opacities.shape, np.float32),
        slopes,
    )
    _draw_back(tape, found)
    return found


@kernel
def _draw(tape, base, is_recorded):
    """See draw_patches."""
    channels = base.shape[2]
    for stroke in range(len(tape.starts)):
        x0, x1, y0, y1 = tape.spans[stroke]
        left, upper, texels = tape.places[stroke]
        patch, ink, opacity = tape.patches[stroke], tape.inks[stroke], tape.opacities[stroke]
        places = min(max(np.int64(np.ceil(texels)), 1), MOST_PLACES)
        at = tape.starts[stroke]
        for y in range(y0, y1):
            for x in range(x0, x1):
                u = (np.float32(x + tape.corner[0]) - left) * texels
                v = (np.float32(y + tape.corner[1]) - upper) * texels
                alpha = _seen(patch, u, v, texels / places, places)
                if is_recorded:
                    tape.values[at] = alpha
                    for channel in range(channels):
                        tape.values[at + 1 + channel] = base[y, x, channel]
                    at += 1 + channels
                share = alpha * opacity
                for channel in range(channels):
                    base[y, x, channel] += share * (ink[channel] - base[y, x, channel])


@kernel
def _seen(patch, u, v, step, places):
    """The mean of a patch over a pixel whose corner lies at texels (u, v)."""
    total = np.float32(0)
    for row in range(places):
        y = v + (row + np.float32(0.5)) * step - np.float32(0.5)
        top = np.int64(np.floor(y))
        down = np.float32(y - top)
        for column in range(places):
            x = u + (column + np.float32(0.5)) * step - np.float32(0.5)
            near = np.int64(np.floor(x))
            across = np.float32(x - near)
            if top < 0 or near < 0 or top + 1 >= SIDE or near + 1 >= SIDE:
                total += _edge(patch, top, near, down, across)
            else:
                upper = patch[top, near] + across * (patch[top, near + 1] - patch[top, near])
                lower = patch[top + 1, near] + across * (patch[top + 1, near + 1] - patch[top + 1, near])
                total += upper + down * (lower - upper)
    return total / np.float32(places * places)


@kernel
def _edge(patch, top, near, down, across):
    """The patch between four texels of which some lie beyond it, where there is nothing."""
    total = np.float32(0)
    for row in range(2):
        for column in range(2):
            y, x = top + row, near + column
            if 0 <= y < SIDE and 0 <= x < SIDE:
                weight = down if row else np.float32(1) - down
                total += patch[y, x] * weight * (across if column else np.float32(1) - across)
    return total


@kernel
def _draw_back(tape, found):
    """See slopes_back; found.base has the slopes by the picture, and then those by the base."""
    slopes = found.base
    channels = slopes.shape[2]
    for stroke in range(len(tape.starts) - 1, -1, -1):
        x0, x1, y0, y1 = tape.spans[stroke]
        left, upper, texels = tape.places[stroke]
        ink, opacity, by_patch = tape.inks[stroke], tape.opacities[stroke], found.patches[stroke]
        places = min(max(np.int64(np.ceil(texels)), 1), MOST_PLACES)
        at = tape.starts[stroke]
        by_opacity = np.float32(0)
        for y in range(y0, y1):
            for x in range(x0, x1):
                alpha = tape.values[at]
                share, slope = alpha * opacity, np.float32(0)
                for channel in range(channels):
                    by_pixel = slopes[y, x, channel]
                    slope += by_pixel * (ink[channel] - tape.values[at + 1 + channel])
                    found.colours[stroke, channel] += by_pixel * share
                    slopes[y, x, channel] = by_pixel * (1 - share)
                at += 1 + channels
                by_opacity += slope * alpha
                slope *= opacity
                if slope != 0:
                    u = (np.float32(x + tape.corner[0]) - left) * texels
                    v = (np.float32(y + tape.corner[1]) - upper) * texels
                    _seen_back(by_patch, u, v, texels / places, places, slope / (places * places))
        found.opacities[stroke] = by_opacity


@kernel
def _seen_back(by_patch, u, v, step, places, slope):
    """See _seen; adds to the slopes by the patch."""
    for row in range(places):
        y = v + (row + np.float32(0.5)) * step - np.float32(0.5)
        top = np.int64(np.floor(y))
        down = np.float32(y - top)
        for column in range(places):
            x = u + (column + np.float32(0.5)) * step - np.float32(0.5)
            near = np.int64(np.floor(x))
            across = np.float32(x - near)
            for below in range(2):
                for right in range(2):
                    if 0 <= top + below < SIDE and 0 <= near + right < SIDE:
                        weight = down if below else np.float32(1) - down
                        weight *= across if right else np.float32(1) - across
                        by_patch[top + below, near + right] += slope * weight
