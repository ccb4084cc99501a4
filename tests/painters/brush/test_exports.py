"""Paintings for other programs: vectors are a likeness, plotters draw paths, hatching is refused."""

from __future__ import annotations

import re

import numpy as np
import pypdfium2
import pytest

from engine.errors import SpecError
from engine.export.metadata import Metadata
from engine.export.pdf import page_layout, to_pdf
from engine.export.plotter.files import MARGIN
from engine.export.plotter.page import PlotterPage
from engine.export.plotter.plotter import to_plot
from engine.export.svg import to_svg
from engine.image.metric import rmse
from engine.scene.drawing import as_outlines
from engine.spec.models import ExportSettings
from tests.painters.brush.scenes import painting

WHITE = (1.0, 1.0, 1.0)


@pytest.fixture(scope="module")
def scene():
    return painting(25, 120, 160, background=WHITE)


def test_svg_has_a_curve_with_round_ends_for_each_stroke(scene):
    text = to_svg(scene)
    assert len(re.findall(r'<path d="m[^"]+q[^"]+"', text)) == 25
    assert 'stroke-linecap="round"' in text
    widths = [float(width) for width in re.findall(r'stroke-width="([0-9.]+)"', text)]
    assert max(widths) == pytest.approx(max(mark.width for mark in scene.marks()), abs=0.01)


def test_a_pdf_is_like_the_painting(scene):
    settings = ExportSettings()
    content = to_pdf(scene, Metadata("a", "b", "c"), page_layout(120, 160, settings))
    page = pypdfium2.PdfDocument(content)[0]
    drawn = page.render(scale=320 / page.get_width()).to_numpy()[..., :3][..., ::-1]
    painted = scene.draw(*drawn.shape[:2])
    blank = np.full_like(painted, 255)
    assert rmse(drawn, painted) < 0.45 * rmse(blank, painted)


def test_a_plotter_draws_the_paths(scene):
    settings = ExportSettings(page="a4", pens=3)
    page = PlotterPage.of(scene, page_layout(120, 160, settings, MARGIN))
    plot = to_plot(scene, page, settings, False)
    assert len(plot.layers) == 3
    assert sum(len(layer.lines) for layer in plot.layers) > 10
    with pytest.raises(SpecError, match="hatching needs outlines, and this picture is not made of any"):
        to_plot(scene, page, ExportSettings(page="a4", hatch="tone"), False)


def test_what_needs_outlines_says_so(scene):
    with pytest.raises(SpecError, match="needs outlines, and this picture is not made of any; do without"):
        as_outlines(scene.drawable(12, 16), "that", "do without")
