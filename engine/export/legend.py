"""What exported files say of themselves: whose picture it is, and how to make it again."""

from __future__ import annotations

import json
import shlex
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from engine import __version__
from engine.sentences import dashed
from engine.settings import SHORT_NAMES
from engine.spec import Painter, RunSpec, flat
from engine.wording import shapes

PROGRAM = f"Tessera {__version__}"


@dataclass(frozen=True)
class Legend:
    """Texts without odd characters, the same for all runs that paint the same.

    Of an absolute path only the file's name is said: what lies before it is nobody else's business.
    """

    title: str
    description: str
    recipe: str  # a spec

    @classmethod
    def of(cls, spec: RunSpec, count: int) -> Legend:
        """The legend of a picture of so many shapes."""
        spec = spec.bare()
        made = f"Painted by {PROGRAM}: {command(spec)} (spec {spec.digest()})"
        title = f"{Path(spec.target).stem} in {shapes(count)}"
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
    painter = Painter(name=spec.painter.name, params=type(spec.painter.params)())
    default = dict(flat(RunSpec(target=spec.target, painter=painter).decisive()))
    flags = {full: short for short, full in SHORT_NAMES.items()}
    words = ["tessera", "render", spec.target]
    for name, value in flat(spec.decisive()):
        if value != default.get(name):
            flag = flags.get(name, name)
            text = value if isinstance(value, str) else _plain(value)
            words += ["--set", f"{dashed(name)}={text}"] if "." in flag else [f"--{dashed(flag)}", text]
    return shlex.join(words)


def _plain(value: Any) -> str:
    """A value as a flag takes it."""
    if isinstance(value, list) and all(isinstance(word, str) for word in value):
        return ",".join(value)
    return json.dumps(value)


def _printable(text: str) -> str:
    """The text with marks in place of what files of text can't hold, such as half a surrogate pair."""
    return "".join(character if character.isprintable() else "�" for character in text)
