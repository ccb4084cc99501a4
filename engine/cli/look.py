"""`tessera status` and `doctor`: how runs are, and how this machine is."""

import json
from dataclasses import asdict
from typing import Annotated

import typer

from engine.cli.console import console, reporter
from engine.cli.options import OUTPUTS, AsArray
from engine.cli.runs import run_folder
from engine.errors import TesseraError


def status(
    path: Annotated[
        str,
        typer.Argument(metavar="RUN|FOLDER", help="A run's folder or name, or a folder with runs in it."),
    ] = str(OUTPUTS),
    as_json: AsArray = False,
    watch: Annotated[bool, typer.Option("--watch", help="Again every second, until Ctrl-C.")] = False,
) -> None:
    """Show how far runs are, and how they ended."""
    from engine.cli import status_table as overview

    shows = {
        (False, False): overview.show,
        (False, True): overview.watch,
        (True, False): overview.show_json,
        (True, True): overview.watch_json,
    }
    if path == str(OUTPUTS) and not OUTPUTS.exists():
        print("[]" if as_json else f"{path}: there are no runs yet; tessera render makes one.")
    else:
        shows[as_json, watch](run_folder(path))


def doctor(
    warm: Annotated[
        bool, typer.Option("--warm", help="Compile all kernels now: for an image, or before a night.")
    ] = False,
    as_json: AsArray = False,
) -> None:
    """Look whether this machine has all that a run needs."""
    from engine.cli.doctor import examine, table
    from engine.cli.doctor import warm as compile_all

    if warm:
        with reporter(False, as_json) as report:
            compile_all(report)
        return
    findings = examine(OUTPUTS)
    if as_json:
        print(json.dumps([asdict(finding) for finding in findings]))
    else:
        console().print(table(findings))
    if any(finding.state == "failed" for finding in findings):
        raise typer.Exit(TesseraError.exit_code)
