"""The story of a page: read the run, make its sections, write one file that needs no other."""

from __future__ import annotations

from html import escape
from importlib.resources import files
from pathlib import Path
from string import Template

from engine.events import EventHandler, Trouble
from engine.report import sections
from engine.report import text as words
from engine.report.curves import curves
from engine.report.data import read_report_data
from engine.report.maps import error_figure, work_figure
from engine.spec.models import RunSpec
from engine.storage.run_folder import REPORT, RunFolder


def write_report(folder: RunFolder, spec: RunSpec, emit: EventHandler, to: Path | None = None) -> Path:
    """Write the page of a run whose folder is held; RunError when it has nothing to show.

    to: where it goes, if not into that folder.
    """
    data = read_report_data(folder, spec)
    if data.remark:
        emit(Trouble(data.remark))
    content = filled(
        "engine.report",
        "page.html",
        name=escape(words.name(data)),
        headline=escape(words.headline(data)),
        state=escape(words.state(data)),
        comparison=sections.comparison(data),
        film=sections.film(folder),
        figures=sections.figures(data),
        curves=curves(data.snapshots, data.words),
        errors=error_figure(data),
        work=work_figure(data),
        spec=sections.spec(data),
        recipe=sections.recipe(data),
    )
    return folder.write(REPORT if to is None else str(to.absolute()), content)


def filled(package: str, template: str, **parts: str) -> str:
    """A page of a package's template, in the style of all pages.

    parts: HTML by the template's names; `style` is filled in.
    """
    page = Template(files(package).joinpath(template).read_text(encoding="utf-8"))
    style = files("engine.report").joinpath("style.css").read_text(encoding="utf-8")
    return page.substitute(parts, style=style)
