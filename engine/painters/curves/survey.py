"""Quick drawings of what channels like, a job for each, so that one can choose among them."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Literal, NamedTuple

import numpy as np

from engine.errors import SpecError
from engine.grid import PLAIN, Grid
from engine.image.pixels import Pixels
from engine.image.source import TargetWindow
from engine.image.target import open_target
from engine.painters.curves.begin import analysed_of, begin
from engine.painters.curves.networks.names import check_channel
from engine.painters.curves.networks.opening import open_network
from engine.painters.curves.objectives.base import Objective, Sight
from engine.painters.curves.objectives.choose import open_objective
from engine.painters.curves.objectives.v4_motifs import CHANNELS
from engine.painters.curves.params import BUILT_IN, AnalysedParams, CurveParams
from engine.painters.curves.plan import whole_course
from engine.painters.curves.raster import Period, Window
from engine.painters.curves.scene import CurveScene
from engine.painters.curves.window_job import WHITE, Setting, draw_steps

SIDE, VIEW = 128, 144  # pixels of what is drawn, which wraps, and of what is seen of it
RATE = 1.5  # pixels that a point moves in a step at most
LEAST = 0.25  # spreads of its activation, that a channel is alive with
VIEWS = 4  # that this is told from

_RANGE = re.compile(r"([0-9]{1,6})(?:-([0-9]{1,6}))?")


class Survey(NamedTuple):
    """How channels are drawn."""

    size: int = 128  # pixels of a picture
    steps: int = 160
    seed: int = 0
    weights: str = ""
    device: Literal["cpu", "cuda"] = "cpu"


class Portrait(NamedTuple):
    """What a channel draws."""

    channel: str
    pixels: Pixels  # (size, size, 3)
    liking: float  # how active the channel is in the end, in its spreads

    @property
    def is_dead(self) -> bool:
        """Whether strokes have not made it active: what comes after its ReLU is hardly more than nothing."""
        return self.liking < LEAST


@dataclass(frozen=True)
class Job:
    """A channel to be drawn."""

    channel: str  # such as squeezenet/fire6/172

    @property
    def name(self) -> str:
        """How messages speak of it."""
        return self.channel


def channels_of(layer: str, only: str, weights: str, device: str) -> tuple[str, ...]:
    """The channels of NETWORK/LAYER, or those of v4; SpecError for what isn't there, or can't be opened.

    only: numbers and ranges with commas, such as "0-31,172"; "": all.
    """
    if layer.rstrip("/") == BUILT_IN.rstrip("/"):
        if only:
            raise SpecError(f"--only {only}: the channels of v4 have names; leave --only out.")
        return tuple(f"{BUILT_IN}{name}" for name in CHANNELS)
    network, slash, name = layer.partition("/")
    if f"{network}/" == BUILT_IN:
        raise SpecError(f"{layer}: v4 has one layer; give v4 alone, which draws all its channels.")
    if not slash or not name or "/" in name:
        raise SpecError(f"{layer!r} is not of the form NETWORK/LAYER, such as squeezenet/fire6.")
    count = open_network(network, [name], weights, device).layers[name].channels
    numbers = _numbers(only) if only else range(count)
    for number in numbers:
        check_channel(network, name, number, count)
    return tuple(f"{layer}/{number}" for number in numbers)


def open_survey(survey: Survey) -> Survey:
    """What a worker has before its first job."""
    return survey


def portrait(survey: Survey, job: Job) -> Portrait:
    """Draw a channel; SpecError when it isn't there."""
    chosen = CurveParams(
        neuron=job.channel,
        weights=survey.weights or None,
        device=survey.device,
        steps=survey.steps,
        rate=RATE,
        views=1,
        view=VIEW,
    )
    params = analysed_of(chosen, open_target(f"blank:{SIDE}x{SIDE}", SIDE))
    objective = open_objective(params)
    scene = _drawn(params, objective, np.random.default_rng(survey.seed))
    return Portrait(job.channel, scene.draw(survey.size, survey.size), _liking(objective, scene))


def _drawn(params: AnalysedParams, objective: Objective, random: np.random.Generator) -> CurveScene:
    """The strokes after all steps."""
    period = Period(SIDE, SIDE)
    scene = CurveScene.empty(SIDE, SIDE, WHITE, 0, params.ink, period)
    (tile,) = Grid.fit(SIDE, SIDE, "1x1").tiles(0, PLAIN)
    paper = TargetWindow(np.full((SIDE, SIDE, 3), 255, np.uint8), None)
    part = begin(params, paper, tile, scene.take([tile])[0], params.count, 0, random)
    phase = whole_course(params.count, params.steps)
    setting = Setting(params, objective, Window(0, 0, SIDE, SIDE), WHITE, period, None)
    return scene.put([draw_steps(setting, part, phase, random, None).part])


def _liking(objective: Objective, scene: CurveScene) -> float:
    """Minus the mean loss of some random views, the same for each scene."""
    pixels, random = scene.draw(SIDE, SIDE), np.random.default_rng(0)
    planes = np.ascontiguousarray(pixels.transpose(2, 0, 1), np.float32) / np.float32(255)
    losses = [objective.verdict(Sight(planes, True, None), random).loss for _ in range(VIEWS)]
    return -float(np.mean(losses))


def _numbers(only: str) -> tuple[int, ...]:
    """Those that a text names, in its order."""
    found: list[int] = []
    for part in only.split(","):
        match = _RANGE.fullmatch(part.strip())
        first, last = (int(match[1]), int(match[2] or match[1])) if match else (1, 0)
        if first > last:
            raise SpecError(f"--only {only}: must be channels such as 0-31,172.")
        found.extend(range(first, last + 1))
    return tuple(dict.fromkeys(found))
