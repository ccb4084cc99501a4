"""A scene as an SVG that paints itself: the shapes appear in the order of their birth, by CSS alone.

What knows no CSS animation shows the finished picture, and so does a browser whose user wants little motion.
"""

from __future__ import annotations

import io
from collections.abc import Iterator

from engine.export.metadata import Metadata
from engine.export.svg import DECIMALS, NAME, Look, as_lines, page, write_named
from engine.export.svg_elements import Element, element
from engine.scene.scene import Scene

FADE = 0.4  # seconds that a shape takes to appear, at most


def to_moving_svg(
    scene: Scene, duration: float, intro: float, hold: float, metadata: Metadata | None = None
) -> str:
    """The finished scene, of which each shape has a time to appear at, evenly spread.

    duration: seconds in all, of which at first the background alone is shown for `intro`, and in the end the
    finished picture for `hold`; then it stays. --t is a shape's delay after the intro in milliseconds.
    """
    painting = max(duration - intro - hold, 0.0)
    fade = min(FADE, painting)
    delay = f"calc({_milliseconds(intro)}ms + var(--t)*1ms)"
    style = (
        "@media(prefers-reduced-motion:no-preference){"
        f"#{NAME} [style]{{animation:{NAME} {_milliseconds(fade)}ms {delay} backwards}}"
        f"@keyframes {NAME}{{from{{opacity:0}}}}}}"
    )
    forms = [element(mark, DECIMALS) for mark in scene.marks()]  # more than shapes, where a picture repeats
    delays = _spread(painting - fade, len(forms))
    moving = [
        Element(f'{each.form} style="--t:{_milliseconds(delay)}"', each.paint)
        for each, delay in zip(forms, delays, strict=True)
    ]
    file = io.BytesIO()
    write_named(file, [*page(scene, metadata, Look(), style=style), *as_lines(lambda: moving)])
    return file.getvalue().decode()


def _spread(seconds: float, count: int) -> Iterator[float]:
    """So many moments from 0 to the last second, equally far apart."""
    for index in range(count):
        yield seconds * index / max(count - 1, 1)


def _milliseconds(seconds: float) -> int:
    return round(1000 * seconds)
