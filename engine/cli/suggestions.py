"""Wrong usage of the command line, as one sentence with what is perhaps meant."""

from __future__ import annotations

from typing import Any

import typer

from engine.errors import SpecError


def wrong_usage(command: Any, args: list[str], error: typer.TyperException) -> SpecError:
    """The sentence about arguments that a command can't take."""
    return SpecError(f"{error.format_message().rstrip('.')}. See tessera --help.")


def unknown_command(args: list[str], known: list[str]) -> SpecError:
    """The sentence about a command that there isn't."""
    return SpecError(f"there is no command {args[0]!r}. See tessera --help.")
