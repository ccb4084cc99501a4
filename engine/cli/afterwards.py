"""`tessera film`, `animate`, `export` and `report`: what is made of a run."""

from typing import TYPE_CHECKING

from engine.cli.console import reporter
from engine.cli.flags import (
    ANIMATION_FLAGS,
    EXPORT_FLAGS,
    FILM_FLAGS,
    FILM_SWITCHES,
    OF_ANY_FILM,
    WAYS,
)
from engine.cli.options import AsJson, Files, Force, Quiet, Run, Trust, Verbose
from engine.cli.runs import run_folder
from engine.cli.signals import outlive_terminal
from engine.cli.takes_settings import takes_settings_below

if TYPE_CHECKING:
    from engine.spec.settings import Document

_RUN = "RUN", "A run's folder, or its name among the outputs: photo."
_ANIMATED = {"animation": ANIMATION_FLAGS, "film": OF_ANY_FILM}


@takes_settings_below({"film": FILM_FLAGS}, FILM_SWITCHES, *_RUN)
def film(
    source: str,
    given: "list[Document]",
    *,
    files: Files = None,
    force: Force = False,
    quiet: Quiet = False,
    verbose: Verbose = False,
    as_json: AsJson = False,
    trust: Trust = False,
) -> None:
    """Make the film of a run anew, at any size and length."""
    from engine.cli.named import Named, film

    outlive_terminal()
    with reporter(quiet, as_json, verbose=verbose) as report:
        film(run_folder(source), given, report, Named(files or (), force, as_json), trust)


@takes_settings_below(_ANIMATED, WAYS, *_RUN)
def animate(
    source: str,
    given: "list[Document]",
    *,
    files: Files = None,
    force: Force = False,
    quiet: Quiet = False,
    verbose: Verbose = False,
    as_json: AsJson = False,
    trust: Trust = False,
) -> None:
    """Let the shapes of a picture fly in, burst, be drawn on, breathe, or turn into another picture."""
    from engine.cli.named import Named, animate

    outlive_terminal()
    with reporter(quiet, as_json, verbose=verbose) as report:
        animate(run_folder(source), given, report, Named(files or (), force, as_json), trust)


@takes_settings_below({"export": EXPORT_FLAGS}, {}, *_RUN)
def export(
    source: str,
    given: "list[Document]",
    *,
    files: Files = None,
    force: Force = False,
    quiet: Quiet = False,
    verbose: Verbose = False,
    as_json: AsJson = False,
) -> None:
    """Write a run's picture for other programs: SVG, PDF, a plotter's lines, shapes, a PNG of any size."""
    from engine.cli.named import Named, export

    with reporter(quiet, as_json, verbose=verbose) as report:
        export(run_folder(source), given, report, Named(files or (), force, as_json))


def report(
    run: Run, files: Files = None, force: Force = False, quiet: Quiet = False, as_json: AsJson = False
) -> None:
    """Write a page about a run, for a browser: RUN/report.html."""
    from engine.cli.named import Named, report

    with reporter(quiet, as_json) as tell:
        report(run_folder(run), tell, Named(files or (), force, as_json))
