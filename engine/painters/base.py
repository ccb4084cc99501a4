"""The plug-in seam: a painter plans phases and paints parts; nothing else in the engine knows how."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, fields
from operator import attrgetter
from types import MappingProxyType
from typing import Any, ClassVar, Literal, NamedTuple, Protocol, Self

import numpy as np
from numpy.typing import NDArray

from engine.grid import Grid, Tile, Tiling
from engine.image.importance import Weights
from engine.image.metric import squares
from engine.image.pixels import Colour, Pixels
from engine.image.source import TargetWindow
from engine.image.target import Target
from engine.parallel.pool import Resources
from engine.scene.scene import Scene

Cells = tuple[tuple[int, ...], tuple[int, ...]]  # lattice lines ys, xs in a tile, both borders included
NO_ASSETS: Mapping[str, bytes] = MappingProxyType({})
Carry = Mapping[str, NDArray[Any]]  # what a painter remembers of a tile, by names of its own


@dataclass(frozen=True, slots=True)
class Phase:
    """One pass of one grid over the picture."""

    level: int
    tiling: Tiling  # how the tiles of the level lie
    action: str  # the painter's own word
    marks: int  # in the whole picture at its end: jobs are asked to add what is missing at its start
    effort: int  # work for each mark, in evaluations of one candidate,
    visits: int  # spread over so many visits or steps
    detail: float  # working pixels for each target pixel, along a side
    then: tuple[Phase, ...] = ()  # on the same tiles; the same jobs do it before they show what they made
    halo: int = 0  # target pixels around each tile that its job must see
    is_shown: bool = True  # whether a film may show what is there between two of its jobs
    # Whether its jobs can do with a window that has been brought to `detail` already.
    is_reduced: bool = False

    def __reduce__(self) -> tuple[type[Self], tuple[Any, ...]]:
        """As plain values: one goes to a worker with every job."""
        kind = type(self)
        if kind not in _VALUES:  # those that a painter's own kind of phase adds are among them
            _VALUES[kind] = attrgetter(*(each.name for each in fields(kind)))
        return kind, _VALUES[kind](self)

    @property
    def chain(self) -> tuple[Phase, ...]:
        """All that its jobs do, one after the other."""
        return (self, *self.then)

    @property
    def work(self) -> int:
        """Evaluations that are planned in the whole picture."""
        return self.marks * sum(phase.effort for phase in self.chain)


_VALUES: dict[type, Callable[[Any], tuple[Any, ...]]] = {}  # what gets a phase's fields, by its class


@dataclass(frozen=True)
class PaintResult:
    """What a painter made of a part."""

    part: Any
    evaluations: int
    # What the next job on the same tile gets back, as long as phases follow on the same level and tiling,
    # such as an optimiser's moments; it is saved in checkpoints.
    carry: Carry | None = None
    is_certain: bool = False  # nothing has changed that is judged, so it is kept whatever the loss


class Judgement(NamedTuple):
    """How good a tile is, in whole numbers where they are added up: these give the same sum in any order."""

    errors: NDArray[np.int64]  # (rows, cols) of the tile's cells: what the picture's error is told from
    losses: NDArray[np.int64]  # the same, as they count: new marks go where these are large
    loss: float  # of the whole tile, which a job must not raise; it need not be the sum of the losses


@dataclass(frozen=True)
class Analysis:
    """What a painter learnt from a target before it began."""

    params: Any  # its own, with all filled in that only the target can tell
    background: Colour | None  # None: transparent
    weights: Weights | None  # how much each pixel counts, (height, width); None: all the same
    assets: Mapping[str, bytes] = field(
        default_factory=dict
    )  # what its jobs need beside, by sha256, such as learnt weights


class Painter(Protocol):
    """Paints by phases. Never prints, sleeps, reads the clock, or touches global random state."""

    scene_class: ClassVar[type[Scene]]
    rows: ClassVar[int]  # that a mark takes up in a scene's arrays: so much fewer snapshots are kept
    resources: Resources  # of its class: the most that it can use
    # What the same seed gives again, with any number of workers and after any stop: the same bytes, or the
    # same error within 1%.
    reproducible: Literal["bytes", "error"]
    # Whether a tile's loss is the sum of its cells' losses, each of which its own pixels tell; if not, a job
    # looks how good its part is first.
    is_additive: ClassVar[bool]

    def __init__(self, params: Any, assets: Mapping[str, bytes] = NO_ASSETS) -> None: ...

    def analyse(self, target: Target) -> Analysis:
        """What must be learnt from the target; params that say everything stay as they are."""

    def empty_scene(self, height: int, width: int, background: Colour | None) -> Scene:
        """The scene before anything is painted."""

    def warm_start(self, scene: Any, target: Target, background: Colour | None) -> Scene:
        """What a run begins with that starts from another one's scene, of any size: one of the target's size.

        It keeps what it can of the scene, with no more marks than this run wants, in colours that it may use.
        """

    def plan(self, grid: Grid, effort: float, marks: int = 0) -> tuple[Phase, ...]:
        """The phases, first to last; effort multiplies the counted work of the default.

        marks: how many there are already when it begins.
        """

    def demand(self, weights: Weights | None) -> NDArray[np.floating] | None:
        """How many marks each pixel wants beside others, (height, width); None when errors alone decide.

        weights: of the whole picture. Asked once; `allocate` gets sums of it.
        """

    def allocate(
        self,
        new: int,
        tiles: Sequence[Tile],
        held: Sequence[int],
        losses: NDArray[np.int64],
        demand: NDArray[np.float64] | None,
    ) -> list[int]:
        """How many of the new marks each tile gets.

        held: marks that each tile's job may change. losses: of each tile before the phase. demand: what each
        tile wants.
        """

    def paint(
        self,
        window: TargetWindow,
        tile: Tile,
        part: Any,
        new: int,
        phase: Phase,
        seed: np.random.SeedSequence,
        carry: Carry | None,
    ) -> PaintResult:
        """Improve a part; a pure function.

        window: the tile's window of the target with the phase's halo, as far as there is any target; of a
        large tile in a phase that is reduced it has been brought to its detail.
        new: how many marks to add. carry: what the last job on this tile left.
        """

    def draw_part(self, tile: Tile, part: Any) -> Pixels:
        """The tile's window of the picture, (height, width, channels)."""

    def judge(self, window: TargetWindow, tile: Tile, part: Any, drawn: Pixels, cells: Cells) -> Judgement:
        """How good a tile is; a job's result is dropped when the loss has risen.

        window: the tile's own. drawn: what `draw_part` says.
        """

    def error(self, errors: int, shape: tuple[int, ...]) -> float:
        """The error, 0 to 1, of a picture whose cells' errors have that sum.

        shape: of its pixels, (height, width, channels).
        """

    @staticmethod
    def warm_up() -> None:
        """Compile all kernels, or load them from the cache."""


def judge_pixels(window: TargetWindow, drawn: Pixels, cells: Cells) -> Judgement:
    """By the squared errors of the drawn pixels, for painters whose aim is the picture itself.

    As losses they are times each pixel's weight. Such a painter's error is metric.error_of.
    """
    errors, losses = squares(window.pixels, drawn, window.weights, *cells)
    return Judgement(errors, losses, int(losses.sum()))
