"""A net on the way to a later one of the same run."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from engine.painters.gng.net import Floats, Links, Net, Nodes, with_room
from engine.scene.shapes import Shapes


def between(before: Net, after: Net, share: float) -> Net:
    """Ends are ids. share: 0..1."""
    step = np.float32(share)
    return Net(
        _moved(before.nodes, after.nodes, after.lines, step),
        _faded(before.lines, after.lines, step),
        _laid_over(before.faces, after.faces, step),
        _drawn(before.strokes, after.strokes, step),
    )


def _moved(before: Nodes, after: Nodes, lines: Links, step: np.float32) -> Nodes:
    """All nodes of both: new ones on the way from the old ones beside them, old ones as long as they show."""
    old = np.isin(after.ids, before.ids)
    at = np.searchsorted(before.ids, after.ids[old])
    origins, radii = _origins(before, after, lines), np.zeros_like(after.radii)
    origins[old], radii[old] = before.places[at], before.radii[at]
    moved = replace(
        after,
        places=origins + step * (after.places - origins),
        radii=radii + step * (after.radii - radii),
    )
    gone = before[~np.isin(before.ids, after.ids)]
    nodes = moved.joined(replace(gone, radii=gone.radii * (1 - step)))
    return nodes[np.argsort(nodes.ids)]


def _origins(before: Nodes, after: Nodes, lines: Links) -> Floats:
    """Where new nodes come from: the middle of the old ones beside them, or where they are."""
    sums, counts = np.zeros_like(after.places), np.zeros(len(after), np.float32)
    for one, other in ((0, 1), (1, 0)):
        ends, beside = lines.ends[:, one], lines.ends[:, other]
        known = np.isin(beside, before.ids)
        at = np.searchsorted(after.ids, ends[known])
        np.add.at(sums, at, before.places[np.searchsorted(before.ids, beside[known])])
        np.add.at(counts, at, 1)
    return np.where(counts[:, None] > 0, sums / np.maximum(counts, 1)[:, None], after.places)


def _faded(before: Links, after: Links, step: np.float32) -> Links:
    """Old lines fade out, new ones fade in, those of both change."""
    here, there, gone = _matched(before, after)
    opacities, widths = after.opacities * step, after.widths.copy()
    colours = after.colours.astype(np.float32)
    opacities[there] = before.opacities[here] + step * (after.opacities[there] - before.opacities[here])
    widths[there] = before.widths[here] + step * (after.widths[there] - before.widths[here])
    colours[there] = before.colours[here] + step * (colours[there] - before.colours[here])
    changed = replace(after, opacities=opacities, widths=widths, colours=np.rint(colours).astype(np.uint8))
    leaving = before[gone]
    return replace(leaving, opacities=leaving.opacities * (1 - step)).joined(changed)


def _laid_over(before: Links, after: Links, step: np.float32) -> Links:
    """Old faces stay below, so that there are no holes, and new ones appear over them."""
    if step >= 1:
        return after
    here, there, _ = _matched(before, after)
    colours = before.colours.astype(np.float32)
    colours[here] += step * (after.colours[there] - colours[here])
    new = after[np.setdiff1d(np.arange(len(after)), there)]
    below = replace(before, colours=np.rint(colours).astype(np.uint8))
    return below.joined(replace(new, opacities=new.opacities * step))


def _matched(before: Links, after: Links) -> tuple[NDArray[np.intp], NDArray[np.intp], NDArray[np.intp]]:
    """Indices of the links that both have, before and after, and of those that only the first has."""
    rows = np.concatenate([np.sort(before.ends, axis=1), np.sort(after.ends, axis=1)])
    names = np.unique(rows, axis=0, return_inverse=True)[1].ravel()
    first, second = names[: len(before)], names[len(before) :]
    _, here, there = np.intersect1d(first, second, assume_unique=True, return_indices=True)
    return here, there, np.setdiff1d(np.arange(len(before)), here)


def _drawn(before: Shapes, after: Shapes, step: np.float32) -> Shapes:
    """Strokes are drawn one by one, while what was there before goes."""
    if before is after or (
        len(before) == len(after) and before.geometry.tobytes() == after.geometry.tobytes()
    ):
        return after
    due = np.clip(step * (len(after) + 1) - np.arange(len(after)), 0, 1).astype(np.float32)
    coming = replace(after, opacities=after.opacities * due)[due > 0]
    if not len(before):
        return coming
    room = max(before.geometry.shape[1], coming.geometry.shape[1])
    old, new = (with_room(shapes, room) for shapes in (before, coming))
    return replace(old, opacities=old.opacities * (1 - step)).joined(new)
