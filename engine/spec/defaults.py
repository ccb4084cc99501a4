"""A user's own defaults: a file in ~/.config, and environment variables; weaker than all that is asked for.

Only the command line looks for them, and only for a new run: the spec in a run's folder has every setting.
"""

from __future__ import annotations

import difflib
from collections.abc import Iterable, Mapping
from pathlib import Path

import yaml

from engine.errors import SpecError
from engine.spec.messages import show
from engine.spec.settings import SHORT_NAMES, Document, Setting, read_document
from engine.spec.yaml_reader import compose, plain, read_text

CONFIG = "config.yaml"
PREFIX = "TESSERA_"
OF_ONE_RUN = ("target", "from", "out")  # which are no defaults
# Variables that mean something else: what a user's command is told of a run (engine.system.notify, which may
# start another one), the pipe to a child, and the tests' switch.
_OF_COMMANDS = ("OUTCOME", "EXIT_CODE", "FOLDER", "ERROR", "MESSAGE")
_COUNTS = ("DONE", "RESUMED", "SKIPPED", "FAILED", "LOCKED", "LEFT")
TAKEN = frozenset((*_OF_COMMANDS, *_COUNTS, "PARENT_PIPE", "STORE"))


def config_folder(environ: Mapping[str, str]) -> Path | None:
    """~/.config/tessera, or below XDG_CONFIG_HOME; None without a home."""
    base = environ.get("XDG_CONFIG_HOME", "")
    if base.startswith("/"):  # a relative one counts as none
        return Path(base) / "tessera"
    try:
        return Path.home() / ".config" / "tessera"
    except RuntimeError:
        return None


def from_config(environ: Mapping[str, str]) -> Document:
    """The settings of the user's file, none without one; SpecError for what can be no default there."""
    folder = config_folder(environ)
    path = folder / CONFIG if folder else None
    if path is None or not path.exists():
        return Document("defaults", {}, "default")
    if compose(read_text(path), str) is None:  # nothing, or all of it is a comment
        return Document("defaults", {}, "default")
    found = read_document(path)
    for name in OF_ONE_RUN:
        if name in found.settings:
            raise SpecError(f"{found.settings[name].subject} is a run's own, and no default; leave it out.")
    return Document(found.source, found.settings, "default")


def from_environment(environ: Mapping[str, str], paths: Iterable[str]) -> Document:
    """The settings of variables such as TESSERA_FILM_SIZE; an empty one says nothing.

    paths: all settings with dots. SpecError for a variable that means nothing to Tessera.
    """
    names = variables(paths)
    settings: dict[str, Setting] = {}
    for variable, text in sorted(environ.items()):
        name = variable.removeprefix(PREFIX)
        if not variable.startswith(PREFIX) or name in TAKEN or not text:
            continue
        if name not in names:
            raise SpecError(_unknown(variable, names))
        other = settings.get(names[name])
        if other is not None:
            raise SpecError(f"{variable} sets the same as {other.subject}; keep one of them.")
        settings[names[name]] = Setting(_value(variable, text), variable)
    return Document("environment", settings, "default")


def variables(paths: Iterable[str]) -> dict[str, str]:
    """The setting, with dots, of each variable, without its prefix."""
    known = [path for path in paths if path not in OF_ONE_RUN]
    full = {path.replace(".", "_").upper(): path for path in (*known, "painter.name")}
    return {short.upper(): path for short, path in SHORT_NAMES.items() if short.upper() not in TAKEN} | full


def _unknown(variable: str, names: Mapping[str, str]) -> str:
    name = variable.removeprefix(PREFIX)
    if name.lower() in OF_ONE_RUN:
        return f"{variable} is a run's own, and no default; leave it out."
    close = difflib.get_close_matches(name, names, 1)
    perhaps = f"perhaps {PREFIX}{close[0]} is meant" if close else "tessera spec lists the settings"
    return f"{variable}: there is no such setting; {perhaps}, or unset it."


def _value(variable: str, text: str) -> object:
    """A value as in YAML, where colours and paths needn't be quoted."""
    if text.lstrip().startswith(("[", "{")) or text in ("~", "null"):
        node = compose(text, lambda line: variable)
        if isinstance(node, yaml.MappingNode):
            raise SpecError(f"{variable} must be one value, not {show(text)}.")
        return None if node is None else plain(node)
    return text
