"""The way in: a picture in whatever form -> a run."""

from __future__ import annotations

import os
from collections.abc import Mapping
from contextlib import nullcontext
from pathlib import Path

from numpy.typing import ArrayLike
from PIL import Image

from engine import api
from engine.errors import TargetError
from engine.events import EventHandler, ShouldStop
from engine.image.sources import write_source
from engine.library.arguments import keywords
from engine.library.listener import Listener
from engine.library.run import Run, TemporaryPlace
from engine.named_files import PathLike
from engine.painters.registry import PAINTERS, params_of
from engine.parallel.place import place_of
from engine.spec.resolution import resolve
from engine.spec.settings import Document, Setting, from_keywords, merged
from engine.spec.templates import literal
from engine.storage.documents import run_document
from engine.storage.run_folder import RunFolder

Source = PathLike | bytes | Image.Image | ArrayLike


def render(
    source: Source,
    *,
    painter: str | None = None,
    count: int | None = None,
    effort: float | None = None,
    folder: PathLike | None = None,
    workers: int | str = "auto",
    pool: str = "processes",
    settings: Mapping[str, object] | None = None,
    on_event: EventHandler | None = None,
    should_stop: ShouldStop | None = None,
    **more: object,
) -> Run:
    """Paint a picture: a path, the name of a sample, a file's bytes, a Pillow image, or an array.

    An array is uint8 or floats from 0 to 1, (height, width), (height, width, 3) or 4.
    pool: who paints, "processes" or a Dask cluster: "local:4", "tcp://host:8786".
    folder: where the run stays; None: nothing stays, and a film is made only when settings of it are given.
    settings, more: by their names on the command line, with underscores, or dotted: {"film.size": 720}.
    on_event: is told what happens. should_stop: is asked several times a second while painting goes on.
    """
    place = TemporaryPlace() if folder is None or not isinstance(source, str | os.PathLike) else None
    try:
        path, name = _as_path(source, place)
        out = folder if folder is not None or place is None else place.path / "run"
        values = {"painter": painter, "count": count, "effort": effort, "workers": workers, **more}
        chosen = keywords(values, settings)
        fixed = {"target": Setting(path, "target"), "out": Setting(literal(os.fspath(out or "")), "folder")}
        documents = [merged([Document("engine", fixed), chosen])]
        if folder is None and not any(each.startswith("film.") for each in chosen.settings):
            documents.insert(0, from_keywords({"film.enabled": False}))
        spec = resolve(documents, params_of, PAINTERS)
        listener = Listener(on_event, should_stop)
        try:
            done = api.render(spec, Path(), listener.emit, nullcontext(listener.stop), place_of(pool))
        except TargetError as exc:
            raise TargetError(str(exc).replace(path, name)) from exc
        listener.check()
    except BaseException:
        if place is not None:
            place.remove()
        raise
    return Run(RunFolder(done.folder), spec, on_event, should_stop, place)


def open_run(
    path: PathLike,
    *,
    on_event: EventHandler | None = None,
    should_stop: ShouldStop | None = None,
    trust: bool = False,
) -> Run:
    """The run of a folder, finished or not; RunError when there is none.

    trust: whether programs are run that its spec names (film.encoder), also when somebody else made it.
    """
    folder = RunFolder.open(Path(path))
    return Run(
        folder,
        resolve([run_document(folder)], params_of, PAINTERS),
        on_event,
        should_stop,
        trust=trust,
    )


def _as_path(source: Source, place: TemporaryPlace | None) -> tuple[str, str]:
    """The path of a source, which is written when it is none yet, and how messages speak of it."""
    if isinstance(source, str | os.PathLike):
        return os.fspath(source), os.fspath(source)
    assert place is not None
    path = place.path / "picture"
    write_source(source, path)
    return str(path), "target"
