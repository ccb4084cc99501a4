"""What a command line asks for: its layers of settings, weakest first, as specs."""

from __future__ import annotations

import os
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from engine.painters.registry import PAINTERS, params_of
from engine.spec.defaults import PREFIX, from_config, from_environment
from engine.spec.models import RunSpec
from engine.spec.origins import with_origins
from engine.spec.presets import read_preset
from engine.spec.resolution import effective, resolve
from engine.spec.settings import Document, Setting, read_document
from engine.spec.yaml_reader import is_spec


@dataclass(frozen=True)
class Asked:
    """The settings of a run, from all that has a say in them."""

    documents: Sequence[Document]

    def spec(self) -> RunSpec:
        """What they come to; SpecError for the first thing that is wrong."""
        return resolve(self.documents, params_of, PAINTERS)

    def yaml(self) -> str:
        """The same as YAML, each setting that isn't a default with where it comes from."""
        return with_origins(self.spec().to_yaml(), self._origins())

    def say(self) -> None:
        """Print those that aren't defaults, with where they come from, to standard error."""
        path: list[str] = []
        for line in self.yaml().splitlines():
            depth = (len(line) - len(line.lstrip())) // 2
            path[depth:] = [line.strip().partition(":")[0]]
            if "  # " in line:
                print(f"{'.'.join(path)}: {line.partition(': ')[2]}", file=sys.stderr)

    def _origins(self) -> dict[str, str]:
        found = effective(self.documents, params_of, PAINTERS)
        return {path: setting.origin for path, setting in found.items()}


def asked(source: str, flags: Sequence[Document], preset: str | None) -> Asked:
    """What render and spec are asked for. source: a target or the path of a spec."""
    if is_spec(source):
        own = read_document(Path(source))
    else:
        own = Document("command line", {"target": Setting(source, "TARGET")})
    return Asked([*below(preset), own, *flags])


def below(preset: str | None) -> list[Document]:
    """What is weaker than all that is asked for: defaults of this user and this shell, then a preset."""
    layers = [from_config(os.environ)]
    if any(name.startswith(PREFIX) for name in os.environ):
        from engine.cli.flag_facts import settings_by_path  # which loads all models

        layers.append(from_environment(os.environ, settings_by_path()))
    return [*layers, read_preset(preset, os.environ)] if preset is not None else layers
