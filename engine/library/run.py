"""A run as programs have it: what was painted, to look at, to save and to go on with."""

from __future__ import annotations

import shutil
import tempfile
import weakref
from collections.abc import Mapping
from contextlib import nullcontext
from pathlib import Path
from typing import Self

import numpy as np
from numpy.typing import NDArray

from engine import afterwards, api
from engine.errors import RunError
from engine.events import EventHandler, ShouldStop
from engine.export.export import write_files
from engine.export.metadata import Metadata
from engine.export.svg import to_svg
from engine.formatting import plural
from engine.image.alpha import straight
from engine.image.pixels import encode_png
from engine.image.target import shown_side
from engine.library.arguments import (
    WHOLE,
    checked_size,
    film_at,
    form_of,
    given,
    keywords,
)
from engine.library.listener import Listener, unheard
from engine.library.notebook import film_html
from engine.named_files import EXPORTS, PAGES, PLOTS, PathLike, destination
from engine.painters.registry import PAINTERS, params_of
from engine.parallel.place import place_of
from engine.scene.scene import Scene, scaled
from engine.spec.models import AnimationSettings, RunSpec
from engine.spec.resolution import resolve
from engine.spec.settings import from_keywords, merged
from engine.storage.documents import run_document
from engine.storage.load import LastState
from engine.storage.run_folder import RunFolder
from engine.storage.status import Status, read_status

PREVIEW = 768  # longest side in a notebook


class TemporaryPlace:
    """A folder that is there as long as somebody has this object, and not after the program."""

    def __init__(self) -> None:
        self.path = Path(tempfile.mkdtemp(prefix="tessera-"))
        self.remove = weakref.finalize(self, shutil.rmtree, self.path, ignore_errors=True)


class Run:
    """What has been painted; it is looked at anew each time, so it is true while the run goes on as well.

    All methods raise the errors of `engine.errors`. A notebook shows the picture, or the film.
    """

    def __init__(
        self,
        folder: RunFolder,
        spec: RunSpec,
        on_event: EventHandler | None = None,
        should_stop: ShouldStop | None = None,
        place: TemporaryPlace | None = None,
        trust: bool = True,
    ) -> None:
        self._folder, self._spec = folder, spec
        self._on_event, self._should_stop = on_event, should_stop
        self._trust = trust  # whether programs are run that its spec names
        self._place = place  # where the run, or what it was painted after, is for now

    @property
    def folder(self) -> Path | None:
        """The run's folder; None when nothing of it stays."""
        is_temporary = self._place is not None and self._folder.path.is_relative_to(self._place.path)
        return None if is_temporary else self._folder.path

    @property
    def status(self) -> Status:
        """How far it is, or how it ended."""
        return read_status(self._folder.path)

    @property
    def error(self) -> float:
        """How far the picture is from its target: the RMSE, 0 to 1."""
        if (error := self.status.error) is None:
            raise RunError(f"{self._folder.path}: has painted nothing yet; wait for it, or resume it.")
        return error

    @property
    def shapes(self) -> int:
        """How many have been painted."""
        return self.status.shapes or 0

    @property
    def spec(self) -> RunSpec:
        """All that was asked for."""
        return self._spec

    @property
    def scene(self) -> Scene:
        """The shapes, back to front: `scene.marks()`."""
        return self._last().scene

    def draw(self, size: int | None = None) -> NDArray[np.uint8]:
        """The picture as pixels, (height, width, 3), or 4 with alpha where its background is transparent.

        size: the longest side; by default the target's, up to 100 megapixels.
        """
        return straight(self._drawn(size))

    def svg(self) -> str:
        """The picture as an SVG file's text."""
        scene = self.scene
        return to_svg(scene, Metadata.of(self._spec, len(scene)))

    def save(self, path: PathLike, size: int | None = None) -> Path:
        """Write the picture: .png, .jpg, .webp, .tif, .dzi (a folder), .svg, .pdf or .json; the path.

        size: longest side of a picture, by default the target's.
        """
        target, suffix = destination(path, EXPORTS)
        wanted = {"format": EXPORTS[suffix], "size": None if size is None else checked_size(size)}
        document = from_keywords(wanted, "export.")
        spec = resolve([run_document(self._folder), document], params_of, PAINTERS)
        api.prepare(spec, unheard)
        write_files(self._folder, spec, unheard, [(EXPORTS[suffix], target)])
        return target

    def resume(
        self,
        *,
        pool: str = "processes",
        settings: Mapping[str, object] | None = None,
        on_event: EventHandler | None = None,
        should_stop: ShouldStop | None = None,
        **changes: object,
    ) -> Self:
        """Go on, with more effort or shapes where those are given; returns this run. pool: see `render`."""
        document = keywords(changes, settings)
        plan = api.resumption(self._folder.path, [document], self._trust)
        listener = Listener(on_event or self._on_event, should_stop or self._should_stop)
        api.resume(plan, listener.emit, nullcontext(listener.stop), place_of(pool))
        self._spec = plan.wanted
        listener.check()
        return self

    def film(self, path: PathLike | None = None, **settings: object) -> Path:
        """Make the film at a path (.mp4, .gif, .webm, ...), or else those in the run's folder.

        Returns the path of the first one. settings: those below `film.`, such as size=2160, duration="20s".
        """
        to, form = film_at(path)
        document = merged([form, from_keywords(given(settings), "film.")])
        listener = Listener(self._on_event, None)
        return listener.checked(
            afterwards.film(self._folder.path, [document], listener.emit, to, self._trust)[0]
        )

    def animate(self, path: PathLike | None = None, effect: str | None = None, **settings: object) -> Path:
        """Make an animation of the picture, such as effect="explode"; paths are as for `film`.

        settings: those below `animation.` and `film.`.
        """
        to, form = film_at(path)
        values = given({"effect": effect, **settings})
        own = {name: values.pop(name) for name in AnimationSettings.model_fields if name in values}
        document = merged([form, from_keywords(own, "animation."), from_keywords(values, "film.")])
        listener = Listener(self._on_event, None)
        return listener.checked(
            afterwards.animate(self._folder.path, [document], listener.emit, to, self._trust)[0]
        )

    def export(self, path: PathLike | None = None, **settings: object) -> Path:
        """Write a file for another program, or those of the run's folder.

        path: its suffix is its format: .svg, .pdf, .json, .png, .jpg, .webp, .tif, .hpgl or .gcode. settings:
        those below `export.`, such as page="a3"; format="plotter" is an SVG file too.
        """
        documents, to = [from_keywords(given(settings), "export.")], []
        if path is not None:
            target, suffix = destination(path, EXPORTS)
            form = str(settings.get("format"))
            if PLOTS.get(form) != suffix:
                form = EXPORTS[suffix]
                documents.insert(0, form_of("export.format", EXPORTS[suffix], path))
            to = [(form, target)]
        listener = Listener(self._on_event, None)
        written = afterwards.export(self._folder.path, [merged(documents)], listener.emit, to)
        return listener.checked(written[0])

    def report(self, path: PathLike | None = None) -> Path:
        """Write a page about the run, for a browser: at a path, or RUN/report.html."""
        to = None if path is None else destination(path, PAGES)[0]
        listener = Listener(self._on_event, None)
        return listener.checked(afterwards.report(self._folder.path, listener.emit, to))

    def __fspath__(self) -> str:
        return str(self._folder.path)

    def __repr__(self) -> str:
        status, where = self.status, self.folder or "not kept on disk"
        error = "" if status.error is None else f", {status.measure} {status.error:.4f}"
        painted = plural(status.shapes or 0, status.mark)
        return f"<Run: {painted}{error}, {status.outcome or status.state}, {where}>"

    def _repr_png_(self) -> bytes:
        full = max(self._last().full_size)
        return encode_png(self._drawn(min(full, PREVIEW)))

    def _repr_html_(self) -> str | None:
        return film_html(self._folder)

    def _last(self) -> LastState:
        return LastState.read(self._folder, self._spec.painter.name)

    def _drawn(self, size: int | None) -> NDArray[np.uint8]:
        """With premultiplied alpha."""
        last = self._last()
        api.prepare(self._spec, unheard)
        longest = shown_side(*last.full_size) if size is None else checked_size(size, WHOLE)
        return last.scene.draw(*scaled(*last.full_size, longest))
