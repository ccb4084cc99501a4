"""What exported files say of themselves: whose picture it is, and how to make it again."""

from __future__ import annotations

import json
import shlex
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from engine import __version__
from engine.painters.registry import words_of
from engine.spec.messages import dashed
from engine.spec.models import PainterSettings, RunSpec, flat
from engine.spec.settings import DEFAULT_PAINTER, SHORT_NAMES

PROGRAM = f"Tessera {__version__}"


@dataclass(frozen=True)
class Metadata:
    """Texts without odd characters, the same for all runs that paint the same.

    Of an absolute path only the file's name is said: what lies before it is nobody else's business.
    """

    title: str
    description: str
    recipe: str  # a spec

    @classmethod
    def of(cls, spec: RunSpec, count: int) -> Metadata:
        """The legend of a picture of so many shapes."""
        spec = spec.bare()
        made = f"Painted by {PROGRAM}: {command(spec)} (spec {spec.digest()})"
        title = f"{Path(spec.target).stem} in {words_of(spec.painter.name, spec.painter.params).marks(count)}"
        return cls(_printable(title), _printable(made), spec.recipe())

    def texts(self) -> dict[str, str]:
        """What is written into a PNG, by PNG's own words."""
        return {
            "Title": self.title,
            "Description": self.description,
            "Software": PROGRAM,
            "Spec": self.recipe,
        }


def command(spec: RunSpec) -> str:
    """The shortest command that paints the same, for a shell."""
    words = ["tessera", "render", spec.target]
    for name, text in changed(spec).items():
        words += ["--set", f"{name}={text}"] if "." in name else [f"--{name}", text]
    return shlex.join(words)


def changed(spec: RunSpec) -> dict[str, str]:
    """The settings but for the target that decide the picture and are not the painter's defaults.

    Texts, as flags take them, by the names that flags have, or else by dotted paths.
    """
    painter = PainterSettings(name=spec.painter.name, params=type(spec.painter.params)())
    defaults = dict(flat(RunSpec(target=spec.target, painter=painter).decisive()))
    defaults["painter.name"] = DEFAULT_PAINTER
    flags = {full: short for short, full in SHORT_NAMES.items()}
    return {
        dashed(flags.get(name, name)): value if isinstance(value, str) else _plain(value)
        for name, value in flat(spec.decisive())
        if value != defaults.get(name)
    }


def _plain(value: Any) -> str:
    """A value as a flag takes it."""
    if isinstance(value, list) and all(isinstance(word, str) for word in value):
        return ",".join(value)
    return json.dumps(value)


def _printable(text: str) -> str:
    """The text with marks in place of what files of text can't hold, such as half a surrogate pair."""
    return "".join(character if character.isprintable() else "�" for character in text)
