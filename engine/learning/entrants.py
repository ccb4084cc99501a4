"""The generators that are compared: opened from their files, told apart, and timed."""

from __future__ import annotations

import hashlib
import time
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import torch
from numpy.typing import NDArray

from engine.errors import SpecError, reason
from engine.painters.brush.generators.base import StrokeGenerator
from engine.painters.brush.generators.opening import open_generator
from engine.painters.brush.model_file import BUNDLED, bundled_path
from engine.painters.brush.patch_boxes import SIDE
from engine.regular_files import read_regular

MOST_BYTES = 100_000_000  # of a file of weights
BATCH = 32  # strokes at a time
TIMES = 3  # that as many strokes are drawn; the quickest counts


@dataclass(frozen=True)
class Entrant:
    """A generator among others."""

    label: str  # its kind, with a number where there are several of a kind
    file: str
    sha256: str
    size: int  # bytes of its file
    generator: StrokeGenerator


def open_entrants(files: Sequence[Path], device: str) -> list[Entrant]:
    """The generators of files of weights, or of bundled brushes by name; SpecError for what is none."""
    contents = [_content(path) for path in files]
    generators = []
    for path, content in zip(files, contents, strict=True):
        try:
            generators.append(open_generator(content, device))
        except ValueError as exc:
            raise SpecError(f"{path}: {reason(exc)}; tessera brush train makes such files.") from exc
    kinds, seen = Counter(each.kind for each in generators), Counter[str]()
    found = []
    for path, content, generator in zip(files, contents, generators, strict=True):
        kind = generator.kind
        seen[kind] += 1
        label = f"{kind} {seen[kind]}" if kinds[kind] > 1 else kind
        digest = hashlib.sha256(content).hexdigest()
        found.append(Entrant(label, str(path), digest, len(content), generator))
    return found


def _content(path: Path) -> bytes:
    wanted = bundled_path(str(path)) if str(path) in BUNDLED and not path.exists() else path
    try:
        return read_regular(wanted, MOST_BYTES)
    except OSError as exc:
        raise SpecError(
            f"{path}: can't be read ({reason(exc)}); give a file of weights, or one of {', '.join(BUNDLED)}."
        ) from exc


def strokes_of(
    generator: StrokeGenerator, actions: NDArray[np.float32], seed: int, device: str
) -> NDArray[np.float32]:
    """One drawing of each action, (n, SIDE, SIDE), each with a grain at random."""
    grains = np.random.default_rng(seed).uniform(0, SIDE, (len(actions), 2)).astype(np.float32)
    parts = []
    with torch.no_grad():
        for first in range(0, len(actions), BATCH):
            rows = slice(first, first + BATCH)
            sent = (torch.tensor(each[rows], device=device) for each in (actions, grains))
            parts.append(generator.alpha(*sent).cpu().numpy())
    return np.concatenate(parts)


def milliseconds(
    generator: StrokeGenerator, actions: NDArray[np.float32], device: str
) -> tuple[float, float]:
    """Of a stroke, drawn, and drawn with its slopes: of one core, or by the clock on a card."""
    sent = torch.tensor(actions[: 4 * BATCH], device=device)
    grains = torch.zeros(len(sent), 2, device=device)
    found = []
    for leads_back in (False, True):
        tried = [_seconds(generator, sent, grains, leads_back, device) for _ in range(TIMES)]
        found.append(1000 * min(tried) / len(sent))
    return found[0], found[1]


def _seconds(
    generator: StrokeGenerator, actions: torch.Tensor, grains: torch.Tensor, leads_back: bool, device: str
) -> float:
    clock = time.process_time if device == "cpu" else time.perf_counter
    began = clock()
    for rows in torch.arange(len(actions)).split(BATCH):
        part = actions[rows].clone().requires_grad_(leads_back)
        with torch.set_grad_enabled(leads_back):
            alpha = generator.alpha(part, grains[rows])
        if leads_back:
            torch.autograd.grad(alpha.sum(), part)
    if device != "cpu":
        torch.cuda.synchronize()
    return clock() - began
