"""What stands beside the arrays of a file of weights: whose strokes they draw, how well, and a digest."""

from __future__ import annotations

import hashlib
import json
import math
from collections.abc import Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray

from engine.strict_json import parse

HEADER = "header"  # the array that a label is stored as
MOST_TEXT = 500
MOST_FIGURES = 50

Arrays = Mapping[str, NDArray[np.float32]]


def stored_label(fields: Mapping[str, Any]) -> NDArray[np.uint8]:
    """A label as an array of bytes."""
    return np.frombuffer(json.dumps(fields).encode(), np.uint8)


def read_label(stored: NDArray[Any]) -> dict[str, Any]:
    """A label from its array; ValueError for what is none."""
    if stored.dtype != np.uint8 or stored.ndim != 1:
        raise ValueError("its header is no text")
    label = parse(stored.tobytes())
    if not isinstance(label, dict):
        raise ValueError("its header is no record")
    return label


def digest_of(fields: Mapping[str, Any], arrays: Arrays) -> str:
    """Sha256, in hex, of a label's fields but its own one, and of all arrays as floats of 32 bits."""
    told = {name: value for name, value in fields.items() if name != "sha256"}
    digest = hashlib.sha256(json.dumps(told, sort_keys=True).encode())
    for name, value in sorted(arrays.items()):
        digest.update(f"{name} {value.shape}".encode())
        digest.update(np.ascontiguousarray(value, "<f4").tobytes())
    return digest.hexdigest()


def text(fields: Mapping[str, Any], name: str) -> str:
    """A field that is a line of text; ValueError when it is none, KeyError when it is missing."""
    value = fields[name]
    if not isinstance(value, str) or len(value) > MOST_TEXT or not value.isprintable():
        raise ValueError(f"its {name} is no line of text")
    return value


def number(fields: Mapping[str, Any], name: str, least: float, most: float) -> float:
    """A field that is a number within bounds; ValueError when it is none, KeyError when it is missing."""
    value = fields[name]
    if isinstance(value, bool) or not isinstance(value, int | float) or not math.isfinite(value):
        raise ValueError(f"its {name[:40]} is no number")
    if not least <= value <= most:
        raise ValueError(f"its {name[:40]} is {value:g}, not within {least:g} and {most:g}")
    return float(value)


def figures(fields: Mapping[str, Any]) -> dict[str, float]:
    """What it reached, by name; ValueError for what are no figures."""
    found = fields["figures"]
    if not isinstance(found, dict) or len(found) > MOST_FIGURES:
        raise ValueError("its figures are no record")
    return {name: number(found, name, -1e12, 1e12) for name in found}


def floats(name: str, array: NDArray[Any], shape: tuple[int, ...]) -> NDArray[np.float32]:
    """An array of such a shape as floats of 32 bits; ValueError for another, and for what isn't finite."""
    if array.shape != shape or array.dtype.kind != "f":
        raise ValueError(f"its {name} has the shape {array.shape}, not {shape}")
    values = np.ascontiguousarray(array, np.float32)
    if not np.isfinite(values).all() or np.abs(values).max(initial=0) > 1000:
        raise ValueError(f"its {name} has numbers that are none, or beyond 1000")
    return values
