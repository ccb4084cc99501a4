"""Which kind a shape has, where a mixture allows several: what one is worth shows after a search."""

from __future__ import annotations

from engine.jit import kernel
from engine.painters.polygons.chance import choose, draw
from engine.painters.polygons.fit import fit
from engine.painters.polygons.kinds import numbers, outline_vertices
from engine.painters.polygons.search import search
from engine.painters.polygons.shapes import outline, push_inside
from engine.painters.polygons.sound import is_sound

NOBODY = 0


@kernel
def search_kinds(
    how, state, table, width, height, x0, y0, region, choices, shares, kind, drawn, geometry,
    moves, hot, cold, looks, desk,
):  # fmt: skip
    """Look for a better shape, half of the time as one of another kind; the better one stays.

    choices, shares: kinds and their cumulated shares, by which the other one is drawn; there is none when it
    is the same kind, or when the shape's own isn't among them. drawn: the outline, float32 (vertices, 2).
    geometry: changed in place. The rest is as for search. Returns the kind and what search returns.
    """
    other = desk.rival
    rival = _rival(state, choices, shares, kind, region, drawn, other, desk)
    spared = moves // 2 if rival != NOBODY else 0
    best = search(
        how, state, table, width, height, x0, y0, region, kind, geometry,
        moves - spared, hot, cold, looks, desk,
    )  # fmt: skip
    if spared:
        # One evaluation is for the start.
        found = search(
            how, state, table, width, height, x0, y0, region, rival, other,
            spared - 1, hot, cold, looks, desk,
        )  # fmt: skip
        if found[0] < best[0]:
            geometry[: numbers(rival)] = other[: numbers(rival)]
            return rival, found
    return kind, best


@kernel
def _rival(state, choices, shares, kind, region, drawn, geometry, desk):
    """Write a shape of another kind in the place of one, and return its kind, or NOBODY."""
    if choices.shape[0] == 1 or not (choices == kind).any():
        return NOBODY
    rival = choose(choices, shares, draw(state))
    if rival == kind:
        return NOBODY
    fit(state, rival, drawn, geometry)
    push_inside(rival, geometry, region)
    points = desk.outlines[0, : outline_vertices(rival)]
    outline(rival, geometry, points)
    return rival if is_sound(rival, geometry, points, region) else NOBODY
