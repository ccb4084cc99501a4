from __future__ import annotations

import numpy as np

from engine.image.source import TargetWindow
from engine.painters.curves.painter import CurvePainter
from engine.painters.curves.window_job import by_darkness
from tests.painters.curves.test_settings import analysed

WHITE, NAVY = (1.0, 1.0, 1.0), (0.0, 0.0, 0.5)


def picture(paper: tuple[float, float, float], ink: float, share: float) -> np.ndarray:
    found = np.repeat(np.array(paper, np.float32)[:, None], 100, 1).reshape(3, 10, 10)
    found[:, : round(10 * share)] = ink
    return found


def test_ink_is_told_from_paper_whichever_is_lighter() -> None:
    light, dark = analysed(10, 10, pens="white", ink="cover"), analysed(10, 10)
    assert not by_darkness(light, picture(NAVY, 1, 0.2), NAVY).any()
    assert (by_darkness(light, picture(NAVY, 1, 0.8), NAVY) > 0).all()
    assert not by_darkness(dark, picture(WHITE, 0, 0.2), WHITE).any()
    assert (by_darkness(dark, picture(WHITE, 0, 0.8), WHITE) < 0).all()


def test_a_light_pen_on_dark_paper_is_to_be_light_where_ink_is_wanted() -> None:
    weights = np.full((10, 10), 255 << 8, np.uint16)
    weights[5:] = 0
    window = TargetWindow(np.zeros((10, 10, 3), np.uint8), weights)
    painter = CurvePainter(analysed(10, 10, blank=False, pens="white", ink="cover"))
    aim = painter._aim(window, NAVY)
    assert aim is not None
    np.testing.assert_allclose(aim[:, 0, 0], 1)
    np.testing.assert_allclose(aim[:, 9, 0], NAVY)
    grey = CurvePainter(analysed(10, 10, blank=False))._aim(window, WHITE)
    assert grey is not None
    assert (grey[:, :5] == 0).all()
