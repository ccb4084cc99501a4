"""What a file of shapes says of a brush's strokes beside what any stroke has: as JSON, and back."""

from __future__ import annotations

from typing import Annotated, Any

import numpy as np
from numpy.typing import NDArray
from pydantic import BaseModel, ConfigDict, Field

from engine.scene.scene import Brushwork, Touch
from engine.spec.fields import expected

STRICT = ConfigDict(extra="forbid", frozen=True, strict=True, allow_inf_nan=False)
FAR = 1e6  # pixels: no shape reaches beyond that
LONGEST_NAME = 100
MOST_TEXELS = 64  # of a brush's grain, which repeats

Share = Annotated[float, Field(ge=0, le=1)]
_Pressures = Annotated[list[Share], Field(min_length=2, max_length=2)]
_Texel = Annotated[float, Field(ge=-MOST_TEXELS, le=2 * MOST_TEXELS)]
_Texels = Annotated[list[_Texel], Field(min_length=2, max_length=2)]


class BrushHead(BaseModel):
    """What all strokes of a file are painted with."""

    model_config = STRICT
    name: Annotated[str, Field(max_length=LONGEST_NAME)]
    opaque: bool = False
    paper: Annotated[str, Field(max_length=LONGEST_NAME)] = "plain"

    def work(self) -> Brushwork:
        """As marks have it."""
        return Brushwork(self.name, self.opaque, self.paper)


class TouchLine(BaseModel):
    """What a brush's stroke has of its own."""

    model_config = STRICT
    radius: Annotated[float, Field(gt=0, le=FAR)]
    paint: Share = 1.0
    pressures: Annotated[_Pressures, expected("two numbers from 0 to 1")]
    grain: Annotated[_Texels, expected("two numbers from 0 to 64")] = [0.0, 0.0]
    level: Annotated[int, Field(ge=0, le=127)] = 0

    def touch(self, work: Brushwork) -> Touch:
        """As a mark has it."""
        (entry, end), (along, across) = self.pressures, self.grain
        return Touch(work, self.radius, self.paint, (entry, end), (along, across), self.level)


def head_of(touch: Touch | None) -> dict[str, Any]:
    """What a file says once; nothing where no brush has painted."""
    if touch is None:
        return {}
    name, is_opaque, paper = touch.work
    return {"brush": {"name": name, "opaque": is_opaque, "paper": paper}}


def line_of(touch: Touch | None) -> dict[str, Any]:
    """What a mark says more."""
    if touch is None:
        return {}
    radius, paint = shortest(np.array([touch.radius, touch.opacity], np.float32))
    return {
        "touch": {
            "radius": radius,
            "paint": paint,
            "pressures": shortest(np.array(touch.pressures, np.float32)),
            "grain": shortest(np.array(touch.grain, np.float32)),
            "level": touch.level,
        }
    }


def shortest(numbers: NDArray[np.floating]) -> list[float]:
    """Doubles that are written with as few digits as the numbers need."""
    return [float(str(number)) for number in numbers]
