"""A plot as vpype has it: in its pixels, a layer for each pen."""

from __future__ import annotations

import vpype

from engine.export.plotter.plotter import Plot

PIXEL = 25.4 / 96  # mm of one of vpype's


def document_of(plot: Plot) -> vpype.Document:
    """The layers are numbered as the pens are."""
    document = vpype.Document(page_size=tuple(side / PIXEL for side in plot.page.page))
    for layer in plot.layers:
        lines = vpype.LineCollection([line @ [1, 1j] / PIXEL for line in layer.lines])
        document.add(lines, layer.number)
        document.layers[layer.number].set_property(vpype.METADATA_FIELD_NAME, layer.name)
    return document
