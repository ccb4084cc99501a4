"""How a command ends: one sentence on standard error, if any, and an exit code."""

from __future__ import annotations

import errno
import signal
import sys
from collections.abc import Callable
from pathlib import Path
from typing import NamedTuple, TextIO

import typer

from engine.cli.goes_on import START_AGAIN
from engine.errors import ResourceError, SpaceError, SpecError, TesseraError, reason, resource_error
from engine.standard_streams import silence

UNREAD = 128 + signal.SIGPIPE  # who reads what a command prints has had enough
NO_ROOM = (errno.ENOSPC, errno.EDQUOT)
BY_SIGNAL = {128 + signal.SIGINT: "interrupted.", 128 + signal.SIGTERM: "stopped by SIGTERM."}
NO_FOLDER = "the current folder has been removed; go to another one (cd) and start again."


class Ending(NamedTuple):
    """What is said of a command's end, and its exit code."""

    sentence: str  # "" for nothing
    code: int
    goes_on: str = ""  # a sentence about the command that does


def ending(command: Callable[[], int | None]) -> Ending:
    """Run a command to its end, and look whether all that it has printed could be written."""
    output = sys.stdout  # which typer puts something else in the place of
    ended = _ended(command, output)
    problem = _unwritten(output)
    if problem is not None or ended.code == UNREAD:
        silence(output)
    if problem is None:
        return ended
    if isinstance(problem, BrokenPipeError):
        return ended._replace(code=ended.code or UNREAD)
    lost = _output_lost(problem)
    return ended._replace(sentence=ended.sentence or lost.sentence, code=ended.code or lost.code)


def say(ended: Ending) -> None:
    """Put the sentence on standard error, if anybody can hear it."""
    try:
        if ended.sentence:
            print(f"tessera: {ended.sentence}", file=sys.stderr)
        if ended.goes_on:
            print(ended.goes_on, file=sys.stderr)
        sys.stderr.flush()
    except OSError:
        silence(sys.stderr)


def check_current_folder() -> None:
    """SpecError when it has been removed: all paths count from it."""
    try:
        Path.cwd()
    except FileNotFoundError as exc:
        raise SpecError(NO_FOLDER) from exc


def _ended(command: Callable[[], int | None], output: TextIO) -> Ending:
    try:
        return Ending("", command() or 0)
    except TesseraError as error:
        return Ending(str(error), error.exit_code, _notes(error))
    except typer.TyperException as error:
        return Ending(f"{error.format_message().rstrip('.')}. See tessera --help.", error.exit_code)
    except (KeyboardInterrupt, typer.Abort) as error:
        if isinstance(error.__cause__, EOFError):  # typer means the end of what a user types: nobody is asked
            raise error.__cause__ from None
        return Ending(BY_SIGNAL[128 + signal.SIGINT], 128 + signal.SIGINT, _notes(error) or START_AGAIN)
    except SystemExit as end:
        if isinstance(end.__context__, BrokenPipeError):  # typer has met it
            return Ending("", UNREAD)
        code = end.code if isinstance(end.code, int) else 1
        return Ending(BY_SIGNAL.get(code, ""), code, _notes(end))
    except Exception as error:
        if isinstance(error, OSError) and _unwritten(output) is not None:
            return Ending("", 0)  # all that is wrong is what it is printed to
        if isinstance(error, OSError) and error.filename is None and error.errno in (*NO_ROOM, errno.EBADF):
            return _output_lost(error)  # so it is, and nothing is left in the buffer
        if (shortage := resource_error(error)) is not None:
            return Ending(str(shortage), ResourceError.exit_code, _notes(error))
        if isinstance(error, OSError):
            code = SpaceError.exit_code if error.errno in NO_ROOM else SpecError.exit_code
            what = f"{error.filename or 'this system'}: {reason(error)}"
            return Ending(f"{what}; mend that and start again.", code, _notes(error))
        raise


def _notes(error: BaseException) -> str:
    """What has been added to an error on its way: see goes_on.py."""
    return "\n".join(getattr(error, "__notes__", ()))


def _output_lost(problem: OSError) -> Ending:
    """What is said when standard output takes nothing."""
    if problem.errno in NO_ROOM:
        what = "there is no space left where it goes; free some and start again"
        return Ending(f"standard output: {what}.", SpaceError.exit_code)
    why = "is closed" if problem.errno == errno.EBADF else f"can't be written ({reason(problem)})"
    return Ending(f"standard output: {why}; send it somewhere else and start again.", SpecError.exit_code)


def _unwritten(stream: TextIO) -> OSError | None:
    """Why what has been printed can't be written; None when it has been."""
    try:
        stream.flush()
    except OSError as exc:
        return exc
    return None
