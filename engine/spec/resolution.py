"""Settings of several sources, merged key by key and validated into a RunSpec."""

import math
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from typing import Any, TypeVar

from pydantic import BaseModel, ValidationError

from engine.errors import SpecError
from engine.spec.messages import dashed, foreign, refusal, schemas_of, show, unknown
from engine.spec.models import PainterSettings, RunSpec, SharedSettings
from engine.spec.settings import DEFAULT_PAINTER, SHORT_NAMES, Document, Setting

_UNKNOWN = {"type": "unknown"}
_NOT_FINITE = {"type": "finite_number"}

Model = TypeVar("Model", bound=BaseModel)
Spec = TypeVar("Spec", bound=RunSpec)
ParamsOf = Callable[[str], type[BaseModel]]  # the model of a painter's parameters, flat or of nested models


def resolve(documents: Sequence[Document], params_of: ParamsOf, painters: Collection[str] = ()) -> RunSpec:
    """Merge documents, later ones overriding key by key, and validate the whole.

    params_of: SpecError for an unknown name. painters: those there are, so that a setting of another one is
    told as that, and left out where it is a default. Raises SpecError about the first problem in the order of
    the documents.
    """
    return _resolved(RunSpec, documents, params_of, painters)


def check(
    documents: Sequence[Document], params_of: ParamsOf, painters: Collection[str] = ()
) -> SharedSettings:
    """The same for settings that are shared by runs whose targets come later: none is missed here."""
    return _resolved(SharedSettings, documents, params_of, painters)


def effective(
    documents: Sequence[Document], params_of: ParamsOf, painters: Collection[str] = ()
) -> dict[str, Setting]:
    """What of the documents counts, by full path; SpecError for an unknown painter."""
    return _Merged(documents, params_of, painters).settings


class _Merged:
    """The settings of documents by full path, and what the chosen painter's schemas are."""

    def __init__(self, documents: Sequence[Document], params_of: ParamsOf, painters: Collection[str]) -> None:
        settings = {path: each for document in documents for path, each in document.settings.items()}
        asked = [document.source for document in documents if document.kind == "asked"]
        self.source = asked[0] if asked else "spec"
        self.name = settings.get("painter.name", Setting(DEFAULT_PAINTER, f"{self.source}: painter"))
        model = _params_model(self.name, params_of)
        own = {f"painter.{key}": schema for key, schema in schemas_of(model).items()}
        self.model, self.schemas = model, schemas_of(RunSpec) | own
        self._params_of, self._painters = params_of, painters
        self.settings: dict[str, Setting] = {}
        for document in documents:
            for path, setting in document.settings.items():
                full = _in_full(path, self.schemas)
                if full in self.schemas or document.kind != "default" or not self.owners(full):
                    self.settings[full] = setting

    def owners(self, path: str) -> list[str]:
        """The other painters that have a setting."""
        key = path.removeprefix("painter.")
        others = (name for name in self._painters if name != self.name.value)
        return [name for name in others if key in schemas_of(self._params_of(name))]


def _resolved(
    whole: type[Spec], documents: Sequence[Document], params_of: ParamsOf, painters: Collection[str]
) -> Spec:
    found = _Merged(documents, params_of, painters)
    settings, schemas = found.settings, found.schemas
    problems: dict[str, Mapping[str, Any]] = {path: _UNKNOWN for path in settings if path not in schemas}
    left_out = {"painter.name", *problems}
    tree = _nest({path: setting.value for path, setting in settings.items() if path not in left_out})

    params, errors = _validate(found.model, tree.pop("painter", {}), ["painter"])
    # With bad params the rest is still checked, so that problems come in the order of the file.
    painter = PainterSettings.model_construct(name=found.name.value, params=params)
    spec, more = _validate(whole, {**tree, "painter": painter}, [])
    for path, error in [*errors, *more]:
        while path not in schemas and "." in path:  # below a setting: a list's item, a branch of a union
            path = path.rpartition(".")[0]
        problems.setdefault(path, error)
    if spec is not None and not problems:
        return spec
    path = next((path for path in settings if path in problems), next(iter(problems)))
    setting = settings.get(path, Setting(None, f"{found.source}: {dashed(path)}"))
    others = f" (and {len(problems) - 1} more)" if len(problems) > 1 else ""
    if problems[path] is _UNKNOWN and (owners := found.owners(path)):
        own = [
            short for short, full in SHORT_NAMES.items() if full in schemas and full.startswith("painter.")
        ]
        sentence = foreign(setting.subject, owners, str(found.name.value), own)
    elif problems[path] is _UNKNOWN:
        sentence = unknown(setting.subject, setting.value, path, schemas, SHORT_NAMES)
    else:
        sentence = refusal(setting.subject, setting.value, problems[path], schemas.get(path))
    raise SpecError(f"{sentence}{others}.")


def _in_full(path: str, known: Collection[str]) -> str:
    """A setting of the painter's own needs no prefix."""
    return f"painter.{path}" if path not in known and f"painter.{path}" in known else path


def _params_model(name: Setting, params_of: ParamsOf) -> type[BaseModel]:
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
