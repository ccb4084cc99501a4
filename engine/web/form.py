"""The settings that a visitor may change of a look, as a page shows them: from the models, in plain words.

Bounds are the model's and the server's, defaults the preset's. What stands beside numbers and colours as
choices are words that do in their place: `auto` for a number; `none`, `auto` or `any` for colours, and a
number such as `6` where so many may be found in the picture.
"""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Literal

from engine.formatting import Words
from engine.painters.brush.model_file import BUNDLED
from engine.painters.registry import PAINTERS, params_of, words_of
from engine.spec.forms import choices, meanings, metavar
from engine.spec.messages import dashed
from engine.spec.models import RunSpec, SharedSettings, flat
from engine.spec.reference import Fact, facts_of_painter, facts_of_run
from engine.spec.resolution import check
from engine.spec.settings import SHORT_NAMES, Document
from engine.web.allowed import Rule, allowed
from engine.web.bounds import LEAST, MOST, Bounds, bounds_of, most_colours
from engine.web.looks import preset_of
from engine.web.options import Limits
from engine.web.wording import in_words, sentence, wording

Kind = Literal["integer", "number", "choice", "colours", "truth", "duration", "text", "seed"]
MAIN = ("painter.count", "size", "budget.effort", "painter.palette", "painter.inks", "painter.pens", "seed")
OPACITIES = ("1", "0.5")  # beside those that the model names
HOW_MANY_COLOURS = 16  # of a palette, on a page

NO_COLOURS = ("none", "auto", "any")  # words that stand for no colours of one's own
# Of what visitors may set: what the choice of a look has decided, and what says something to few.
HIDDEN = (
    "painter.name",
    "painter.look",
    "painter.points",
    "painter.objective",
    "budget.error",
    "budget.time",
)
HIDDEN_TOO = ("grid", "result_size")
FINE = (  # points, for the curious: what stands in a group of its own
    *("painter.levels", "painter.shift", "painter.spread", "painter.search", "painter.polish"),
    *("painter.power", "painter.growth", "painter.error", "painter.step", "painter.neighbour_step"),
    *("painter.age", "painter.interval", "painter.split", "painter.decay", "painter.near"),
    *("painter.steps", "painter.rate", "painter.darkness", "painter.bends", "painter.evenness"),
    "painter.opaque",
)

# Of settings that mean nothing unless another one is one of these.
ONLY_WITH: dict[str, tuple[str, tuple[str, ...]]] = {
    "painter.dots": ("look", ("stipple",)),
    "painter.line": ("look", ("net", "colour", "width", "layers", "strokes")),
    "painter.inks": ("look", ("net", "width", "stipple", "layers", "strokes")),
    "painter.threshold": ("points", ("binary",)),
    "painter.offset": ("points", ("binary",)),
    "film.strokes": ("brush", BUNDLED),
}


@dataclass(frozen=True)
class ChoiceRecord:
    """A word that a setting takes."""

    name: str
    label: str
    about: str


@dataclass(frozen=True)
class FieldRecord:
    """A setting. A number, colours and a duration (in seconds) may have words beside them, as choices."""

    name: str  # on the command line
    label: str
    about: str
    kind: Kind
    default: Any
    least: int | float | None = None
    most: int | float | None = None
    step: int | float | None = None
    choices: tuple[ChoiceRecord, ...] | None = None
    unit: str | None = None


@dataclass(frozen=True)
class GroupRecord:
    """Settings under one heading."""

    title: str
    fields: tuple[FieldRecord, ...]


@dataclass(frozen=True)
class FormRecord:
    """The settings that matter most, and the rest."""

    main: tuple[FieldRecord, ...]
    more: tuple[GroupRecord, ...]
    painter: str


@dataclass(frozen=True)
class _Look:
    """What is known of the preset whose form is made."""

    spec: SharedSettings
    values: Mapping[str, Any]  # by full path, as they are written
    words: Words
    texts: Mapping[str, Any]
    rules: Mapping[str, Rule]  # what visitors may set, and how far

    def has_use_for(self, path: str) -> bool:
        """Whether a setting means something with this preset."""
        if path not in ONLY_WITH:
            return True
        name, wanted = ONLY_WITH[path]
        return self.values.get(f"painter.{name}") in wanted


def form(
    preset: str | None, limits: Limits, environ: Mapping[str, str] = os.environ, language: str = "en"
) -> FormRecord:
    """The form of a preset, or of what is painted without one; SpecError when there is no such preset."""
    asked = preset_of(preset, environ) if preset else Document("defaults", {}, "default")
    spec = check([asked], params_of, PAINTERS)
    values = dict(flat(spec.model_dump(mode="json", by_alias=True)))
    words = words_of(spec.painter.name, spec.painter.params)
    look = _Look(spec, values, words, wording(language), allowed(limits))
    facts = facts_of_run() | facts_of_painter(type(spec.painter.params))
    shown = [path for path in facts if path in look.rules and not _is_hidden(path) and look.has_use_for(path)]
    fields = {path: _field(facts[path], look) for path in shown}
    main = tuple(fields.pop(path) for path in MAIN if path in fields)
    return FormRecord(main, tuple(_groups(fields, look.texts["groups"])), spec.painter.name)


def _groups(fields: Mapping[str, FieldRecord], titles: Mapping[str, str]) -> Iterator[GroupRecord]:
    """Those below each heading, in the order of the headings; run's own settings are about the picture."""
    for name, title in titles.items():
        own = tuple(each for path, each in fields.items() if _group_of(path) == name)
        if own:
            yield GroupRecord(title, own)


def _is_hidden(path: str) -> bool:
    return path in HIDDEN or path in HIDDEN_TOO or path.startswith("export.")


def _group_of(path: str) -> str:
    if path in FINE:
        return "fine"
    head, dot, _ = path.partition(".")
    return head if dot and head in ("painter", "film") else "picture"


def _field(fact: Fact, look: _Look) -> FieldRecord:
    """The field of a setting."""
    path, default = fact.path, look.values[fact.path]
    texts = look.texts["settings"].get(short_name(path), {})
    kind = _kind(path, fact.schema)
    bounds = _bounds(path, look) if kind in ("integer", "number", "duration", "seed") else None
    label = texts.get("label", in_words(path)).replace("{marks}", look.texts["marks"][look.words.mark])
    words = look.rules[path].words
    said = {word: about for word, about in choices(fact.schema).items() if not words or word in words}
    if kind == "choice":
        default = f"{default:g}" if isinstance(default, float) else str(default)
        said = said | ({} if default in said else {default: ""}) | _added(path)
    elif kind == "duration":
        default = getattr(look.spec.film, path.rpartition(".")[2])
    elif kind == "colours":
        said = {word: about for word, about in said.items() if word in NO_COLOURS or word.isdecimal()}
        bounds = Bounds(1, min(_most_colours(path, look), HOW_MANY_COLOURS), True)
    if bounds and kind != "colours" and not isinstance(default, str):
        bounds, default = _with_default(bounds, default)
    return FieldRecord(
        name=short_name(path),
        label=label,
        about=texts.get("about", sentence(fact.about.partition(". ")[0])),
        kind=kind,
        default=default,
        least=bounds.least if bounds else None,
        most=bounds.most if bounds else None,
        step=bounds.step if bounds else None,
        choices=_choices(said, fact.about, texts.get("choices", {})) if said and kind != "truth" else None,
        unit="px" if "PX" in metavar(fact.schema) else "s" if kind == "duration" else None,
    )


def _most_colours(path: str, look: _Look) -> int:
    """How many colours of a visitor's own a setting takes."""
    return most_colours(type(look.spec.painter.params), path.removeprefix("painter.")) or HOW_MANY_COLOURS


def _with_default(bounds: Bounds, default: float) -> tuple[Bounds, float]:
    """Bounds that a preset's own value is within, which is lowered to a server's most, as `wanted` does."""
    least = default if bounds.least is not None and default < bounds.least else bounds.least
    most = default if bounds.most is None else bounds.most
    return Bounds(least, bounds.most, bounds.is_whole), min(default, most)


def _choices(said: Mapping[str, str], about: str, labels: Mapping[str, str]) -> tuple[ChoiceRecord, ...]:
    """The words of a setting, with what is said of them in the visitor's language or else in the model."""
    meant = meanings(about)
    return tuple(
        ChoiceRecord(
            word,
            labels.get(word, in_words(word)),
            "" if word in labels else sentence(said[word] or meant.get(word, "")),
        )
        for word in said
    )


def _added(path: str) -> dict[str, str]:
    """Words that a setting takes, beside those that its model names."""
    return dict.fromkeys(OPACITIES, "") if path == "painter.opacity" else {}


def _kind(path: str, schema: Mapping[str, Any]) -> Kind:
    """How a setting is chosen."""
    form = metavar(schema)
    if path == "seed":
        return "seed"
    if "COLOURS" in form:
        return "colours"
    if form == "TIME":
        return "duration"
    if schema.get("type") == "boolean":
        return "truth"
    if form in ("auto|X", "auto|PX", "auto|N") or schema.get("type") in ("integer", "number"):
        return "integer" if form in ("N", "auto|N") or schema.get("type") == "integer" else "number"
    return "choice" if choices(schema) else "text"


def _bounds(path: str, look: _Look) -> Bounds:
    """The narrower of the model's and the server's."""
    head, _, name = path.rpartition(".")
    owner = look.spec.painter.params if head == "painter" else getattr(look.spec, head) if head else look.spec
    model = type(owner) if head else RunSpec
    told, rule = bounds_of(model, name), look.rules[path]
    least = max((end for end in (told.least, LEAST.get(path)) if end is not None), default=None)
    most = min((end for end in (told.most, rule.most, MOST.get(path)) if end is not None), default=None)
    return Bounds(least, most, told.is_whole)


def short_name(path: str) -> str:
    """The name on the command line of a setting by its full path."""
    return dashed(_SHORT.get(path, path))


_SHORT = {path: name for name, path in SHORT_NAMES.items()}
