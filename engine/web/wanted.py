"""What a visitor wants: settings by the names of the command line, let in one by one, as a spec of a run."""

from __future__ import annotations

import difflib
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

from pydantic import BaseModel

from engine.errors import SpecError
from engine.painters.registry import PAINTERS, params_of
from engine.spec.defaults import PREFIX, from_config, from_environment
from engine.spec.messages import dashed, refusal, schemas_of, show
from engine.spec.models import RunSpec
from engine.spec.presets import presets, read_preset
from engine.spec.resolution import effective, resolve
from engine.spec.settings import Document, Setting, from_keywords
from engine.strict_json import parse
from engine.web.allowed import MOST_TILES, PAINTER, TIME, Rule, allowed
from engine.web.options import Limits
from engine.web.refused import Refused, without_paths
from engine.web.suits import check_suits

PRESET = "preset"
_PLACEHOLDER = "picture.png"
_MOST_SETTINGS = 200
_NAME = re.compile("[A-Za-z][A-Za-z0-9_.-]{0,80}")


@dataclass(frozen=True)
class Wanted:
    """What a visitor wants, as a valid spec of a picture that comes later."""

    preset: str | None
    documents: tuple[Document, ...]  # weakest first
    spec: RunSpec

    @property
    def effort(self) -> float:
        """Counted work, as a multiple of the default."""
        return self.spec.budget.effort

    def spec_for(self, picture: Path, out: Path) -> RunSpec:
        """The spec of a run that paints a picture, in a folder."""
        return self.spec.model_copy(update={"target": str(picture), "out": str(out)})


def settings_of(text: str) -> dict[str, object]:
    """Settings that were sent as JSON; Refused for what is no JSON object. "" is none."""
    if not text.strip():
        return {}
    try:
        found = parse(text)
    except (ValueError, RecursionError) as exc:
        raise Refused(422, f"settings: must be JSON ({str(exc)[:100].rstrip('.')}).") from exc
    if not isinstance(found, dict):
        raise Refused(422, 'settings: must be a JSON object such as {"preset": "portrait", "count": 300}.')
    return found


def wanted(settings: Mapping[str, object], limits: Limits, environ: Mapping[str, str]) -> Wanted:
    """What settings come to; Refused, in the sentences of the command line, for what isn't let in.

    A preset is the host's: it may say what visitors may not. What it or the host's defaults have more of than
    visitors may ask for is lowered to that.
    """
    given = dict(settings)
    preset = _preset(given.pop(PRESET, None), environ)
    rules = allowed(limits)
    try:
        own = from_keywords(given)
        _check_known(own, rules)
        below = _below(preset, environ)
        target = Document("visitor", {"target": Setting(_PLACEHOLDER, "picture")})
        plain = resolve([*below, target, _of_painter(own)], params_of, PAINTERS)
        _check_numbers(own, plain, rules)
        documents = (*below, target, _lowered(plain, rules), own)
        spec = resolve(documents, params_of, PAINTERS)
        check_suits(spec.painter)
        full = effective([*below, own], params_of, PAINTERS)
    except SpecError as exc:
        raise Refused(422, without_paths(str(exc))) from exc
    mine = {path: each for path, each in full.items() if any(each is one for one in own.settings.values())}
    for path, setting in mine.items():
        _check_within(path, setting, spec, plain, rules)
    return Wanted(preset, documents, spec)


def known_settings() -> frozenset[str]:
    """All settings that there are, of runs and of painters, by full path."""
    return _known()


@cache
def _known() -> frozenset[str]:
    own = (f"painter.{name}" for painter in PAINTERS for name in schemas_of(params_of(painter)))
    return frozenset([*schemas_of(RunSpec), *own])


def _preset(name: object, environ: Mapping[str, str]) -> str | None:
    """The name of a preset; Refused where there is none of that name. A path is no name."""
    if name is None or name == "":
        return None
    known = presets(environ)
    if isinstance(name, str) and name in known:
        return name
    close = difflib.get_close_matches(str(name).lower()[:100], known, 1)
    perhaps = f"perhaps {close[0]} is meant" if close else "choose one of the looks"
    raise Refused(422, f"preset {show(name)}: there is no such preset; {perhaps}.")


def defaults(environ: Mapping[str, str]) -> list[Document]:
    """The host's own, weakest first; SpecError for what he can't mean."""
    layers = [from_config(environ)]
    if any(name.startswith(PREFIX) for name in environ):
        layers.append(from_environment(environ, _known()))
    return layers


def _below(preset: str | None, environ: Mapping[str, str]) -> list[Document]:
    """What is weaker than what a visitor asks for: the host's defaults, and the preset."""
    return [*defaults(environ), *([read_preset(preset, environ)] if preset else [])]


def _of_painter(own: Document) -> Document:
    """The painter alone of what a visitor sets."""
    named = own.settings.get(PAINTER)
    return Document(own.source, {PAINTER: named} if named else {})


def _check_known(own: Document, rules: Mapping[str, Rule]) -> None:
    """Refused for a setting that there is, but not for visitors; others are told of elsewhere."""
    if len(own.settings) > _MOST_SETTINGS:
        raise Refused(422, f"settings: there are more than {_MOST_SETTINGS}; leave some out.")
    for path, setting in own.settings.items():
        if not _NAME.fullmatch(setting.subject):
            raise Refused(422, f"{show(setting.subject)} isn't a setting.")
        paths = {path, f"painter.{path}"} & _known()
        if paths and not paths & set(rules):
            raise Refused(422, f"{setting.subject} is the host's to set; leave it out.")


def _lowered(plain: RunSpec, rules: Mapping[str, Rule]) -> Document:
    """What the host's own settings have too much of, lowered."""
    found = {}
    for path, value in _values(plain):
        rule = rules.get(path)
        if rule is not None and rule.most is not None and not rule.admits(value):
            shown = f"{rule.most:g}{rule.unit}" if rule.unit else _as_kind(rule.most, value)
            found[path] = Setting(shown, dashed(path))
    return Document("limits", found)


def _as_kind(most: float, value: object) -> object:
    """A bound as the kind of number that it bounds."""
    return int(most) if isinstance(value, int) or float(most).is_integer() else most


def _values(model: BaseModel, prefix: str = "") -> Iterator[tuple[str, Any]]:
    """All validated values of a spec, by full path; those of the painter as if they were its own."""
    for name, info in type(model).model_fields.items():
        value = getattr(model, name)
        if isinstance(value, BaseModel):
            yield from _values(value, prefix if name == "params" else f"{prefix}{name}.")
        else:
            yield f"{prefix}{info.alias or name}", value


def _check_numbers(own: Document, plain: RunSpec, rules: Mapping[str, Rule]) -> None:
    """Refused for a plain number beyond what a visitor may have, told before what the model allows."""
    for path, setting in own.settings.items():
        full = path if path in rules else f"painter.{path}"
        rule, value = rules.get(full), setting.value
        if isinstance(value, int | float) and rule is not None and not rule.words and not rule.admits(value):
            raise Refused(422, _beyond(full, setting, rule, plain))


def _check_within(
    path: str, setting: Setting, spec: RunSpec, plain: RunSpec, rules: Mapping[str, Rule]
) -> None:
    """Refused for what goes further than a visitor may."""
    subject = setting.subject
    rule = rules.get(path)
    if rule is None:
        raise Refused(422, f"{subject} is the host's to set; leave it out.")
    value = dict(_values(spec)).get(path)
    if not rule.admits(value):
        raise Refused(422, _beyond(path, setting, rule, spec))
    if path == TIME and plain.budget.time is not None and (value is None or value > plain.budget.time):
        raise Refused(422, f"{subject} must be at most {plain.budget.time:g}s, not {show(setting.value)}.")
    if path == "grid" and any(int(side) > MOST_TILES for side in _sides(str(value))):
        most = f"{MOST_TILES}x{MOST_TILES}"
        raise Refused(422, f"{subject} must be auto or at most {most}, not {show(setting.value)}.")


def _sides(grid: str) -> Sequence[str]:
    return grid.split("x") if grid != "auto" else ()


def _beyond(path: str, setting: Setting, rule: Rule, spec: RunSpec) -> str:
    """The sentence of the command line about a number out of its range, or one like it."""
    schemas = schemas_of(RunSpec) | {
        f"painter.{key}": schema for key, schema in schemas_of(type(spec.painter.params)).items()
    }
    schema = schemas.get(path, {})
    if rule.most is not None and schema.get("type") in ("integer", "number"):
        lowered = {**schema, "maximum": _as_kind(rule.most, 1 if schema["type"] == "integer" else 0.5)}
        return f"{refusal(setting.subject, setting.value, {'type': 'less_than_equal'}, lowered)}."
    return f"{setting.subject} must be {rule}, not {show(setting.value)}."
