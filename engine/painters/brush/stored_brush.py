"""A brush among the arrays of a scene: one that comes with Tessera by its name, any other one as its file."""

from __future__ import annotations

from collections.abc import Mapping
from functools import lru_cache
from typing import Any

import numpy as np
from numpy.typing import NDArray

from engine.painters.brush.brush import Brush
from engine.painters.brush.model_file import BUNDLED, BrushModel, bundled_path, model_bytes, read_model
from engine.scene import stored

MOST_NAME = 200  # bytes
KEPT = 16  # models


def brush_arrays(brush: Brush) -> dict[str, NDArray[Any]]:
    """Plain arrays: `brush`, "name digest" in UTF-8, `brush_file`, empty or its file, and `opaque`."""
    model = brush.model
    is_bundled = model.name in BUNDLED and bundled(model.name).digest == model.digest
    name = f"{model.name} {model.digest}" if is_bundled else ""
    return {
        "brush": np.frombuffer(name.encode(), np.uint8),
        "brush_file": np.frombuffer(b"" if is_bundled else model_bytes(model), np.uint8),
        "opaque": np.array(brush.is_opaque, np.int64),
    }


def brush_of(arrays: Mapping[str, NDArray[Any]]) -> Brush:
    """The inverse; ValueError for what is no brush.

    A brush that Tessera has learned anew since is the one of that name that there is now.
    """
    name = stored.column(arrays, "brush", np.uint8, (None,)).tobytes()[:MOST_NAME]
    content = stored.column(arrays, "brush_file", np.uint8, (None,)).tobytes()
    opaque = int(stored.column(arrays, "opaque", np.int64, ()))
    if opaque not in (0, 1):
        raise ValueError("opaque is neither 0 nor 1")
    word = name.decode("utf-8", "replace").partition(" ")[0]
    return Brush(_read(content) if content else bundled(word), bool(opaque))


@lru_cache(KEPT)
def bundled(name: str) -> BrushModel:
    """A brush that comes with Tessera; ValueError when there is none of that name."""
    return read_model(bundled_path(name))


@lru_cache(KEPT)
def _read(content: bytes) -> BrushModel:
    return read_model(content)
