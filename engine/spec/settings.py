"""Where settings come from: a YAML file, flags, --set, a Python caller.

The way of a setting: text -> Document (dotted path -> Setting) -> resolution.resolve() -> RunSpec.
"""

import os
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

import yaml

from engine.errors import SpecError
from engine.regular_files import read_regular
from engine.spec.messages import dashed, show
from engine.spec.names import has_bytes
from engine.spec.yaml_reader import Where, compose, leaves, plain, read_text

SHORT_NAMES = {
    "painter": "painter.name",  # only with a plain word; a mapping is the painter's whole section
    "shape": "painter.shape",
    "count": "painter.count",
    "opacity": "painter.opacity",
    "look": "painter.look",
    "points": "painter.points",
    "palette": "painter.palette",
    "brush": "painter.brush",
    "opaque": "painter.opaque",
    "paper": "painter.paper",
    "objective": "painter.objective",
    "neuron": "painter.neuron",
    "layers": "painter.layers",
    "pens": "painter.pens",
    "tile": "painter.tile",
    "weights": "painter.weights",
    "device": "painter.device",
    "generator": "painter.generator",
    "effort": "budget.effort",
    "time": "budget.time",
    "until": "budget.until",
    "error": "budget.error",
}
DEFAULT_PAINTER = "polygons"
COMMAND_LINE, CALLER = "command line", "engine"  # sources of documents
SAID = (COMMAND_LINE, CALLER)  # by whoever gives a command, and not by a file


@dataclass(frozen=True)
class Setting:
    """A value as it was given; `subject` opens a sentence about it, such as "spec.yaml:3: film.size"."""

    value: object
    subject: str

    @property
    def origin(self) -> str:
        """Where it was given, such as "spec.yaml:3" or "--count"; printable."""
        found = self.subject.rpartition(": ")[0] or self.subject
        return "".join(letter if letter.isprintable() else "?" for letter in found)


@dataclass(frozen=True)
class Document:
    """The settings of one source by full dotted path, with underscores: {"painter.count": Setting(...)}."""

    source: str
    settings: Mapping[str, Setting]
    kind: Literal["asked", "preset", "default"] = "asked"  # defaults needn't fit the painter


def read_document(path: Path, read: Callable[[Path, int], bytes] = read_regular) -> Document:
    """Read a YAML file; SpecError when it can't be read or isn't one mapping of settings, each given once.

    read: how, see engine.regular_files.
    """

    def place(line: int) -> str:
        return f"{path}:{line}"

    return document_of(compose(read_text(path, read), place), str(path), place)


def document_of(node: yaml.Node | None, source: str, place: Where, prefix: str = "") -> Document:
    """The settings of a mapping, each named with `prefix` before it; SpecError as of a whole file."""
    if not isinstance(node, yaml.MappingNode):
        raise SpecError(f'{source} must hold lines of "key: value", such as target: photo.jpg.')
    settings: dict[str, Setting] = {}
    for written, line, value in leaves(node, prefix, place):
        _add(settings, written, Setting(value, f"{place(line)}: {show(written)}"))
    return Document(source, settings)


def from_flags(values: Mapping[str, object], names: Mapping[str, str] | None = None) -> Document:
    """Take typed values from the command line, by flag; None means not given.

    names: of the settings, short or dotted, where a flag is called otherwise.
    """
    settings: dict[str, Setting] = {}
    for flag, value in values.items():
        if value is None:
            continue
        if isinstance(value, bool):
            value = str(value).lower()  # as in YAML: only a field that wants a truth value accepts it
        _add(settings, (names or {}).get(flag, flag), Setting(value, f"--{dashed(flag)}"))
    return Document(COMMAND_LINE, settings)


def from_keywords(
    values: Mapping[str, object], prefix: str = "", names: Mapping[str, str] | None = None
) -> Document:
    """Take values from a Python caller, by short or dotted name; a mapping holds the settings of a group.

    prefix: before each name. names: of the settings, where a keyword is called otherwise.
    """
    settings: dict[str, Setting] = {}
    for written, value in _below(values):
        name = (names or {}).get(written, written)
        _add(settings, prefix + name, Setting(_plain_value(value), written))
    return Document(CALLER, settings)


def merged(documents: Sequence[Document]) -> Document:
    """Documents of one source as one; SpecError when two set the same."""
    settings: dict[str, Setting] = {}
    for document in documents:
        for name, setting in document.settings.items():
            _add(settings, name, setting)
    return Document(documents[0].source, settings)


def _below(values: Mapping[str, object], prefix: str = "") -> Iterator[tuple[str, object]]:
    """The settings of mappings in mappings, by dotted name."""
    for name, value in values.items():
        if isinstance(value, Mapping) and value:
            yield from _below(value, f"{prefix}{name}.")
        else:
            yield f"{prefix}{name}", value


def _plain_value(value: object) -> object:
    """A value as YAML would give it: paths are text, truth values are told apart from numbers."""
    if isinstance(value, os.PathLike):
        return os.fspath(value)
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, tuple):
        return list(value)
    item = getattr(value, "item", None)  # of a numpy number
    return item() if callable(item) and getattr(value, "ndim", None) == 0 else value


def from_assignments(items: Sequence[str]) -> Document:
    """Read "key.path=value" items, the value being YAML; the last one about a setting counts."""
    settings: dict[str, Setting] = {}
    for item in items:
        for written, value in _assigned(item):
            settings[_full_name(written, value)] = Setting(value, f"--set {show(written)}")
    return Document(COMMAND_LINE, settings)


def _assigned(item: str) -> list[tuple[str, object]]:
    """The settings of one "key.path=value", several when the value is a mapping; SpecError for other text."""
    key, equals, text = (part.strip() for part in item.partition("="))
    if not key or not equals:
        raise SpecError(f"--set {show(item)} must be key=value, such as --set painter.count=500.")

    def place(line: int) -> str:
        return f"--set {show(key)}"

    if has_bytes(text):
        return [(key, text)]
    node = compose(text, place)
    if isinstance(node, yaml.MappingNode) and node.value:
        return [(written, value) for written, _, value in leaves(node, f"{key}.", place)]
    return [(key, None if node is None else plain(node))]


def _add(settings: dict[str, Setting], written: str, setting: Setting) -> None:
    """Put a setting under its full name; SpecError when it is there already, by another name."""
    name = _full_name(written, setting.value)
    if name in settings:
        raise SpecError(f"{setting.subject} sets the same as {settings[name].subject}; keep one of them.")
    settings[name] = setting


def _full_name(written: str, value: object) -> str:
    """The dotted path, with underscores, that a written name stands for."""
    name = written.replace("-", "_")
    if name == "painter" and not isinstance(value, str):
        return name
    return SHORT_NAMES.get(name, name)
