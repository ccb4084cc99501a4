"""Tell somebody how it ended: a user's own command, which can't hurt a run."""

from __future__ import annotations

import contextlib
import json
import os
import signal
import subprocess
from collections.abc import Mapping
from dataclasses import asdict
from pathlib import Path
from typing import Any

from engine.errors import reason
from engine.events import BatchEnded, EventHandler, Finished, Trouble
from engine.spec.messages import show
from engine.spec.models import NotifySettings

PATIENCE = 30.0  # seconds for the command
LONGEST = 10_000  # characters of a variable: all of them and the arguments share some hundred kB
NEEDS_A_PERSON = (2, 4, 5, 6)  # exit codes; when a deadline came or somebody interrupted, nobody is needed


def notify_of_run(
    commands: NotifySettings,
    exit_code: int,
    folder: Path | None,
    finished: Finished | None,
    message: str,
    emit: EventHandler,
) -> None:
    """Run the command for how a run ended, if there is one.

    finished: None when it failed, and then there is a message.
    """
    outcome = finished.outcome if finished and exit_code == 0 else "failed"
    facts = asdict(finished) if finished else {}
    where = None if folder is None else str(folder.absolute())
    summary = {**facts, "outcome": outcome, "exit_code": exit_code, "folder": where, "message": message}
    variables = {
        "OUTCOME": outcome,
        "EXIT_CODE": str(exit_code),
        "FOLDER": where or "",
        "ERROR": str(finished.error) if finished else "",
        "MESSAGE": message,
    }
    _notify(commands, exit_code, summary, variables, emit)


def notify_of_batch(commands: NotifySettings, outputs: Path, ended: BatchEnded, emit: EventHandler) -> None:
    """Run the command for how a batch ended, if there is one."""
    reasons = [job.complaint for job in ended.jobs if job.outcome in ("failed", "locked")]
    variables = {
        "OUTCOME": ended.outcome,
        "EXIT_CODE": str(ended.exit_code),
        "FOLDER": str(outputs.absolute()),
        "ERROR": "",
        "MESSAGE": "\n".join(reasons),
        **{outcome.upper(): str(count) for outcome, count in ended.counts.items()},
    }
    _notify(commands, ended.exit_code or 0, asdict(ended), variables, emit)


def _notify(
    commands: NotifySettings,
    exit_code: int,
    summary: Mapping[str, Any],
    variables: Mapping[str, str],
    emit: EventHandler,
) -> None:
    command = commands.on_success if exit_code == 0 else None
    if exit_code in NEEDS_A_PERSON:
        command = commands.on_failure
    if command is not None and (problem := run_command(command, summary, variables)):
        emit(Trouble(f"notify: {show(command)} {problem}; try it by hand."))


def run_command(command: str, summary: Mapping[str, Any], variables: Mapping[str, str]) -> str:
    """Run a shell command with a summary on its standard input; returns what was wrong with it, or "".

    It gets TESSERA_* variables, and is killed with all that it has started when it takes too long.
    """
    own = {f"TESSERA_{name}": _harmless(value) for name, value in variables.items()}
    try:
        process = subprocess.Popen(
            command,
            shell=True,
            stdin=subprocess.PIPE,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            env={**os.environ, **own},
            start_new_session=True,
        )
    except (OSError, ValueError) as exc:  # ValueError: a zero byte
        return f"can't be run ({reason(exc)})"
    try:
        process.communicate((json.dumps(summary) + "\n").encode(), timeout=PATIENCE)
    except subprocess.TimeoutExpired:
        return f"was stopped after {PATIENCE:.0f} s"
    finally:
        if process.returncode is None:
            with contextlib.suppress(ProcessLookupError):
                os.killpg(process.pid, signal.SIGKILL)
            process.wait()
            if process.stdin:
                process.stdin.close()
    if process.returncode < 0:
        return f"was killed by signal {-process.returncode}"
    return f"ended with exit code {process.returncode}" if process.returncode else ""


def _harmless(value: str) -> str:
    return value.replace("\0", " ")[:LONGEST]
