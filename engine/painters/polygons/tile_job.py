"""What a job does: a tile of the target with its shapes, in working pixels, and the steps of the work."""

from __future__ import annotations

import math
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from engine.grid import Tile
from engine.image.palette import colours_of
from engine.image.pixels import resample
from engine.image.source import TargetWindow
from engine.painters.base import Phase
from engine.painters.polygons.joint import adam
from engine.painters.polygons.joint.scipy_annealing import anneal_together
from engine.painters.polygons.joint.vector import ParameterVector
from engine.painters.polygons.objective import planes
from engine.painters.polygons.objective.boundary import Looks
from engine.painters.polygons.objective.view import Drawn, View
from engine.painters.polygons.params import PolygonParams
from engine.painters.polygons.params import weights as shape_weights
from engine.painters.polygons.plan import STEP
from engine.painters.polygons.search.annealing import SearchPlan
from engine.painters.polygons.search.local_search import SEARCHES
from engine.painters.polygons.search.mixture import Mixture
from engine.painters.polygons.search.place import place
from engine.painters.polygons.search.refine import refine
from engine.scene.drawing import composite
from engine.scene.geometry import drawn_vertices
from engine.scene.kinds import CIRCLE, MOST_VERTICES, is_curved, search_vertices
from engine.scene.shape_scene import NEW, ShapePart
from engine.scene.shapes import Shapes, drawn_outlines, scaling, shifting

PLACE_HEAT = (0.02, 0.001)  # temperatures, in units of the mean squared error for each shape of the window
REFINE_HEAT = (0.3, 0.002)
ANNEAL_HEAT = (0.06, 0.003)
DRAWINGS = 2  # as long as one step of polishing: a value and a gradient
RELOCATION = 1000  # evaluations for placing a shape anew


@dataclass(frozen=True)
class KernelParams:
    """How one run paints: its parameters as the kernels take them."""

    mixture: Mixture
    search: int  # one of SEARCHES
    looks: Looks

    @classmethod
    def of(cls, params: PolygonParams) -> KernelParams:
        """For parameters that name all colours of a palette."""
        mixture = shape_weights(params.shape)
        shares = np.cumsum(list(mixture.values()))
        palette = params.palette if isinstance(params.palette, tuple) else ()
        lowest, highest = params.opacity
        return cls(
            Mixture(np.array(list(mixture), np.int16), (shares / shares[-1]).astype(np.float32)),
            SEARCHES[params.search],
            Looks(np.float32(lowest), np.float32(highest), colours_of(palette)),
        )


@dataclass
class Work:
    """One job in progress."""

    kernel_params: KernelParams
    window: Window
    before: ShapePart  # what the job may change, in target pixels,
    known: Shapes  # its shapes in working pixels
    shapes: Shapes  # and what has become of them
    points: NDArray[np.float32]  # their outlines as drawn (n, vertices, 2)
    free: NDArray[np.bool_]  # (n,)
    view: View
    state: NDArray[np.uint64]  # of the random numbers
    evaluations: int = 0

    @classmethod
    def on(
        cls,
        target: TargetWindow,
        tile: Tile,
        part: ShapePart,
        phase: Phase,
        kernel_params: KernelParams,
        seed: np.random.SeedSequence,
    ) -> Work:
        """The arguments of engine.painters.base.Painter.paint in working pixels."""
        window = Window.of(tile, phase.detail)
        pixels = resample(target.pixels, window.height, window.width)
        known = window.inward(part.shapes)
        limits = (part.limits.reshape(2, 2) - window.origin) * window.scale
        return cls(
            kernel_params=kernel_params,
            window=window,
            before=part,
            known=known,
            shapes=replace(
                known,
                kinds=known.kinds.copy(),
                geometry=known.geometry.copy(),
                colours=planes.colour_planes(known.colours),
                opacities=known.opacities.copy(),
            ),
            points=outlines(set(kernel_params.mixture.choices.tolist()), known, limits),
            free=part.free,
            view=View(
                planes.target_planes(pixels),
                planes.sqrt_weights(pixels, target.weights),
                planes.background_planes(part.background),
                limits.ravel(),
            ),
            state=seed.generate_state(1, np.uint64).astype(np.uint64),
        )

    def place(self, new: int, effort: int) -> None:
        """Add shapes on top, each with `effort` evaluations, as long as they help."""
        first = len(self.shapes)
        layers = self._layers()
        share = self._share(layers, first + new)
        shapes = self.shapes.joined(
            Shapes.empty(new, self.shapes.geometry.shape[1], len(self.view.background), NEW)
        )
        points = np.concatenate([self.points, np.zeros((new, *self.points.shape[1:]), np.float32)])
        free = np.concatenate([self.free, np.ones(new, np.bool_)])
        tries = effort // 5
        params = self.kernel_params
        plan = SearchPlan(params.search, effort - tries, share * PLACE_HEAT[0], share * PLACE_HEAT[1])
        drawn = drawn_of(shapes, points, free)
        count, evaluations = place(
            self.view, layers, drawn, first, params.mixture, tries, plan, params.looks, self.state
        )
        self.shapes, self.points, self.free = shapes[:count], points[:count], free[:count]
        self.evaluations += evaluations

    def refine(self, visits: int, moves: int) -> None:
        """Anneal the free shapes one at a time, each from hot to cold."""
        self._visit(np.full(visits, REFINE_HEAT[0]), np.full(visits, REFINE_HEAT[1]), moves)

    def anneal(self, visits: int, moves: int) -> None:
        """Anneal the free shapes together: at one temperature, which falls from visit to visit."""
        heat = np.geomspace(*ANNEAL_HEAT, visits)
        self._visit(heat, heat, moves)

    def anneal_together(self, effort: int) -> None:
        """Let scipy anneal all free shapes together, with `effort` evaluations for each."""
        share = self._share(self._layers(), len(self.shapes))
        if not (self.free.any() and share > 0):
            return
        parameters = ParameterVector(self.view, self.kernel_params.looks, self.shapes, self.points, self.free)
        drawings = effort * DRAWINGS // STEP
        found, spent = anneal_together(parameters, drawings, float(share), int(self.state[0]))
        self.shapes, self.points = parameters.shapes(found)
        self.evaluations += spent * int(self.free.sum())

    def relocate(self, share: float) -> None:
        """Take the share of free shapes away that contributes least, and place as many anew."""
        worth = adam.contributions(
            self.view.target,
            self.view.sqrt_weights,
            self.view.background,
            self.points,
            self.shapes.colours,
            self.shapes.opacities,
            self.free,
        )
        keep = np.ones(len(worth), np.bool_)
        keep[np.argsort(worth, kind="stable")[: math.ceil(share * self.free.sum())]] = False
        old = keep[: len(self.known)]  # the others have been placed by this very job
        self.before = replace(self.before, shapes=self.before.shapes[old], free=self.before.free[old])
        self.known, self.shapes = self.known[old], self.shapes[keep]
        self.points, self.free = self.points[keep], self.free[keep]
        self.place(len(worth) - len(self.shapes), RELOCATION)

    def polish(self, steps: int) -> None:
        """Move all free shapes together."""
        drawn = drawn_of(self.shapes, self.points, self.free)
        self.evaluations += adam.polish(self.view, drawn, self.kernel_params.looks, steps, self.state)

    def part(self) -> ShapePart:
        """What the job leaves, in target pixels."""
        colours = self.shapes.colours.copy()
        colours[:, 3:] = 1  # alpha
        shapes = replace(self.window.outward(self.shapes), colours=colours)
        return settled(self.before, self.known, self.shapes, shapes)

    def _visit(self, hot: NDArray[np.float64], cold: NDArray[np.float64], moves: int) -> None:
        share = self._share(self._layers(), len(self.shapes))
        temperatures = (share * np.stack([hot, cold], axis=1)).astype(np.float32)
        drawn, params = drawn_of(self.shapes, self.points, self.free), self.kernel_params
        self.evaluations += refine(
            self.view, drawn, params.mixture, params.search, moves, temperatures, params.looks, self.state
        )

    def _layers(self) -> NDArray[np.float32]:
        """The picture so far: (channels, height, width)."""
        layers = np.empty_like(self.view.target)
        composite(self.view.background, self.points, self.shapes.colours, self.shapes.opacities, 0, 0, layers)
        return layers

    def _share(self, layers: NDArray[np.float32], count: int) -> np.float32:
        """The squared error for each shape."""
        missing = self.view.target - layers
        if len(self.view.sqrt_weights):
            missing[:3] *= self.view.sqrt_weights[0]
            missing[3:] *= self.view.sqrt_weights[1:]
        return np.float32(np.sum(missing**2) / max(count, 1))


@dataclass(frozen=True)
class Window:
    """A tile in working pixels."""

    height: int
    width: int
    origin: NDArray[np.float32]  # the tile's corner in target pixels
    scale: NDArray[np.float32]  # working pixels for a target pixel, x and y

    @classmethod
    def of(cls, tile: Tile, detail: float) -> Window:
        """The window of a tile at so many working pixels for each of its own."""
        height, width = max(1, round(tile.height * detail)), max(1, round(tile.width * detail))
        scale = np.array([width / tile.width, height / tile.height], np.float32)
        return cls(height, width, np.array([tile.x0, tile.y0], np.float32), scale)

    def inward(self, shapes: Shapes) -> Shapes:
        """Target pixels to working pixels."""
        geometry = (shapes.geometry - shifting(shapes, self.origin)) * scaling(shapes, self.scale)
        return replace(shapes, geometry=geometry)

    def outward(self, shapes: Shapes) -> Shapes:
        """Working pixels to target pixels."""
        geometry = shapes.geometry / scaling(shapes, self.scale) + shifting(shapes, self.origin)
        return replace(shapes, geometry=geometry)


def drawn_of(shapes: Shapes, points: NDArray[np.float32], free: NDArray[np.bool_]) -> Drawn:
    """Shapes as the kernels take them, which share their arrays. points (n, vertices, 2), free (n,)."""
    return Drawn(shapes.kinds, shapes.geometry, points, shapes.colours, shapes.opacities, free)


def outlines(kinds: set[int], known: Shapes, limits: NDArray[np.float32]) -> NDArray[np.float32]:
    """The outlines as drawn, with room for vertices of any shape of these kinds within limits (2, 2)."""
    kinds = kinds.union(known.kinds.tolist())
    room = search_vertices(kinds)
    if any(map(is_curved, kinds)):
        largest = np.hypot(*(limits[1] - limits[0])) / 2
        room = max(room, drawn_vertices(CIRCLE, np.array([0, 0, largest], np.float32)))
    return drawn_outlines(known.kinds, known.geometry, room)


def settled(part: ShapePart, before: Shapes, after: Shapes, shapes: Shapes) -> ShapePart:
    """The part that a job leaves: free shapes stay within the limits, in spite of rounding.

    before, after: in working pixels. shapes: what is after, in target pixels.
    """
    first = len(before)
    free = np.concatenate([part.free, np.ones(len(shapes) - first, np.bool_)])
    low, high = shifting(shapes, part.limits[:2]), shifting(shapes, part.limits[2:])
    cornered = (shapes.kinds <= MOST_VERTICES)[:, None]
    geometry = np.where(cornered, np.clip(shapes.geometry, low, high), shapes.geometry)
    # What has not been moved stays exactly where it was, without rounding.
    moved = (after.geometry[:first] != before.geometry).any(axis=1, keepdims=True)
    geometry[:first] = np.where(moved, geometry[:first], part.shapes.geometry)
    shapes = replace(shapes, geometry=geometry)
    leaves = free & ~shapes.within(part.limits)
    back = np.flatnonzero(leaves[:first])
    shapes.kinds[back] = part.shapes.kinds[back]
    shapes.geometry[back] = part.shapes.geometry[back]
    shapes.colours[back] = part.shapes.colours[back]
    shapes.opacities[back] = part.shapes.opacities[back]
    leaves[:first] = False
    return replace(part, shapes=shapes[~leaves], free=free[~leaves])
