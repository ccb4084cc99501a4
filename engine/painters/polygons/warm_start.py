"""Another run's scene as a start: with this run's looks, and no more shapes than it wants."""

from __future__ import annotations

import itertools
from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from engine.grid import Tile
from engine.image.palette import matched
from engine.image.pixels import Colour
from engine.image.target import Target
from engine.painters.polygons.joint import adam
from engine.painters.polygons.objective import planes
from engine.painters.polygons.objective.boundary import Looks
from engine.painters.polygons.tile_job import Window
from engine.scene.drawing import ground
from engine.scene.shape_scene import ShapeScene
from engine.scene.shapes import drawn_outlines, pushed_inside

ROUNDS = 4  # of removals: a shape is worth more once its neighbours are gone
SIDE = 512  # pixels of the windows that are measured at a time, so that memory stays bounded


def with_looks(scene: ShapeScene, background: Colour | None, room: int, looks: Looks) -> ShapeScene:
    """The same shapes over another background, with colours and opacities that this run may have.

    room: for the numbers of a geometry, at least.
    """
    shapes = scene.shapes
    geometry = np.zeros((len(shapes), max(room, shapes.geometry.shape[1])), np.float32)
    geometry[:, : shapes.geometry.shape[1]] = shapes.geometry
    colours = np.ones((len(shapes), len(ground(background))), np.float32)
    colours[:, :3] = shapes.colours[:, :3]
    if len(looks.palette):
        colours[:, :3] = matched(colours[:, :3], looks.palette)
    opacities = np.clip(shapes.opacities, looks.lowest, looks.highest)
    shapes = replace(shapes, geometry=geometry, colours=colours, opacities=opacities)
    # At another size the limits are rounded otherwise, and what lies beyond them could never be changed.
    limits = scene.limits(Tile(0, 0, 0, 0, 0, scene.width, scene.height))
    return replace(scene, background=background, shapes=pushed_inside(shapes, limits))


def keep_best(scene: ShapeScene, count: int, target: Target) -> ShapeScene:
    """The scene with `count` shapes at most: in a few rounds, those go first that are worth least."""
    first = len(scene)
    if first <= count:
        return scene
    for turn in range(1, ROUNDS + 1):
        left = round(first * (count / first) ** (turn / ROUNDS))
        by_worth = np.argsort(contributions(scene, target), kind="stable")
        scene = replace(scene, shapes=scene.shapes[np.sort(by_worth[len(scene) - left :])])
    return scene


def contributions(scene: ShapeScene, target: Target, side: int = SIDE) -> NDArray[np.float64]:
    """By how much the weighted squared error would rise without each shape, all others unchanged; (n,).

    side: of a window in pixels. An error is a sum over pixels, so that of the picture is that of all windows.
    """
    found = np.zeros(len(scene))
    corners = itertools.product(range(0, scene.height, side), range(0, scene.width, side))
    tiles = [Tile(0, 0, 0, x, y, min(x + side, scene.width), min(y + side, scene.height)) for y, x in corners]
    for tile, part in zip(tiles, scene.take(tiles), strict=True):
        shapes = part.shapes
        window, seen = Window.of(tile, 1.0), target.source.read((tile.x0, tile.y0, tile.x1, tile.y1))
        found[np.searchsorted(scene.shapes.ids, shapes.ids)] += adam.contributions(
            planes.target_planes(seen.pixels),
            planes.sqrt_weights(seen.pixels, seen.weights),
            planes.background_planes(scene.background),
            drawn_outlines(shapes.kinds, window.inward(shapes).geometry),
            planes.colour_planes(shapes.colours),
            shapes.opacities,
            np.ones(len(shapes), np.bool_),
        )
    return found
