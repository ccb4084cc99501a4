"""A brush's network, for kernels: from measures of pixels to their alphas, some pixels at a time."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from engine.kernels.jit import kernel
from engine.kernels.simd import LANES, fma, load, splat, store
from engine.painters.brush.model_file import FEATURES

BLOCK = 64  # pixels that go through the network at a time
LEAK = np.float32(0.1)  # of the activation
EDGE = np.float32(4)  # one over the share of a radius in which paint ends, at its reach
_ZERO, _ONE = np.float32(0), np.float32(1)

Floats = NDArray[np.float32]


class Look(NamedTuple):
    """A brush."""

    texture: Floats  # the grain, (channels, side, side)
    weights0: Floats
    biases0: Floats
    weights1: Floats
    biases1: Floats
    weights2: Floats
    biases2: Floats
    reach: np.float32  # radii from the spine within which there may be paint
    seen: np.float32  # and within which there is any to speak of
    gain: np.float32  # times which alphas are taken, up to 1
    texels: Floats  # (3,) of the grain to a radius: across, along in its first two channels, in the others


class Block(NamedTuple):
    """Pixels on their way through the network."""

    features: Floats  # (FEATURES, BLOCK)
    one: Floats  # (hidden, BLOCK)
    two: Floats
    alphas: Floats  # (BLOCK,)


@kernel
def make_block(look):
    """Room for a brush's network."""
    hidden = look.biases0.shape[0]
    return Block(
        np.zeros((FEATURES, BLOCK), np.float32),
        np.zeros((hidden, BLOCK), np.float32),
        np.zeros((hidden, BLOCK), np.float32),
        np.zeros(BLOCK, np.float32),
    )


@kernel
def find_alphas(block, look):
    """The alphas of all lanes, from their features."""
    features, alphas = block.features, block.alphas
    _layer(features, look.weights0, look.biases0, block.one)
    _layer(block.one, look.weights1, look.biases1, block.two)
    flat, weights = block.two.reshape(-1), look.weights2
    for lanes in range(0, BLOCK, LANES):
        total = splat(look.biases2[0])
        for k in range(weights.shape[1]):
            total = fma(splat(weights[0, k]), load(flat, k * BLOCK + lanes), total)
        store(alphas, lanes, total)
    reach, gain = look.reach, look.gain
    for lane in range(BLOCK):
        edge = min(max((reach - features[0, lane]) * EDGE, _ZERO), _ONE)
        alphas[lane] = min(gain * edge / (_ONE + np.exp(-alphas[lane])), _ONE)


@kernel
def _layer(values, weights, biases, out):
    """One layer for all lanes, four of its sums at a time: their inputs are read once."""
    flat, into = values.reshape(-1), out.reshape(-1)
    for lanes in range(0, BLOCK, LANES):
        for j in range(0, weights.shape[0], 4):
            s0, s1, s2, s3 = (
                splat(biases[j]),
                splat(biases[j + 1]),
                splat(biases[j + 2]),
                splat(biases[j + 3]),
            )
            for k in range(weights.shape[1]):
                value = load(flat, k * BLOCK + lanes)
                s0 = fma(splat(weights[j, k]), value, s0)
                s1 = fma(splat(weights[j + 1, k]), value, s1)
                s2 = fma(splat(weights[j + 2, k]), value, s2)
                s3 = fma(splat(weights[j + 3, k]), value, s3)
            store(into, j * BLOCK + lanes, s0)
            store(into, (j + 1) * BLOCK + lanes, s1)
            store(into, (j + 2) * BLOCK + lanes, s2)
            store(into, (j + 3) * BLOCK + lanes, s3)
    for i in range(into.shape[0]):
        into[i] = max(into[i], LEAK * into[i])
