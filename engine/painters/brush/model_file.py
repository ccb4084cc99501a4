"""What is learned of one brush, and its file: a few arrays and words in an npz, of which nothing is ever run.

The file has `header`, JSON as bytes (name, about, source, kind, version, reach, figures, sha256), `grain`,
and `weight0`, `bias0` ... for the three layers; floats of 16 bits or more.
"""

from __future__ import annotations

import hashlib
import io
import json
import math
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from importlib.resources import files
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from engine.npz import read_npz
from engine.regular_files import read_regular
from engine.strict_json import parse

BUNDLED = ("oil", "bristle", "knife", "charcoal", "watercolour", "marker")
VERSION = 1
KIND = "hybrid"
GRAIN_CHANNELS, GRAIN_SIDE = 4, 64
FEATURES = 9 + GRAIN_CHANNELS
MOST_HIDDEN = 64
MOST_BYTES = 1_000_000
MOST_TEXT = 500
REACHES = (0.5, 8.0)

Floats = NDArray[np.float32]


@dataclass(frozen=True)
class BrushModel:
    """A brush as the hybrid generator draws it.

    grain: (4, 64, 64), channel, row, column, periodic, of mean 0 and variance 1. weights: (H, 13), (H, H) and
    (1, H), out by in, H a multiple of 8; biases: (H,), (H,), (1,). reach: how far paint is from the path at
    most, in radii. figures: what it reached on strokes that it was not trained on; `width` among them is how
    wide a stroke looks (alpha above a half), in diameters. digest: sha256 of all that, in hex.
    """

    name: str
    about: str  # a line for people
    source: str  # the brush that it was learned from, and its licence
    grain: Floats = field(repr=False)
    weights: tuple[Floats, Floats, Floats] = field(repr=False)
    biases: tuple[Floats, Floats, Floats] = field(repr=False)
    reach: float
    figures: Mapping[str, float]
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
        header = _header(arrays.pop("header"))
        return _model(header, arrays)
    except KeyError as exc:
        raise ValueError(f"this is no brush: it has no {exc.args[0]}") from exc
    except ValueError as exc:
        raise ValueError(f"this is no brush: {exc}") from exc


def model_bytes(model: BrushModel) -> bytes:
    """The file of a brush; its arrays are rounded to 16 bits."""
    stored = rounded(model)
    arrays = {"header": np.frombuffer(json.dumps(_fields(stored)).encode(), np.uint8)}
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
        "figures": dict(model.figures),
        "sha256": model.digest,
    }


def _digest(model: BrushModel) -> str:
    fields = {name: value for name, value in _fields(model).items() if name != "sha256"}
    digest = hashlib.sha256(json.dumps(fields, sort_keys=True).encode())
    for name, value in sorted(_arrays(model).items()):
        digest.update(f"{name} {value.shape}".encode())
        digest.update(np.ascontiguousarray(value, "<f4").tobytes())
    return digest.hexdigest()


def _header(stored: NDArray[Any]) -> dict[str, Any]:
    if stored.dtype != np.uint8 or stored.ndim != 1:
        raise ValueError("its header is no text")
    header = parse(stored.tobytes())
    if not isinstance(header, dict):
        raise ValueError("its header is no record")
    return header


def _model(header: dict[str, Any], arrays: dict[str, NDArray[Any]]) -> BrushModel:
    if header["kind"] != KIND:
        raise ValueError(f"it is of the kind {str(header['kind'])[:20]!r}, not {KIND!r}")
    if header["version"] != VERSION:
        raise ValueError(f"it is of version {str(header['version'])[:20]}, and I read {VERSION}")
    if not isinstance(header["figures"], dict) or len(header["figures"]) > 50:
        raise ValueError("its figures are no record")
    figures = {name: _number(header["figures"], name, -1e9, 1e9) for name in header["figures"]}
    grain, layers = arrays["grain"], [(arrays[f"weight{n}"], arrays[f"bias{n}"]) for n in range(3)]
    hidden = len(layers[0][1]) if layers[0][1].ndim == 1 else 0
    if not 0 < hidden <= MOST_HIDDEN or hidden % 8:
        raise ValueError(f"it has layers of {hidden} values, not of 8, 16 ... {MOST_HIDDEN}")
    _has_shape("grain", grain, (GRAIN_CHANNELS, GRAIN_SIDE, GRAIN_SIDE))
    for number, (inward, outward) in enumerate(((FEATURES, hidden), (hidden, hidden), (hidden, 1))):
        _has_shape(f"weight{number}", layers[number][0], (outward, inward))
        _has_shape(f"bias{number}", layers[number][1], (outward,))
    bare = BrushModel(
        name=_text(header, "name"),
        about=_text(header, "about"),
        source=_text(header, "source"),
        grain=np.empty(0, np.float32),
        weights=(np.empty(0, np.float32),) * 3,
        biases=(np.empty(0, np.float32),) * 3,
        reach=_number(header, "reach", *REACHES),
        figures=figures,
    )
    names = ("grain", *(f"{what}{number}" for number in range(3) for what in ("weight", "bias")))
    model = _of_arrays(bare, {name: _floats(name, arrays[name]) for name in names})
    if header["sha256"] != model.digest:
        raise ValueError("it is damaged (its sha256 is another)")
    return model


def _text(header: dict[str, Any], name: str) -> str:
    value = header[name]
    if not isinstance(value, str) or len(value) > MOST_TEXT or not value.isprintable():
        raise ValueError(f"its {name} is no line of text")
    return value


def _number(fields: Mapping[str, Any], name: str, least: float, most: float) -> float:
    value = fields[name]
    if isinstance(value, bool) or not isinstance(value, int | float) or not math.isfinite(value):
        raise ValueError(f"its {name[:40]} is no number")
    if not least <= value <= most:
        raise ValueError(f"its {name[:40]} is {value:g}, not within {least:g} and {most:g}")
    return float(value)


def _has_shape(name: str, array: NDArray[Any], shape: tuple[int, ...]) -> None:
    if array.shape != shape or array.dtype.kind != "f":
        raise ValueError(f"its {name} has the shape {array.shape}, not {shape}")


def _floats(name: str, array: NDArray[Any]) -> Floats:
    values = np.ascontiguousarray(array, np.float32)
    if not np.isfinite(values).all() or np.abs(values).max() > 1000:
        raise ValueError(f"its {name} has numbers that are none, or beyond 1000")
    return values
