"""How long films are going to take: every format is tried out, and tries to fit into a size are counted."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pytest

from engine.film import time_estimate as forecast
from engine.film.encoders.encode import FORMATS
from engine.film.encoders.size_limit import most_tries
from engine.film.time_estimate import TimeEstimate
from engine.spec.models import FilmSettings
from engine.storage.run_folder import RunFolder
from tests.doubles.films import Pixels


@dataclass
class Blank:
    """As much of a scene as is drawn."""

    height: int = 72
    width: int = 96

    def draw(self, height: int, width: int) -> Pixels:
        return np.zeros((height, width, 3), np.uint8)


def seconds(path: Path, film: FilmSettings) -> float:
    scene = Blank()
    return TimeEstimate(RunFolder(path), film, scene, 2).seconds(scene)  # type: ignore[arg-type]


def test_all_formats_are_tried_out_and_nothing_is_left(tmp_path: Path) -> None:
    film = FilmSettings(size=96, fps=10, duration=2.0, format=(*FORMATS, "svg"))  # type: ignore[arg-type]
    assert 0 <= seconds(tmp_path, film) < 60
    assert list(tmp_path.iterdir()) == []


def test_every_try_to_fit_takes_its_time(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(forecast, "_encoding", lambda pixels, path, film, frames, tools: float(frames))
    film = FilmSettings(size=96, fps=10, duration=2.0, format=("mp4", "gif"))
    once = seconds(tmp_path, film)
    assert once == pytest.approx(forecast.MARGIN * 2 * 20, rel=0.01)
    fitted = seconds(tmp_path, film.model_copy(update={"max_bytes": 10_000}))
    assert fitted == pytest.approx(once * most_tries(96, 72), rel=0.01)
