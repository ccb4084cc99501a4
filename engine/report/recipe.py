"""How to make the same picture again, as commands."""

from __future__ import annotations

import shlex

from engine.flags import FLAGS
from engine.painter import params_of
from engine.sentences import dashed
from engine.settings import DEFAULT_PAINTER, SHORT_NAMES, Document, Setting, resolve
from engine.spec import RunSpec, flat

_FLAGS = {path: name for name, path in SHORT_NAMES.items()}


def changed(spec: RunSpec) -> dict[str, str]:
    """The settings but for the target that decide the picture and are not the painter's defaults.

    Texts, as flags take them, by the names that flags have, or else by dotted paths.
    """
    given = {"target": Setting(spec.target, ""), "painter.name": Setting(spec.painter.name, "")}
    defaults = dict(flat(resolve([Document("", given)], params_of).decisive()))
    defaults["painter.name"] = DEFAULT_PAINTER
    return {
        dashed(_FLAGS.get(path, path)): _text(value)
        for path, value in flat(spec.decisive())
        if value != defaults.get(path)
    }


def command(spec: RunSpec) -> str:
    """The command that renders a picture with the settings of another run into a new folder."""
    words = ["tessera", "render", spec.target]
    for name, text in changed(spec).items():
        words += [f"--{name}", text] if name in FLAGS else ["--set", f"{name}={text}"]
    return shlex.join([*words, "--out", "again"])


def _text(value: object) -> str:
    """A value as a flag takes it."""
    if isinstance(value, list):
        return ",".join(map(_text, value))
    return str(value).lower() if isinstance(value, bool) else str(value)
