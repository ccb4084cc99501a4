"""The files of a plot: its lines as SVG, HPGL or G-code, and a picture of what will be on the paper."""

from __future__ import annotations

from collections.abc import Callable
from functools import cache
from pathlib import Path

from engine.events import EventHandler, Notice, Plotted, Trouble
from engine.export.metadata import Metadata
from engine.export.pdf import page_layout
from engine.export.plotter.gcode import check_profile, to_gcode
from engine.export.plotter.hpgl import paper_of_device, to_hpgl
from engine.export.plotter.page import PlotterPage, to_svg
from engine.export.plotter.plotter import Plot, to_plot, too_near
from engine.export.plotter.preview import PREVIEW_DPI, preview_of
from engine.export.png import write_png
from engine.image.target import UNCHOSEN
from engine.scene.scene import Scene
from engine.spec.models import RunSpec
from engine.storage.run_folder import RunFolder

MARGIN = 10.0  # mm: what plotters hold paper by, and don't reach


def plot_writers(
    folder: RunFolder, spec: RunSpec, scene: Scene, metadata: Metadata, emit: EventHandler
) -> dict[str, Callable[[str], Path]]:
    """Of each format what writes a file of a name; SpecError now for what is impossible."""
    settings = spec.export
    place = page_layout(scene.height, scene.width, settings, MARGIN)
    page = PlotterPage.of(scene, place)
    if "hpgl" in settings.format:
        paper_of_device(settings.device, page.page)
    if "gcode" in settings.format:
        check_profile(settings.profile)

    @cache
    def plot() -> Plot:
        made = to_plot(scene, page, settings, spec.background not in UNCHOSEN)
        if sentence := too_near(made):
            emit(Trouble(sentence))
        return made

    def written(name: str, content: str) -> Path:
        path, made = folder.write(name, content), plot()
        sums = {
            figure: round(sum(getattr(pen, figure) for pen in made.work), 3)
            for figure in ("ink", "pen_up_before", "pen_up", "minutes")
        }
        emit(Plotted(str(path), **sums, pens=made.work))
        return path

    def write_svg(name: str) -> Path:
        return written(name, to_svg(page, metadata, plot().layers, settings.pen))

    def write_hpgl(name: str) -> Path:
        content, remarks = to_hpgl(plot(), settings.device)
        for remark in remarks:
            emit(remark)
        return written(name, content)

    def write_gcode(name: str) -> Path:
        content, said = to_gcode(plot(), settings.profile)
        if said:
            emit(Notice(said))
        return written(name, content)

    def write_preview(name: str) -> Path:
        dpi = settings.dpi or PREVIEW_DPI
        outlines = preview_of(plot(), settings.preview, dpi)
        with folder.writing(name) as file:
            write_png(file, outlines, metadata.texts(), dpi=dpi)
        return folder / name

    return {
        "plotter": write_svg,
        "plotter-preview": write_preview,
        "hpgl": write_hpgl,
        "gcode": write_gcode,
    }
