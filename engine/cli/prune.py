"""`tessera prune`: says what could go, and lets it go when it is told so."""

from __future__ import annotations

import json
import re
from collections.abc import Sequence
from dataclasses import asdict
from datetime import datetime
from typing import TYPE_CHECKING, Annotated

import typer

from engine.cli.options import OUTPUTS, AsArray
from engine.cli.runs import run_folder
from engine.errors import SpecError, TesseraError
from engine.formatting import byte_count, plural

if TYPE_CHECKING:
    from engine.storage.prune import Old

AGE = re.compile(r"([0-9]+(?:\.[0-9]+)?)(h|d|w)")
UNITS = {"h": 3600, "d": 86_400, "w": 7 * 86_400}  # seconds


def prune(
    places: Annotated[
        list[str] | None,
        typer.Argument(metavar="[RUN|FOLDER]...", help="Runs, or folders with runs: outputs."),
    ] = None,
    older: Annotated[
        str | None,
        typer.Option(metavar="AGE", help="Clear runs not written to for 30d (or 12h, 4w, ...)."),
    ] = None,
    keep_size: Annotated[
        str | None,
        typer.Option(metavar="SIZE", help="Clear the oldest until the rest takes 5GB at most."),
    ] = None,
    keep: Annotated[
        int | None,
        typer.Option(min=0, metavar="N", help="Clear all but the newest N runs."),
    ] = None,
    snapshots: Annotated[
        bool, typer.Option("--snapshots", help="Clear their snapshots only: no more films of them.")
    ] = False,
    yes: Annotated[
        bool, typer.Option("--yes", "--delete", help="Do it; without this it is only shown.")
    ] = False,
    as_json: AsArray = False,
) -> None:
    """Show which old runs could go, and what that frees; with --yes clear them."""
    from engine import afterwards
    from engine.storage.prune import Limits

    limits = Limits(_age(older), _size(keep_size), keep)
    if limits == Limits():
        raise SpecError("prune needs to know what may stay: --older 30d, --keep-size 5GB or --keep 20.")
    if not places and not OUTPUTS.exists():
        found: tuple[Old, ...] = ()
    else:
        found = afterwards.prune(
            [run_folder(each) for each in places or [str(OUTPUTS)]], limits, snapshots, yes
        )
    if as_json:
        print(json.dumps([_record(each, snapshots) for each in found]))
    else:
        print("\n".join(_lines(found, snapshots, yes)))
    if any(each.has_failed for each in found):
        raise typer.Exit(TesseraError.exit_code)


def _lines(found: Sequence[Old], snapshots: bool, is_done: bool) -> list[str]:
    """What is said to people: a line for each run, and the sum."""
    lines = [
        f"{each.folder}: {datetime.fromtimestamp(each.changed):%Y-%m-%d %H:%M}, {byte_count(each.bytes)}"
        + (f"; stays: {each.why}" if each.why else "")
        for each in found
    ]
    going = [each for each in found if not each.why]
    what = plural(len(going), "run")
    if not going:
        return [*lines, "Nothing goes."]
    size = byte_count(sum(each.bytes for each in going))
    what = f"the snapshots of {what}" if snapshots else what
    done = f"Cleared: {what}, {size}." if is_done else f"Would go: {what}, {size}. With --yes they do."
    return [*lines, done]


def _record(old: Old, snapshots: bool) -> dict[str, object]:
    changed = datetime.fromtimestamp(old.changed).astimezone().isoformat(timespec="seconds")
    return {**asdict(old), "changed": changed, "what": "snapshots" if snapshots else "run"}


def _age(text: str | None) -> float | None:
    """Seconds; SpecError for what is no age."""
    if text is None:
        return None
    match = AGE.fullmatch(text.strip().lower())
    if match is None:
        raise SpecError(f"--older must be an age such as 30d, 12h or 4w, not {text!r}.")
    return float(match[1]) * UNITS[match[2]]


def _size(text: str | None) -> int | None:
    """Bytes; SpecError for what is no size."""
    from pydantic import TypeAdapter, ValidationError

    from engine.spec.fields import Bytes

    if text is None:
        return None
    try:
        return TypeAdapter(Bytes).validate_python(text)
    except ValidationError as exc:
        raise SpecError(f"--keep-size must be a size such as 5GB or 800MB, not {text!r}.") from exc
