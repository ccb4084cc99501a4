"""Where a damage is done, and the names of what lies there."""

from __future__ import annotations

import random
from dataclasses import dataclass
from pathlib import Path

from engine.storage.run_folder import SNAPSHOT_FOLDER

FRAMES = "frames"  # the first segment of snapshots
SECRET, FOLDER, TOOL, NEW = "secret.txt", "folder", "tool", "new"  # beside the run


@dataclass(frozen=True)
class Site:
    """Where a damage is done."""

    run: Path
    outside: Path  # a folder with what may not be changed or read
    rng: random.Random

    def path(self, name: str) -> Path:
        """Of a file by its name in the deck."""
        if name == FRAMES:
            return next(iter(sorted((self.run / SNAPSHOT_FOLDER).glob("*.frames"))))
        return self.run / name
