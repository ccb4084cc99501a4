"""What holds for all tasks of a batch."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path

from engine.parallel.place import HERE, Place
from engine.spec.models import NotifySettings


@dataclass(frozen=True)
class BatchOptions:
    """What holds for all tasks of a batch."""

    outputs: Path
    until: str | None = None  # as budget.until
    retries: int = 1
    flags: tuple[str, ...] = ()  # of render and resume
    notify: NotifySettings = field(default_factory=NotifySettings)  # who is told how it ended
    files: Sequence[str] = ()  # templates of those that are made of each run, beside its folder
    force: bool = False  # whether they may replace what is there
    place: Place = HERE  # where they are painted
