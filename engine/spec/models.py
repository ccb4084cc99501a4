"""A run as one value: everything that was asked of it, validated once, frozen.

A field that takes more than a plain number or choice carries the words that its refusals need.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Annotated, Any, Literal

import yaml
from pydantic import BaseModel, ConfigDict, Field, SerializeAsAny, model_serializer

from engine.spec.fields import (
    Background,
    Bytes,
    Command,
    Dedup,
    Duration,
    DurationOrZero,
    Files,
    Formats,
    Grid,
    Hatch,
    Importance,
    Location,
    Millimetres,
    Moment,
    Page,
    Pen,
    Pens,
    Start,
    Target,
)

NOT_DECISIVE = dict.fromkeys(
    (
        "out",
        "workers",
        "nice",
        "film",
        "animation",
        "export",
        "record",
        "checkpoint",
        "notify",
        "result_size",
    ),
    True,
)

_FROZEN = ConfigDict(extra="forbid", frozen=True, allow_inf_nan=False)


class PainterSettings(BaseModel):
    """The painter's name and its own validated parameters; written flat, as one mapping."""

    model_config = _FROZEN
    name: str
    params: SerializeAsAny[BaseModel]

    @model_serializer
    def _flat(self) -> dict[str, Any]:
        """Write the parameters beside the name."""
        return {"name": self.name, **self.params.model_dump(mode="json")}


class BudgetSettings(BaseModel):
    """When to stop: effort multiplies the default work; time (seconds), until and error stop earlier."""

    model_config = _FROZEN
    effort: float = Field(default=1.0, gt=0, le=100_000)
    time: Duration | None = None
    until: Moment | None = None
    error: float | None = Field(default=None, gt=0, lt=1)


class RecordSettings(BaseModel):
    """A snapshot of the scene after every n-th job at first, fewer later: there are `keep` at most."""

    model_config = _FROZEN
    every: Literal["auto"] | Annotated[int, Field(ge=1, le=1_000_000)] = "auto"
    keep: Literal["auto"] | Annotated[int, Field(ge=2, le=10_000)] = "auto"


class CheckpointSettings(BaseModel):
    """How often a run saves its state, and for how long it paints on when it can't; seconds."""

    model_config = _FROZEN
    every: DurationOrZero = 30.0
    grace: DurationOrZero = 600.0


class NotifySettings(BaseModel):
    """Shell commands that are run at the end, with a summary on their standard input."""

    model_config = _FROZEN
    on_success: Command | None = None
    on_failure: Command | None = None


class FilmSettings(BaseModel):
    """The evolution video; size is its longest side in pixels, intro and hold are parts of the duration."""

    model_config = _FROZEN
    enabled: bool = True
    size: int = Field(default=1080, ge=16, le=7680)
    fps: int = Field(default=60, ge=1, le=120)
    duration: Duration = 12.0
    intro: DurationOrZero = 0.0
    intro_shows: Literal["target", "blank"] = "target"
    hold: DurationOrZero = 2.0
    dedup: Dedup = "exact"
    pacing: Literal["even", "decay", "time", "log-time", "all"] = "even"
    play: Literal["forward", "reverse", "boomerang"] = "forward"
    compare: Literal["none", "beside", "wipe"] = "none"
    caption: bool = False
    grid: bool = False
    format: Formats = ("mp4",)
    codec: Literal["h264", "h265", "av1"] = "h264"
    max_bytes: Bytes | None = None
    encoder: Location | None = None


class AnimationSettings(BaseModel):
    """What the shapes of a finished picture do in a film; to: another run, of a morph."""

    model_config = _FROZEN
    effect: Literal["assemble", "explode", "draw-on", "breathe", "morph"] = "assemble"
    order: Literal["birth", "size"] = "birth"
    seed: int = Field(default=0, ge=0, le=2**63 - 1)
    to: Location | None = None


class ExportSettings(BaseModel):
    """Files for other programs; size is picture.png's longest side in pixels.

    page and margin are a PDF's and a pen plotter's; pen, pens and hatch are a plotter's.
    """

    model_config = _FROZEN
    format: Files = ("svg", "png")
    size: Annotated[int, Field(ge=1, le=50_000)] | None = None
    precision: int = Field(default=2, ge=0, le=6)
    group: Literal["none", "level", "tile"] = "none"
    page: Page | None = None
    margin: Millimetres = 0.0
    pen: Pen = 0.3
    pens: Pens = "auto"
    hatch: Hatch = "none"


class RunSpec(BaseModel):
    """Everything that was asked of a run; sizes are the longest side in pixels."""

    model_config = _FROZEN
    target: Target
    start: Start | None = Field(default=None, alias="from")  # which is a keyword of Python
    size: int = Field(default=512, ge=1, le=20_000)
    background: Background = "mean"
    importance: Importance = "none"
    painter: PainterSettings
    grid: Grid = "auto"
    seed: int = Field(default=0, ge=0, le=2**63 - 1)
    budget: BudgetSettings = BudgetSettings()
    workers: Literal["auto"] | Annotated[int, Field(ge=1, le=1024)] = "auto"
    nice: int = Field(default=0, ge=0, le=19)
    record: RecordSettings = RecordSettings()
    checkpoint: CheckpointSettings = CheckpointSettings()
    notify: NotifySettings = NotifySettings()
    film: FilmSettings = FilmSettings()
    animation: AnimationSettings = AnimationSettings()
    export: ExportSettings = ExportSettings()
    result_size: Annotated[int, Field(ge=1, le=20_000)] | None = None
    out: Location | None = None

    def to_yaml(self) -> str:
        """Write every setting, nested, in the order of the fields; reads back as an equal spec."""
        return _as_yaml(self.model_dump(mode="json", by_alias=True))

    def bare(self) -> RunSpec:
        """The names of files alone instead of absolute paths, and no commands: for whoever is shown it."""
        named = {name: _bare(getattr(self, name)) for name in ("target", "start", "importance", "out")}
        film = self.film.model_copy(update={"encoder": _bare(self.film.encoder)})
        animation = self.animation.model_copy(update={"to": _bare(self.animation.to)})
        return self.model_copy(
            update={**named, "film": film, "animation": animation, "notify": NotifySettings()}
        )

    def recipe(self) -> str:
        """What is decisive, as YAML: another run of it makes the same picture."""
        return _as_yaml(self.decisive())

    def decisive(self) -> dict[str, Any]:
        """All that decides the picture, not how fast it is made, shown or recorded, as plain values."""
        return self.model_dump(
            mode="json", by_alias=True, exclude={**NOT_DECISIVE, "budget": {"time", "until"}}
        )

    def digest(self) -> str:
        """Sha256 in hex of what is decisive."""
        return hashlib.sha256(json.dumps(self.decisive(), sort_keys=True).encode()).hexdigest()


class SharedSettings(RunSpec):
    """Settings that several runs have in common, each with a target of its own."""

    target: str = ""


def _bare(path: str | None) -> str | None:
    return Path(path).name if path and Path(path).is_absolute() else path


def flat(settings: Mapping[str, Any], prefix: str = "") -> Iterator[tuple[str, Any]]:
    """Every single setting of mappings in mappings, by its dotted path."""
    for name, value in settings.items():
        if isinstance(value, Mapping):
            yield from flat(value, f"{prefix}{name}.")
        else:
            yield prefix + name, value


class _Dumper(yaml.SafeDumper):
    """Mappings on lines of their own, lists in one line, odd characters escaped.

    PyYAML alone writes a next-line character (U+0085) so that it reads back as a line feed.
    """

    def represent_sequence(self, tag: str, sequence: Any, flow_style: Any = None) -> yaml.SequenceNode:
        return super().represent_sequence(tag, sequence, flow_style=True)

    def represent_scalar(self, tag: str, value: str, style: str | None = None) -> yaml.ScalarNode:
        return super().represent_scalar(tag, value, style if value.isprintable() else '"')


def _as_yaml(settings: dict[str, Any]) -> str:
    dashed = _dashed(settings)
    return yaml.dump(dashed, Dumper=_Dumper, sort_keys=False, allow_unicode=True, width=float("inf"))


def _dashed(value: Any) -> Any:
    """The same mapping with dashes in its keys, as they are written in YAML."""
    if isinstance(value, dict):
        return {key.replace("_", "-"): _dashed(inner) for key, inner in value.items()}
    return value
