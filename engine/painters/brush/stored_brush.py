"""A brush among the arrays of a scene: one that comes with Tessera by its name, any other one as its file."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from functools import lru_cache
from typing import Any

import numpy as np
from numpy.typing import NDArray

from engine.painters.brush.brush import Brush
from engine.painters.brush.generators.network_file import read_network
from engine.scene import stored

MOST_NAME = 200  # bytes
KEPT = 8  # brushes


def brush_arrays(brush: Brush) -> dict[str, NDArray[Any]]:
    """Plain arrays: `brush`, "name digest" in UTF-8, `brush_file`, empty or its file, and `opaque`.

    Where a VAE or a GAN draws its strokes, `network` is the file of that.
    """
    is_bundled = brush.is_bundled
    name = f"{brush.model.name} {brush.model.digest}" if is_bundled else ""
    network = {"network": np.frombuffer(brush.network, np.uint8)} if brush.network else {}
    return {
        "brush": np.frombuffer(name.encode(), np.uint8),
        "brush_file": np.frombuffer(b"" if is_bundled else brush.content, np.uint8),
        "opaque": np.array(int(brush.is_opaque)),
        **network,
    }


def brush_of(arrays: Mapping[str, NDArray[Any]]) -> Brush:
    """The inverse; ValueError for what is no brush.

    A brush that Tessera has learned anew since is the one of that name that there is now.
    """
    name = stored.column(arrays, "brush", np.uint8, (None,)).tobytes()[:MOST_NAME]
    content = stored.column(arrays, "brush_file", np.uint8, (None,)).tobytes()
    is_opaque = int(stored.column(arrays, "opaque", np.int64, ()))
    if is_opaque not in (0, 1):
        raise ValueError("opaque is neither 0 nor 1")
    network = b""
    if "network" in arrays:
        network = stored.column(arrays, "network", np.uint8, (None,)).tobytes()
        read_network(network)
    return _open(name.decode("utf-8", "replace").partition(" ")[0], content, bool(is_opaque), network)


@lru_cache(KEPT)
def _open(name: str, content: bytes, is_opaque: bool, network: bytes) -> Brush:
    brush = Brush.of_bytes(content, is_opaque) if content else Brush.bundled(name, is_opaque)
    return replace(brush, network=network)
