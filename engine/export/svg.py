"""A scene as SVG 1.1: short, drawn back to front, with a viewBox in target pixels.

Names within a file have a hash of what it says in them, so that several can stand in one page of HTML.
"""

from __future__ import annotations

import hashlib
import io
import os
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import partial
from itertools import chain, groupby, islice
from typing import IO
from xml.sax.saxutils import escape

import numpy as np

from engine.export.cut import cut
from engine.export.layers import Box, Key, Layer, layered
from engine.export.metadata import Metadata
from engine.export.svg_elements import (
    MULTIPLY,
    Element,
    Paint,
    attributes,
    element,
    hex_of,
    number,
    segments,
    tag,
)
from engine.image.pixels import Colour
from engine.scene.scene import Mark, Scene

DECIMALS = 2  # of a coordinate: a hundredth of a target pixel
EDGE_DECIMALS = 4  # of the borders
INKSCAPE = ' xmlns:inkscape="http://www.inkscape.org/namespaces/inkscape"'

NAME = "\0"  # stands for a file's name of its own until its text is there
NAME_DIGITS = 10

MOST_LINES = 10_000  # in one path
MOST_KEPT = 20_000  # elements that are kept from one look at them to the next


@dataclass(frozen=True)
class Look:
    """What can be chosen of a file."""

    decimals: int = DECIMALS  # of a coordinate
    key: Key | None = None  # by which marks are put into groups that a drawing program shows as layers
    clip: str = "path"  # or "cut": marks end at the page's borders themselves
    size: tuple[str, str] | None = None  # width and height as attributes; None: those of the scene
    window: Box | None = None  # what is shown of the scene; None: all of it

    def borders(self, scene: Scene) -> Box:
        """Of what is shown, in target pixels."""
        return self.window or (0, 0, scene.width, scene.height)


def to_svg(scene: Scene, metadata: Metadata | None = None, look: Look = Look()) -> str:
    """One element for each mark over a rectangle for a background, if any, cut off at the page's borders."""
    file = io.BytesIO()
    write_svg(file, scene, metadata, look)
    return file.getvalue().decode()


def write_svg(file: IO[bytes], scene: Scene, metadata: Metadata | None = None, look: Look = Look()) -> None:
    """Write the same into a file that can seek, line by line: it may be larger than memory."""
    if look.key is None:
        names = ""
        content = as_lines(lambda: _elements(_ended(scene.marks(), scene, look), look.decimals))
    else:
        names = INKSCAPE
        content = _groups(layered(list(scene.marks()), look.key, scene.height, scene.width), scene, look)
    write_named(file, chain(page(scene, metadata, look, names), content))


def named(text: str) -> str:
    """A file's text with a name of its own, which follows from it, wherever NAME stands."""
    digest = hashlib.sha256(text.encode()).hexdigest()[:NAME_DIGITS]
    return text.replace(NAME, f"t{digest}")


def write_named(file: IO[bytes], lines: Iterable[str]) -> None:
    """Write lines and the end of a file, with a name of its own wherever NAME stands in them.

    It follows from the text, so it is only known in the end, and put where room was left for it.
    """
    digest, places = hashlib.sha256(), list[int]()
    blank = b"t" + bytes(NAME_DIGITS)
    for line in chain((f"{line}\n" for line in lines), ["</g>\n</svg>\n"]):
        text = line.encode()
        digest.update(text)
        first, *others = text.split(NAME.encode())
        file.write(first)
        for other in others:
            places.append(file.tell())
            file.write(blank + other)
    for place in places:
        file.seek(place)
        file.write(f"t{digest.hexdigest()[:NAME_DIGITS]}".encode())
    file.seek(0, os.SEEK_END)


def page(
    scene: Scene, metadata: Metadata | None, look: Look, names: str = "", style: str = ""
) -> Iterator[str]:
    """The lines up to the first mark: texts, the borders, the background.

    names: of other namespaces. style: rules for what is below the group that is called NAME.
    """
    x0, y0, x1, y1 = look.borders(scene)
    place = [number(value, EDGE_DECIMALS) for value in (x0, y0, x1 - x0, y1 - y0)]
    rectangle = f'width="{place[2]}" height="{place[3]}"'
    if look.window is not None:
        rectangle = f'x="{place[0]}" y="{place[1]}" {rectangle}'
    width, height = look.size or place[2:]
    shown = f'viewBox="{" ".join(place)}" width="{width}" height="{height}"'
    yield f'<svg xmlns="http://www.w3.org/2000/svg"{names} {shown}>'
    if metadata is not None:
        yield f"<title>{escape(metadata.title)}</title>"
        yield f"<desc>{escape(metadata.description)}</desc>"
    if style:
        yield f"<style>{style}</style>"
    name = f' id="{NAME}"' if style else ""
    if look.clip == "path":
        yield f'<clipPath id="{NAME}-page"><rect {rectangle}/></clipPath>'
        yield f'<g{name} clip-path="url(#{NAME}-page)">'
    else:
        yield f"<g{name}>"
    if scene.background is not None:
        yield tag(Element(f"rect {rectangle}", {"fill": hex_of(scene.background)}))


def as_lines(elements: Callable[[], Iterable[Element]]) -> Iterator[str]:
    """The elements; what all of them have in common is said once, of a group.

    Where there are many they are asked for twice, so that there need not be memory for all of them.
    """
    few = list(islice(elements(), MOST_KEPT + 1))
    if len(few) <= MOST_KEPT:
        elements = partial(iter, few)
    common = _common(each.paint for each in elements())
    if not common:
        yield from map(tag, elements())
        return
    yield f"<g{attributes(sorted(common.items()))}>"
    for each in elements():
        yield tag(Element(each.form, {name: text for name, text in each.paint.items() if name not in common}))
    yield "</g>"


def _common(paints: Iterable[Paint]) -> Paint:
    """What two or more have in common, but for how they blend, which is of each alone."""
    common, count = set[tuple[str, str]](), 0
    for count, paint in enumerate(paints, 1):
        pairs = paint.items() - {MULTIPLY}
        common = pairs if count == 1 else common & pairs
        if not common:
            return {}
    return dict(common) if count > 1 else {}


def _elements(marks: Iterable[Mark], decimals: int) -> Iterator[Element]:
    """One for each mark, but one for straight opaque lines in a row that look the same, as in a net."""
    for look, same in groupby(marks, _look_of_line):
        if look is None:
            yield from (element(mark, decimals) for mark in same)
            continue
        while lines := list(islice(same, MOST_LINES)):
            if len(lines) == 1:
                yield element(lines[0], decimals)
                continue
            paint = element(lines[0], decimals).paint | {"fill": "none"}
            points = np.array([mark.points for mark in lines])
            yield Element(f'path d="{segments(points, decimals)}"', paint)


def _look_of_line(mark: Mark) -> tuple[Colour, float, str] | None:
    """Colour, width and ends of a straight opaque line; None of any other mark."""
    is_line = mark.form == "stroke" and len(mark.points) == 2 and mark.opacity == 1
    return (mark.colour, mark.width, mark.cap) if is_line else None


def _ended(marks: Iterable[Mark], scene: Scene, look: Look) -> Iterable[Mark]:
    return cut(marks, look.borders(scene)) if look.clip == "cut" else marks


def _groups(layers: Iterable[Layer], scene: Scene, look: Look) -> Iterator[str]:
    for layer in layers:
        label = f'inkscape:groupmode="layer" inkscape:label="{layer.label}"'
        yield f'<g id="{NAME}-{layer.name}" {label}>'
        marks = _ended(layer.marks, scene, look)
        yield from as_lines(partial(_each_element, list(marks), look.decimals))
        yield "</g>"


def _each_element(marks: Sequence[Mark], decimals: int) -> Iterator[Element]:
    return (element(mark, decimals) for mark in marks)
