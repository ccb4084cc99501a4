"""The story of exported files: the last scene of a run -> a file of each format, beside its other files."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path

from engine.events import EventHandler, Exported, Exporting, Trouble
from engine.export.deep_zoom import write_deep_zoom
from engine.export.formats import FOLDERS, FORMATS, STILL, ending_of
from engine.export.frame import Frame, check_fits, frame_of, svg_size
from engine.export.json_shapes import write_json
from engine.export.layers import KEYS
from engine.export.lossy import write_jpeg, write_webp
from engine.export.metadata import Metadata
from engine.export.pdf import PageLayout, page_layout, write_pdf
from engine.export.png import write_png
from engine.export.room import check_room
from engine.export.svg import Look, write_svg
from engine.export.tiff import write_tiff
from engine.grid import Grid
from engine.image.target import shown_side
from engine.scene.scene import Scene
from engine.spec.models import ExportSettings, RunSpec
from engine.storage.filled_folder import filling
from engine.storage.load import LastState
from engine.storage.made import Place, digest_of, place_for
from engine.storage.run_folder import PICTURE, RunFolder
from engine.storage.zoom_folder import Names, check_replaceable

STILLS = frozenset(name for name, form in FORMATS.items() if form.uses >= STILL)
PREVIEW = "plotter-preview"
Write = Callable[[str], Path]  # a file of that name, or path


@dataclass(frozen=True)
class Order:
    """What all files but a plotter's are made of."""

    folder: RunFolder
    spec: RunSpec
    scene: Scene
    metadata: Metadata
    frames: Mapping[str, Frame]  # of pictures, by their formats
    place: PageLayout | None  # on a PDF's page
    emit: EventHandler


def is_drawn(settings: ExportSettings) -> bool:
    """Whether a file has pixels, or needs them, and so the painter's kernels."""
    return any(
        name in STILLS or name == PREVIEW or (FORMATS[name].is_plot and settings.hatch != "none")
        for name in settings.format
    )


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
    writers = _writers(folder, spec, painted, emit)
    paths = []
    for form, place in _places(folder, spec.export, to, replace):
        started = time.monotonic()
        path = writers[form](str(place.path))
        place.note(folder)
        emit(Exported(str(path), _bytes_of(path), round(time.monotonic() - started, 3)))
        paths.append(path)
    return paths


def _bytes_of(path: Path) -> int:
    """Of a file, or of all files in a folder."""
    return sum(each.stat().st_size for each in (path, *path.rglob("*")) if each.is_file())


def _writers(folder: RunFolder, spec: RunSpec, painted: LastState, emit: EventHandler) -> dict[str, Write]:
    """Of each format that is asked for what writes it; SpecError for what is impossible."""
    scene, settings = painted.scene, spec.export
    longest = spec.result_size or shown_side(*painted.full_size)
    frames = {
        str(name): frame_of(painted.full_size, settings, longest)
        for name in settings.format
        if name in STILLS
    }
    for name, frame in frames.items():
        check_fits(frame, name)
    order = Order(
        folder=folder,
        spec=spec,
        scene=scene,
        metadata=Metadata.of(spec, len(scene)),
        frames=frames,
        place=page_layout(scene.height, scene.width, settings) if "pdf" in settings.format else None,
        emit=emit,
    )
    writers: dict[str, Write] = {
        "svg": partial(_write_svg, order),
        "pdf": partial(_write_pdf, order),
        "json": partial(_write_json, order),
        **{form: partial(_write_still, order, form) for form in STILLS},
    }
    if any(FORMATS[name].is_plot for name in settings.format):
        from engine.export.plotter.files import plot_writers  # which needs vpype

        writers |= plot_writers(folder, spec, scene, order.metadata, emit)
    return writers


def _places(
    folder: RunFolder, settings: ExportSettings, to: Sequence[tuple[str, Path]], replace: bool
) -> list[tuple[str, Place]]:
    """Formats of files, and where they go."""
    if to:
        return [(form, Place(path)) for form, path in to]
    places: list[tuple[str, Place]] = []
    for name in settings.format:
        digest = digest_of(settings.model_dump(mode="json", include=set(FORMATS[name].uses)))
        file = f"{PICTURE}.{ending_of(name)}"
        places.append((name, place_for(folder, file, digest, replace)))
    return places


def _write_svg(order: Order, name: str) -> Path:
    scene, settings = order.scene, order.spec.export
    grid = Grid.fit(scene.height, scene.width, order.spec.grid)
    key = KEYS[settings.group](grid) if settings.group in KEYS else None
    size, window = svg_size((scene.height, scene.width), settings)
    look = Look(settings.precision, key, settings.clip, size, window)
    with order.folder.writing(name) as file:
        write_svg(file, scene, order.metadata, look)
    return order.folder / name


def _write_pdf(order: Order, name: str) -> Path:
    assert order.place is not None
    with order.folder.writing(name) as file:
        write_pdf(file, order.scene, order.metadata, order.place)
    return order.folder / name


def _write_json(order: Order, name: str) -> Path:
    with order.folder.writing(name) as file:
        write_json(file, order.scene, order.spec.painter.name)
    return order.folder / name


def _write_still(order: Order, form: str, name: str) -> Path:
    """A picture of pixels."""
    path, frame, texts = order.folder / name, order.frames[form], order.metadata.texts()
    outlines, quality = frame.of(order.scene), order.spec.export.quality

    def watch(rows: int) -> None:
        order.emit(Exporting(str(path), rows, frame.height))

    if form in FOLDERS:
        check_replaceable(path)
    check_room(path.parent, outlines, form, quality)
    if form == "dzi":
        with filling(path) as inside:
            write_deep_zoom(inside, Names.of(path), outlines, texts, quality, watch)
        return path
    with order.folder.writing(name) as file:
        if form == "png":
            write_png(file, outlines, texts, watch, frame.dpi)
        elif form == "tiff":
            write_tiff(file, outlines, texts, watch, frame.dpi)
        elif form == "jpeg":
            write_jpeg(file, outlines, texts, quality, watch, frame.dpi)
        else:
            write_webp(file, outlines, texts, quality, watch, frame.dpi)
    return path
