"""The formats of exported files: what each is for, which settings it goes by, and what it needs."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from importlib import import_module
from importlib.util import find_spec
from pathlib import PurePath

from engine.errors import SpecError, ToolError
from engine.installation import to_add
from engine.spec.export_models import ENDINGS
from engine.spec.models import ExportSettings
from engine.spec.settings import SAID, Document

SECTION = "export."
STILL = frozenset({"size", "dpi", "fit", "bleed"})
PLOT = frozenset({"page", "margin", "pen", "pens", "hatch"})
VPYPE, GCODE = "vpype_cli", "vpype_gcode"
NAMES = {VPYPE: "vpype", GCODE: "vpype-gcode"}  # of packages, by those of modules
EXTRA = "plotter"


@dataclass(frozen=True)
class Format:
    """One format."""

    about: str
    uses: frozenset[str]  # settings below `export.`
    needs: tuple[str, ...] = ()  # modules that don't come with Tessera itself

    @property
    def is_plot(self) -> bool:
        """Whether it is a plotter's."""
        return VPYPE in self.needs


@dataclass(frozen=True)
class Offer:
    """A format as it is listed for people."""

    name: str
    about: str
    hint: str  # how to come by what it needs; "" where that is here


FORMATS: dict[str, Format] = {
    "svg": Format(
        "vectors for browsers, Inkscape and lasers",
        frozenset({"size", "fit", "precision", "group", "clip"}),
    ),
    "pdf": Format(
        "a page of vectors, for posters and printers", frozenset({"page", "margin", "fit", "bleed"})
    ),
    "json": Format("the shapes themselves, which --from reads back", frozenset()),
    "png": Format("pixels, lossless, of any size", STILL),
    "jpeg": Format("pixels for the web and photo labs, on white", STILL | {"quality"}),
    "webp": Format("pixels for the web, smaller than JPEG", STILL | {"quality"}),
    "tiff": Format("pixels, lossless, for printers and layout programs", STILL),
    "dzi": Format("tiles and a page to look at a picture of any size (Deep Zoom)", STILL | {"quality"}),
    "plotter": Format("lines for pen plotters, a layer for each pen (SVG)", PLOT, (VPYPE,)),
    "plotter-preview": Format("what a plotter will draw, as a PNG", PLOT | {"dpi", "preview"}, (VPYPE,)),
    "hpgl": Format("lines for pen plotters that read HPGL", PLOT | {"device"}, (VPYPE,)),
    "gcode": Format("lines for machines that read G-code", PLOT | {"profile"}, (VPYPE, GCODE)),
}

# Of the paths that files are written to.
SUFFIXES = {
    **{
        f".{name}": name
        for name in ("svg", "pdf", "json", "png", "jpeg", "webp", "tiff", "dzi", "hpgl", "gcode")
    },
    **{".jpg": "jpeg", ".tif": "tiff", ".plt": "hpgl", ".nc": "gcode"},
}
FOLDERS = ("dzi",)  # formats that are no single file
ELSEWHERE = {"size": "page"}  # what does for some formats what a setting does for others


def offers() -> list[Offer]:
    """All formats, and what is missing for some."""
    return [Offer(name, form.about, _hint(form)) for name, form in FORMATS.items()]


def ending_of(form: str) -> str:
    """Of the file of a format beside a run's other ones, without the first dot."""
    return ENDINGS.get(form, form)


def format_of(path: PurePath) -> str | None:
    """The format that a path's name asks for; None for one that says nothing."""
    name = path.name.lower()
    of_plots = next((form for form, ending in ENDINGS.items() if name.endswith(f".{ending}")), None)
    return of_plots or SUFFIXES.get(path.suffix.lower())


def check_tools(settings: ExportSettings) -> None:
    """ToolError when what a format needs is not installed."""
    for name in settings.format:
        for module in FORMATS[name].needs if name in FORMATS else ():  # a report has none
            try:
                import_module(module)
            except ImportError as exc:
                raise ToolError(
                    f"export.format {name} needs {NAMES[module]}, which isn't installed; run {to_add(EXTRA)}."
                ) from exc


def check_used(settings: ExportSettings, changes: Sequence[Document]) -> None:
    """SpecError for a setting that a command itself has given and none of its formats goes by."""
    chosen = [FORMATS[name] for name in settings.format]
    for document in changes:
        if document.source not in SAID:
            continue
        for path, setting in document.settings.items():
            name = path.removeprefix(SECTION)
            if not path.startswith(SECTION) or name == "format" or setting.value is None:
                continue
            if not any(name in form.uses for form in chosen):
                raise SpecError(f"{setting.subject} {_unused(name, settings.format)}")


def _unused(name: str, chosen: Sequence[str]) -> str:
    users = [key for key, form in FORMATS.items() if name in form.uses]
    other = ELSEWHERE.get(name, "")
    others = [key for key in chosen if other in FORMATS[key].uses]
    instead = f"; {' and '.join(others)} have --{other}" if others else ""
    return f"isn't used by {' and '.join(chosen)}: it is for {', '.join(users)}{instead}."


def _hint(form: Format) -> str:
    missing = [NAMES[module] for module in form.needs if not _is_there(module)]
    return f"needs {' and '.join(missing)}: {to_add(EXTRA)}" if missing else ""


def _is_there(module: str) -> bool:
    """Whether a module can be imported; it is not, as that may take a second."""
    try:
        return find_spec(module) is not None
    except ValueError:  # it is hidden
        return False
