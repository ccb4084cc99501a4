"""What a command makes of a run besides the run: priority, signals, exit code, the user's commands."""

from __future__ import annotations

import os
from collections.abc import Callable, Sequence
from pathlib import Path

from engine import api
from engine.api import Rendered, Stopping
from engine.cli.goes_on import SAME, resume_command, told
from engine.cli.named import Named, deliver
from engine.cli.signals import OrderlyStop
from engine.errors import TesseraError
from engine.events import BatchEnded, EventHandler, Notice
from engine.parallel.place import HERE, Place
from engine.spec.models import RunSpec
from engine.spec.settings import Document
from engine.system.notify import notify_of_run

DEADLINE = 3  # the exit code when resume will go on


def render(spec: RunSpec, outputs: Path, emit: EventHandler, named: Named, place: Place = HERE) -> None:
    """Paint and film what a spec asks for; SystemExit with an exit code where not all is done."""

    def make(stopping: Stopping, tell: EventHandler) -> Rendered:
        return api.render(spec, outputs, tell, stopping, place)

    _carry_out(spec, make, emit, named)


def resume(
    run: Path,
    changes: Sequence[Document],
    emit: EventHandler,
    named: Named,
    trust: bool = False,
    place: Place = HERE,
) -> None:
    """Go on with a run; SystemExit as of `render`. trust: see api.resumption."""
    plan = api.resumption(run, changes, trust)

    def make(stopping: Stopping, tell: EventHandler) -> Rendered:
        return api.resume(plan, tell, stopping, place)

    _carry_out(plan.spec, make, emit, named, trust)


def _carry_out(
    spec: RunSpec,
    make: Callable[[Stopping, EventHandler], Rendered],
    emit: EventHandler,
    named: Named,
    trust: bool = False,
) -> None:
    """Make something of a spec, and the files that were named; run the user's command for how it ended."""
    stopping = OrderlyStop()
    os.nice(spec.nice)
    with told(emit, named.names) as tell:
        try:
            with named.files(spec, tell) as (files, tell_of_files):
                rendered = make(stopping, tell)
                if not stopping.number:
                    deliver(rendered.folder, files, tell_of_files, trust)
        except TesseraError as error:
            notify_of_run(spec.notify, error.exit_code, None, None, str(error), emit)
            raise
        code = exit_code(rendered.finished.outcome, stopping.number)
        notify_of_run(spec.notify, code, rendered.folder, rendered.finished, "", emit)
        if rendered.finished.outcome in ("time", "deadline"):
            emit(Notice(f"What is left goes on with: {_longer(rendered, spec)}"))
        if stopping.number:
            raise SystemExit(code)
    if code:
        raise SystemExit(code)


def leave(ended: BatchEnded, emit: EventHandler) -> None:
    """End the command of a batch with its exit code, if not all is done, and say how it goes on."""
    if ended.outcome == "left":
        emit(Notice(SAME))
    if ended.exit_code:
        end = SystemExit(ended.exit_code)
        if ended.outcome == "interrupted":
            end.add_note(SAME)
        raise end


def _longer(rendered: Rendered, spec: RunSpec) -> str:
    """The command that paints on."""
    again = resume_command(rendered.folder)
    if rendered.finished.outcome == "time" and spec.budget.time is not None:
        return f"{again} --time {2 * spec.budget.time:g}s"
    return again


def exit_code(outcome: str, number: int) -> int:
    """That of a command whose run ended well; number: of the signal that stopped it, or 0."""
    if number:
        return 128 + number
    return DEADLINE if outcome == "deadline" else 0
