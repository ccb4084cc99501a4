"""Where settings come from: a YAML file, flags and --set, merged key by key and resolved into a RunSpec.

The way of a setting: text -> Document (dotted path -> Setting) -> resolve() -> RunSpec.
"""

import math
import os
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeVar

import yaml
from pydantic import BaseModel, ValidationError

from engine.errors import SpecError
from engine.regular_files import read_regular
from engine.spec.messages import dashed, refusal, schemas_of, show, unknown
from engine.spec.models import PainterSettings, RunSpec, SharedSettings
from engine.spec.yaml_reader import Where, compose, leaves, plain, read_text

SHORT_NAMES = {
    "painter": "painter.name",  # only with a plain word; a mapping is the painter's whole section
    "shape": "painter.shape",
    "count": "painter.count",
    "opacity": "painter.opacity",
    "look": "painter.look",
    "points": "painter.points",
    "palette": "painter.palette",
    "effort": "budget.effort",
    "time": "budget.time",
    "until": "budget.until",
    "error": "budget.error",
}
DEFAULT_PAINTER = "polygons"
COMMAND_LINE, CALLER = "command line", "engine"  # sources of documents
SAID = (COMMAND_LINE, CALLER)  # by whoever gives a command, and not by a file

_UNKNOWN = {"type": "unknown"}
_NOT_FINITE = {"type": "finite_number"}

Model = TypeVar("Model", bound=BaseModel)
Spec = TypeVar("Spec", bound=RunSpec)


@dataclass(frozen=True)
class Setting:
    """A value as it was given; `subject` opens a sentence about it, such as "spec.yaml:3: film.size"."""

    value: object
    subject: str


@dataclass(frozen=True)
class Document:
    """The settings of one source by full dotted path, with underscores: {"painter.count": Setting(...)}."""

    source: str
    settings: Mapping[str, Setting]


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


def resolve(documents: Sequence[Document], params_of: Callable[[str], type[BaseModel]]) -> RunSpec:
    """Merge documents, later ones overriding key by key, and validate the whole.

    params_of(name) is the model of a painter's parameters, flat or of nested models; SpecError when unknown.
    Raises SpecError about the first problem in the order of the documents.
    """
    return _resolved(RunSpec, documents, params_of)


def check(documents: Sequence[Document], params_of: Callable[[str], type[BaseModel]]) -> SharedSettings:
    """The same for settings that are shared by runs whose targets come later: none is missed here."""
    return _resolved(SharedSettings, documents, params_of)


def _resolved(
    whole: type[Spec], documents: Sequence[Document], params_of: Callable[[str], type[BaseModel]]
) -> Spec:
    settings: dict[str, Setting] = {}
    for document in documents:
        settings |= document.settings
    source = documents[0].source if documents else "spec"
    name = settings.get("painter.name", Setting(DEFAULT_PAINTER, f"{source}: painter"))
    model = _params_model(name, params_of)

    schemas = schemas_of(RunSpec) | {f"painter.{key}": schema for key, schema in schemas_of(model).items()}
    settings = {_in_full(path, schemas): setting for path, setting in settings.items()}
    problems: dict[str, Mapping[str, Any]] = {path: _UNKNOWN for path in settings if path not in schemas}
    left_out = {"painter.name", *problems}
    tree = _nest({path: setting.value for path, setting in settings.items() if path not in left_out})

    params, errors = _validate(model, tree.pop("painter", {}), ["painter"])
    # With bad params the rest is still checked, so that problems come in the order of the file.
    painter = PainterSettings.model_construct(name=name.value, params=params)
    spec, more = _validate(whole, {**tree, "painter": painter}, [])
    for path, error in [*errors, *more]:
        while path not in schemas and "." in path:  # below a setting: a list's item, a branch of a union
            path = path.rpartition(".")[0]
        problems.setdefault(path, error)
    if spec is not None and not problems:
        return spec
    path = next((path for path in settings if path in problems), next(iter(problems)))
    setting = settings.get(path, Setting(None, f"{source}: {dashed(path)}"))
    others = f" (and {len(problems) - 1} more)" if len(problems) > 1 else ""
    if problems[path] is _UNKNOWN:
        sentence = unknown(setting.subject, setting.value, path, schemas, SHORT_NAMES)
    else:
        sentence = refusal(setting.subject, setting.value, problems[path], schemas.get(path))
    raise SpecError(f"{sentence}{others}.")


def _in_full(path: str, known: Collection[str]) -> str:
    """A setting of the painter's own needs no prefix."""
    return f"painter.{path}" if path not in known and f"painter.{path}" in known else path


def _params_model(name: Setting, params_of: Callable[[str], type[BaseModel]]) -> type[BaseModel]:
    """The model of the named painter's parameters; SpecError when there is no such painter."""
    if not isinstance(name.value, str) or not name.value:
        raise SpecError(f"{name.subject} must be the name of a painter, not {show(name.value)}.")
    try:
        return params_of(name.value)
    except SpecError as exc:
        raise SpecError(f"{name.subject}: {exc}") from exc


def _nest(settings: Mapping[str, object]) -> dict[str, Any]:
    """Mappings in mappings out of dotted paths."""
    tree: dict[str, Any] = {}
    for path, value in settings.items():
        *sections, key = path.split(".")
        node = tree
        for section in sections:
            node = node.setdefault(section, {})
        node[key] = value
    return tree


def _validate(
    model: type[Model], tree: Mapping[str, Any], prefix: Sequence[str]
) -> tuple[Model | None, list[tuple[str, Mapping[str, Any]]]]:
    """The validated model, or None, and what is wrong: a dotted path with pydantic's error details."""
    try:
        valid = model.model_validate(tree)
    except ValidationError as exc:
        errors = exc.errors(include_url=False)
        return None, [(".".join([*prefix, *map(str, error["loc"])]), error) for error in errors]
    return valid, [(".".join([*prefix, *path]), _NOT_FINITE) for path in _not_finite(valid, tree)]


def _not_finite(valid: object, given: object) -> Iterator[list[str]]:
    """Yield the paths of what was given as nan or infinity, which a painter's model may let through."""
    if isinstance(given, dict) and isinstance(valid, BaseModel):
        for name, field in type(valid).model_fields.items():
            key = field.alias or name
            if key in given:
                yield from ([key, *path] for path in _not_finite(getattr(valid, name), given[key]))
    elif isinstance(valid, list | tuple):
        yield from (path for item in valid for path in _not_finite(item, None))
    elif isinstance(valid, float) and not math.isfinite(valid):
        yield []
