"""A scene as one page of PDF: vectors with opacity, as large as the picture or fitted to a sheet of paper."""

from __future__ import annotations

import io
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import groupby
from operator import itemgetter

import numpy as np
from numpy.typing import NDArray
from reportlab.lib import pagesizes
from reportlab.lib.units import mm
from reportlab.pdfgen.canvas import FILL_NON_ZERO, Canvas
from reportlab.pdfgen.pathobject import PDFPathObject

from engine.errors import SpecError
from engine.export.metadata import PROGRAM, Metadata
from engine.scene.scene import Mark, Scene
from engine.spec.models import ExportSettings

PIXEL = 72 / 96  # points, as in CSS
LONGEST = 14_400  # points: what PDF allows for a page's side
DECIMALS = 3  # of a target pixel, and of an opacity
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


def page_layout(height: int, width: int, settings: ExportSettings) -> PageLayout:
    """The picture of that size in the middle of its page, upright or lying, whichever makes it larger.

    SpecError when the margins leave nothing of the page.
    """
    margin = settings.margin * mm
    if settings.page is None:
        scale = min(PIXEL, (LONGEST - 2 * margin) / max(height, width))
        return PageLayout(width * scale + 2 * margin, height * scale + 2 * margin, margin, margin, scale)
    short, long = sorted(_sides(settings.page))
    if short <= 2 * margin:
        raise SpecError(
            f"margin: {settings.margin:g}mm on all sides leave nothing of the page {settings.page} "
            f"({short / mm:g} x {long / mm:g} mm); make it smaller."
        )
    turned = [
        (min((across - 2 * margin) / width, (along - 2 * margin) / height), across, along)
        for across, along in ((short, long), (long, short))
    ]
    scale, across, along = max(turned, key=itemgetter(0))
    return PageLayout(across, along, (across - width * scale) / 2, (along - height * scale) / 2, scale)


def to_pdf(scene: Scene, metadata: Metadata, place: PageLayout) -> bytes:
    """The whole file, the same bytes whenever it is made."""
    content = io.BytesIO()
    canvas = Canvas(content, (place.width, place.height), invariant=1, pageCompression=1)
    canvas.setTitle(metadata.title)
    canvas.setSubject(metadata.description)
    canvas.setAuthor(PROGRAM)
    canvas.setCreator(PROGRAM)
    canvas.transform(place.scale, 0, 0, -place.scale, place.x, place.y + place.scale * scene.height)
    border = canvas.beginPath()
    border.rect(0, 0, scene.width, scene.height)
    canvas.clipPath(border, stroke=0, fill=0)
    if scene.background is not None:
        canvas.setFillColorRGB(*scene.background)
        canvas.rect(0, 0, scene.width, scene.height, stroke=0, fill=1)
    for touches, marks in groupby(scene.marks(), lambda mark: mark.touches and mark.opacity == 1):
        group = list(marks)
        if touches:
            _draw_ground(canvas, group)
        for mark in group:
            _draw(canvas, mark)
    canvas.save()
    return content.getvalue()


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


def _draw(canvas: Canvas, mark: Mark) -> None:
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


def _sides(page: str) -> tuple[float, float]:
    """Of a sheet, in points."""
    if "x" not in page:
        return getattr(pagesizes, page.upper())
    width, height = (float(side) * mm for side in page.split("x"))
    return width, height
