"""What is found out by comparing generators: figures, as they are written to JSON, and pictures of them."""

from __future__ import annotations

from dataclasses import asdict, dataclass, field
from typing import Any

import numpy as np
from numpy.typing import NDArray

Picture = NDArray[np.float32]  # (height, width, 3), sRGB-encoded, 0..1


@dataclass(frozen=True)
class StrokeFigures:
    """Of strokes that nothing was trained on, beside the paint program's."""

    mse: float
    iou: float
    grain: float


@dataclass(frozen=True)
class DigitFigures:
    """Of digits that were painted."""

    recognised: float  # share of them that the reader takes for what they are
    mse: float
    strokes: float  # of a digit, in the mean
    most: int  # of any digit


@dataclass(frozen=True)
class PaintingFigures:
    """Of a picture that was painted."""

    picture: str
    rmse: float
    psnr: float  # dB
    perceptual: float | None  # None: there was no network to look at it
    seconds: float  # of the processor


@dataclass
class Figures:
    """Of one generator."""

    label: str
    kind: str
    file: str
    sha256: str
    bytes: int
    parameters: int
    strokes: StrokeFigures
    ms: float  # of the processor for a stroke,
    ms_with_slopes: float  # and for one with its slopes
    digits: DigitFigures | None = None
    paintings: list[PaintingFigures] = field(default_factory=list)

    @property
    def perceptual(self) -> float | None:
        """The mean over its paintings."""
        found = [each.perceptual for each in self.paintings if each.perceptual is not None]
        return float(np.mean(found)) if found else None

    @property
    def psnr(self) -> float | None:
        """The mean over its paintings, dB."""
        return float(np.mean([each.psnr for each in self.paintings])) if self.paintings else None


@dataclass
class Comparison:
    """All that a page tells."""

    data: str  # the data set's folder
    brush: str
    held_out: int  # strokes that were drawn
    floor: StrokeFigures | None  # of the paint program beside itself; None: its strokes were drawn once only
    kinds: list[Figures]
    device: str
    settings: dict[str, Any]
    digits_painted: int = 0
    digits_recognised: float | None = None  # share of the same digits as they are
    perception: str = ""  # the network that looked at the paintings
    left_out: list[str] = field(default_factory=list)  # sentences

    def record(self, version: str, answer: str) -> dict[str, Any]:
        """As JSON has it."""
        found = asdict(self)
        for each, kind in zip(found["kinds"], self.kinds, strict=True):
            floor = self.floor.mse if self.floor else 0
            each["mse_over_floor"] = kind.strokes.mse / floor if floor else None
            each["perceptual"], each["psnr"] = kind.perceptual, kind.psnr
        return {"version": version, "answer": answer, **found}


@dataclass
class Pictures:
    """What a page shows."""

    strokes: list[tuple[str, NDArray[np.float32]]] = field(
        default_factory=list
    )  # rows: opacities (n, 64, 64)
    digits: list[tuple[str, NDArray[np.float32]]] = field(default_factory=list)  # rows, white on black, 0..1
    misread: list[NDArray[np.bool_]] = field(default_factory=list)  # of each row's digits
    paintings: list[tuple[str, list[tuple[str, Picture]]]] = field(
        default_factory=list
    )  # by picture and kind
