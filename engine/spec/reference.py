"""The reference of all settings, as docs/settings.md has it: written from the models, which know them."""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from inspect import getdoc
from typing import Any

from pydantic import BaseModel

from engine.spec.messages import dashed, describe, either, schemas_of
from engine.spec.models import PainterSettings, RunSpec
from engine.spec.settings import DEFAULT_PAINTER, SHORT_NAMES
from engine.spec.yaml_writer import as_yaml

BEGIN, END = "<!-- settings: begin -->\n", "<!-- settings: end -->\n"
_HEAD = ("| setting | default | what it can be | what it means |", "|---|---|---|---|")
_DOCUMENT = re.compile(r"docs/([a-z-]+)\.md(#[a-z-]+)?")
_SHORT = {path: name for name, path in SHORT_NAMES.items()}


def with_reference(page: str, painters: Mapping[str, type[BaseModel]]) -> str:
    """The page with the reference between its two marks written anew; painters: their params by name."""
    before, _, rest = page.partition(BEGIN)
    _, _, after = rest.partition(END)
    return before + BEGIN + "\n".join(reference(painters)) + "\n" + END + after


def reference(painters: Mapping[str, type[BaseModel]]) -> Iterator[str]:
    """Lines of Markdown: a table for the run, for each painter and for each group of settings."""
    yield from ("### The run", "", *_HEAD)
    for name, field in RunSpec.model_fields.items():
        if field.annotation is PainterSettings:
            about = PainterSettings.model_fields["name"].description or ""
            yield _row("painter.name", DEFAULT_PAINTER, either(list(painters)), about)
        elif field.default_factory is None and not isinstance(field.default, BaseModel):
            yield from _rows(RunSpec, "", field.alias or name)
    for name, params in painters.items():
        yield from ("", f"### Painter {name}", "", _linked(getdoc(params) or ""), "", *_HEAD)
        yield from _rows(params, "painter.")
    for name, field in RunSpec.model_fields.items():
        if isinstance(field.default, BaseModel):
            about = _linked(field.description or "")
            yield from ("", f"### {name.capitalize()}", "", f"{about[:1].upper()}{about[1:]}.", "", *_HEAD)
            yield from _rows(type(field.default), f"{name}.")


def _rows(model: type[BaseModel], prefix: str, only: str | None = None) -> Iterator[str]:
    """A row for each setting of a model, or for one of them."""
    for fact in facts(model, prefix):
        if only in (None, fact.path.removeprefix(prefix)):
            yield _row(fact.path, fact.default, describe(fact.schema), fact.about)


@dataclass(frozen=True)
class Fact:
    """What a model says of a setting."""

    path: str  # dotted, with underscores
    schema: Mapping[str, Any]
    default: str | None  # as it is written; None: the setting must be given
    about: str


def facts(model: type[BaseModel], prefix: str = "") -> Iterator[Fact]:
    """What there is to say of each setting of a model, but for groups of settings in it."""
    defaults = model.model_construct().model_dump(mode="json", by_alias=True, warnings=False)
    schemas = schemas_of(model)
    for name, field in model.model_fields.items():
        key = field.alias or name
        if key in schemas:
            default = None if field.is_required() else as_yaml({"default": defaults[key]})
            shown = default and default.removeprefix("default: ").strip()
            yield Fact(prefix + key, schemas[key], shown, field.description or "")


def facts_of_run() -> dict[str, Fact]:
    """Those of all settings that aren't a painter's, by path."""
    groups = {name: type(field.default) for name, field in RunSpec.model_fields.items()}
    found = [
        *facts(RunSpec),
        *(
            fact
            for name, group in groups.items()
            if issubclass(group, BaseModel)
            for fact in facts(group, f"{name}.")
        ),
    ]
    return {fact.path: fact for fact in found if not fact.path.startswith("painter")}


def facts_of_painter(params: type[BaseModel]) -> dict[str, Fact]:
    """Those of a painter's settings, by path."""
    return {fact.path: fact for fact in facts(params, "painter.")}


def _row(path: str, default: str | None, choices: str, about: str) -> str:
    """default: as it is written, None when the setting has to be given."""
    names = [f"`{dashed(path)}`", *(f"`{short}`" for short in [_SHORT.get(path)] if short)]
    shown = "must be given" if default is None else f"`{default}`"
    cells = (either(names), shown, choices, _linked(about))
    return "| " + " | ".join(cell.replace("|", "\\|") for cell in cells) + " |"


def _linked(text: str) -> str:
    """Names of documents as links from docs/."""
    return _DOCUMENT.sub(lambda found: f"[{found[1].capitalize()}]({found[1]}.md{found[2] or ''})", text)
