"""The file of a network that draws whole strokes, a VAE's or a GAN's: arrays by name and a label, in an npz.

Reading it needs no torch, and nothing in it is ever run.
"""

from __future__ import annotations

import io
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any

import numpy as np

from engine.npz import read_npz
from engine.painters.brush import labels
from engine.painters.brush.labels import Arrays

KINDS = ("vae", "gan")
VERSION = 1
MOST_BYTES = 100_000_000
MOST_ARRAYS = 200


@dataclass(frozen=True)
class NetworkFile:
    """A network's weights, by the names that its layers have."""

    name: str  # of the brush
    about: str  # a line for people
    source: str  # the brush that it was learned from, and its licence
    kind: str  # vae or gan
    arrays: Arrays = field(repr=False)
    figures: Mapping[str, float]
    version: int = VERSION
    digest: str = ""


def read_network(content: bytes) -> NetworkFile:
    """A network from its file's bytes; ValueError, with a sentence, for what is none."""
    if len(content) > MOST_BYTES:
        raise ValueError(f"this is no network: it has more than {MOST_BYTES:,} bytes")
    try:
        arrays = read_npz(io.BytesIO(content))
        return _network(labels.read_label(arrays.pop(labels.HEADER)), arrays)
    except KeyError as exc:
        raise ValueError(f"this is no network: it has no {exc.args[0]}") from exc
    except ValueError as exc:
        raise ValueError(f"this is no network: {exc}") from exc


def network_bytes(network: NetworkFile) -> bytes:
    """The file of a network; its arrays are floats of 32 bits."""
    whole = with_digest(network)
    file = io.BytesIO()
    named: dict[str, Any] = {labels.HEADER: labels.stored_label(_fields(whole)), **whole.arrays}
    np.savez(file, allow_pickle=False, **named)
    return file.getvalue()


def with_digest(network: NetworkFile) -> NetworkFile:
    """The same, its digest that of all that it holds."""
    return replace(network, digest=labels.digest_of(_fields(network), network.arrays))


def _fields(network: NetworkFile) -> dict[str, Any]:
    return {
        "name": network.name,
        "about": network.about,
        "source": network.source,
        "kind": network.kind,
        "version": network.version,
        "figures": dict(network.figures),
        "sha256": network.digest,
    }


def _network(label: dict[str, Any], arrays: dict[str, Any]) -> NetworkFile:
    if label["kind"] not in KINDS:
        raise ValueError(f"it is of the kind {str(label['kind'])[:20]!r}, not one of {', '.join(KINDS)}")
    if label["version"] != VERSION:
        raise ValueError(f"it is of version {str(label['version'])[:20]}, and I read {VERSION}")
    if len(arrays) > MOST_ARRAYS:
        raise ValueError(f"it has more than {MOST_ARRAYS} arrays")
    network = with_digest(
        NetworkFile(
            labels.text(label, "name"),
            labels.text(label, "about"),
            labels.text(label, "source"),
            label["kind"],
            {name: labels.floats(name, value, value.shape) for name, value in arrays.items()},
            labels.figures(label),
        )
    )
    if label["sha256"] != network.digest:
        raise ValueError("it is damaged (its sha256 is another)")
    return network
