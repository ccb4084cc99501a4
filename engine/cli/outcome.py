"""What a command makes of a run besides the run: priority, signals, exit code, the user's commands."""

from __future__ import annotations

import os
from collections.abc import Callable, Sequence
from pathlib import Path

from engine import api
from engine.api import Rendered, Stopping
from engine.cli.signals import OrderlyStop
from engine.errors import TesseraError
from engine.events import EventHandler
from engine.spec.models import RunSpec
from engine.spec.settings import Document
from engine.system.notify import notify_of_run

DEADLINE = 3  # the exit code when resume will go on


def render(spec: RunSpec, outputs: Path, emit: EventHandler) -> int:
    """Paint and film what a spec asks for; the exit code."""
    return _carry_out(spec, lambda stopping: api.render(spec, outputs, emit, stopping), emit)


def resume(run: Path, changes: Sequence[Document], emit: EventHandler, trust: bool = False) -> int:
    """Go on with a run; the exit code. trust: see api.resumption."""
    plan = api.resumption(run, changes, trust)
    return _carry_out(plan.spec, lambda stopping: api.resume(plan, emit, stopping), emit)


def _carry_out(spec: RunSpec, make: Callable[[Stopping], Rendered], emit: EventHandler) -> int:
    """Make something of a spec, and run the user's command for how it ended; the exit code."""
    stopping = OrderlyStop()
    os.nice(spec.nice)
    try:
        rendered = make(stopping)
    except TesseraError as error:
        notify_of_run(spec.notify, error.exit_code, None, None, str(error), emit)
        raise
    code = exit_code(rendered.finished.outcome, stopping.number)
    notify_of_run(spec.notify, code, rendered.folder, rendered.finished, "", emit)
    return code


def exit_code(outcome: str, number: int) -> int:
    """That of a command whose run ended well; number: of the signal that stopped it, or 0."""
    if number:
        return 128 + number
    return DEADLINE if outcome == "deadline" else 0
