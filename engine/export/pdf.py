"""A scene as one page of PDF: vectors with opacity, as large as the picture or fitted to a sheet of paper."""

from __future__ import annotations

import io
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import groupby
from typing import IO

import numpy as np
from numpy.typing import NDArray
from reportlab.lib.units import mm
from reportlab.pdfgen.canvas import FILL_NON_ZERO, Canvas
from reportlab.pdfgen.pathobject import PDFPathObject

from engine.errors import SpecError
from engine.export.metadata import PROGRAM, Metadata
from engine.export.pdf_content import PageContent
from engine.scene.scene import Mark, Scene
from engine.spec.lengths import sheet
from engine.spec.models import ExportSettings

PIXEL = 72 / 96  # points, as in CSS
LONGEST = 14_400  # points: what PDF allows for a page's side
DECIMALS = 3  # of a target pixel, and of an opacity
BUTT = 0, 0  # of a line's cap and join: ends that are cut off, and pointed corners
ARC = 0.5522847498  # half-axes from a quarter of an ellipse to its control points, at the least error

Points = NDArray[np.float64]


@dataclass(frozen=True)
class PageLayout:
    """Where the picture lies on the page; in points, from the lower left corner."""

    width: float
    height: float
    x: float
    y: float
    scale: float  # points for a target pixel
    window: tuple[float, float, float, float]  # what is shown of the picture: x0, y0, x1, y1 in target pixels
    bleed: float = 0.0  # how much of the page on each side is cut off when it is printed


def page_layout(height: int, width: int, settings: ExportSettings, margin: float = 0.0) -> PageLayout:
    """The picture of that size in the middle of its page, or cut off where it is to fill that.

    A page that may be turned is upright or lying, whichever makes the picture larger. margin: mm, where the
    settings say nothing. SpecError when margins leave nothing of the page, or go with a bleed.
    """
    margin = (margin if settings.margin is None else settings.margin) * mm
    bleed = settings.bleed * mm
    if bleed and margin:
        raise SpecError(
            f"bleed: a picture that goes on beyond its page has no margin of {margin / mm:g}mm; leave out "
            "one of them."
        )
    fills = bool(bleed) or settings.fit == "crop"
    if settings.page is None:
        scale = min(PIXEL, (LONGEST - 2 * margin) / max(height, width))
        page = width * scale + 2 * margin, height * scale + 2 * margin
    else:
        page = _sides(settings.page, height / width, margin, fills)
    free_width, free_height = (side - 2 * margin + 2 * bleed for side in page)
    scale = (max if fills else min)(free_width / width, free_height / height)
    shown_width, shown_height = min(free_width, scale * width), min(free_height, scale * height)
    page_width, page_height = (side + 2 * bleed for side in page)
    x0, y0 = (width - shown_width / scale) / 2, (height - shown_height / scale) / 2
    return PageLayout(
        width=page_width,
        height=page_height,
        x=(page_width - width * scale) / 2,
        y=(page_height - height * scale) / 2,
        scale=scale,
        window=(x0, y0, width - x0, height - y0),
        bleed=bleed,
    )


def to_pdf(scene: Scene, metadata: Metadata, place: PageLayout) -> bytes:
    """The whole file, the same bytes whenever it is made."""
    content = io.BytesIO()
    write_pdf(content, scene, metadata, place)
    return content.getvalue()


def write_pdf(file: IO[bytes], scene: Scene, metadata: Metadata, place: PageLayout) -> None:
    """Write the same; memory holds a few marks at a time."""
    document = io.BytesIO()
    canvas = Canvas(document, (place.width, place.height), invariant=1, pageCompression=1)
    canvas.setTitle(metadata.title)
    canvas.setSubject(metadata.description)
    canvas.setAuthor(PROGRAM)
    canvas.setCreator(PROGRAM)
    if place.bleed:
        canvas.setBleedBox((0, 0, place.width, place.height))
        canvas.setTrimBox((place.bleed, place.bleed, place.width - place.bleed, place.height - place.bleed))
    with PageContent(canvas) as content:
        canvas.transform(place.scale, 0, 0, -place.scale, place.x, place.y + place.scale * scene.height)
        x0, y0, x1, y1 = place.window
        border = canvas.beginPath()
        border.rect(x0, y0, x1 - x0, y1 - y0)
        canvas.clipPath(border, stroke=0, fill=0)
        if scene.background is not None:
            canvas.setFillColorRGB(*scene.background)
            canvas.rect(0, 0, scene.width, scene.height, stroke=0, fill=1)
        _draw_all(canvas, scene.marks(), content)
        canvas.showPage()
        content.finish(canvas._doc.Pages[-1])
        canvas.save()
        content.write(file, document.getvalue())


def _draw_all(canvas: Canvas, marks: Iterable[Mark], content: PageContent) -> None:
    ends = BUTT
    for (touches, ends_of_group), same in groupby(marks, _state_of):
        if ends_of_group != ends:
            ends = ends_of_group
            canvas.setLineCap(ends[0])
            canvas.setLineJoin(ends[1])
        if touches:  # all grounds before the first of these marks
            group = list(same)
            _draw_ground(canvas, group)
            same = iter(group)
        for mark in same:
            _draw(canvas, mark)
            content.take_in()


def _draw_ground(canvas: Canvas, marks: Sequence[Mark]) -> None:
    """The same marks with a margin of half a pixel of whatever device there will be, so that no gap shows.

    A line without a width is the thinnest that the device can draw.
    """
    canvas.setFillAlpha(1)
    canvas.setStrokeAlpha(1)
    canvas.setLineWidth(0)
    for mark in marks:
        canvas.setFillColorRGB(*mark.colour)
        canvas.setStrokeColorRGB(*mark.colour)
        canvas.drawPath(_path(canvas, mark), stroke=1, fill=1, fillMode=FILL_NON_ZERO)


def _state_of(mark: Mark) -> tuple[bool, tuple[int, int]]:
    """Whether marks like it are drawn over a ground, and the cap and the join of their lines."""
    is_curved = mark.form == "stroke" and len(mark.points) > 3
    return mark.touches and mark.opacity == 1, (int(mark.cap == "round"), int(is_curved))


def _draw(canvas: Canvas, mark: Mark) -> None:
    canvas.setBlendMode("Multiply" if mark.blend == "multiply" else "Normal")
    path, opacity = _path(canvas, mark), round(mark.opacity, DECIMALS)
    if mark.form == "stroke":
        canvas.setStrokeColorRGB(*mark.colour)
        canvas.setStrokeAlpha(opacity)
        canvas.setLineWidth(mark.width)
        canvas.drawPath(path, stroke=1, fill=0)
    else:
        canvas.setFillColorRGB(*mark.colour)
        canvas.setFillAlpha(opacity)
        canvas.drawPath(path, stroke=0, fill=1, fillMode=FILL_NON_ZERO)


def _path(canvas: Canvas, mark: Mark) -> PDFPathObject:
    path = canvas.beginPath()
    points = mark.points.astype(np.float64).round(DECIMALS)
    if mark.form == "ellipse":
        centre, first, second = points
        _add_ellipse(path, centre, first - centre, second - centre)
    elif mark.form == "rectangle":
        centre, first, second = points
        across, along = first - centre, second - centre
        _add_corners(
            path, centre + np.array([across + along, along - across, -across - along, across - along])
        )
    elif mark.form == "polygon":
        _add_corners(path, points)
    elif len(points) > 3:
        path.moveTo(*points[0])
        for at in range(1, len(points), 3):
            path.curveTo(*points[at : at + 3].ravel())
    else:
        first, *control, last = points
        path.moveTo(*first)
        for point in control:  # the cubic curve that is the same
            path.curveTo(*((first + 2 * point) / 3), *((last + 2 * point) / 3), *last)
        if not control:
            path.lineTo(*last)
    return path


def _add_corners(path: PDFPathObject, points: Points) -> None:
    path.moveTo(*points[0])
    for point in points[1:]:
        path.lineTo(*point)
    path.close()


def _add_ellipse(path: PDFPathObject, centre: Points, first: Points, second: Points) -> None:
    """Four arcs; first, second: the half-axes."""
    path.moveTo(*(centre + first))
    for a, b in ((first, second), (second, -first), (-first, -second), (-second, first)):
        path.curveTo(*(centre + a + ARC * b), *(centre + b + ARC * a), *(centre + b))
    path.close()


def _sides(page: str, shape: float, margin: float, fills: bool) -> tuple[float, float]:
    """Width and height of a sheet, in points, turned where it may be and that suits the picture.

    shape: the picture's height to its width.
    """
    paper = sheet(page)
    width, height = paper.width * mm, paper.height * mm
    if min(width, height) <= 2 * margin:
        raise SpecError(
            f"margin: {margin / mm:g}mm on all sides leave nothing of the page {page} "
            f"({paper.width:g} x {paper.height:g} mm); make it smaller."
        )
    turned = [(width, height), (height, width)] if paper.may_turn else [(width, height)]

    def scale(sides: tuple[float, float]) -> float:
        """Of the whole picture; or what a picture that fills the page has to be enlarged by, the less."""
        across, along = (side - 2 * margin for side in sides)
        return -max(across, along / shape) if fills else min(across, along / shape)

    return max(turned, key=scale)
