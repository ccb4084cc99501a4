from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from engine.errors import SpecError
from engine.image.pixels import Colour
from engine.image.target import Origin, Target
from engine.painters.curves.painter import CurvePainter
from engine.painters.curves.params import CurveParams

WHITE = (1.0, 1.0, 1.0)


def analyse(blank: bool, paper: Colour = WHITE, **chosen: Any) -> None:
    pixels, origin = np.full((24, 24, 3), 255, np.uint8), Origin("blank:24x24" if blank else "", "")
    target = Target(pixels, paper, False, (24, 24), None, origin)
    CurvePainter(CurveParams.model_validate(chosen)).analyse(target)


@pytest.mark.parametrize(
    ("blank", "chosen", "said"),
    [
        (True, {"objective": "picture"}, "picture compares drawings with a photograph"),
        (True, {"objective": "neuron,picture=2"}, "picture compares"),
        (True, {"objective": "features"}, "features compares"),
        (False, {"tile": 16}, "painter.tile: of a photograph"),
        (True, {"tile": 16, "wrap": False}, "painter.tile: with painter.wrap=false"),
        (True, {"pens": "white,#fefefe"}, "no ink of #ffffff, #fefefe can be seen on paper of #ffffff"),
    ],
)
def test_what_a_target_can_not_give_is_refused(blank: bool, chosen: dict[str, Any], said: str) -> None:
    with pytest.raises(SpecError, match=said):
        analyse(blank, **chosen)


def test_light_ink_that_multiplies_is_not_seen_on_dark_paper() -> None:
    navy = (0.0, 0.0, 0.5)
    with pytest.raises(SpecError, match="or --set painter"):
        analyse(True, navy, pens="white")
    analyse(True, navy, pens="white", ink="cover")
    analyse(True, navy, pens="white,black")
    with pytest.raises(SpecError, match=r"another --background\.$"):
        analyse(True, navy, pens="#000080", ink="cover")


def test_what_a_target_can_give_is_not_refused() -> None:
    analyse(True, tile=16)
    analyse(True, wrap=False)
    analyse(False, tile="none", wrap=True)
    analyse(False, pens="any", objective="picture,neuron")
