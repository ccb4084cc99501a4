"""A network learns a brush: epoch by epoch, each with figures, a sheet to look at and a file of weights."""

from __future__ import annotations

import errno
import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from importlib import import_module
from pathlib import Path
from typing import Any

import torch

from engine.errors import RunError, SpaceError, SpecError, reason
from engine.events import EventHandler, Learned, Learning, Measured, ShouldStop
from engine.learning.checkpoint import Progress, read_checkpoint, write_checkpoint
from engine.learning.held_out import MOST, figures_of, sheet
from engine.learning.learners.base import Batch, Facts, Learner
from engine.learning.plan import KINDS, Plan
from engine.learning.shards import StrokeSet
from engine.storage import files
from engine.storage.lock import locked

LOCK = ".lock"
SAID_EVERY, SAVED_EVERY = 1.0, 60.0  # seconds between words, and between checkpoints within an epoch
GLANCE = 400  # strokes that are drawn for the figures of an epoch, and MOST at the end
_SMOOTHING = 0.98  # of losses that are told

Clock = Callable[[], float]  # seconds from any beginning


@dataclass(frozen=True)
class Hearing:
    """Who is told, who may stop it, and whose clock counts."""

    emit: EventHandler
    should_stop: ShouldStop
    clock: Clock


def train(
    folder: Path, strokes: StrokeSet, facts: Facts, plan: Plan, device: str, hearing: Hearing
) -> Path | None:
    """Learn until the plan is fulfilled, going on with what the folder holds; returns the file of weights.

    None when it was stopped: a checkpoint is there. On the CPU the result depends on strokes and plan alone,
    however often it was stopped, where the plan counts epochs. SpecError, RunError, CheckpointError,
    LockError, SpaceError.
    """
    if strokes.trained < 1:
        raise SpecError("there are too few strokes to learn from; draw more with: tessera brush dataset.")
    torch.set_num_threads(1)  # so that sums, and all else, are the same anywhere
    try:
        folder.mkdir(parents=True, exist_ok=True)
        with locked(folder / LOCK, str(folder)):
            return _Training(folder, strokes, facts, plan, device, hearing).run()
    except OSError as exc:
        if exc.errno in (errno.ENOSPC, errno.EDQUOT):
            raise SpaceError(
                f"{folder}: there is no space left; free some, and the same command goes on."
            ) from exc
        raise RunError(
            f"{folder}: can't be written ({reason(exc)}); give another folder with --out."
        ) from exc


def learner_of(plan: Plan, strokes: StrokeSet, device: str) -> Learner:
    """A generator before it has learned anything; the same for the same plan."""
    module, _, name = KINDS[plan.kind].partition(":")
    made = getattr(import_module(module), name)
    return made(strokes, torch.Generator().manual_seed(plan.seed), device, plan.grain)


def facts_of(folder: Path, strokes: StrokeSet) -> Facts:
    """What is said of the brush of a data set: its name, and what its .myb says of itself."""
    name = str(strokes.manifest.get("brush", folder.stem))[:100]
    try:
        told = json.loads((folder / "brush.myb").read_bytes())
    except (OSError, ValueError):
        told = {}
    about, source = (_line(told.get(key)) for key in ("description", "notes"))
    return Facts(name, about or f"{name}, as it was learned", source or f"strokes of {folder.name}")


class _Training:
    """One training, between its beginning and its end."""

    def __init__(
        self, folder: Path, strokes: StrokeSet, facts: Facts, plan: Plan, device: str, hearing: Hearing
    ) -> None:
        self.folder, self.strokes, self.facts, self.plan = folder, strokes, facts, plan
        self.device, self.hearing = device, hearing
        self.learner = learner_of(plan, strokes, device)
        self.fields = plan.fields(strokes)
        self.at = read_checkpoint(folder, self.learner, self.fields) or Progress()
        self.random = torch.Generator(device)
        self.losses: dict[str, float] = {}
        self.began = hearing.clock() - self.at.seconds
        self.said = self.saved = hearing.clock()

    @property
    def share(self) -> float:
        """How far it is, 0..1."""
        batches = max(self.strokes.trained // self.plan.batch, 1)
        return self.plan.progress(self.at.epoch + self.at.batch / batches, self.at.seconds)

    def run(self) -> Path | None:
        """Until the end, or until it is stopped."""
        while self.share < 1:
            if not self._epoch():
                self._save()
                return None
        return self._end()

    def _epoch(self) -> bool:
        """What is left of an epoch; False when it was stopped in it."""
        seed = self.plan.seed * 1_000_003 + self.at.epoch
        for number, (actions, alpha) in enumerate(self.strokes.batches(self.plan.batch, seed)):
            if number < self.at.batch:
                continue
            if self.hearing.should_stop():
                return False
            if self.share >= 1:
                return True
            self.random.manual_seed(self.plan.seed * 1_000_003 + self.at.step)
            one, other = (torch.from_numpy(each).to(self.device) for each in (actions, alpha))
            self._learned(self.learner.learn(Batch(one, other, self.share, self.random)))
        self.at.epoch, self.at.batch = self.at.epoch + 1, 0
        self._look()
        return True

    def _learned(self, losses: Mapping[str, float]) -> None:
        """Count a batch, say so now and then, and save now and then."""
        self.at.batch, self.at.step = self.at.batch + 1, self.at.step + 1
        for name, value in losses.items():
            before = self.losses.get(name, value)
            self.losses[name] = _SMOOTHING * before + (1 - _SMOOTHING) * value
        now = self.hearing.clock()
        self.at.seconds = now - self.began
        if now - self.said >= SAID_EVERY:
            self.said = now
            told = dict(self.losses)
            self.hearing.emit(Learning(str(self.folder), self.plan.kind, self.share, self.at.epoch + 1, told))
        if now - self.saved >= SAVED_EVERY:
            self._save()

    def _look(self) -> None:
        """Measure and show what has been learned by the end of an epoch, and keep it."""
        content, found = self._content(GLANCE)
        name = f"sheet-{self.at.epoch:04}.png"
        self._write(name, sheet(content, self.strokes, self.device))
        self._write(self._weights, content)
        self._save()
        path = str(self.folder / name)
        self.hearing.emit(Measured(str(self.folder), self.at.epoch, path, dict(self.losses), found))

    def _end(self) -> Path:
        content, found = self._content(MOST)
        self._write(self._weights, content)
        self._write("sheet.png", sheet(content, self.strokes, self.device))
        self._save()
        path = self.folder / self._weights
        self.hearing.emit(Learned(str(path), self.plan.kind, self.at.seconds, found))
        return path

    def _content(self, most: int) -> tuple[bytes, dict[str, float]]:
        """The file of weights with its figures, and those."""
        bare = self.learner.content(self.facts, {})
        found = figures_of(bare, self.strokes, self.device, most)
        found |= {"seconds": round(self.at.seconds, 1), "strokes": float(self.strokes.trained)}
        found = {name: float(f"{value:.4g}") for name, value in found.items()}
        return self.learner.content(self.facts, found), found

    @property
    def _weights(self) -> str:
        return f"{self.plan.kind}.npz"

    def _save(self) -> None:
        self.saved = self.hearing.clock()
        write_checkpoint(self.folder, self.learner, self.at, self.fields)

    def _write(self, name: str, content: bytes) -> None:
        with files.replacing(self.folder, name) as file:
            file.write(content)


def _line(value: Any) -> str:
    """A text as a line that can be printed; "" for anything else."""
    words = " ".join(value.split()) if isinstance(value, str) else ""
    return words[:500] if words.isprintable() else ""
