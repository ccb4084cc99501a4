"""The story of exported files: the last scene of a run -> a file of each format, beside its other files."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

from engine.errors import ToolError
from engine.events import EventHandler, Exported, Exporting, Plotted, Trouble
from engine.export.json_shapes import to_json
from engine.export.layers import KEYS
from engine.export.metadata import Metadata
from engine.export.pdf import PageLayout, page_layout, to_pdf
from engine.export.png import write_png
from engine.export.svg import to_svg
from engine.grid import Grid
from engine.image.target import UNCHOSEN, shown_side
from engine.scene.scene import Scene, scaled
from engine.spec.models import ExportSettings, RunSpec
from engine.storage.load import LastState
from engine.storage.made import Place, digest_of, place_for
from engine.storage.run_folder import PICTURE, RunFolder


@dataclass(frozen=True)
class Order:
    """What all files are made of."""

    folder: RunFolder
    spec: RunSpec
    scene: Scene
    metadata: Metadata
    place: PageLayout  # on a page of paper
    size: tuple[int, int]  # of a PNG: (height, width)
    emit: EventHandler


def check_tools(settings: ExportSettings) -> None:
    """ToolError when what a format needs is not installed."""
    if "plotter" in settings.format:
        try:
            import vpype_cli  # noqa: F401
        except ImportError as exc:
            raise ToolError(
                "export.format plotter needs vpype, which isn't installed; run scripts/install plotter."
            ) from exc


def is_drawn(settings: ExportSettings) -> bool:
    """Whether a file has pixels, or needs them, and so the painter's kernels."""
    return "png" in settings.format or ("plotter" in settings.format and settings.hatch != "none")


def write_files(
    folder: RunFolder,
    spec: RunSpec,
    emit: EventHandler,
    to: Sequence[tuple[str, Path]] = (),
    replace: bool = True,
) -> list[Path]:
    """Write the files that `spec.export` asks for; SpecError for what is impossible, before the first one.

    to: formats and paths of other ones instead, elsewhere. replace: also a file of other settings.
    """
    painted = LastState.read(folder, spec.painter.name)
    if painted.remark:
        emit(Trouble(painted.remark))
    scene, settings = painted.scene, spec.export
    longest = settings.size or spec.result_size or shown_side(*painted.full_size)
    order = Order(
        folder=folder,
        spec=spec,
        scene=scene,
        metadata=Metadata.of(spec, len(scene)),
        place=page_layout(scene.height, scene.width, settings),
        size=scaled(*painted.full_size, longest),
        emit=emit,
    )
    paths = []
    for form, place in _places(folder, settings, to, replace):
        started = time.monotonic()
        path = WRITERS[form](order, str(place.path))
        place.note(folder)
        emit(Exported(str(path), path.stat().st_size, round(time.monotonic() - started, 3)))
        paths.append(path)
    return paths


def _places(
    folder: RunFolder, settings: ExportSettings, to: Sequence[tuple[str, Path]], replace: bool
) -> list[tuple[str, Place]]:
    """Formats of files, and where they go."""
    if to:
        return [(form, Place(path)) for form, path in to]
    digest = digest_of(settings.model_dump(mode="json", exclude={"format"}))
    names = {form: f"{PICTURE}.{ENDINGS.get(form, form)}" for form in settings.format}
    return [(form, place_for(folder, name, digest, replace)) for form, name in names.items()]


def _write_svg(order: Order, name: str) -> Path:
    scene, settings = order.scene, order.spec.export
    grid = Grid.fit(scene.height, scene.width, order.spec.grid)
    key = KEYS[settings.group](grid) if settings.group in KEYS else None
    return order.folder.write(name, to_svg(scene, order.metadata, settings.precision, key))


def _write_pdf(order: Order, name: str) -> Path:
    return order.folder.write(name, to_pdf(order.scene, order.metadata, order.place))


def _write_json(order: Order, name: str) -> Path:
    return order.folder.write(name, to_json(order.scene, order.spec.painter.name))


def _write_png(order: Order, name: str) -> Path:
    path, (height, width) = order.folder / name, order.size

    def watch(rows: int) -> None:
        order.emit(Exporting(str(path), rows, height))

    with order.folder.writing(name) as file:
        write_png(file, order.scene.drawable(height, width), order.metadata.texts(), watch)
    return path


def _write_plotter(order: Order, name: str) -> Path:
    from engine.export.plotter.plotter import to_plot  # which needs vpype

    settings, is_chosen = order.spec.export, order.spec.background not in UNCHOSEN
    plot = to_plot(order.scene, order.metadata, order.place, settings, is_chosen)
    path = order.folder.write(name, plot.svg)
    sums = {
        figure: round(sum(getattr(pen, figure) for pen in plot.pens), 3)
        for figure in ("ink", "pen_up_before", "pen_up", "minutes")
    }
    order.emit(Plotted(str(path), **sums, pens=plot.pens))
    return path


ENDINGS = {"plotter": "plotter.svg"}  # of the names of formats that are not called by their suffix

# Of each format: writes the file of a name.
WRITERS: dict[str, Callable[[Order, str], Path]] = {
    "svg": _write_svg,
    "pdf": _write_pdf,
    "json": _write_json,
    "png": _write_png,
    "plotter": _write_plotter,
}
