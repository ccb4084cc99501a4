"""A training on the disk: weights and what their optimisers remember, as plain arrays in an npz."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor
from torch.optim import Optimizer

from engine.errors import CheckpointError, reason
from engine.learning.learners.base import Learner
from engine.npz import read_npz
from engine.painters.brush import labels
from engine.storage import files

CHECKPOINT = "checkpoint.npz"
VERSION = 1
MOST_BYTES = 1_000_000_000


@dataclass
class Progress:
    """How far a training is."""

    epoch: int = 0  # that it is in
    batch: int = 0  # of it that comes next
    step: int = 0  # of all
    seconds: float = 0.0  # that it has taken


def write_checkpoint(folder: Path, learner: Learner, progress: Progress, fields: Mapping[str, Any]) -> None:
    """Replace the checkpoint of a folder; OSError."""
    label = {"version": VERSION, **asdict(progress), **fields}
    arrays: dict[str, Any] = {labels.HEADER: labels.stored_label(label)}
    for name, module in learner.modules().items():
        arrays |= {f"{name}/{key}": _array(value) for key, value in module.state_dict().items()}
    for name, optimiser in learner.optimisers().items():
        arrays |= {key: _array(value) for key, value in _remembered(name, optimiser)}
    with files.replacing(folder, CHECKPOINT, durable=True) as file:
        np.savez(file, allow_pickle=False, **arrays)


def read_checkpoint(folder: Path, learner: Learner, fields: Mapping[str, Any]) -> Progress | None:
    """Give a learner what a folder's checkpoint holds; None when there is none.

    CheckpointError for one of another training, and for what is none.
    """
    path = folder / CHECKPOINT
    try:
        with files.opened(folder, CHECKPOINT, MOST_BYTES) as file:
            arrays = read_npz(file)
        label = labels.read_label(arrays.pop(labels.HEADER))
        for name, value in {"version": VERSION, **fields}.items():
            if label[name] != value:
                raise CheckpointError(
                    f"{path}: belongs to a training of {_other(name, label[name], value)}; give another "
                    "folder with --out, or remove it."
                )
        _fill(learner, arrays)
        numbers = {key: labels.number(label, key, 0, 1e12) for key in asdict(Progress())}
    except FileNotFoundError:
        return None
    except (OSError, ValueError, KeyError, RuntimeError) as exc:
        why = f"it has no {exc.args[0]}" if isinstance(exc, KeyError) else reason(exc)
        raise CheckpointError(f"{path}: is no checkpoint that I can go on with ({why}); remove it.") from exc
    seconds = numbers.pop("seconds")
    return Progress(**{name: int(value) for name, value in numbers.items()}, seconds=seconds)


def _other(name: str, found: object, wanted: object) -> str:
    told = name.replace("_", " ")
    return "other strokes" if name == "strokes" else f"{told} {str(found)[:20]}, not {wanted}"


def _remembered(name: str, optimiser: Optimizer) -> Iterator[tuple[str, Tensor]]:
    for number, state in optimiser.state_dict()["state"].items():
        for key, value in state.items():
            yield f"{name}/{number}/{key}", value


def _fill(learner: Learner, arrays: Mapping[str, NDArray[Any]]) -> None:
    """Give weights and memories to a learner; ValueError or KeyError unless they are just its own."""
    for name, module in learner.modules().items():
        for key, value in module.state_dict().items():
            value.copy_(_like(f"{name}/{key}", arrays[f"{name}/{key}"], value))
    for name, optimiser in learner.optimisers().items():
        whole = optimiser.state_dict()
        parameters = [each for group in optimiser.param_groups for each in group["params"]]
        whole["state"] = {
            number: {
                key: torch.from_numpy(np.array(arrays[f"{name}/{number}/{key}"]))
                for key in ("step", "exp_avg", "exp_avg_sq")
            }
            for number in range(len(parameters))
            if f"{name}/{number}/step" in arrays
        }
        for number, state in whole["state"].items():
            for key in ("exp_avg", "exp_avg_sq"):
                _like(f"{name}/{number}/{key}", state[key].numpy(), parameters[number])
        optimiser.load_state_dict(whole)


def _like(name: str, array: NDArray[Any], value: Tensor) -> Tensor:
    if array.shape != tuple(value.shape) or not np.isfinite(array).all():
        raise ValueError(f"{name} has another shape, or numbers that are none")
    return torch.from_numpy(np.array(array))


def _array(value: Tensor) -> NDArray[Any]:
    return value.detach().cpu().numpy()
