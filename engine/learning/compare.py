"""The story of a comparison: strokes, digits and paintings by each generator, and what comes of them."""

from __future__ import annotations

import math
import time
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass, field
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from engine.errors import SpecError
from engine.events import EventHandler, Notice
from engine.image.samples import sample_files
from engine.image.target import open_target
from engine.learning.comparison import (
    Comparison,
    DigitFigures,
    Figures,
    PaintingFigures,
    Picture,
    Pictures,
    StrokeFigures,
)
from engine.learning.digit_reader import DigitReader, train_reader
from engine.learning.digit_set import Digits, find_digits, read_digits, split
from engine.learning.digits import DigitSettings, paint_digits, reduced
from engine.learning.entrants import Entrant, milliseconds, strokes_of
from engine.learning.measures import grain, iou, mse
from engine.learning.paintings import Painting, PaintingSettings, drawn_anew, paint
from engine.learning.perceptual import Perception, open_perception
from engine.learning.shards import StrokeSet
from engine.painters.brush.generators.patch_generator import PatchGenerator
from engine.painters.brush.strokes import Strokes

NONE = "none"  # in place of a file: that part is left out
SAMPLES = ("astronaut", "coffee")
SHOWN_STROKES, SHOWN_DIGITS, SHOWN_SIDE = 14, 20, 640  # of a row, and pixels of a painting's longest side
EPOCHS = 16  # of the reader of digits

Tell = Callable[[float], None]


@dataclass(frozen=True)
class CompareSettings:
    """What is compared, and how."""

    digits: str = ""  # a file of digits, NONE; "": those that are installed
    digit_count: int = 200
    pictures: tuple[str, ...] = ()  # files or samples; (NONE,); (): samples
    size: int = 256  # pixels of a painting's longest side
    strokes: int = 600  # of a painting
    weights: str = ""  # of the network that looks at paintings; "": what is installed
    device: str = "cpu"
    seed: int = 0
    held_out: int = 400  # strokes that are drawn, at most
    epochs: int = EPOCHS
    digit_settings: DigitSettings = field(default_factory=DigitSettings)
    painting_settings: PaintingSettings = field(default_factory=PaintingSettings)


@dataclass(frozen=True)
class Needs:
    """What was found of what a comparison takes beside its generators."""

    digits: Digits | None
    targets: list[tuple[str, Picture]]
    perception: Perception | None
    left_out: list[str]  # sentences


def find_needs(settings: CompareSettings) -> Needs:
    """Digits, pictures and a network; what was asked for and isn't there is a SpecError or TargetError.

    What was not asked for and isn't there is left out, with a sentence.
    """
    left_out: list[str] = []
    digits = None
    if settings.digits != NONE:
        try:
            digits = read_digits(Path(settings.digits).expanduser() if settings.digits else find_digits())
        except SpecError as exc:
            if settings.digits:
                raise
            left_out.append(f"Digits were not painted: {exc}")
    targets = [] if NONE in settings.pictures else _targets(settings, left_out)
    perception = None
    if targets:
        try:
            perception = open_perception(settings.weights, settings.device)
        except SpecError as exc:
            if settings.weights:
                raise
            left_out.append(f"No network has looked at the paintings: {exc}")
    return Needs(digits, targets, perception, left_out)


def _targets(settings: CompareSettings, left_out: list[str]) -> list[tuple[str, Picture]]:
    names = settings.pictures or tuple(name for name in SAMPLES if name in sample_files())
    if not names:
        left_out.append(
            "Nothing was painted: scikit-image's pictures are not installed; give --picture FILE."
        )
    found = []
    for name in names:
        pixels = open_target(name, settings.size, "white").pixels[..., :3]
        found.append((Path(name).stem, np.asarray(pixels, np.float32) / np.float32(255)))
    return found


def compare(
    data: StrokeSet,
    where: str,
    entrants: Sequence[Entrant],
    needs: Needs,
    settings: CompareSettings,
    emit: EventHandler,
    tell: Tell,
) -> tuple[Comparison, Pictures]:
    """Let all generators draw strokes, digits and paintings.

    where: the data set's name. tell: is told the share that is done.
    """
    for sentence in needs.left_out:
        emit(Notice(sentence))
    actions, real = (each[: settings.held_out] for each in data.held_out())
    again = data.again()
    floor = None if again is None else _beside(again[: len(real)], real)
    pictures = Pictures(strokes=[("paint program", real[:SHOWN_STROKES])])
    if again is not None:
        pictures.strokes.append(("paint program, again", again[:SHOWN_STROKES]))
    kinds = []
    for entrant in entrants:
        drawn = strokes_of(entrant.generator, actions, settings.seed, settings.device)
        pictures.strokes.append((entrant.label, drawn[:SHOWN_STROKES]))
        kinds.append(_figures(entrant, _beside(drawn, real), actions, settings.device))
    brush = str(data.manifest.get("brush") or entrants[0].generator.name)
    told = {
        name: value
        for name, value in asdict(settings).items()
        if name not in ("digits", "pictures", "weights")
    }
    found = Comparison(
        where, brush, len(real), floor, kinds, settings.device, told, left_out=list(needs.left_out)
    )
    shares = _Shares(tell, len(entrants), needs)
    if needs.digits is not None:
        _paint_digits(found, pictures, entrants, needs.digits, settings, shares)
    if needs.targets:
        _paint_pictures(found, pictures, entrants, needs, settings, shares)
    return found, pictures


class _Shares:
    """How far all is, from how far its parts are: each kind's digits, and each of its paintings."""

    def __init__(self, tell: Tell, kinds: int, needs: Needs) -> None:
        self._tell, self._done = tell, 0
        self._parts = max(kinds * ((needs.digits is not None) + len(needs.targets)), 1)

    def __call__(self, share: float) -> None:
        self._tell(min((self._done + share) / self._parts, 1))

    def next(self) -> None:
        self._done += 1
        self(0)


def _beside(drawn: NDArray[np.float32], real: NDArray[np.float32]) -> StrokeFigures:
    return StrokeFigures(mse(drawn, real), iou(drawn, real), grain(drawn, real))


def _figures(entrant: Entrant, strokes: StrokeFigures, actions: NDArray[np.float32], device: str) -> Figures:
    ms, with_slopes = milliseconds(entrant.generator, actions, device)
    count = entrant.generator.parameters
    return Figures(
        entrant.label,
        entrant.generator.kind,
        entrant.file,
        entrant.sha256,
        entrant.size,
        count,
        strokes,
        ms,
        with_slopes,
    )


def _paint_digits(
    found: Comparison,
    pictures: Pictures,
    entrants: Sequence[Entrant],
    digits: Digits,
    settings: CompareSettings,
    shares: _Shares,
) -> None:
    painted, others = split(digits, settings.digit_count, settings.seed)
    reader = train_reader(others, settings.epochs, settings.seed, lambda share: None)
    found.digits_painted = len(painted.labels)
    found.digits_recognised = _recognised(reader, painted.pictures / np.float32(255), painted)
    shown = np.linspace(0, len(painted.labels) - 1, min(SHOWN_DIGITS, len(painted.labels))).astype(int)
    for entrant, figures in zip(entrants, found.kinds, strict=True):
        done = paint_digits(
            entrant.generator,
            painted.pictures,
            settings.digit_settings,
            settings.seed,
            shares,
            settings.device,
        )
        small = reduced(done.pictures)
        figures.digits = DigitFigures(
            _recognised(reader, small, painted),
            done.mse,
            float(done.counts.mean()),
            int(done.counts.max()),
        )
        if not pictures.digits:
            pictures.digits.append(("handwritten", done.wanted[shown]))
            pictures.misread.append(np.zeros(len(shown), bool))
        pictures.digits.append((entrant.label, done.pictures[shown]))
        pictures.misread.append(reader.read(small[shown]) != painted.labels[shown])
        shares.next()


def _recognised(reader: DigitReader, pictures: NDArray[np.floating], digits: Digits) -> float:
    return float((reader.read(pictures) == digits.labels).mean())


def _paint_pictures(
    found: Comparison,
    pictures: Pictures,
    entrants: Sequence[Entrant],
    needs: Needs,
    settings: CompareSettings,
    shares: _Shares,
) -> None:
    found.perception = needs.perception.about if needs.perception else ""
    how = PaintingSettings(**{**asdict(settings.painting_settings), "strokes": settings.strokes})
    for name, target in needs.targets:
        row = [("target", target)]
        for entrant, figures in zip(entrants, found.kinds, strict=True):
            patches = PatchGenerator(entrant.generator, settings.device)
            began = time.process_time()
            painting = paint(patches, target, how, settings.seed, shares)
            seconds = time.process_time() - began
            figures.paintings.append(_painted(name, painting, target, needs.perception, seconds))
            row.append((entrant.label, _shown(patches, painting.strokes, target)))
            shares.next()
        pictures.paintings.append((name, row))


def _painted(
    name: str, painting: Painting, target: Picture, perception: Perception | None, seconds: float
) -> PaintingFigures:
    error = painting.rmse(target)
    return PaintingFigures(
        name,
        error,
        -20 * math.log10(max(error, 1e-6)),
        perception.loss(painting.picture, target) if perception else None,
        seconds,
    )


def _shown(patches: PatchGenerator, strokes: Strokes, target: Picture) -> Picture:
    """A painting, drawn anew as large as a page shows it."""
    return drawn_anew(patches, strokes, target, max(SHOWN_SIDE / max(target.shape[:2]), 1))
