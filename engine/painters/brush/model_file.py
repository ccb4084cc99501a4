"""What is learned of one brush, and its file: a few arrays and words in an npz, of which nothing is ever run.

The file has `header`, JSON as bytes (name, about, source, kind, version, reach, figures, sha256), `grain`,
and `weight0`, `bias0` ... for the three layers; floats of 16 bits or more.
"""

from __future__ import annotations

import io
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from importlib.resources import files
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from engine.npz import read_npz
from engine.painters.brush import labels
from engine.regular_files import read_regular

BUNDLED = ("oil", "bristle", "knife", "charcoal", "watercolour", "marker")
VERSION = 1
KIND = "hybrid"
GRAIN_CHANNELS, GRAIN_SIDE = 4, 64
FEATURES = 9 + GRAIN_CHANNELS
MOST_HIDDEN = 64
MOST_BYTES = 1_000_000
REACHES = (0.5, 8.0)
TEXELS = (6.0, 6.0, 1.5)  # of the grain to a radius: across the path, along it in two channels, in the others
MOST_TEXELS = 64.0

Floats = NDArray[np.float32]


@dataclass(frozen=True)
class BrushModel:
    """A brush as the hybrid generator draws it.

    grain: (4, 64, 64), channel, row, column, periodic, of mean 0 and variance 1. weights: (H, 13), (H, H) and
    (1, H), out by in, H a multiple of 8; biases: (H,), (H,), (1,). reach: how far paint is from the path at
    most, in radii. texels: of the grain to a radius: across the path, along it in channels 0 and 1, along it
    in channels 2 and 3. figures: what it reached on strokes that it was not trained on; `width` among them
    is how wide a stroke looks, in diameters. digest: sha256 of all that, in hex.
    """

    name: str
    about: str  # a line for people
    source: str  # the brush that it was learned from, and its licence
    grain: Floats = field(repr=False)
    weights: tuple[Floats, Floats, Floats] = field(repr=False)
    biases: tuple[Floats, Floats, Floats] = field(repr=False)
    reach: float
    figures: Mapping[str, float]
    texels: tuple[float, float, float] = TEXELS
    kind: str = KIND
    version: int = VERSION
    digest: str = ""


def bundled_path(name: str) -> Path:
    """The file of a brush that comes with Tessera; ValueError when there is none of this name."""
    if name not in BUNDLED:
        raise ValueError(f"there is no brush {name!r}; there are {', '.join(BUNDLED)}")
    return Path(str(files("engine.painters.brush") / "models" / f"{name}.npz"))


def read_model(source: Path | bytes) -> BrushModel:
    """A brush from its file or the file's bytes; ValueError, with a sentence, for what is none.

    OSError, with strerror, when the file can't be read.
    """
    content = source if isinstance(source, bytes) else read_regular(source, MOST_BYTES)
    if len(content) > MOST_BYTES:
        raise ValueError(f"this is no brush: it has more than {MOST_BYTES:,} bytes")
    try:
        arrays = read_npz(io.BytesIO(content))
        return _model(labels.read_label(arrays[labels.HEADER]), arrays)
    except KeyError as exc:
        raise ValueError(f"this is no brush: it has no {exc.args[0]}") from exc
    except ValueError as exc:
        raise ValueError(f"this is no brush: {exc}") from exc


def model_bytes(model: BrushModel) -> bytes:
    """The file of a brush; its arrays are rounded to 16 bits."""
    stored = rounded(model)
    arrays: dict[str, NDArray[Any]] = {labels.HEADER: labels.stored_label(_fields(stored))}
    arrays |= {name: value.astype(np.float16) for name, value in _arrays(stored).items()}
    file = io.BytesIO()
    np.savez(file, allow_pickle=False, **arrays)
    return file.getvalue()


def write_model(path: Path, model: BrushModel) -> None:
    """Write the file of a brush; OSError when that can't be done."""
    path.write_bytes(model_bytes(model))


def rounded(model: BrushModel) -> BrushModel:
    """The brush as it comes back from its file, digest and all."""
    as_stored = {name: value.astype(np.float16).astype(np.float32) for name, value in _arrays(model).items()}
    return _of_arrays(model, as_stored)


def _of_arrays(model: BrushModel, arrays: Mapping[str, Floats]) -> BrushModel:
    layers = range(3)
    filled = replace(
        model,
        grain=arrays["grain"],
        weights=tuple(arrays[f"weight{layer}"] for layer in layers),  # type: ignore[arg-type]
        biases=tuple(arrays[f"bias{layer}"] for layer in layers),  # type: ignore[arg-type]
        figures=dict(model.figures),
    )
    return replace(filled, digest=_digest(filled))


def _arrays(model: BrushModel) -> dict[str, Floats]:
    found = {"grain": model.grain}
    for layer, (weight, bias) in enumerate(zip(model.weights, model.biases, strict=True)):
        found |= {f"weight{layer}": weight, f"bias{layer}": bias}
    return found


def _fields(model: BrushModel) -> dict[str, Any]:
    return {
        "name": model.name,
        "about": model.about,
        "source": model.source,
        "kind": model.kind,
        "version": model.version,
        "reach": model.reach,
        "texels": list(model.texels),
        "figures": dict(model.figures),
        "sha256": model.digest,
    }


def _digest(model: BrushModel) -> str:
    return labels.digest_of(_fields(model), _arrays(model))


def _model(label: dict[str, Any], arrays: dict[str, NDArray[Any]]) -> BrushModel:
    if label["kind"] != KIND:
        raise ValueError(f"it is of the kind {str(label['kind'])[:20]!r}, not {KIND!r}")
    if label["version"] != VERSION:
        raise ValueError(f"it is of version {str(label['version'])[:20]}, and I read {VERSION}")
    hidden = len(arrays["bias0"]) if arrays["bias0"].ndim == 1 else 0
    if not 0 < hidden <= MOST_HIDDEN or hidden % 8:
        raise ValueError(f"it has layers of {hidden} values, not of 8, 16 ... {MOST_HIDDEN}")
    shapes: dict[str, tuple[int, ...]] = {"grain": (GRAIN_CHANNELS, GRAIN_SIDE, GRAIN_SIDE)}
    for number, (inward, outward) in enumerate(((FEATURES, hidden), (hidden, hidden), (hidden, 1))):
        shapes |= {f"weight{number}": (outward, inward), f"bias{number}": (outward,)}
    nothing = np.empty(0, np.float32)
    bare = BrushModel(
        name=labels.text(label, "name"),
        about=labels.text(label, "about"),
        source=labels.text(label, "source"),
        grain=nothing,
        weights=(nothing,) * 3,
        biases=(nothing,) * 3,
        reach=labels.number(label, "reach", *REACHES),
        figures=labels.figures(label),
        texels=_texels(label),
    )
    model = _of_arrays(
        bare, {name: labels.floats(name, arrays[name], shape) for name, shape in shapes.items()}
    )
    if label["sha256"] != model.digest:
        raise ValueError("it is damaged (its sha256 is another)")
    return model


def _texels(label: dict[str, Any]) -> tuple[float, float, float]:
    """How fine the grain is; ValueError for what is none."""
    found = label["texels"]
    if not isinstance(found, list) or len(found) != len(TEXELS):
        raise ValueError(f"its texels are not {len(TEXELS)} numbers")
    across, one, other = (labels.number({"texels": each}, "texels", 0.01, MOST_TEXELS) for each in found)
    return across, one, other
