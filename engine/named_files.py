"""Files that users name: what is to be in them, told by the suffix; and nothing is lost that lies there."""

from __future__ import annotations

import os
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from engine.errors import RunError, SpecError
from engine.export.formats import FOLDERS, SUFFIXES, check_tools, format_of
from engine.film.files import FORMATS
from engine.spec.models import RunSpec
from engine.spec.templates import filled
from engine.storage.made import check_new
from engine.storage.prune import FIXED
from engine.storage.run_folder import REPORT, SPEC
from engine.storage.zoom_folder import check_replaceable

PathLike = str | os.PathLike[str]

EXPORTS = SUFFIXES
PLOTS = {"plotter": ".svg", "plotter-preview": ".png"}  # formats that share a suffix with another one
FILMS = {f".{name}": name for name in FORMATS}
PICTURES = (".bmp", ".heic", ".avif")  # other suffixes that no folder has
PAGES = {".html": "html", ".htm": "html"}
KEPT = FIXED - {REPORT}  # what a run's folder has of its own, which nothing may replace
STREAM = re.compile(r"(?:(?P<form>[a-z]+):)?-")  # standard output, in a format


@dataclass(frozen=True)
class NamedFile:
    """A file that is to be made."""

    path: Path | None  # absolute; None: standard output
    form: str  # a format of exports, or of films
    is_film: bool = False

    @property
    def place(self) -> Path:
        """The path of one that has one."""
        assert self.path is not None
        return self.path


def named_files(
    names: Sequence[str],
    spec: RunSpec,
    exports: Mapping[str, str],
    films: Mapping[str, str],
    replace: bool = False,
) -> tuple[NamedFile, ...]:
    """What users have named; SpecError for what can't be made, RunError for what is there already.

    names: templates of paths; "-" is standard output, "svg:-" in another format than the first one.
    exports, films: formats by suffix; of one that both have, an export is made. replace: what is there.
    """
    found: dict[Path | None, NamedFile] = {}
    for name in names:
        file = _stream(name, exports, films) or _file(name, spec, exports, films, replace)
        if file.path in found:
            raise SpecError(f"-o {name}: is named twice; keep one of them.")
        found[file.path] = file
    return tuple(found.values())


def check_makeable(files: Sequence[NamedFile], spec: RunSpec) -> None:
    """SpecError or ToolError when a file of a run can't be made: now, not when hours have been painted."""
    if films := tuple(dict.fromkeys(file.form for file in files if file.is_film)):
        from engine.film.film import check_film

        check_film(spec.film.model_copy(update={"format": films}))
    exports = [file.form for file in files if not file.is_film and file.form not in PAGES.values()]
    if exports:
        check_tools(spec.export.model_copy(update={"format": tuple(dict.fromkeys(exports))}))


def destination(path: PathLike, suffixes: Mapping[str, str] | tuple[str, ...]) -> tuple[Path, str]:
    """A path to write, absolute, and its suffix; SpecError for another suffix, RunError without a folder."""
    to = Path(path).absolute()
    suffix = to.suffix.lower()
    if suffix not in suffixes:
        raise SpecError(f"{path}: its suffix must be one of {', '.join(suffixes)}, not {suffix or 'none'}.")
    if not to.parent.is_dir():
        raise RunError(f"{path}: there is no folder {to.parent}; make it first.")
    return to, suffix


def _stream(name: str, exports: Mapping[str, str], films: Mapping[str, str]) -> NamedFile | None:
    """Standard output, if that is what is named."""
    if (found := STREAM.fullmatch(name)) is None:
        return None
    moving = [form for form in films.values() if form != "png"]  # which is a folder
    single = [form for form in exports.values() if form not in FOLDERS]
    forms = {**dict.fromkeys(moving, True), **dict.fromkeys(single, False)}
    usual = "png" if "png" in exports.values() else next(iter((*exports.values(), *films.values())))
    form = found["form"] or usual
    if form not in forms:
        raise SpecError(f"-o {name}: {form} is no format of this; there are {', '.join(forms)}.")
    return NamedFile(None, form, forms[form])


def _file(
    template: str, spec: RunSpec, exports: Mapping[str, str], films: Mapping[str, str], replace: bool
) -> NamedFile:
    """The file that a template names for a run."""
    name = filled(template, spec, is_taken=os.path.lexists)
    path, suffix = destination(name, {**films, **exports})
    if path.name in KEPT and (path.parent / SPEC).is_file():
        raise RunError(f"{name}: is what that run needs to go on; choose another name.")
    form = {**films, **exports}[suffix]
    if form in FOLDERS and os.path.lexists(path):
        check_replaceable(path)
        if not replace:
            check_new(name)
    elif os.path.lexists(path):
        if not path.is_file():
            raise RunError(f"{name}: is no plain file; choose another name, or -o - for a pipe.")
        if not replace:
            check_new(name)
        if os.path.exists(spec.target) and path.samefile(spec.target):  # noqa: PTH110 - any text
            raise RunError(f"{name}: is the picture itself; choose another name.")
    if suffix not in exports:
        return NamedFile(path, films[suffix], is_film=True)
    plot = format_of(path) if exports is EXPORTS else None  # x.plotter.svg
    return NamedFile(path, plot or exports[suffix])
