"""The story of a page: read the run, make its sections, write one file that needs no other."""

from __future__ import annotations

from html import escape
from importlib.resources import files
from pathlib import Path
from string import Template

from engine.report import sections
from engine.report import text as words
from engine.report.curves import curves
from engine.report.data import read_account
from engine.report.maps import error_figure, work_figure
from engine.spec.models import RunSpec
from engine.storage.run_folder import REPORT, RunFolder


def write_report(folder: RunFolder, spec: RunSpec) -> Path:
    """Write the page of a run whose folder is held; RunError when it has nothing to show."""
    account = read_account(folder, spec)
    page = Template(files("engine.report").joinpath("page.html").read_text(encoding="utf-8"))
    content = page.substitute(
        name=escape(words.name(account)),
        headline=escape(words.headline(account)),
        state=escape(words.state(account)),
        comparison=sections.comparison(account),
        film=sections.film(folder),
        figures=sections.figures(account),
        curves=curves(account.snapshots),
        errors=error_figure(account),
        work=work_figure(account),
        spec=sections.spec(account),
        recipe=sections.recipe(account),
    )
    return folder.write(REPORT, content)
