"""How long a film is going to take, so that a run can leave the time for it."""

from __future__ import annotations

import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

import numpy as np

from engine.film.encoders.encode import FORMATS, encode, tools_for
from engine.film.encoders.request import EncoderSettings, Frame
from engine.film.encoders.size_limit import most_tries
from engine.film.encoders.tools import Tools
from engine.film.pacing import pictures_measured
from engine.film.shots import Lengths
from engine.image.alpha import over_white
from engine.image.pixels import Pixels
from engine.scene.scene import Scene, scaled
from engine.spec.models import FilmSettings
from engine.storage.run_folder import SCRATCH, RunFolder
from engine.system.resources import available_cores

FEW, MORE = 2, 14  # frames; the difference doesn't contain what it takes to start an encoder
MARGIN = 1.15  # a machine is not always equally fast


class TimeEstimate:
    """What a frame takes to encode is found out once, by doing it; what it takes to draw, for each scene."""

    def __init__(self, folder: RunFolder, film: FilmSettings, scene: Scene, snapshots: int) -> None:
        """scene: any of the run, whose size counts. snapshots: that there will be, at most."""
        self._film = film
        self._size = scaled(scene.height, scene.width, film.size)
        self._snapshots = snapshots
        pixels = over_white(scene.draw(*self._size))
        with tempfile.TemporaryDirectory(prefix=SCRATCH, dir=folder.path) as scratch:
            paths = [Path(scratch, f"film.{suffix}") for suffix in film.format if suffix in FORMATS]
            tools = tools_for(film)
            self._encoding = [
                (_encoding(pixels, path, film, MORE, tools) - _encoding(pixels, path, film, FEW, tools))
                / (MORE - FEW)
                for path in paths
            ]
        self._tries = 1 if film.max_bytes is None else most_tries(film.size, min(self._size))

    def seconds(self, scene: Scene) -> float:
        """Wall seconds that the films of a run take that ends with this scene."""
        lengths = Lengths.of(self._film)
        drawing = lengths.moving * _drawing(scene, self._size) / available_cores()
        count, longest = pictures_measured(self._film.pacing, self._snapshots, lengths.moving)
        view = scaled(scene.height, scene.width, longest)
        measuring = count * _drawing(scene, view) / available_cores()
        encoding = [lengths.total * max(each, 0.0) for each in self._encoding]
        return MARGIN * (measuring + self._tries * (len(encoding) * drawing + sum(encoding)))


def _encoding(pixels: Pixels, path: Path, film: FilmSettings, frames: int, tools: Tools) -> float:
    """Wall seconds to encode so many frames that differ."""
    started = time.monotonic()
    encode(_moving(pixels, frames, film.fps), path, film.fps, tools, EncoderSettings(film.codec))
    return time.monotonic() - started


def _moving(pixels: Pixels, frames: int, fps: int) -> Iterator[Frame]:
    for step in range(frames):
        yield Frame(np.roll(pixels, step, axis=1), 1 / fps)


def _drawing(scene: Scene, size: tuple[int, int]) -> float:
    started = time.monotonic()
    scene.draw(*size)
    return time.monotonic() - started
