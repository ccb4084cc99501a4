"""Whose programs a run folder names: those of the user who made it are run, anybody else's are left out.

A spec can name programs, and a run folder may come from anybody. So whoever makes one leaves a mark in it: a
code of the programs in its spec (HMAC, RFC 2104) by a key that lies in the user's own state folder, and that
nobody else can read. A folder that was moved keeps its mark; one whose programs were changed has lost it.
"""

from __future__ import annotations

import hashlib
import hmac
import json
import os
import secrets
from collections.abc import Set
from contextlib import suppress
from pathlib import Path

from engine.errors import RunError, TesseraError
from engine.spec.messages import dashed, show
from engine.spec.models import RunSpec
from engine.storage import files
from engine.storage.run_folder import MARK, SPEC, RunFolder

STATE_VARIABLE = "XDG_STATE_HOME"
KEY = "key"
KEY_BYTES = 32
MOST_BYTES = 1000  # of a mark
ENCODER = "film.encoder"
PAINTER = "painter."  # before settings that a painter can't paint without


def programs(spec: RunSpec) -> dict[str, str]:
    """The programs that a spec names, by setting."""
    named = {
        "notify.on_success": spec.notify.on_success,
        "notify.on_failure": spec.notify.on_failure,
        ENCODER: spec.film.encoder,
    }
    code = {f"{PAINTER}{name}": said for name, said in getattr(spec.painter.params, "own_code", {}).items()}
    return {name: program for name, program in named.items() if program is not None} | code


def without_programs(spec: RunSpec, names: Set[str]) -> RunSpec:
    """A spec as if it did not name these; by setting."""
    notify = {name.partition(".")[2]: None for name in names if name.startswith("notify.")}
    film = {"encoder": None} if ENCODER in names else {}
    return spec.model_copy(
        update={
            "notify": spec.notify.model_copy(update=notify),
            "film": spec.film.model_copy(update=film),
        }
    )


def mark(folder: RunFolder, spec: RunSpec) -> None:
    """Leave the user's mark, if there is anything to be marked. Without a state folder there is none."""
    if not programs(spec):
        folder.remove(MARK)
    elif (key := _key(make=True)) is not None:
        with suppress(TesseraError):  # of a full disk others have better words
            folder.write(MARK, _code(key, spec) + "\n")


def is_marked(folder: RunFolder, spec: RunSpec) -> bool:
    """Whether this user has named the programs in a folder's spec."""
    key = _key()
    try:
        found = folder.read(MARK, MOST_BYTES).strip()
    except OSError:
        return False
    return key is not None and hmac.compare_digest(found, _code(key, spec).encode())


def check_code(folder: RunFolder, spec: RunSpec, names: Set[str]) -> None:
    """RunError when a run can't go on without code that somebody else has named.

    names: of settings that name what this user has not named.
    """
    if code := {
        name: said for name, said in programs(spec).items() if name in names and name.startswith(PAINTER)
    }:
        what = ", ".join(f"{dashed(name)}: {show(said)}" for name, said in sorted(code.items()))
        raise RunError(
            f"{folder / SPEC}: names Python code that you have not named ({what}), and can't go on without "
            "it; if you trust it say --trust."
        )


def left_out(folder: RunFolder, spec: RunSpec, names: Set[str]) -> str:
    """A sentence about programs that are not run."""
    named = programs(spec)
    what = ", ".join(f"{dashed(name)}: {show(named[name])}" for name in sorted(names))
    sentence = f"{folder / SPEC}: names programs that you have not named ({what})"
    return f"{sentence}; they are left out, unless you say --trust."


def _code(key: bytes, spec: RunSpec) -> str:
    said = json.dumps([spec.target, programs(spec)], sort_keys=True)
    return hmac.new(key, said.encode("utf-8", "surrogateescape"), hashlib.sha256).hexdigest()


def _key(make: bool = False) -> bytes | None:
    """The user's key; None when there is none. make: a new one then, if there is a place for it."""
    try:
        chosen = os.environ.get(STATE_VARIABLE)
        folder = (Path(chosen) if chosen else Path.home() / ".local/state") / "tessera"
        with suppress(FileNotFoundError):
            return _whole(folder)
        if make:
            folder.mkdir(mode=0o700, parents=True, exist_ok=True)
            _make_key(folder)
            return _whole(folder)
    except (OSError, RuntimeError):  # RuntimeError: nobody knows where home is
        pass
    return None


def _whole(folder: Path) -> bytes | None:
    key = files.read(folder, KEY, KEY_BYTES)
    return key if len(key) == KEY_BYTES else None


def _make_key(folder: Path) -> None:
    """Put a key in its place, unless another process has been faster: it is never exchanged."""
    name = folder / f".{secrets.token_hex(4)}{files.PART}"
    descriptor = os.open(name, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    try:
        with os.fdopen(descriptor, "wb") as file:
            file.write(secrets.token_bytes(KEY_BYTES))
        with suppress(FileExistsError):
            os.link(name, folder / KEY)
    finally:
        name.unlink()
