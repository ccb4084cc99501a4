"""Another run's scene, or the shapes of a file, as a start."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from engine.painters.gng.net import Floats, Links, Nodes
from engine.painters.gng.scene import GasScene
from engine.scene.shapes import Shapes, shifting

HALF = 0.5  # of the densest ink's density at a place: what has as much is there, too


def sown(scene: GasScene, count: int) -> GasScene:
    """The scene with `count` nodes at most: of too many every so many-th goes. Shapes can give some."""
    if not len(scene) and len(scene.net.strokes):
        scene = _with_nodes(scene, _corners(scene.net.strokes))
    if len(scene) <= count:
        return scene
    kept = np.arange(count) * len(scene) // count
    nodes = scene.net.nodes[kept]
    lines, faces = (
        links[((links.ends < 0) | np.isin(links.ends, nodes.ids)).all(axis=1)]
        for links in (scene.net.lines, scene.net.faces)
    )
    return replace(scene, net=replace(scene.net, nodes=nodes, lines=lines, faces=faces))


def inked(scene: GasScene, densities: Sequence[NDArray[np.float32]]) -> GasScene:
    """The scene with nodes of the inks that there are: if they had others, at a place these take turns."""
    nodes = scene.net.nodes
    if not len(nodes) or nodes.inks.max() + 1 == len(densities):
        return scene
    x, y = np.floor(nodes.places).astype(int).T
    rows, columns = np.clip(y, 0, scene.height - 1), np.clip(x, 0, scene.width - 1)
    here = np.array([density[rows, columns] for density in densities])
    fits = here >= HALF * np.maximum(here.max(axis=0), 1e-9)
    fits[0] |= ~fits.any(axis=0)
    turn = np.arange(len(nodes)) % fits.sum(axis=0)
    inks = (np.cumsum(fits, axis=0) > turn).argmax(axis=0).astype(np.uint8)
    return replace(scene, net=replace(scene.net, nodes=replace(nodes, inks=inks)))


def _with_nodes(scene: GasScene, places: Floats) -> GasScene:
    inside = (places >= 0).all(axis=1) & (places < (scene.width, scene.height)).all(axis=1)
    places = np.unique(places[inside], axis=0)
    count = len(places)
    nodes = Nodes(
        np.arange(count),
        places,
        np.zeros(count, np.float32),
        np.zeros(count, np.uint8),
        np.zeros(count, np.float32),
        np.zeros((count, 3), np.uint8),
    )
    net = replace(
        GasScene.empty(scene.height, scene.width, scene.background).net, nodes=nodes, lines=Links.none(2)
    )
    return replace(scene, net=net, born=count)


def _corners(shapes: Shapes) -> Floats:
    """The points of shapes: ends, corners, centres; (n, 2)."""
    ones = shifting(shapes, np.ones(2, np.float32)) == 1
    room = ones.shape[1] - ones.shape[1] % 2
    chosen = ones[:, :room:2]
    return shapes.geometry[:, :room].reshape(len(shapes), -1, 2)[chosen]
