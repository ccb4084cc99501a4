"""`tessera completion`, `man` and `help`: what a shell and its reader want."""

import os
from pathlib import Path
from typing import Annotated, Any

import typer

from engine.cli.options import GENERAL
from engine.errors import RunError, SpecError


def completion(
    shell: Annotated[
        str | None,
        typer.Argument(metavar="bash|zsh|fish", help="The shell. [default: the one that SHELL says]"),
    ] = None,
) -> None:
    """Print what makes TAB complete commands, flags and values: eval "$(tessera completion bash)"."""
    from engine.cli.completion_scripts import SCRIPTS

    name = shell or Path(os.environ.get("SHELL", "")).name
    if name not in SCRIPTS:
        raise SpecError(f"completion is for bash, zsh and fish, not {name or 'nothing'}; name one of them.")
    print(SCRIPTS[name], end="")


def man(
    context: typer.Context,
    command: Annotated[
        list[str] | None, typer.Argument(metavar="COMMAND", help="Which command. [default: tessera itself]")
    ] = None,
    to: Annotated[
        Path | None,
        typer.Option(
            metavar="FOLDER",
            help="Write the pages of all commands into this folder, such as ~/.local/share/man/man1. "
            "[none by default]",
            rich_help_panel=GENERAL,
        ),
    ] = None,
) -> None:
    """Print a manual page: tessera man render | man -l -."""
    from engine.cli.man_page import as_man, file_name

    pages = _pages(context)
    names = [page.name.replace(" ", "-") for page in pages.values()]
    notes = str(_program(context).epilog)
    if to is None:
        print(as_man(_chosen(pages, command), names, notes), end="")
        return
    try:
        to.mkdir(parents=True, exist_ok=True)
        for page in pages.values():
            (to / file_name(page)).write_text(as_man(page, names, notes))
    except OSError as exc:
        raise RunError(
            f"{to}: the pages can't be written there ({exc.strerror}); name another folder."
        ) from exc
    print(f"{len(pages)} pages in {to}: man tessera, man tessera-render, ...")


def show_help(
    context: typer.Context,
    command: Annotated[list[str] | None, typer.Argument(metavar="COMMAND", help="Which command.")] = None,
) -> None:
    """Print the help of a command, as tessera COMMAND --help does."""
    from engine.cli.help_text import as_text, width

    print(as_text(_chosen(_pages(context), command), width()))


def _program(context: typer.Context) -> Any:
    return context.find_root().command


def _pages(context: typer.Context) -> dict[str, Any]:
    """The page of each command, and under "" that of the program."""
    from engine.cli.help_page import page_of, program_page, visible_commands

    group = _program(context)
    return {"": program_page(group, "tessera")} | {
        name: page_of(each, f"tessera {name}") for name, each in visible_commands(group).items()
    }


def _chosen(pages: dict[str, Any], command: list[str] | None) -> Any:
    wanted = " ".join(command or ())
    if wanted not in pages:
        raise SpecError(
            f"there is no command {wanted}; there are {', '.join(name for name in pages if name)}."
        )
    return pages[wanted]
