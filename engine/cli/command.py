"""What a command and the program itself are for typer: they print our help, and refuse in our words."""

from __future__ import annotations

import signal
from typing import Any

import typer
import typer.core

from engine.cli.goes_on import START_AGAIN
from engine.cli.help_page import called, page_of, program_page
from engine.cli.help_text import as_text, width


def path_of(context: Any) -> str:
    """How a command is called, however the program was started: "tessera brush dataset"."""
    inner = context.command_path.removeprefix(context.find_root().command_path)
    return f"tessera{inner}"


class Command(typer.core.TyperCommand):
    """One whose --help is a page of ours."""

    def get_help(self, ctx: Any) -> str:
        """The page, as wide as the terminal."""
        return as_text(page_of(self, path_of(ctx)), width())

    def parse_args(self, ctx: Any, args: list[str]) -> list[str]:
        """Parse; SpecError, with what is perhaps meant, for wrong usage."""
        given = list(args)
        try:
            return super().parse_args(ctx, args)
        except typer.TyperException as error:
            from engine.cli import suggestions  # which loads all models

            group = ctx.parent.command if ctx.parent else None
            raise suggestions.wrong_usage(self, given, error, group, called(path_of(ctx))) from error


class Group(typer.core.TyperGroup):
    """The program, or a group of its commands, whose --help lists them all."""

    def get_help(self, ctx: Any) -> str:
        """The page, as wide as the terminal."""
        return as_text(program_page(self, path_of(ctx)), width())

    def parse_args(self, ctx: Any, args: list[str]) -> list[str]:
        """Parse what comes before the command; SpecError for wrong usage."""
        given = list(args)
        try:
            return super().parse_args(ctx, args)
        except typer.TyperException as error:
            from engine.cli import suggestions

            raise suggestions.wrong_usage(self, given, error, self, called(path_of(ctx))) from error

    def invoke(self, ctx: Any) -> Any:
        """Run a command; SystemExit with all notes for KeyboardInterrupt, of which typer keeps none."""
        try:
            return super().invoke(ctx)
        except KeyboardInterrupt as interruption:
            end = SystemExit(128 + signal.SIGINT)
            for note in getattr(interruption, "__notes__", [START_AGAIN]):
                end.add_note(note)
            raise end from interruption

    def resolve_command(self, ctx: Any, args: list[str]) -> Any:
        """The command that is named; SpecError, with the one that is perhaps meant, for no such one."""
        if args[0] not in self.commands:
            from engine.cli import suggestions

            known = [name for name, each in self.commands.items() if not each.hidden]
            if ctx.parent is not None:
                raise suggestions.unknown_in_group(args[0], known, path_of(ctx))
            raise suggestions.unknown_command(args, known)
        return super().resolve_command(ctx, args)
