"""The command line: all commands, by subject, and how one of them is run."""

from __future__ import annotations

import gc
import io
import os
import signal
import sys
from collections.abc import Callable
from contextlib import suppress
from typing import Annotated

import typer
from typer.main import get_command

from engine import __version__
from engine.cli.afterwards import animate, export, film, report
from engine.cli.brush import brush_app
from engine.cli.channels import channels
from engine.cli.command import Command, Group
from engine.cli.completion_scripts import ASK, answer
from engine.cli.ending import check_current_folder, ending, say
from engine.cli.lists import formats, painters, presets, samples
from engine.cli.look import doctor, status
from engine.cli.paint import batch, render, resume, spec
from engine.cli.prune import prune
from engine.cli.serve import serve
from engine.cli.shell import completion, man, show_help
from engine.cli.signals import exit_on_signal
from engine.cli.words import words
from engine.errors import TesseraError
from engine.fork_server.client import lend
from engine.standard_streams import fill_standard_streams
from engine.system.parent_watch import PARENT_PIPE, end_with_parent

EXIT_CODES = (
    "Exit codes: 0 all done; 2 wrong usage or input; 3 partly done (the --until deadline: resume goes on); "
    "4 failed; 5 locked by another process; 6 no space; 130 interrupted (143 by SIGTERM)."
)
COMMANDS: dict[str, tuple[Callable[..., None], ...]] = {
    "Painting": (render, resume, batch, spec, serve),
    "What is made of a run": (film, animate, export, report),
    "Looking after runs": (status, prune, doctor),
    "What there is": (painters, channels, presets, formats, samples),
    "Other things": (words, completion, man),
}

app = typer.Typer(
    name="tessera",
    help="Paint a picture out of shapes, tile by tile, and film it.",
    epilog=EXIT_CODES,
    cls=Group,
    context_settings={"help_option_names": ["-h", "--help"]},
    add_completion=False,
    pretty_exceptions_enable=False,
    rich_markup_mode=None,
)
for _heading, _functions in COMMANDS.items():
    for _function in _functions:
        app.command(cls=Command, rich_help_panel=_heading)(_function)
app.add_typer(brush_app, name="brush", rich_help_panel="Other things")
app.command("help", cls=Command, hidden=True)(show_help)


@app.callback(invoke_without_command=True)
def _main(
    context: typer.Context,
    version: Annotated[
        bool, typer.Option("--version", "-V", help="Print the version.", is_eager=True)
    ] = False,
) -> None:
    if version:
        print(f"tessera {__version__}")
        raise typer.Exit
    if context.invoked_subcommand is None:
        print(context.get_help())
    else:
        check_current_folder()


def _complete() -> None:
    """Answer a shell that asks what may stand in the place of the last word."""
    from engine.cli.completion import candidates

    with suppress(TesseraError, OSError):  # nobody reads sentences while typing
        print(answer(candidates(get_command(app), sys.argv[2:])))


def main() -> None:
    """Run a command; errors are one sentence on standard error and an exit code."""
    fill_standard_streams()
    signal.signal(signal.SIGTERM, exit_on_signal)  # by way of all `finally`, so that nothing is left behind
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(errors="backslashreplace")
    end_with_parent()
    ended = ending(_complete if sys.argv[1:2] == [ASK] else lambda: app(standalone_mode=False))
    say(ended)
    gc.freeze()  # what is there goes with the process: to look for circles in it takes a tenth of a second
    sys.exit(ended.code)


def main_forked(arguments: list[str], parent: int, server: int) -> None:
    """The same in a process of a fork server's.

    parent: the descriptor that ends with whoever has asked for it. server: that of the line to the server.
    """
    os.environ[PARENT_PIPE] = str(parent)
    lend(server)
    sys.argv = ["tessera", *arguments]
    main()
