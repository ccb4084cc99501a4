"""-o FILE: files that users name are made of a run, and what is for standard output goes there."""

from __future__ import annotations

import shutil
import sys
import tempfile
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path

from engine import afterwards
from engine.errors import SpecError
from engine.events import Event, EventHandler, Exported, Exporting, Filmed, Filming, Fitting, Plotted
from engine.named_files import EXPORTS, FILMS, PAGES, PLOTS, NamedFile, check_makeable, named_files
from engine.spec.models import RunSpec
from engine.spec.settings import Document, Setting
from engine.storage.load import open_run
from engine.storage.run_folder import FILM, RunFolder

ABOUT_FILES = Exported | Exporting | Filmed | Filming | Fitting | Plotted


@dataclass(frozen=True)
class Named:
    """What a command was told of the files that it makes."""

    names: Sequence[str] = ()
    force: bool = False
    as_json: bool = False  # whether standard output has the events

    @contextmanager
    def files(
        self,
        spec: RunSpec,
        emit: EventHandler,
        exports: Mapping[str, str] = EXPORTS,
        films: Mapping[str, str] = FILMS,
    ) -> Iterator[tuple[tuple[NamedFile, ...], EventHandler]]:
        """The files, each with a path; those for standard output are put there when the block ends well.

        Also a handler of events to use instead, which knows what those are called. Raises as `named_files`
        and `check_makeable`, before anything is made.
        """
        files = named_files(self.names, spec, exports, films, self.force)
        check_makeable(files, spec)
        if any(file.path is None for file in files):
            self._check_output()
        with tempfile.TemporaryDirectory(prefix="tessera-") as scratch:
            own = {file: Path(scratch, f"picture.{file.form}") for file in files if file.path is None}

            def tell(event: Event) -> None:
                if isinstance(event, ABOUT_FILES) and Path(event.file) in own.values():
                    event = replace(event, file="-")
                emit(event)

            yield tuple(replace(file, path=own.get(file, file.path)) for file in files), tell
            for path in Path(scratch).iterdir():
                with path.open("rb") as picture:
                    shutil.copyfileobj(picture, sys.stdout.buffer)

    def _check_output(self) -> None:
        if self.as_json:
            raise SpecError("-o -: standard output has the lines of --json; leave one of them out.")
        if sys.stdout.isatty():
            raise SpecError("-o -: standard output is a terminal; send it to a file or a program.")


def deliver(folder: Path, files: Sequence[NamedFile], emit: EventHandler, trust: bool = False) -> None:
    """Make the files that were named of what a run has painted."""
    for file in files:
        if not file.is_film:
            form = _formats("export.format", [file])
            afterwards.export(folder, form, emit, [(file.form, file.place)])
        elif RunFolder(folder).has(own := f"{FILM}.{file.form}"):
            with RunFolder(folder).opened(own) as film, RunFolder(folder).writing(str(file.place)) as copy:
                shutil.copyfileobj(film, copy)
            emit(Filmed(str(file.place), f"as {own}", 0.0))
        else:
            form = _formats("film.format", [file])
            afterwards.film(folder, form, emit, [file.place], trust)


def film(run: Path, given: Sequence[Document], emit: EventHandler, named: Named, trust: bool = False) -> None:
    """The films of a run, in its folder or where they are named."""
    with _films(run, given, emit, named) as (asked, places, tell):
        afterwards.film(run, asked, tell, places, trust, named.force)


def animate(
    run: Path, given: Sequence[Document], emit: EventHandler, named: Named, trust: bool = False
) -> None:
    """An animation of a run's picture, likewise."""
    with _films(run, given, emit, named) as (asked, places, tell):
        afterwards.animate(run, asked, tell, places, trust, named.force)


@contextmanager
def _films(
    run: Path, given: Sequence[Document], emit: EventHandler, named: Named
) -> Iterator[tuple[list[Document], list[Path], EventHandler]]:
    """All settings of films, and where those are named that are to be made."""
    spec, is_said = _changed(run, given, "film.format")
    suffixes = _of(FILMS, spec.film.format if is_said else FILMS.values())
    with named.files(spec, emit, {}, suffixes) as (files, tell):
        yield [*given, *_formats("film.format", files)], [file.place for file in files], tell


def export(run: Path, given: Sequence[Document], emit: EventHandler, named: Named) -> None:
    """Files of a run for other programs, likewise."""
    spec, is_said = _changed(run, given, "export.format")
    suffixes = _of(EXPORTS, spec.export.format) | {
        suffix: form for form, suffix in PLOTS.items() if form in spec.export.format
    }
    with named.files(spec, emit, suffixes if is_said else EXPORTS, {}) as (files, tell):
        places = [(file.form, file.place) for file in files]
        afterwards.export(run, [*given, *_formats("export.format", files)], tell, places, named.force)


def report(run: Path, emit: EventHandler, named: Named) -> None:
    """A page about a run, likewise."""
    spec = open_run(run).spec
    with named.files(spec, emit, PAGES, {}) as (files, tell):
        for path in [file.path for file in files] or [None]:
            afterwards.report(run, tell, path)


def _changed(run: Path, given: Sequence[Document], formats: str) -> tuple[RunSpec, bool]:
    """A run's settings with others, and whether these say formats."""
    return open_run(run).changed(given), any(formats in document.settings for document in given)


def _of(suffixes: Mapping[str, str], formats: Iterable[str]) -> dict[str, str]:
    """The suffixes of some formats."""
    wanted = set(formats)
    return {suffix: form for suffix, form in suffixes.items() if form in wanted}


def _formats(name: str, files: Sequence[NamedFile]) -> list[Document]:
    """The setting of the formats of files that are named, if any are."""
    if not files:
        return []
    forms = ",".join(dict.fromkeys(file.form for file in files))
    return [Document("command line", {name: Setting(forms, f"-o {files[0].place}")})]
