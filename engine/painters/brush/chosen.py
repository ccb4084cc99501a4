"""The network that is to draw strokes, if one is: everything that can be missing is one sentence."""

from __future__ import annotations

from importlib.util import find_spec
from pathlib import Path
from typing import Literal

from engine.errors import SpecError, reason
from engine.installation import to_add
from engine.painters.brush.generators.network_file import MOST_BYTES, read_network
from engine.painters.brush.params import BrushParams
from engine.regular_files import read_regular

EXTRA = "neural"


def network_of(params: BrushParams) -> bytes:
    """The file of the VAE or GAN that is to draw strokes; empty for the hybrid. SpecError."""
    kind = params.generator
    if kind == "hybrid":
        if params.weights:
            raise SpecError(
                "painter.weights: they are of the generators vae and gan; give --generator, or a hybrid's "
                "file as the brush: --brush FILE."
            )
        return b""
    if not params.weights:
        raise SpecError(
            f"painter.generator: {kind} needs a file of weights; give --weights FILE "
            f"(`tessera brush train --kind {kind}` makes one)."
        )
    check_torch(kind)
    path = Path(params.weights).expanduser()
    try:
        content = read_regular(path, MOST_BYTES)
        found = read_network(content).kind
    except OSError as exc:
        raise SpecError(f"painter.weights: {path}: can't be read ({reason(exc)}).") from exc
    except ValueError as exc:
        raise SpecError(
            f"painter.weights: {path}: {exc}; `tessera brush train --kind {kind}` makes such files."
        ) from exc
    if found != kind:
        raise SpecError(f"painter.weights: {path}: weights of a {found}; give --generator {found}.")
    return content


def device_of(params: BrushParams) -> Literal["cpu", "cuda"]:
    """Where a network draws; SpecError for a card that isn't there."""
    if params.generator == "hybrid" or params.device == "cpu":
        return "cpu"
    check_torch(params.generator)
    import torch

    if torch.cuda.is_available():
        return "cuda"
    if params.device == "auto":
        return "cpu"
    raise SpecError("painter.device: torch sees no CUDA device here; give cpu, or auto.")


def check_torch(kind: str) -> None:
    """SpecError when torch isn't installed."""
    if find_spec("torch") is None:
        raise SpecError(
            f"painter.generator: {kind} needs torch, which is not installed; install it with: "
            f"{to_add(EXTRA, ['torch'])} (the generator hybrid needs none)."
        )
